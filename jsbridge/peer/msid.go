package peer

import "strings"

// nameTracks puts the track ids into the msid lines of an offer: mid to id.
//
// The engine knows a new track by the id in the msid line of its section. Browsers fix
// that id when a section is made, so it is the first track's for ever, and Firefox
// writes one of its own; the line as such is only a label, which may be rewritten.
// https://www.rfc-editor.org/rfc/rfc8830
func nameTracks(sdp string, ids map[string]string) string {
	sections := strings.Split(sdp, "\r\nm=")
	for i, section := range sections {
		if i == 0 {
			continue
		}
		lines := strings.Split(section, "\r\n")
		id := ids[midOf(lines)]
		if id == "" {
			continue
		}
		for j, line := range lines {
			lines[j] = nameTrack(line, id)
		}
		sections[i] = strings.Join(lines, "\r\n")
	}
	return strings.Join(sections, "\r\nm=")
}

func midOf(lines []string) string {
	for _, line := range lines {
		if mid, ok := strings.CutPrefix(line, "a=mid:"); ok {
			return mid
		}
	}
	return ""
}

// nameTrack changes `a=msid:STREAM TRACK` and `a=ssrc:N msid:STREAM TRACK`.
func nameTrack(line, id string) string {
	if !strings.HasPrefix(line, "a=msid:") && !(strings.HasPrefix(line, "a=ssrc:") && strings.Contains(line, " msid:")) {
		return line
	}
	at := strings.Index(line, "msid:") + len("msid:")
	stream, _, _ := strings.Cut(line[at:], " ")
	return line[:at] + stream + " " + id
}
