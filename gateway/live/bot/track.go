package bot

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"

	"nertc/gateway/live/ffmpeg"
	"nertc/gateway/live/mix"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
)

// Unit is a picture or a packet of sound.
type Unit struct {
	// At is its timestamp: at ffmpeg.VideoClock for a picture, at mix.Rate for a sound.
	At int64
	// Codec of a picture; Key says that decoding can begin with it. A sound is Opus.
	Codec ffmpeg.Codec
	Key   bool
	// Data is whole: what lacks something is not given, nor what cannot be decoded without it.
	Data []byte
}

// Sink gets what a Track carries. Its methods must not block. Take is called on a goroutine of the track, and
// may be for a last time when End has been.
type Sink interface {
	// Take gets the next unit, in order.
	Take(Unit)
	// Mute says that the track is silent or black, or no more so.
	Mute(muted bool)
	// End says that nothing more comes.
	End()
}

// refreshEvery is how often a key frame is asked for while one is needed.
const refreshEvery = 500 * time.Millisecond

// Track is one track of somebody in the room.
type Track struct {
	// UID is whose it is, MediaType what it is.
	UID       string
	MediaType protocol.MediaType
	// Width and Height are those of a picture as it was announced, 0 if it was not.
	Width, Height int

	id      string
	stay    *stay
	clock   *clock
	members *ensemble
	sink    Sink
	cancel  context.CancelFunc
	remote  atomic.Pointer[nativemedia.RemoteTrack]
	refresh atomic.Int64 // when a key frame was last asked for
	heard   atomic.Bool  // something has come

	muted    bool      // of the stay's goroutine, like what follows
	obsolete time.Time // when another has taken its place; it goes on for a little while
}

// Position is the timestamp that is due at a time, with the sound and the picture of a user together;
// false before anything has come.
func (t *Track) Position(now time.Time) (int64, bool) {
	return t.members.position(t.clock, now.Sub(t.stay.bot.born))
}

// Refresh asks for a key frame. It does nothing when one was asked for a moment ago.
func (t *Track) Refresh() {
	now := time.Now().UnixNano()
	last := t.refresh.Load()
	if r := t.remote.Load(); r != nil && now-last >= int64(refreshEvery) && t.refresh.CompareAndSwap(last, now) {
		_ = r.Refresh() // if the connection is gone, so is the track
	}
}

// Size asks for a picture that is large enough for so many pixels.
func (t *Track) Size(w, h int) { _ = t.stay.session.Size(t.id, w, h) }

// receive reads the track until it ends.
func (t *Track) receive(ctx context.Context, r *nativemedia.RemoteTrack) {
	remote, receiver, err := r.Wait(ctx)
	if err != nil {
		return
	}
	t.remote.Store(r)
	stop := context.AfterFunc(ctx, func() { _ = remote.SetReadDeadline(time.Now()); _ = receiver.SetReadDeadline(time.Now()) })
	defer stop()
	go t.reports(ctx, remote, receiver)
	var order reorder
	var pictures *frames
	payload := -1
	for ctx.Err() == nil {
		if order.waiting() {
			_ = remote.SetReadDeadline(time.Now().Add(holdTime / 4))
		} else {
			_ = remote.SetReadDeadline(time.Time{})
		}
		if ctx.Err() != nil {
			return // the deadline above may have replaced the one of the end
		}
		p, _, err := remote.ReadRTP()
		now := time.Now()
		switch {
		case err == nil:
			t.members.mu.Lock()
			t.clock.arrived(t.clock.extend(p.Timestamp), now.Sub(t.stay.bot.born))
			t.members.mu.Unlock()
			order.push(p, now)
		case !errors.Is(err, os.ErrDeadlineExceeded) && !strings.Contains(err.Error(), "timeout"):
			return
		}
		for {
			p, lost := order.pop(now)
			if p == nil {
				break
			}
			t.members.mu.Lock()
			at := t.clock.extend(p.Timestamp)
			t.members.mu.Unlock()
			if r.Kind() == media.Audio {
				if len(p.Payload) > 0 {
					t.heard.Store(true)
					t.sink.Take(Unit{At: at, Data: p.Payload})
				}
				continue
			}
			if int(p.PayloadType) != payload {
				payload = int(p.PayloadType)
				pictures = newFrames(codecOf(remote))
			}
			if lost {
				pictures.lost()
			}
			if f, ok := pictures.push(p); ok {
				t.heard.Store(true)
				t.sink.Take(Unit{At: at, Codec: pictures.codec, Key: f.key, Data: f.data})
			}
			if pictures.broken {
				t.Refresh()
			}
		}
	}
}

func codecOf(remote *webrtc.TrackRemote) ffmpeg.Codec {
	_, name, _ := strings.Cut(remote.Codec().MimeType, "/")
	return ffmpeg.Codec(strings.ToUpper(name))
}

// reports reads what the sender says of its clock.
func (t *Track) reports(ctx context.Context, remote *webrtc.TrackRemote, receiver *webrtc.RTPReceiver) {
	for ctx.Err() == nil {
		packets, _, err := receiver.ReadRTCP()
		if err != nil {
			return
		}
		for _, p := range packets {
			if r, ok := p.(*rtcp.SenderReport); ok && r.SSRC == uint32(remote.SSRC()) {
				t.members.mu.Lock()
				t.clock.report(r.NTPTime, r.RTPTime)
				t.members.mu.Unlock()
			}
		}
	}
}

// clockRate is how many timestamps a second has.
func clockRate(m protocol.MediaType) int64 {
	if m == protocol.MediaAudio || m == protocol.MediaAudioSlave {
		return mix.Rate
	}
	return ffmpeg.VideoClock
}
