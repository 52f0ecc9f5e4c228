package peer

import (
	"slices"
	"strings"
)

// pauseLayers writes into an answer that the layers which are off now are to stay off. An answer that
// takes all layers alike would have Chromium send those that have been switched off.
// https://www.rfc-editor.org/rfc/rfc8853#section-5.1
func pauseLayers(sdp string, off map[string][]string) string {
	var b strings.Builder
	mid := ""
	section := make([]string, 0, 64)
	flush := func() {
		for _, line := range section {
			if list, ok := strings.CutPrefix(line, "a=simulcast:recv "); ok && len(off[mid]) > 0 {
				rids := strings.Split(strings.TrimRight(list, "\r\n"), ";")
				for i, rid := range rids {
					rid = strings.TrimPrefix(rid, "~")
					if slices.Contains(off[mid], rid) {
						rid = "~" + rid
					}
					rids[i] = rid
				}
				line = "a=simulcast:recv " + strings.Join(rids, ";") + "\r\n"
			}
			b.WriteString(line)
		}
		section, mid = section[:0], ""
	}
	for line := range strings.Lines(sdp) {
		if strings.HasPrefix(line, "m=") {
			flush()
		}
		if m, ok := strings.CutPrefix(line, "a=mid:"); ok {
			mid = strings.TrimSpace(m)
		}
		section = append(section, line)
	}
	flush()
	return b.String()
}
