package still_test

import (
	"bytes"
	"context"
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
	"time"

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
	files := map[string][]byte{}
	for _, kind := range []string{"png", "jpeg", "webp", "gif"} {
		files["/"+kind] = encoded(t, kind)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html") // what it is called does not count
		w.Write(files[r.URL.Path])
	}))
	defer server.Close()
	loader := still.NewLoader(address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for _, kind := range []string{"png", "jpeg", "webp"} {
		m, err := loader.Load(t.Context(), server.URL+"/"+kind)
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		r, g, b, _ := color.NRGBAModel.Convert(m.At(20, 10)).RGBA()
		if m.Bounds().Dx() != 40 || m.Bounds().Dy() != 20 || r>>8 < 200 || g>>8 > 60 || b>>8 > 60 {
			t.Errorf("%s: %v, %d %d %d", kind, m.Bounds(), r>>8, g>>8, b>>8)
		}
	}
	if _, err := loader.Load(t.Context(), server.URL+"/gif?s3cr3t"); !errors.Is(err, still.ErrFormat) || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("GIF: %v", err)
	}
	if _, err := still.NewLoader(address.Policy{}).Load(t.Context(), server.URL+"/png"); !errors.Is(err, address.ErrForbidden) {
		t.Errorf("without the operator's permission: %v", err)
	}
}

// An image is kept for as long as a task lives: no more of it than a canvas can show.
func TestWhatIsKeptOfAnImageIsSmall(t *testing.T) {
	deep := image.NewNRGBA64(image.Rect(0, 0, 3840, 20))
	for y := range 20 {
		for x := range 3840 {
			if x < 1920 {
				deep.SetNRGBA64(x, y, color.NRGBA64{R: 0xffff, A: 0x8000})
			} else {
				deep.SetNRGBA64(x, y, color.NRGBA64{B: uint16(x%2) * 0xffff, A: 0xffff}) // every second column
			}
		}
	}
	var file bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(&file, deep); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { w.Write(file.Bytes()) }))
	defer server.Close()
	loader := still.NewLoader(address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	m, err := loader.Load(t.Context(), server.URL)
	if err != nil {
		t.Fatal(err)
	}
	kept, ok := m.(*image.RGBA)
	if !ok || kept.Rect != image.Rect(0, 0, 1920, 10) || len(kept.Pix) != 4*1920*10 {
		t.Fatalf("%T of %v is kept", m, m.Bounds())
	}
	if got := color.NRGBAModel.Convert(m.At(100, 5)).(color.NRGBA); got.R < 253 || got.A != 0x80 {
		t.Errorf("half of red is %v", got)
	}
	if got := kept.RGBAAt(1500, 5); got.B < 126 || got.B > 129 || got.A != 255 {
		t.Errorf("blue and black are %v", got)
	}
}

func TestWhatIsTooLargeOrBrokenIsRefused(t *testing.T) {
	for _, kind := range []string{"png", "jpeg", "webp"} {
		whole := encoded(t, kind)
		for _, n := range []int{0, 3, 12, 20, len(whole) / 2} {
			if _, err := still.Decode(t.Context(), whole[:n]); !errors.Is(err, still.ErrFormat) {
				t.Errorf("%d of %d bytes of a %s: %v", n, len(whole), kind, err)
			}
		}
	}
	// Few bytes that promise many pixels.
	huge := encoded(t, "png")
	binary.BigEndian.PutUint32(huge[16:], 60000)
	binary.BigEndian.PutUint32(huge[20:], 60000)
	if _, err := still.Decode(t.Context(), huge); err == nil {
		t.Error("60000×60000 pixels were taken") // the checksum is wrong as well
	}
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 4000, 4000))); err != nil {
		t.Fatal(err)
	}
	if _, err := still.Decode(t.Context(), b.Bytes()); !errors.Is(err, still.ErrSize) {
		t.Errorf("4000×4000: %v", err)
	}
}

// A progressive JPEG can go through all of its picture again with every ten bytes: such a file is given up after some seconds, and does
// not keep the images of others waiting, nor the end of the task that names it.
func TestAFileThatTakesTooLongIsGivenUp(t *testing.T) {
	file := endless(t)
	begun := time.Now()
	if _, err := still.Decode(t.Context(), file); !errors.Is(err, still.ErrSlow) {
		t.Errorf("after %v: %v", time.Since(begun), err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := still.Decode(ctx, file); !errors.Is(err, context.Canceled) {
		t.Errorf("when nobody wants it any more: %v", err)
	}
}

// endless is a small file that decoders are busy with for minutes: the scans of a progressive JPEG, over and over, none of which says
// anything. https://www.w3.org/Graphics/JPEG/itu-t81.pdf, annexes B and G
func endless(t *testing.T) []byte {
	t.Helper()
	const width, height, blocks = 3840, 2160, 3840 * 2160 / 64
	var file []byte
	segment := func(kind byte, body ...byte) {
		file = append(file, 0xff, kind, 0, byte(len(body)+2))
		file = append(file, body...)
	}
	codes := append([]byte{1}, make([]byte, 15)...) // one, of one bit
	file = append(file, 0xff, 0xd8)
	segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{1}, 64)...)...)
	segment(0xc2, 8, height>>8, height&255, width>>8, width&255, 1, 1, 0x11, 0)
	segment(0xc4, append(append([]byte{0x00}, codes...), 0)...)    // no difference
	segment(0xc4, append(append([]byte{0x10}, codes...), 0xe0)...) // nothing in 2^14 blocks
	segment(0xda, 1, 1, 0, 0, 0, 0)
	file = append(file, make([]byte, blocks/8)...) // a bit a block
	for range 100_000 {
		segment(0xda, 1, 1, 0, 1, 63, 0)
		file = append(file, make([]byte, 15)...) // eight times 15 bits
	}
	return file
}

func FuzzDecode(f *testing.F) {
	for _, kind := range []string{"png", "jpeg", "webp"} {
		f.Add(encoded(f, kind))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		m, err := still.Decode(t.Context(), file)
		if (m == nil) == (err == nil) {
			t.Fatalf("%v and %v", m, err)
		}
	})
}
