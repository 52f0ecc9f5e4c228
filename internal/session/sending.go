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

// change does something with the sender of a publication, in the turn of the peer connection; of
// one that is on its way, once it is there.
func (s *Session) change(ctx context.Context, t protocol.MediaType, what string, f func(context.Context, media.Sender) error) error {
	result := make(chan error, 1)
	posted := s.loop.Post(func() {
		p := s.publications[t]
		if p == nil {
			result <- nil
			return
		}
		begin := func() {
			if p.sender == nil { // it never came about
				result <- nil
				return
			}
			s.negotiator.do(func(ctx context.Context) {
				err := f(ctx, p.sender)
				if err != nil {
					err = errcode.Wrap(errcode.InvalidOperation, err, "%s", what)
				}
				result <- err
			})
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
