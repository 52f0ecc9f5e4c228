// Package still gets the images of live tasks: placeholders for users who show nothing.
//
// Address and content are of members of rooms, so both are bounded: where the address may lead (package address), how
// long the image may take, how many bytes it may have, and how many pixels. What is kept of it is smaller still.
package still

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"time"

	"golang.org/x/image/webp"

	"nertc/gateway/live/address"
)

const (
	// MaxBytes of a file are taken.
	MaxBytes = 8 << 20
	// MaxPixels of an image are decoded: 3840×2160.
	MaxPixels = 3840 * 2160

	timeout = 8 * time.Second
	// decodeTime is how long a decoder may read a file. Some hundred thousand scans of a progressive JPEG fit into MaxBytes, and each goes
	// through all of the picture: hours for a few megabytes.
	decodeTime = 6 * time.Second
)

var (
	// ErrFormat means that the image is neither PNG nor JPEG nor WebP, or a broken one.
	ErrFormat = errors.New("it is neither PNG nor JPEG nor WebP, or broken")
	// ErrSize means that the image has too many pixels.
	ErrSize = errors.New("it has more than 3840×2160 pixels")
	// ErrSlow means that the image takes too long to be decoded.
	ErrSlow = errors.New("it takes too long to be decoded")
)

// Loader gets images. Several goroutines may use it.
type Loader struct {
	policy address.Policy
	turn   chan struct{} // has one while an image is decoded
}

// NewLoader makes one that gets images from where the policy allows.
func NewLoader(policy address.Policy) *Loader {
	return &Loader{policy: policy, turn: make(chan struct{}, 1)}
}

// Load gets the image at an address, in 8 bits a colour and with no side beyond MaxSide. The error holds nothing of the
// address, and can be shown to members.
func (l *Loader) Load(ctx context.Context, url string) (image.Image, error) {
	file, err := l.policy.Fetch(ctx, url, MaxBytes, timeout)
	if err != nil {
		return nil, err
	}
	// One after the other: each takes many times the memory that is kept of it.
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	m, err := Decode(ctx, file)
	if err != nil {
		return nil, err
	}
	return shrink(m), nil
}

// format is a kind of image: how it begins, and its decoders.
type format struct {
	magic  string // ? is any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)
}

// bounded is a file whose reading ends with a context.
type bounded struct {
	ctx  context.Context
	file *bytes.Reader
}

func (b bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.file.Read(p[:min(len(p), readAtOnce)])
}

// readAtOnce bytes are as much as a decoder gets between two looks at the clock.
const readAtOnce = 1 << 10

// Decode decodes a file by its content, whatever it is called. It ends soon after the context, and with ErrSlow after some seconds.
func Decode(ctx context.Context, file []byte) (m image.Image, err error) {
	// The decoders are well tried, but the file is a stranger's, and a panic would end everybody's calls.
	defer func() {
		if recover() != nil {
			m, err = nil, ErrFormat
		}
	}()
	for _, f := range []format{
		{"\x89PNG\r\n\x1a\n", png.DecodeConfig, png.Decode},
		{"\xff\xd8\xff", jpeg.DecodeConfig, jpeg.Decode},
		{"RIFF????WEBP", webp.DecodeConfig, webp.Decode},
	} {
		if !begins(file, f.magic) {
			continue
		}
		config, err := f.config(bytes.NewReader(file))
		if err != nil || config.Width < 1 || config.Height < 1 {
			return nil, ErrFormat
		}
		if config.Width > MaxPixels/config.Height {
			return nil, fmt.Errorf("%w: %d×%d", ErrSize, config.Width, config.Height)
		}
		within, cancel := context.WithTimeout(ctx, decodeTime)
		defer cancel()
		m, err := f.decode(bounded{within, bytes.NewReader(file)})
		switch {
		case err == nil:
			return m, nil
		case ctx.Err() != nil:
			return nil, ctx.Err()
		case within.Err() != nil:
			return nil, ErrSlow
		}
		return nil, ErrFormat
	}
	return nil, ErrFormat
}

func begins(file []byte, magic string) bool {
	if len(file) < len(magic) {
		return false
	}
	for i := range len(magic) {
		if magic[i] != '?' && magic[i] != file[i] {
			return false
		}
	}
	return true
}
