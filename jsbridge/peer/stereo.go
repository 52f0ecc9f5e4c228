package peer

import "strings"

// receiveStereo has an offer say that sounds are taken in two channels. Browsers decode Opus to one
// unless their own description says so, and what will arrive on a section is not known when it is made.
// A sound of one channel stays one.
// https://www.rfc-editor.org/rfc/rfc7587#section-6.1
func receiveStereo(sdp string) string {
	sections := strings.Split(sdp, "\r\nm=")
	for i, section := range sections {
		if i == 0 || !strings.HasPrefix(section, "audio ") || !strings.Contains(section, "\r\na=recvonly\r\n") {
			continue
		}
		lines := strings.Split(section, "\r\n")
		format := opusFormat(lines)
		for j, line := range lines {
			if format != "" && strings.HasPrefix(line, "a=fmtp:"+format+" ") && !strings.Contains(line, "stereo=") {
				lines[j] = line + ";stereo=1"
			}
		}
		sections[i] = strings.Join(lines, "\r\n")
	}
	return strings.Join(sections, "\r\nm=")
}

// opusFormat is the payload type of Opus in a section, empty if it has none.
func opusFormat(lines []string) string {
	for _, line := range lines {
		format, codec, _ := strings.Cut(strings.TrimPrefix(line, "a=rtpmap:"), " ")
		if strings.HasPrefix(line, "a=rtpmap:") && strings.EqualFold(codec, "opus/48000/2") {
			return format
		}
	}
	return ""
}
