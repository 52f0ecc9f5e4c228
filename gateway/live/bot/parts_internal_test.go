package bot

import (
	"runtime"
	"testing"
	"time"

	"github.com/pion/rtp"
	"github.com/pion/rtp/codecs"

	"nertc/gateway/live/ffmpeg"
)

func packet(n uint16) *rtp.Packet { return &rtp.Packet{Header: rtp.Header{SequenceNumber: n}} }

func TestReorder(t *testing.T) {
	begin := time.Now()
	after := func(ms int) time.Time { return begin.Add(time.Duration(ms) * time.Millisecond) }
	var r reorder
	var got []int
	push := func(ms int, ns ...uint16) {
		for _, n := range ns {
			r.push(packet(n), after(ms))
		}
		for {
			p, lost := r.pop(after(ms))
			if p == nil {
				return
			}
			if lost {
				got = append(got, -1)
			}
			got = append(got, int(p.SequenceNumber))
		}
	}
	push(0, 65534, 65535, 1, 0, 0, 65534) // around the turn, in disorder, and twice
	push(10, 3)                           // 2 is missing
	push(100, 4, 5)
	push(150, 2)
	push(160, 8, 7) // 6 is lost
	push(300)
	push(341)
	push(350, 6) // too late
	push(360, 9)
	push(361, 20000) // another stream
	push(370, 20002) // 20001 is lost
	push(380, 20005) // and more
	push(551)        // 20002's time is up
	push(555, 20003)
	push(559, 20004)
	want := []int{65534, 65535, 0, 1, 2, 3, 4, 5, -1, 7, 8, 9, 20000, -1, 20002, 20003, 20004, 20005}
	if len(got) != len(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("got %v, want %v", got, want)
		}
	}
	if r.waiting() {
		t.Error("something waits still")
	}
}

// vp8 are the packets of a picture of VP8.
func vp8(n uint16, ts uint32, key bool, size int) (out []*rtp.Packet) {
	frame := make([]byte, size)
	if !key {
		frame[0] = 1
	}
	p := codecs.VP8Payloader{}
	payloads := p.Payload(100, frame)
	for i, b := range payloads {
		out = append(out, &rtp.Packet{Header: rtp.Header{SequenceNumber: n + uint16(i), Timestamp: ts, Marker: i == len(payloads)-1}, Payload: b})
	}
	return out
}

func TestPicturesAreWholeAndCanBeDecoded(t *testing.T) {
	f := newFrames(ffmpeg.VP8)
	push := func(ps ...*rtp.Packet) (n int) {
		for _, p := range ps {
			if got, ok := f.push(p); ok {
				n += len(got.data)
			}
		}
		return n
	}
	if push(vp8(0, 0, false, 250)...) != 0 || !f.broken {
		t.Error("a picture is given before a key frame")
	}
	if push(vp8(3, 1, true, 250)...) != 250 || f.broken {
		t.Error("the key frame is not given")
	}
	if push(&rtp.Packet{Header: rtp.Header{Timestamp: 1}}) != 0 || f.broken {
		t.Error("padding breaks the picture")
	}
	if push(vp8(6, 2, false, 350)...) != 350 {
		t.Error("the next one is not given")
	}
	f.lost()
	if push(vp8(20, 3, false, 50)...) != 0 || !f.broken {
		t.Error("a picture is given that depends on a lost one")
	}
	if push(vp8(21, 4, true, 250)[1:]...) != 0 || !f.broken {
		t.Error("a picture is given without its beginning")
	}
	if push(vp8(24, 5, true, 250)[:2]...) != 0 || push(vp8(27, 6, true, 90)...) != 90 {
		t.Error("a picture without an end keeps the next from being given")
	}
	if push(&rtp.Packet{Header: rtp.Header{Timestamp: 7, Marker: true}, Payload: []byte{0x80}}) != 0 || !f.broken {
		t.Error("nonsense is taken")
	}
}

// A picture that never ends, in fragments of one unit, is given up before it fills the memory, and is not copied again and
// again until then.
func TestAPictureWithoutEndIsGivenUp(t *testing.T) {
	for codec, fragments := range map[ffmpeg.Codec][2][]byte{
		ffmpeg.H264: {{fuA, 0x80 | nalIDR}, {fuA, nalIDR}},
		ffmpeg.AV1:  {{0x50, 0x30}, {0xd0}},
	} {
		f := newFrames(codec)
		rest := make([]byte, 1000)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for n := range maxFrame/1000 + 10 {
			b := append(append([]byte{}, fragments[min(n, 1)]...), rest...)
			if _, ok := f.push(&rtp.Packet{Payload: b}); ok || n > 0 && n < maxFrame/1000-100 && !f.open {
				t.Fatalf("%s: fragment %d: %v, open %v", codec, n, ok, f.open)
			}
		}
		if f.open || !f.broken {
			t.Errorf("%s: it goes on", codec)
		}
		runtime.ReadMemStats(&after)
		if took := after.TotalAlloc - before.TotalAlloc; took > 16*maxFrame {
			t.Errorf("%s: %d bytes were taken for a picture of %d", codec, took, maxFrame)
		}
	}
}

