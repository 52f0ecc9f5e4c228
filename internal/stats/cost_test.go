package stats_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/stats"
)

// nine is the text of a report of a call of nine, in the order in which a Reporter gives it, and the call.
func nine(tb testing.TB, n float64) (string, stats.Call) {
	tb.Helper()
	names := regexp.MustCompile(`"(\w+)":`).FindAllStringSubmatch(stats.Template(), -1)
	call := stats.Call{Users: 9}
	var list []string
	entry := func(text string) {
		var given map[string]json.RawMessage
		if err := json.Unmarshal([]byte("{"+text+"}"), &given); err != nil {
			tb.Fatal(err)
		}
		given["timestamp"] = json.RawMessage(fmt.Sprintf("%.3f", 1_763_861_947_123.456+1000*n))
		var members []string
		for _, name := range names {
			if v, ok := given[name[1]]; ok {
				members = append(members, `"`+name[1]+`":`+string(v))
			}
		}
		list = append(list, "{"+strings.Join(members, ",")+"}")
	}
	for i := range 16 {
		mid, kind, t := fmt.Sprint(i+2), media.Audio, protocol.MediaAudio
		sound := fmt.Sprintf(`,"totalSamplesReceived":%v,"concealedSamples":%v,"audioLevel":0.12502822351145969,"totalAudioEnergy":%v,"totalSamplesDuration":%v`, 48000*n, 960, 0.0123456789012345*n, n)
		picture := ""
		if i%2 == 1 {
			kind, t, sound = media.Video, protocol.MediaVideo, ""
			picture = fmt.Sprintf(`,"frameWidth":640,"frameHeight":360,"framesPerSecond":15,"framesReceived":%v,"framesDecoded":%v,"framesDropped":0,"freezeCount":0,"totalFreezesDuration":0,"totalDecodeTime":%v,"totalProcessingDelay":%v`, 15*n, 15*n, 0.0271*n, 1.0431*n)
		}
		entry(fmt.Sprintf(`"id":"IT01%[1]s","type":"inbound-rtp","kind":"%[2]s","mid":"%[1]s","codecId":"CIT01_%[1]s","remoteId":"ROA%[1]s","packetsReceived":%[3]v,"packetsLost":0,"bytesReceived":%[4]v,"headerBytesReceived":%[5]v,"jitter":0.002,"jitterBufferDelay":%[6]v,"jitterBufferEmittedCount":%[7]v%[8]s%[9]s`,
			mid, kind, 50*n, 60000*n, 1200*n, 2976.5*n, 48000*n, picture, sound))
		entry(fmt.Sprintf(`"id":"CIT01_%s","type":"codec","mimeType":"video/VP8","clockRate":90000`, mid))
		entry(fmt.Sprintf(`"id":"ROA%s","type":"remote-outbound-rtp","kind":"%s","packetsSent":%v,"bytesSent":%v`, mid, kind, 50*n, 60000*n))
		entry(fmt.Sprintf(`"id":"P%s","type":"media-playout"`, mid))
		call.Received = append(call.Received, stats.Received{UID: fmt.Sprint(2 + i/2), MediaType: t, MID: mid})
	}
	entry(`"id":"T01","type":"transport","selectedCandidatePairId":"CP","bytesReceived":100000,"bytesSent":100000`)
	entry(`"id":"CP","type":"candidate-pair","nominated":true,"currentRoundTripTime":0.001,"localCandidateId":"L"`)
	entry(`"id":"L","type":"local-candidate","networkType":"ethernet"`)
	return "[" + strings.Join(list, ",") + "]", call
}

// BenchmarkReport is what a second costs in a call of nine; as WebAssembly:
// GOOS=js GOARCH=wasm go test -exec "$(go env GOROOT)/lib/wasm/go_js_wasm_exec" -bench Report ./internal/stats
func BenchmarkReport(b *testing.B) {
	var texts []string
	var call stats.Call
	for n := range 2 {
		var text string
		text, call = nine(b, float64(n+1))
		texts = append(texts, text)
	}
	if list, err := stats.ReadReport(texts[0]); err != nil || len(list) != 51 {
		b.Fatalf("got %d, %v", len(list), err)
	}
	for _, whole := range []bool{false, true} {
		b.Run(map[bool]string{false: "read", true: "read and collect"}[whole], func(b *testing.B) {
			b.ReportAllocs()
			c := stats.New(start)
			for i := range b.N {
				list, err := stats.ReadReport(texts[i%2])
				if err != nil {
					b.Fatal(err)
				}
				if whole {
					r := at(float64(i), list...)
					c.Update(r, call)
					c.Cases(r, call, "1")
				}
			}
		})
	}
}
