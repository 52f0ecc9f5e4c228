package room

import (
	"errors"
	"net/http"
	"net/netip"
	"time"

	"nertc/gateway/limit"
	"nertc/internal/errcode"
	"nertc/internal/protocol"
)

// Codes of joins that a limit of rooms refuses; a page finds them in extraCode.
const (
	codeFull  errcode.Code = 4033
	codeRooms errcode.Code = 4034
	// codeNoRelay is that of a join that wants a relay where there is none.
	codeNoRelay errcode.Code = protocol.CodeNoRelay
)

// The limits, as the label of what they refuse.
const (
	limitConnections    = "connections"
	limitConnectionRate = "connection-rate"
	limitJoinRate       = "join-rate"
	limitMembers        = "members"
	limitRooms          = "rooms"
	limitMessageRate    = "message-rate" // not refused, but read later
	limitMessageSize    = "message-size"
	limitQueue          = "queue"
)

var limits = [...]string{
	limitConnections, limitConnectionRate, limitJoinRate, limitMembers, limitRooms, limitMessageRate, limitMessageSize, limitQueue,
}

// whenOneLeaves is after how long an address with too many connections may try again:
// nobody knows when one of them ends.
const whenOneLeaves = 5 * time.Second

// guard stands before the connections of addresses and the joins of apps.
type guard struct {
	open  *limit.Count[netip.Addr]
	opens *limit.Rate[netip.Addr]
	joins *limit.Rate[string] // by appkey
}

func newGuard(v limit.Values) guard {
	return guard{
		open:  limit.NewCount[netip.Addr](v.Connections),
		opens: limit.NewRate[netip.Addr](v.ConnectionRate, v.ConnectionBurst),
		joins: limit.NewRate[string](v.JoinRate, v.JoinBurst),
	}
}

// enter lets a connection of an address in until leave, or says which limit it meets and
// when to try again.
func (g *guard) enter(from netip.Addr) (limit string, wait time.Duration) {
	if wait := g.opens.Take(from); wait > 0 {
		return limitConnectionRate, wait
	}
	if !g.open.Enter(from) {
		return limitConnections, whenOneLeaves
	}
	return "", 0
}

func (g *guard) leave(from netip.Addr) { g.open.Leave(from) }

// tooMany answers a connection that is not let in. That it is said before the upgrade
// costs least; a page only sees that there is no connection.
func tooMany(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", limit.RetryAfter(wait))
	http.Error(w, "too many connections", http.StatusTooManyRequests)
}

func (h *Handler) refused(limit string) { h.metrics.refused.WithLabelValues(limit).Inc() }

// checkPace takes one join of an app that has been authorized: strangers, who know the
// appkey too, cannot use up what its users have.
func (h *Handler) checkPace(appkey string) *protocol.Error {
	if h.guard.joins.Take(appkey) > 0 {
		h.refused(limitJoinRate)
		return refuse(http.StatusTooManyRequests, "too many joins")
	}
	return nil
}

// refuseRoom answers a join that the registry did not take.
func (h *Handler) refuseRoom(err error) *protocol.Error {
	if errors.Is(err, errFull) {
		h.refused(limitMembers)
		return refuse(codeFull, errFull.Error())
	}
	h.refused(limitRooms)
	return refuse(codeRooms, errRooms.Error())
}

// pace waits until the next message of a client is in its turn.
func (s *session) pace(l *line) error {
	if s.limiter.Allow() {
		return nil
	}
	s.h.refused(limitMessageRate)
	return s.limiter.Wait(l.ctx)
}
