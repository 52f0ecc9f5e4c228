package session

import (
	"context"
	"errors"
	"sync/atomic"

	"nertc/internal/media"
	"nertc/internal/protocol"
)

// codecs are those in which a track can be sent, for its announcement; none where there is no choice.
func (s *Session) codecs(m media.Track) []string {
	pc, ok := s.negotiator.pc.(media.PictureCodecs)
	if !ok || m.Kind() != media.Video {
		return nil
	}
	return pc.PictureCodecs()
}

// picture is the sender of a picture that can be had in two codecs: in the first always, and in
// the spare one, by a section of its own, as long as somebody receives it who cannot decode the
// first. Those who can notice nothing of that. Its methods but MID, as all senders', come in the
// turn of the peer connection, and so does what changes its fields.
type picture struct {
	main  media.Sender
	begin func(o media.SendOptions, track media.Track, reply func(media.Sender, error))

	track   media.Track
	options media.SendOptions
	wanted  bool
	asked   bool         // the spare is there, or on its way, or was refused
	spare   media.Sender // nil until it is there
	over    bool
	// onSpare says that nobody receives the first codec but somebody the spare one.
	onSpare atomic.Pointer[media.Sender]
}

// MID is the section that the picture is sent on; of two the first.
func (p *picture) MID() string {
	if spare := p.onSpare.Load(); spare != nil {
		return (*spare).MID()
	}
	return p.main.MID()
}

// choose says of which section MID tells.
func (p *picture) choose() {
	if p.options.Off && p.options.LowOff && p.spare != nil && p.wanted {
		p.onSpare.Store(&p.spare)
		return
	}
	p.onSpare.Store(nil)
}

// spared gives what sends a published picture in its codecs.
func (s *Session) spared(main media.Sender, t protocol.NewTrack, track media.Track, o media.SendOptions, id string) media.Sender {
	if len(t.Codecs) < 2 {
		return main
	}
	announced := protocol.NewTrack{
		CID: "spare-" + t.CID, MediaType: t.MediaType, Width: t.Width, Height: t.Height, Bitrate: t.Bitrate,
		Of: id, Codecs: t.Codecs[1:2],
	}
	return &picture{main: main, track: track, options: o, begin: func(o media.SendOptions, track media.Track, reply func(media.Sender, error)) {
		o.Codec, o.CID = announced.Codecs[0], announced.CID
		s.negotiator.publish(announced, track, o, func(sender media.Sender, _ string, err error) { reply(sender, err) })
	}}
}

// respare sends a published picture in its spare codec, or no longer, as the gateway last said.
func (s *Session) respare(p *publication) {
	pic, ok := p.sender.(*picture)
	if !ok || p.layers.watched == nil {
		return
	}
	wanted := p.layers.watched.Spare
	s.negotiator.do(func(ctx context.Context) { pic.want(ctx, wanted) })
}

func (p *picture) want(ctx context.Context, wanted bool) {
	if p.wanted == wanted {
		return
	}
	p.wanted = wanted
	defer p.choose()
	switch {
	case p.spare != nil:
		_ = p.spare.Limit(ctx, p.spareOptions()) // what it cannot stop it goes on to send, which does no harm
	case !p.asked && wanted && !p.over:
		p.asked = true
		before := p.track
		p.begin(p.spareOptions(), before, func(spare media.Sender, err error) {
			if err == nil {
				p.began(spare, before)
			}
		})
	}
}

// began takes the spare section, and does what was asked of the picture while it was on its way.
func (p *picture) began(spare media.Sender, track media.Track) {
	ctx, cancel := context.WithTimeout(context.Background(), stepTimeout)
	defer cancel()
	if p.over {
		_ = spare.Stop(ctx) // the next offer says so
		return
	}
	p.spare = spare
	p.choose()
	if p.track != track {
		_ = spare.Replace(ctx, p.track)
	}
	_ = spare.Limit(ctx, p.spareOptions())
}

// spareOptions are those of the spare section, which has one size.
func (p *picture) spareOptions() media.SendOptions {
	return media.SendOptions{MaxBitrate: p.options.MaxBitrate, MaxFramerate: p.options.MaxFramerate, Off: !p.wanted}
}

// Replace puts another track into all sections.
func (p *picture) Replace(ctx context.Context, t media.Track) error {
	if err := p.main.Replace(ctx, t); err != nil {
		return err
	}
	p.track = t
	if p.spare != nil {
		return p.spare.Replace(ctx, t)
	}
	return nil
}

// Limit sets other limits for all sections.
func (p *picture) Limit(ctx context.Context, o media.SendOptions) error {
	p.options = o
	p.choose()
	err := p.main.Limit(ctx, o)
	if p.spare != nil {
		err = errors.Join(err, p.spare.Limit(ctx, p.spareOptions()))
	}
	return err
}

// Stop ends all sections.
func (p *picture) Stop(ctx context.Context) error {
	p.over = true
	err := p.main.Stop(ctx)
	if p.spare != nil {
		err = errors.Join(err, p.spare.Stop(ctx))
	}
	return err
}