// A picture that ends within a unit is given up, and nothing of it is found in the next or kept until then.
func TestAPictureThatEndsWithinAUnitIsGivenUp(t *testing.T) {
	for codec, c := range map[ffmpeg.Codec]struct {
		begin, end []byte
		want       int
	}{
		ffmpeg.H264: {[]byte{fuA, fuStart | nalIDR, 1, 2}, []byte{fuA, fuEnd | nalIDR, 3}, 4 + 1 + 3},
		ffmpeg.AV1:  {[]byte{0x58, 0x30, 1, 2}, []byte{0x90, 3}, 2 + 3},
	} {
		f := newFrames(codec)
		push := func(ts uint32, marker bool, payload []byte) int {
			got, ok := f.push(&rtp.Packet{Header: rtp.Header{Timestamp: ts, Marker: marker}, Payload: payload})
			if ok != (len(got.data) > 0) {
				t.Fatalf("%s: %d bytes, %v", codec, len(got.data), ok)
			}
			return len(got.data)
		}
		for n := range uint32(100) {
			if push(n, true, c.begin) != 0 || f.open || !f.broken {
				t.Fatalf("%s: it is not given up", codec)
			}
		}
		if n := push(100, false, c.begin) + push(100, true, c.end); n != c.want || f.broken {
			t.Errorf("%s: the next has %d bytes, want %d", codec, n, c.want)
		}
		if push(101, false, c.begin); push(101, true, c.begin) != 0 || !f.broken {
			t.Errorf("%s: a unit that begins within another is taken", codec)
		}
		if push(102, true, c.end) != 0 || !f.broken {
			t.Errorf("%s: an end without a beginning is taken", codec)
		}
	}
}

func FuzzFrames(f *testing.F) {
	f.Add([]byte{0, 3, 0x90, 0x80, 0, 1, 1, 9, 9})
	f.Add([]byte{2, 4, 0x7c, 0x85, 1, 2, 0x81, 3, 0x7c, 0x45, 7})
	f.Add([]byte{3, 4, 0x50, 0x30, 1, 2})
	f.Add([]byte{3, 4, 0x58, 0x30, 1, 2, 0x43, 0x90, 2, 3})
	f.Fuzz(func(t *testing.T, in []byte) {
		if len(in) == 0 {
			return
		}
		fr := newFrames([]ffmpeg.Codec{ffmpeg.VP8, ffmpeg.VP9, ffmpeg.H264, ffmpeg.AV1}[in[0]&3])
		for in = in[1:]; len(in) > 0; {
			n := min(int(in[0]&63), len(in)-1)
			p := &rtp.Packet{Header: rtp.Header{Marker: in[0]&64 != 0, Timestamp: uint32(in[0] >> 7)}, Payload: in[1 : 1+n]}
			if got, ok := fr.push(p); ok && (len(got.data) == 0 || len(got.data) > maxFrame) {
				t.Fatalf("a picture of %d bytes", len(got.data))
			}
			in = in[1+n:]
		}
	})
}

// A user's sound comes quickly and its picture needs 70 ms more: they are due together all the same, by the
// sender's clock, also when that drifts and when the timestamps turn.
func TestSoundAndPictureAreDueTogether(t *testing.T) {
	var e ensemble
	audio, video := e.add(48000), e.add(90000)
	const (
		audioBegin, videoBegin = 1<<32 - 48000*30, 1<<32 - 90000*50 // they turn within the first minute
		drift                  = 1 + 200e-6
	)
	ntp := func(at time.Duration) uint64 {
		s := 3_900_000_000*time.Second/1e9 + at
		return uint64(s/time.Second)<<32 | uint64(s%time.Second)<<32/1e9
	}
	apart := func(at time.Duration) time.Duration {
		a, ok := e.position(audio, at)
		v, also := e.position(video, at)
		if !ok || !also {
			t.Fatal("nothing is due")
		}
		return (time.Duration(a-audioBegin)*time.Second/48000 - time.Duration(v-videoBegin)*time.Second/90000).Abs()
	}
	before := time.Duration(0)
	for at := time.Duration(0); at < 10*time.Minute; at += 20 * time.Millisecond {
		captured := time.Duration(float64(at) * drift)
		jitter := time.Duration(at/time.Millisecond*7919%23) * time.Millisecond
		ats, vts := uint32(audioBegin+int64(captured.Seconds()*48000)), uint32(videoBegin+int64(captured.Seconds()*90000))
		audio.arrived(audio.extend(ats), at+30*time.Millisecond+jitter)
		video.arrived(video.extend(vts), at+100*time.Millisecond+jitter)
		if at == 2*time.Second {
			before = apart(at)
		}
		if at%(5*time.Second) == 3*time.Second { // what is told is a moment old
			old := captured - 10*time.Millisecond
			if at%(25*time.Second) == 23*time.Second {
				audio.report(ntp(old+150*time.Millisecond), ats-480) // one is off now and then
			} else {
				audio.report(ntp(old), ats-480)
			}
			video.report(ntp(old), vts-900)
		}
		if at > 4*time.Second && at%time.Second == 0 {
			if d := apart(at); d > 3*time.Millisecond {
				t.Fatalf("after %v they are %v apart", at, d)
			}
			// And what is due is what was captured so long ago as the slower way and the delay take.
			a, _ := e.position(audio, at)
			if d := captured - time.Duration(a-audioBegin)*time.Second/48000 - 100*time.Millisecond - Delay; d.Abs() > 30*time.Millisecond {
				t.Fatalf("after %v what is due is %v off", at, d)
			}
		}
	}
	if before < 60*time.Millisecond || before > 80*time.Millisecond {
		t.Errorf("before the reports they are %v apart, not what the ways differ", before)
	}
	// The sender begins anew.
	for at := 10 * time.Minute; at < 10*time.Minute+10*time.Second; at += 20 * time.Millisecond {
		audio.arrived(audio.extend(uint32(at.Seconds()*48000)), at)
	}
	if a, _ := e.position(audio, 10*time.Minute+10*time.Second); time.Duration(a%(1<<32))*time.Second/48000 < 10*time.Minute+9*time.Second {
		t.Errorf("after a new beginning %v is due", time.Duration(a)*time.Second/48000)
	}
}
