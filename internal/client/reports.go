package client

import (
	"context"
	"maps"
	"slices"
	"time"

	"nertc/internal/downlink"
	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/quality"
	"nertc/internal/session"
	"nertc/internal/speaker"
	"nertc/internal/stats"
)

const (
	// reportInterval is the default of Options.Volumes, the documented second.
	reportInterval = time.Second
	// qualityEvery is after how many reports network-quality comes: every two seconds.
	qualityEvery = 2
	// unwatched is how many times as long it is between two reports that nobody follows, once the last getter of
	// the statistics was called longer ago than unasked.
	unwatched = 2
	unasked   = 10 * time.Second
)

// UserQuality is the quality of a user's ways up to the server and down from it.
type UserQuality struct {
	UID              string
	Uplink, Downlink quality.Level
}

// reporting reads the statistics of the connection once a second, from the join to the end of the
// stay, for all who want them: speakers, quality, exceptions and the documented statistics. The
// client's lock guards it.
type reporting struct {
	timer     *time.Timer
	due       time.Time // when the report comes whose turn it is
	meter     speaker.Meter
	collector *stats.Collector
	watch     quality.Watch
	// of is the session whose reports the collector has taken last.
	of *session.Session
	// link says how much of the pictures the way to here bears, of those that came when it was asked last; glancing
	// says that the way is about to be looked at before the next report.
	link     downlink.Policy
	pictures []downlink.Key
	glancing bool
	// up and down are the readings since network-quality was told last, but the latest; n is how many reports there were.
	up, down quality.Path
	n        int
	// asked is when a getter of the statistics was called last.
	asked time.Time
	// others are the levels of the others, as the server measures them.
	others map[string]quality.Level
}

// report begins to read, where the peer connection can. The lock is held.
func (c *Client) report() {
	if c.session.Reporter() == nil {
		return
	}
	r := &reporting{collector: stats.New(c.o.Now()), due: time.Now().Add(c.o.Volumes), others: map[string]quality.Level{}}
	r.timer = time.AfterFunc(c.o.Volumes, func() { c.measure(r) })
	c.reporting = r
}

// stopReporting ends the reading. One that is under way finds that out. The lock is held.
func (c *Client) stopReporting() {
	if c.reporting != nil {
		c.reporting.timer.Stop()
		c.reporting = nil
	}
}

// again has the next report come so long after this one was due, so that what reading takes does not add up. The lock is held.
func (r *reporting) again(after time.Duration) {
	now := time.Now()
	if r.due = r.due.Add(after); r.due.Sub(now) < after/2 { // who is late catches up on nothing
		r.due = now.Add(after)
	}
	r.timer.Reset(r.due.Sub(now))
}

// measure takes the next report, tells what follows from it, and has itself called again.
func (c *Client) measure(r *reporting) {
	c.mu.Lock()
	s, present := c.session, c.reporting == r
	c.mu.Unlock()
	if !present {
		return
	}
	report, sections, err := read(s)
	report.Time = c.o.Now()
	watched := c.o.Watched == nil || c.o.Watched()

	c.mu.Lock()
	defer c.mu.Unlock()
	if c.reporting != r {
		return
	}
	interval := c.o.Volumes
	defer func() { r.again(interval) }()
	if s == nil || s != c.session || err != nil { // of what is being recovered there is nothing to measure
		r.collector.Pause(report.Time, c.call(nil))
		c.judge(r, quality.Path{Down: true}, quality.Path{Down: true})
		return
	}
	first := r.of != s
	if first {
		r.of = s
		r.collector.Renew()
	}
	call := c.call(sections)
	r.collector.Update(report, call)
	c.tellVolumes(r, report)
	c.bear(r, report)
	if first || c.trouble != nil { // there is nothing to compare with, or media is not there again yet
		r.watch.Break()
	} else {
		for _, e := range r.watch.Update(report.Time, r.collector.Cases(report, call, c.info.UID)) {
			c.emit(Exception{UID: e.UID, Kind: e.Kind})
		}
	}
	up, down := r.collector.Paths()
	if c.trouble != nil { // the path of the media is being looked for anew
		up.Down, down.Down = true, true
	}
	if !watched && !r.glancing && report.Time.Sub(r.asked) > unasked && max(quality.Of(up), quality.Of(down)) <= quality.Excellent {
		interval = unwatched * c.o.Volumes
	}
	c.judge(r, up, down)
}

// read reads a session's statistics; of none there is an empty report.
func read(s *session.Session) (media.Report, map[protocol.MediaType]string, error) {
	if s == nil || s.Reporter() == nil {
		return media.Report{}, nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	sections := s.Sections()
	report, err := s.Reporter().Report(ctx)
	return report, sections, err
}

// call is what the report belongs to: all that is published and subscribed to, also while it is being restored. The lock is held.
func (c *Client) call(sections map[protocol.MediaType]string) stats.Call {
	call := stats.Call{Users: c.visible()}
	for _, t := range protocol.MediaTypes {
		if p, published := c.published[t]; published && (sections[t] != "" || !c.standing.mute()) {
			call.Sent = append(call.Sent, stats.Sent{MediaType: t, MID: sections[t], Track: p.Track.ID(), Muted: p.Muted, MaxBitrate: p.Send.MaxBitrate})
		}
	}
	for uid, p := range c.view {
		for t, track := range p.tracks {
			if !track.wanted {
				continue
			}
			mid := ""
			if track.track != nil && c.session != nil {
				mid = track.track.MID()
			}
			call.Received = append(call.Received, stats.Received{
				UID: uid, MediaType: t, MID: mid, Subscription: track.subscription, Muted: track.muted, Off: isPicture(t) && c.asked(uid, t) == protocol.QualityOff,
			})
		}
	}
	return call
}

// visible is the number of those in the room who are visible, oneself included. The lock is held.
func (c *Client) visible() int {
	if c.standing.mute() { // an audience is not
		return len(c.view)
	}
	return len(c.view) + 1
}

// memberQuality notes what the server says of another's connection. The lock is held.
func (c *Client) memberQuality(uid string, level int) {
	if c.reporting != nil && level >= int(quality.Unknown) && level <= int(quality.Down) {
		c.reporting.others[uid] = quality.Level(level)
	}
}

// judge tells the quality of the network every second time, of both readings. The lock is held.
func (c *Client) judge(r *reporting, up, down quality.Path) {
	if r.n++; r.n < qualityEvery {
		r.up, r.down = up, down
		return
	}
	users := []UserQuality{{UID: c.info.UID, Uplink: quality.OfTwo(r.up, up), Downlink: quality.OfTwo(r.down, down)}}
	for uid := range r.others { // who comes again is measured again
		if c.view[uid] == nil {
			delete(r.others, uid)
		}
	}
	for _, uid := range slices.Sorted(maps.Keys(c.view)) {
		users = append(users, UserQuality{UID: uid, Uplink: r.others[uid], Downlink: r.others[uid]})
	}
	r.up, r.down, r.n = quality.Path{}, quality.Path{}, 0
	c.emit(NetworkQuality{Users: users})
}
