package room

import (
	"net/http"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

type pendingOffer struct {
	request uint64
	restart bool // of ICE
	timer   *time.Timer
}

func (s *session) handleOffer(m protocol.Message) {
	up := s.member(m.ID)
	if up == nil {
		return
	}
	var o protocol.Offer
	if !decode(m.Data, &o) {
		s.refuse(m.ID, refuse(errcode.InvalidArgument, "offer has data of the wrong form"))
		return
	}
	restart := s.restarts(o.SDP)
	if e := s.checkLaterOffer(o); e != nil {
		s.countRestart(restart, restartRefused)
		s.refuse(m.ID, e)
		return
	}
	o.Tracks = s.announce(o.Tracks)
	s.offerID++
	if !s.awaitAnswer(s.offerID, m.ID, restart) {
		s.countRestart(restart, restartRefused)
		s.refuse(m.ID, refuse(errcode.InvalidOperation, "too many offers without an answer"))
		return
	}
	if err := up.Offer(s.offerID, o); err != nil {
		if _, ok := s.takeOffer(s.offerID, restartFailed); ok {
			s.refuse(m.ID, engineGone())
		}
	}
}

func (s *session) checkLaterOffer(o protocol.Offer) *protocol.Error {
	if e := checkOffer(o); e != nil {
		return e
	}
	if e := checkPublisher(s.role, o); e != nil {
		return e
	}
	return s.rights.checkOffer(o)
}

// awaitAnswer puts an offer on the list, before it is sent: its answer may come at once.
func (s *session) awaitAnswer(id uint32, request uint64, restart bool) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.detached || len(s.offers) >= maxOffers {
		return false
	}
	s.offers[id] = &pendingOffer{request: request, restart: restart, timer: time.AfterFunc(offerTimeout, func() {
		if request, ok := s.takeOffer(id, restartFailed); ok {
			s.refuse(request, refuse(http.StatusGatewayTimeout, "media engine did not answer the offer"))
		}
	})}
	return true
}

// takeOffer takes an offer off the list and gives its request; false when it was not on it.
// result is how it ended, for the count if it restarts ICE.
func (s *session) takeOffer(id uint32, result string) (request uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.offers[id]
	if !ok {
		return 0, false
	}
	o.timer.Stop()
	delete(s.offers, id)
	s.countRestart(o.restart, result)
	return o.request, true
}
