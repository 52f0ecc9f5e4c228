package session

import (
	"context"

	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/protocol"
)

// Replace has another track of the same kind sent in the place of what is published as a media
// type; the publication goes on. Where nothing is, nothing is done.
func (s *Session) Replace(ctx context.Context, t protocol.MediaType, m media.Track) error {
	return s.change(ctx, t, "replace the track", func(ctx context.Context, sender media.Sender) error {
		return sender.Replace(ctx, m)
	})
}

// change does something with the sender of a publication, in the turn of the peer connection.
func (s *Session) change(ctx context.Context, t protocol.MediaType, what string, f func(context.Context, media.Sender) error) error {
	return s.published(ctx, t, what, func(p *publication, reply func(error)) {
		s.negotiator.do(func(ctx context.Context) {
			err := f(ctx, p.sender)
			if err != nil {
				err = errcode.Wrap(errcode.InvalidOperation, err, "%s", what)
			}
			reply(err)
		})
	})
}

// published has f do something with a publication on the loop, with one that is on its way once it is there, and waits for what
// it replies. Where nothing is published, or never comes about, nothing is done.
func (s *Session) published(ctx context.Context, t protocol.MediaType, what string, f func(p *publication, reply func(error))) error {
	result := make(chan error, 1)
	reply := func(err error) { result <- err }
	posted := s.loop.Post(func() {
		p := s.publications[t]
		if p == nil {
			reply(nil)
			return
		}
		begin := func() {
			if p.sender == nil { // it never came about
				reply(nil)
				return
			}
			f(p, reply)
		}
		if p.settled {
			begin()
			return
		}
		p.then = append(p.then, begin)
	})
	if !posted {
		return nil
	}
	return s.wait(ctx, result, what)
}
