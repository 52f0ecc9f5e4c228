package session

import (
	"strconv"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/media"
)

const (
	// settleTime is what a disconnected path gets to come back by itself, as it often does.
	// https://www.w3.org/TR/webrtc/#dom-rtcpeerconnectionstate-disconnected
	settleTime = 1500 * time.Millisecond
	// restartTime is what a restart of ICE gets before the next.
	restartTime = 4 * time.Second
	// nudgeTime is what a restart gets before another may be asked for from outside.
	nudgeTime = time.Second
	// changeTime is how long a path that is lost is put down to a change of the network.
	changeTime = 10 * time.Second
	// maxRestarts is how many come before the session is given up for a new one.
	maxRestarts = 3
)

// recovery is what is out of order and being put right. It belongs to the loop.
type recovery struct {
	signalling bool // the socket is being resumed
	media      bool // media has lost its path
	found      bool // media has had a path
	// sought is when a path was looked for with other servers before there was one; noPath follows.
	sought    time.Time
	told      bool // Interrupted was told
	restarts  int
	since     time.Time // when media lost its path
	restarted time.Time // when the last restart was
	changed   time.Time // when the network did
	timer     *time.Timer
}

func (r *recovery) stop() {
	if r.timer != nil {
		r.timer.Stop()
		r.timer = nil
	}
}

// tell tells the observer when there is a change from all well to not, or back.
func (s *Session) tellRecovery() {
	r := &s.recovery
	if broken := r.signalling || r.media; broken != r.told {
		r.told = broken
		if broken {
			s.o.Observer.Interrupted()
		} else {
			s.o.Observer.Continued()
		}
	}
}

func (s *Session) socketBroken() {
	s.loop.Post(func() {
		s.o.Log.Warning("the signalling connection is broken")
		s.recovery.signalling = true
		s.tellRecovery()
	})
}

func (s *Session) socketResumed() {
	s.loop.Post(func() {
		s.o.Log.Info("the signalling connection is resumed")
		r := &s.recovery
		r.signalling = false
		if r.media { // what could not be negotiated meanwhile can be now
			r.restarts = 0
			s.restartMedia()
		}
		s.tellRecovery()
	})
}

// Nudge makes a search for another path of media come at once.
func (s *Session) Nudge() {
	s.loop.Post(func() {
		r := &s.recovery
		if r.media && time.Since(r.restarted) > nudgeTime {
			r.restarts = 0
			s.restartMedia()
		}
	})
}

// Changed is Nudge after a change of the network: what seems to be well is looked at too.
func (s *Session) Changed() {
	s.socket.Probe()
	s.loop.Post(func() { s.recovery.changed = time.Now() })
	s.Nudge()
}

// mediaState follows the peer connection and recovers its path.
func (s *Session) mediaState(state media.ConnectionState) {
	s.loop.Post(func() {
		s.o.Log.Debug("media path", "state", string(state))
		r := &s.recovery
		if state != media.StateConnected && !s.carrying {
			return // a path was not even looked for yet
		}
		lost := state == media.StateDisconnected || state == media.StateFailed
		if lost && !r.found && !r.media && time.Since(r.sought) < restartTime {
			// The answer takes the former candidates away, and Chromium says failed until there are pairs of the new ones.
			return
		}
		switch state {
		case media.StateConnected:
			r.stop()
			r.media, r.restarts, r.found = false, 0, true
			s.o.Observer.MediaConnected()
		case media.StateDisconnected:
			if !r.media {
				r.media, r.since = true, time.Now()
				settle := settleTime
				if time.Since(r.changed) < changeTime {
					settle = 0 // it does not come back by itself
				}
				s.after(settle, s.restartMedia)
			}
		case media.StateClosed:
			s.fail(MediaLost, errcode.New(errcode.Network, "the media connection has stopped"))
			return
		case media.StateFailed:
			if !r.media {
				r.media, r.since = true, time.Now()
			}
			s.restartMedia()
		}
		s.tellRecovery()
	})
}

// restartMedia looks for a new path, and again when that does not help.
func (s *Session) restartMedia() {
	r := &s.recovery
	if !r.media {
		return
	}
	if r.signalling { // an offer cannot get through: the resumption of the socket tries again
		s.after(restartTime, s.restartMedia)
		return
	}
	if r.restarts++; r.restarts > maxRestarts || time.Since(r.since) > s.o.Policy.GiveUp {
		s.fail(MediaLost, errcode.New(errcode.Network, "the media connection has failed"))
		return
	}
	s.o.Log.Info("media looks for a new path", "attempt", strconv.Itoa(r.restarts))
	r.restarted = time.Now()
	s.negotiator.restart(s.servers, s.o.Relay)
	s.after(restartTime, s.restartMedia)
}

// after runs a step of the recovery on the loop, in place of the one that waits.
func (s *Session) after(d time.Duration, f func()) {
	s.recovery.stop()
	var t *time.Timer
	t = time.AfterFunc(d, func() {
		s.loop.Post(func() {
			if s.recovery.timer == t {
				s.recovery.timer = nil
				f()
			}
		})
	})
	s.recovery.timer = t
}
