package client

import (
	"strconv"
	"time"

	"nertc/internal/session"
)

const (
	// wakeInterval is the default of Options.Wake.
	wakeInterval = 5 * time.Second
	// sleepTime is how late that look has to be to mean a sleep. Browsers slow the timers of hidden pages
	// down to one in a second, or in a minute where the page is silent: taken for a sleep that costs one ping.
	sleepTime = 5 * time.Second
)

// Nudge makes a recovery that waits for its next attempt try at once: somebody looks at the page again.
func (c *Client) Nudge() {
	c.network.Nudge()
	if s := c.presentSession(); s != nil {
		s.Nudge()
	}
}

// Changed is Nudge when the network has changed, or the machine was asleep: a connection
// that seems to be well is asked for a sign of life too.
func (c *Client) Changed() {
	c.network.Nudge()
	if s := c.presentSession(); s != nil {
		s.Changed()
	}
}

// SetOnline says whether there is a network. Without one a recovery tries seldom, and the time in which it
// gives up goes on; when there is one again it tries at once.
func (c *Client) SetOnline(online bool) {
	c.o.Log.Info("network", "online", strconv.FormatBool(online))
	c.network.SetOnline(online)
	if s := c.presentSession(); s != nil {
		s.Changed()
	}
}

func (c *Client) presentSession() *session.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.session
}

// watchSleep looks for sleeps of the machine from now on: the time of day has gone on
// and no timer has come. The lock is held.
func (c *Client) watchSleep() {
	if c.wake != nil {
		c.wake.Stop()
	}
	last := c.o.Now().Round(0) // without the clock of the timers, which may sleep too
	var t *time.Timer
	t = time.AfterFunc(c.o.Wake, func() {
		c.mu.Lock()
		present := c.wake == t
		c.mu.Unlock()
		if !present {
			return
		}
		now := c.o.Now().Round(0)
		slept := now.Sub(last) > c.o.Wake+sleepTime
		last = now
		t.Reset(c.o.Wake)
		if slept {
			c.o.Log.Info("the machine has slept")
			c.Changed()
		}
	})
	c.wake = t
}

// stopWatchingSleep is for a client that is in no room. The lock is held.
func (c *Client) stopWatchingSleep() {
	if c.wake != nil {
		c.wake.Stop()
		c.wake = nil
	}
}
