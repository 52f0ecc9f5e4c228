package peer

import (
	"fmt"
	"slices"
	"strings"
)

// startBitrate is what a browser is to take its way out for, in kbit/s, until it knows better. Chromium begins
// with 300 and may need ten seconds to find that there is more; so long a picture has no high layer.
// A way that is narrower is noticed within a second or two.
const startBitrate = 800

// startFast writes the start bitrate into an answer, for the sections of these mids. The name is
// Chromium's own; others pass over it. It must stand in each answer alike: another text would be another codec.
func startFast(sdp string, mids []string) string {
	sections := strings.Split(sdp, "\r\nm=")
	for i, section := range sections {
		lines := strings.Split(section, "\r\n")
		// m=video 9 UDP/TLS/RTP/SAVPF 96 97: what is sent is the first.
		words := strings.Fields(lines[0])
		if i == 0 || len(words) < 4 || words[0] != "video" || !slices.Contains(mids, midOf(lines)) {
			continue
		}
		sections[i] = strings.Join(startSection(lines, words[3]), "\r\n")
	}
	return strings.Join(sections, "\r\nm=")
}

// startSection adds the parameter to the codec's others, or to its name where it has none.
func startSection(lines []string, payload string) []string {
	parameter := fmt.Sprintf("x-google-start-bitrate=%d", startBitrate)
	prefix := "a=fmtp:" + payload + " "
	if at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, prefix) }); at >= 0 {
		lines[at] += ";" + parameter
		return lines
	}
	name := "a=rtpmap:" + payload + " "
	if at := slices.IndexFunc(lines, func(l string) bool { return strings.HasPrefix(l, name) }); at >= 0 {
		return slices.Insert(lines, at+1, prefix+parameter)
	}
	return lines
}
