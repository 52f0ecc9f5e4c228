package peer

import (
	"strings"
	"testing"

	"nertc/internal/media"
	"nertc/jsbridge/js"
)

// receives has the browser say that it receives other codecs, until the test ends: the body
// of a function of kind and of before, the browser's own answer.
func receives(t *testing.T, body string) {
	t.Helper()
	back := script(t, `
		const real = RTCRtpReceiver.getCapabilities;
		RTCRtpReceiver.getCapabilities = (kind) => { const before = real.call(RTCRtpReceiver, kind); `+body+` };
		return () => { RTCRtpReceiver.getCapabilities = real; };`)
	t.Cleanup(func() { _, _ = js.Invoke(back) })
}

const withoutVP8 = `return { codecs: before.codecs.filter((c) => c.mimeType !== 'video/VP8') };`

func TestDecoding(t *testing.T) {
	for _, c := range []struct{ name, body, can, cannot string }{
		{"the browser itself", `return before;`, "VP8 vp8 VP9 opus OPUS", "SMELL"},
		{"no VP8", withoutVP8, "VP9 opus", "VP8 vp8"},
		{"nothing said", `return null;`, "VP8 SMELL", ""},
		{"nothing said of sound", `return kind === 'audio' ? null : before;`, "VP8 opus SMELL", ""},
		{"no list", `return { codecs: 7 };`, "VP8 SMELL", ""},
		{"odd entries", `return { codecs: [null, 7, {}, { mimeType: 5 }, { mimeType: 'x' }, { mimeType: 'video/AV1' }] };`, "AV1", "VP8"},
		{"it throws", `throw new Error('no');`, "VP8 SMELL", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			receives(t, c.body)
			for _, codec := range strings.Fields(c.can) {
				if !CanDecode(codec) {
					t.Errorf("%s cannot be decoded", codec)
				}
			}
			for _, codec := range strings.Fields(c.cannot) {
				if CanDecode(codec) {
					t.Errorf("%s can be decoded", codec)
				}
			}
		})
	}
}

// Firefox has H.264 only once it has loaded a plugin.
func TestDecodingOfACodecThatIsLoadedLater(t *testing.T) {
	t.Run("before", func(t *testing.T) {
		receives(t, withoutVP8)
		if CanDecode("VP8") {
			t.Error("it decodes what it has not loaded")
		}
	})
	if !CanDecode("VP8") {
		t.Error("it does not decode what it has loaded")
	}
}

func TestDecodingWithoutAnAPI(t *testing.T) {
	back := script(t, `const real = RTCRtpReceiver; delete globalThis.RTCRtpReceiver; return () => { globalThis.RTCRtpReceiver = real; };`)
	defer func() { _, _ = js.Invoke(back) }()
	if !CanDecode("VP8") || !CanDecode("SMELL") {
		t.Error("a browser that cannot say does not decode")
	}
}

// firstOf is the codec that the offer names first for the section that sends pictures, and all its codecs.
func firstOf(t *testing.T, sdp string) (first string, all []string) {
	t.Helper()
	for _, section := range strings.Split(sdp, "\r\nm=") {
		if !strings.HasPrefix(section, "video") || !strings.Contains(section, "a=sendonly") {
			continue
		}
		lines := strings.Split(section, "\r\n")
		payloads := strings.Fields(lines[0])[3:]
		names := map[string]string{}
		for _, line := range lines {
			if rest, ok := strings.CutPrefix(line, "a=rtpmap:"); ok {
				payload, name, _ := strings.Cut(rest, " ")
				names[payload], _, _ = strings.Cut(name, "/")
			}
		}
		for _, p := range payloads {
			all = append(all, names[p])
		}
		return all[0], all
	}
	t.Fatalf("no section sends pictures:\n%s", sdp)
	return "", nil
}

func TestCodecOfPictures(t *testing.T) {
	offer := func(t *testing.T) string {
		l := newLoop(t)
		if _, err := l.near.Send(l.ctx, movingPicture(t), media.SendOptions{}); err != nil {
			t.Fatal(err)
		}
		sdp, err := l.near.Offer(l.ctx)
		if err != nil {
			t.Fatal(err)
		}
		return sdp
	}
	for _, c := range []struct{ name, body, want string }{
		{"the browser itself", `return before;`, "VP8"},
		{"a browser that prefers others", `return { codecs: [...before.codecs].reverse() };`, "VP8"},
		{"no VP8", withoutVP8, "H264"},
		{"no list", `return null;`, "VP8"},
		{"a list that the browser refuses", `return { codecs: [{ mimeType: 'video/VP8', clockRate: 7 }] };`, "VP8"},
	} {
		t.Run(c.name, func(t *testing.T) {
			receives(t, c.body)
			first, all := firstOf(t, offer(t))
			if first != c.want {
				t.Errorf("got %s of %v, want %s", first, all, c.want)
			}
			if !strings.Contains(strings.Join(all, " "), "rtx") {
				t.Errorf("nothing repairs losses: %v", all)
			}
		})
	}
}

func TestPictureCodecs(t *testing.T) {
	for _, c := range []struct{ name, body, sends, want string }{
		{"the browser itself", `return before;`, `return before;`, "VP8 H264"},
		{"it receives no VP8", withoutVP8, `return before;`, "H264"},
		{"it sends no H.264", `return before;`, `return { codecs: before.codecs.filter((c) => c.mimeType !== 'video/H264') };`, "VP8"},
		{"nothing said of what it sends", `return before;`, `return null;`, ""},
		{"it throws", `return before;`, `throw new Error('no');`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			receives(t, c.body)
			back := script(t, `
				const real = RTCRtpSender.getCapabilities;
				RTCRtpSender.getCapabilities = (kind) => { const before = real.call(RTCRtpSender, kind); `+c.sends+` };
				return () => { RTCRtpSender.getCapabilities = real; };`)
			defer func() { _, _ = js.Invoke(back) }()
			if got := strings.Join(newLoop(t).near.(media.PictureCodecs).PictureCodecs(), " "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// The same track twice: each section has its name and its codec.
func TestPictureInASpareCodec(t *testing.T) {
	l := newLoop(t)
	track := movingPicture(t)
	if _, err := l.near.Send(l.ctx, track, media.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := l.near.Send(l.ctx, track, media.SendOptions{Codec: "H264", CID: "another"}); err != nil {
		t.Fatal(err)
	}
	sdp, err := l.near.Offer(l.ctx)
	if err != nil {
		t.Fatal(err)
	}
	var sections []string
	for _, section := range strings.Split(sdp, "\r\nm=") {
		if strings.HasPrefix(section, "video") && strings.Contains(section, "a=sendonly") {
			sections = append(sections, section)
		}
	}
	if len(sections) != 2 {
		t.Fatalf("%d sections send pictures", len(sections))
	}
	if !strings.Contains(sections[0], " "+track.ID()+"\r\n") || !strings.Contains(sections[0], "VP8/90000") {
		t.Errorf("the first section is\n%s", sections[0])
	}
	for _, not := range []string{track.ID(), "VP8/", "VP9/", "AV1/"} {
		if strings.Contains(sections[1], not) {
			t.Errorf("%s in the spare section\n%s", not, sections[1])
		}
	}
	for _, wanted := range []string{" another\r\n", "H264/90000", "rtx/90000"} {
		if !strings.Contains(sections[1], wanted) {
			t.Errorf("no %s in the spare section\n%s", wanted, sections[1])
		}
	}
}
