package still_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os/exec"
	"strings"
	"testing"

	"nertc/gateway/live/address"
	"nertc/gateway/live/still"
)

func red() *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	for i := range m.Pix {
		m.Pix[i] = [4]uint8{220, 30, 30, 255}[i%4]
	}
	return m
}

func encoded(t testing.TB, kind string) []byte {
	t.Helper()
	var b bytes.Buffer
	var err error
	switch kind {
	case "png":
		err = png.Encode(&b, red())
	case "jpeg":
		err = jpeg.Encode(&b, red(), nil)
	case "gif":
		err = gif.Encode(&b, red(), nil)
	case "webp":
		cmd := exec.Command("ffmpeg", "-v", "error", "-f", "png_pipe", "-i", "-", "-c:v", "libwebp", "-f", "webp", "-")
		cmd.Stdin, cmd.Stdout = bytes.NewReader(encoded(t, "png")), &b
		err = cmd.Run()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheThreeKindsAreFetched(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html") // what it is called does not count
		w.Write(encoded(t, strings.TrimPrefix(r.URL.Path, "/")))
	}))
	defer server.Close()
	policy := address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}}
	for _, kind := range []string{"png", "jpeg", "webp"} {
		m, err := still.Load(t.Context(), policy, server.URL+"/"+kind)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		r, g, b, _ := color.NRGBAModel.Convert(m.At(20, 10)).RGBA()
		if m.Bounds().Dx() != 40 || m.Bounds().Dy() != 20 || r>>8 < 200 || g>>8 > 60 || b>>8 > 60 {
			t.Errorf("%s: %v, %d %d %d", kind, m.Bounds(), r>>8, g>>8, b>>8)
		}
	}
	if _, err := still.Load(t.Context(), policy, server.URL+"/gif?s3cr3t"); !errors.Is(err, still.ErrFormat) || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("GIF: %v", err)
	}
	if _, err := still.Load(t.Context(), address.Policy{}, server.URL+"/png"); !errors.Is(err, address.ErrForbidden) {
		t.Errorf("without the operator's permission: %v", err)
	}
}

func TestWhatIsTooLargeOrBrokenIsRefused(t *testing.T) {
	for _, kind := range []string{"png", "jpeg", "webp"} {
		whole := encoded(t, kind)
		for _, n := range []int{0, 3, 12, 20, len(whole) / 2} {
			if _, err := still.Decode(whole[:n]); !errors.Is(err, still.ErrFormat) {
				t.Errorf("%d of %d bytes of a %s: %v", n, len(whole), kind, err)
			}
		}
	}
	// Few bytes that promise many pixels.
	huge := encoded(t, "png")
	binary.BigEndian.PutUint32(huge[16:], 60000)
	binary.BigEndian.PutUint32(huge[20:], 60000)
	if _, err := still.Decode(huge); err == nil {
		t.Error("60000×60000 pixels were taken") // the checksum is wrong as well
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4000, 4000))); err != nil {
		t.Fatal(err)
	}
	if _, err := still.Decode(b.Bytes()); !errors.Is(err, still.ErrSize) {
		t.Errorf("4000×4000: %v", err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, kind := range []string{"png", "jpeg", "webp"} {
		f.Add(encoded(f, kind))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := still.Decode(file)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v and %v", m, err)
		}
	})
}
