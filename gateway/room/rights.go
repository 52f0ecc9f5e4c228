package room

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/pion/sdp/v3"

	"nertc/gateway/app"
	"nertc/gateway/engine"
	"nertc/gateway/token"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// Authorizer decides who may join and what with.
type Authorizer interface {
	// Authorize grants a join or refuses it with an *app.Refusal.
	Authorize(app.Request) (app.Grant, error)
	// Pass makes what a member comes back with, empty where none is needed.
	Pass(appKey, channel, uid string, g app.Grant) string
	// Permkey grants what another permission key permits a member who joined as joinedAs, or
	// refuses it with an *app.Refusal.
	Permkey(appKey, channel, uid, joinedAs, permkey string) (app.Grant, error)
}

// permkeyWarning is how long before the end of a permission key its user is told.
const permkeyWarning = 30 * time.Second

// rights are what a member may do.
type rights struct {
	appKey, channel, joinedAs string // set by the join, before anybody else asks

	mu      sync.Mutex
	granted app.Grant
	former  token.Privilege // what was granted at any time before
	passed  time.Time       // when the client got its last pass
	over    bool
	timers  [2]*time.Timer                // the warning and the end
	kinds   map[string]protocol.MediaType // the others' tracks
}

// authorize asks for a join that has the right form, and notes what is granted.
func (s *session) authorize(j protocol.Join) *protocol.Error {
	s.rights.appKey, s.rights.channel, s.rights.joinedAs = j.AppKey, j.Channel, j.UID
	if s.h.o.Apps == nil {
		s.rights.grant(app.Grant{Privilege: token.Everything})
		return nil
	}
	g, err := s.h.o.Apps.Authorize(app.Request{
		AppKey: j.AppKey, Channel: j.Channel, UID: j.UID, Token: j.Token, Permkey: j.Permkey, Pass: j.Pass,
		Origin: s.origin, Host: s.host,
	})
	if err != nil {
		return s.refusal(err)
	}
	s.rights.grant(g)
	return nil
}

// mayCreate says whether a join may be the first in its room. Who lacks the right may
// still join a room that has members on another gateway only.
func (s *session) mayCreate(room string) bool {
	if s.rights.privilege().Has(token.CreateRoom) {
		return true
	}
	if s.h.operator == nil {
		return false
	}
	ctx, cancel := context.WithTimeout(s.ctx, joinTimeout)
	defer cancel()
	there, err := s.h.operator.Participants(ctx, room)
	if err != nil {
		s.logger().Warn("media engine cannot say who is in a room", "err", err)
	}
	return len(there) > 0
}

// noPublish is what the engine is to refuse.
func noPublish(p token.Privilege) (out []protocol.MediaType) {
	for _, m := range protocol.MediaTypes {
		if need, _ := sending(kindOf(m)); !p.Has(need) {
			out = append(out, m)
		}
	}
	return out
}

func sending(kind string) (need token.Privilege, refusal string) {
	if kind == "audio" {
		return token.SendAudio, protocol.ReasonNoPublishAudio
	}
	return token.SendVideo, protocol.ReasonNoPublishVideo
}

func receiving(m protocol.MediaType) (need token.Privilege, refusal string) {
	if kindOf(m) == "audio" {
		return token.ReceiveAudio, protocol.ReasonNoSubscribeAudio
	}
	return token.ReceiveVideo, protocol.ReasonNoSubscribeVideo
}

// checkOffer refuses an offer that sends, or announces, what may not be sent. It has
// passed the check of its form.
func (r *rights) checkOffer(o protocol.Offer) *protocol.Error {
	r.mu.Lock()
	granted, former := r.granted.Privilege, r.former
	r.mu.Unlock()
	if granted.Has(token.SendAudio | token.SendVideo) {
		return nil
	}
	var d sdp.SessionDescription
	if err := d.UnmarshalString(o.SDP); err != nil {
		return refuse(errcode.InvalidArgument, "offer has no valid SDP")
	}
	for _, t := range o.Tracks {
		if need, refusal := sending(kindOf(t.MediaType)); !granted.Has(need) {
			return refuse(errcode.PublishRefused, refusal)
		}
	}
	for _, m := range d.MediaDescriptions {
		if kind := m.MediaName.Media; (kind == "audio" || kind == "video") && sends(m) {
			// A section that still sends what was permitted before is no reason to refuse: the offer
			// that ends it may be the next, and the engine takes nothing from it by now.
			if need, refusal := sending(kind); !(granted | former).Has(need) {
				return refuse(errcode.PublishRefused, refusal)
			}
		}
	}
	return nil
}

// sends says whether the offering side may send on a media section. Without a direction
// it may: https://www.rfc-editor.org/rfc/rfc8866#section-6.7
func sends(m *sdp.MediaDescription) bool {
	quiet := false
	for _, a := range m.Attributes {
		switch a.Key {
		case sdp.AttrKeySendRecv, sdp.AttrKeySendOnly:
			return true
		case sdp.AttrKeyRecvOnly, sdp.AttrKeyInactive:
			quiet = true
		}
	}
	return !quiet
}

// learn notes what the others publish: a permission key may limit what is received of it.
func (r *rights) learn(e engine.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	note := func(tracks ...protocol.Track) {
		if r.kinds == nil {
			r.kinds = map[string]protocol.MediaType{}
		}
		for _, t := range tracks {
			r.kinds[t.ID] = t.MediaType
		}
	}
	switch e := e.(type) {
	case engine.Joined:
		for _, m := range e.Members {
			note(m.Tracks...)
		}
	case engine.MemberJoined:
		note(e.Tracks...)
	case engine.TrackAdded:
		note(e.Track)
	case engine.TrackRemoved:
		delete(r.kinds, e.Track.ID)
	}
}

// checkSubscribe gives the tracks to ask the engine for. Where receiving is limited, what
// is not known is left out: it has gone, or the client has made it up.
func (r *rights) checkSubscribe(s protocol.Subscribe) ([]string, *protocol.Error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !s.Subscribe || r.granted.Privilege.Has(token.ReceiveAudio|token.ReceiveVideo) {
		return s.Tracks, nil
	}
	var out []string
	for _, id := range s.Tracks {
		m, known := r.kinds[id]
		if !known {
			continue
		}
		if need, refusal := receiving(m); !r.granted.Privilege.Has(need) {
			return nil, refuse(errcode.SubscribeRefused, refusal)
		}
		out = append(out, id)
	}
	return out, nil
}

// watchPermkey warns of the end of the member's permission key, and sends it out then. It
// begins anew with another key.
func (s *session) watchPermkey() {
	r := &s.rights
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stop()
	end := r.granted.Expires
	if r.over || end.IsZero() {
		return
	}
	left := time.Until(end)
	r.timers[0] = time.AfterFunc(left-permkeyWarning, func() {
		s.send(protocol.TypePermkeyWillExpire, 0, protocol.PermkeyWillExpire{Seconds: secondsTo(end, time.Now())})
	})
	r.timers[1] = time.AfterFunc(left, func() {
		s.finish(&protocol.Closed{Reason: protocol.ClosePermkeyTimeout, Text: "the time of the permission key is over"})
	})
}

// secondsTo rounds up, and is never below 0.
func secondsTo(end, now time.Time) int {
	return max(0, int(math.Ceil(end.Sub(now).Seconds())))
}

// end stops what is still to come.
func (r *rights) end() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.over = true
	r.stop()
}

// stop is for whoever has the lock.
func (r *rights) stop() {
	for _, t := range r.timers {
		if t != nil {
			t.Stop()
		}
	}
}
