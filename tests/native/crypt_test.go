package native

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/pion/rtp/codecs"
	"github.com/pion/webrtc/v4"
	pionmedia "github.com/pion/webrtc/v4/pkg/media"

	"nertc/internal/client"
	"nertc/internal/framecrypt"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/tests/gatewayproc"
)

// keeper is a media.Encryption that keeps the key: the test encrypts the frames itself, or does not decrypt them.
type keeper struct {
	peers media.Factory
	keys  chan []byte
}

func (k *keeper) Available() error { return nil }

// Root is quick: what is looked at here are frames.
func (k *keeper) Root(_ context.Context, secret, appkey string) ([]byte, error) {
	sum := sha256.Sum256([]byte(appkey + secret))
	return sum[:], nil
}

func (k *keeper) Begin(_ context.Context, _ string, key []byte) (media.Factory, error) {
	k.keys <- bytes.Clone(key)
	return k.peers, nil
}

func (k *keeper) Rotate([]byte) error { return nil }
func (k *keeper) End()                {}

func newKeeper(o *client.Options) *keeper {
	k := &keeper{peers: o.NewPeer, keys: make(chan []byte, 1)}
	o.Encryption = k
	return k
}

// joinEncrypted joins, and gives a cipher with the room's key.
func (u *user) joinEncrypted(k *keeper, mode framecrypt.Mode, uid string) *framecrypt.Cipher {
	u.t.Helper()
	if err := errors.Join(u.SetEncryptionMode(mode), u.SetEncryptionSecret("secret")); err != nil {
		u.t.Fatal(err)
	}
	u.join(uid)
	return cipherOf(u.t, mode, <-k.keys)
}

func cipherOf(t *testing.T, mode framecrypt.Mode, key []byte) *framecrypt.Cipher {
	t.Helper()
	c, err := framecrypt.New(framecrypt.Options{Mode: mode, Key: key, Random: rand.Reader})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// record gives the frames of a picture in VP8 as they come out of the engine.
func (u *user) record(s client.StreamSubscribed, frames int) (all [][]byte) {
	u.t.Helper()
	track, _, err := s.Track.(*nativemedia.RemoteTrack).Wait(u.ctx)
	if err != nil {
		u.t.Fatal(err)
	}
	deadline, _ := u.ctx.Deadline()
	_ = track.SetReadDeadline(deadline)
	var frame []byte
	whole, next := false, uint16(0)
	for len(all) < frames {
		p, _, err := track.ReadRTP()
		if err != nil {
			u.t.Fatalf("after %d frames: %v", len(all), err)
		}
		var vp8 codecs.VP8Packet
		payload, err := vp8.Unmarshal(p.Payload)
		if err != nil || len(payload) == 0 {
			continue
		}
		if vp8.S == 1 && vp8.PID == 0 {
			frame, whole = nil, true
		} else if p.SequenceNumber != next {
			whole = false
		}
		next = p.SequenceNumber + 1
		frame = append(frame, payload...)
		if p.Marker && whole {
			all = append(all, frame)
			frame, whole = nil, false
		}
	}
	return all
}

// runs are all pieces of 16 bytes, a block of the cipher.
func runs(frame []byte, into map[[16]byte]bool) {
	for ; len(frame) >= 16; frame = frame[1:] {
		into[[16]byte(frame)] = true
	}
}

// TestATapInTheRoom: a bot that was let in and records what the engine gives it finds nothing of what was said.
func TestATapInTheRoom(t *testing.T) {
	const clearBytes = 10 // of a key frame of VP8
	g := gatewayproc.Start(t)
	for _, mode := range []framecrypt.Mode{framecrypt.GCM, framecrypt.ECB} {
		t.Run(string(mode), func(t *testing.T) {
			var annsKey, botsKey *keeper
			ann := newUser(t, g, func(o *client.Options) { annsKey = newKeeper(o) })
			bot := newUser(t, g, func(o *client.Options) { botsKey = newKeeper(o) })
			sender := ann.joinEncrypted(annsKey, mode, "1").NewSender()
			right := bot.joinEncrypted(botsKey, mode, "2")
			wrong := cipherOf(t, mode, bytes.Repeat([]byte{1}, framecrypt.KeyLength))

			picture, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "cam", "camera")
			if err != nil {
				t.Fatal(err)
			}
			if err := ann.Publish(ann.ctx, []client.LocalTrack{{MediaType: protocol.MediaVideo, Track: nativemedia.Track{Local: picture}, Width: 16, Height: 16}}); err != nil {
				t.Fatal(err)
			}
			// Frames of several packets, each as random as an encoder's.
			plain, pieces := map[string]bool{}, map[[16]byte]bool{}
			var frames [][]byte
			for range 20 {
				frame := make([]byte, 3000)
				_, _ = rand.Read(frame)
				copy(frame, []byte{0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a, 16, 0, 16, 0})
				frames = append(frames, frame)
				plain[string(frame)] = true
				runs(frame[clearBytes:], pieces)
			}
			over := make(chan struct{})
			defer close(over)
			go func() {
				tick := time.NewTicker(20 * time.Millisecond)
				defer tick.Stop()
				for i := 0; ; i++ {
					select {
					case <-tick.C:
					case <-over:
						return
					}
					if sent, err := sender.Encrypt(nil, frames[i%len(frames)], framecrypt.VP8); err == nil {
						_ = picture.WriteSample(pionmedia.Sample{Data: sent, Duration: 20 * time.Millisecond})
					}
				}
			}()

			await(bot, func(e client.StreamAdded) bool { return e.UID == "1" })
			result := make(chan error, 1)
			go func() { result <- bot.Subscribe(bot.ctx, "1", protocol.MediaVideo) }()
			recorded := bot.record(await(bot, func(e client.StreamSubscribed) bool { return e.UID == "1" }), 30)
			if err := <-result; err != nil {
				t.Fatal(err)
			}
			for _, frame := range recorded {
				if !bytes.Equal(frame[:clearBytes], frames[0][:clearBytes]) {
					t.Fatalf("recorded %x…, which is no frame of ann's", frame[:clearBytes])
				}
				found := map[[16]byte]bool{}
				runs(frame, found)
				for run := range found {
					if pieces[run] {
						t.Fatalf("%x of the picture is in what passes the server", run)
					}
				}
				if out, err := wrong.Decrypt(nil, frame); plain[string(out)] || err == nil && mode == framecrypt.GCM {
					t.Error("decrypted with another key")
				}
				// That these are the frames the key shows.
				if out, err := right.Decrypt(nil, frame); err != nil || !plain[string(out)] {
					t.Errorf("not decrypted with the key: %v", err)
				}
			}
		})
	}
}
