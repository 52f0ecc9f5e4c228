package stats

import (
	"math"
	"strings"
	"time"

	"nertc/internal/media"
	"nertc/internal/protocol"
	"nertc/internal/quality"
	"nertc/internal/speaker"
)

// Sent is an own track that is published.
type Sent struct {
	MediaType protocol.MediaType
	// MID is the media section that it is sent on; empty where there is none yet, or none while the connection is restored.
	MID string
	// Track is the id of the track that is sent.
	Track string
	Muted bool
	// MaxBitrate in bit/s that it may have at most; 0 if there is no limit.
	MaxBitrate int
}

// Received is a track that is subscribed to.
type Received struct {
	UID       string
	MediaType protocol.MediaType
	MID       string // as that of Sent
	// Subscription is another number where the track is received anew, and not merely again after a reconnect.
	Subscription int
	Muted        bool
	Off          bool // it is a picture that is not to be received now
}

// Call is what a report belongs to.
type Call struct {
	Sent     []Sent
	Received []Received
	// Users is the number of those in the room who are visible.
	Users int
	// Network is what is known of the network's type otherwise; empty if nothing is.
	Network string
}

// Source is a received track.
type Source struct {
	UID       string
	MediaType protocol.MediaType
}

// Collector makes statistics of one report after the other, from the join to the leave. It is not
// for several goroutines.
type Collector struct {
	joined    time.Time
	last, now reading
	sent      map[protocol.MediaType]*sending
	played    map[Source]*playing
	// estimate is that of the bandwidth for sending, and carried what it was seen to be.
	estimate quality.Estimate
	carried  bandwidth
	// lately is for how many readings more a section counts as one that something is sent on.
	lately map[string]int
	// silent is for how many seconds nothing has come, and unanswered that something was sent meanwhile.
	silent     float64
	unanswered bool

	recvBytes, sendBytes float64

	session     Session
	transport   Transport
	localAudio  map[protocol.MediaType]LocalAudio
	localVideo  map[protocol.MediaType]LocalVideo
	remoteAudio map[Source]RemoteAudio
	remoteVideo map[Source]RemoteVideo
	up, down    quality.Path
}

// New makes a collector for a stay that began at a time.
func New(joined time.Time) *Collector {
	return &Collector{joined: joined, sent: map[protocol.MediaType]*sending{}, played: map[Source]*playing{}, lately: map[string]int{}}
}

// reading is a report with its entries at hand.
type reading struct {
	time  time.Time
	stats entries
}

// entries are those of a report by their ids: they are large, so that none is copied.
type entries map[string]*media.Stat

// of gives an entry, and an empty one where there is none.
func (e entries) of(id string) *media.Stat {
	if s := e[id]; s != nil {
		return s
	}
	return &media.Stat{}
}

// sending and playing add up what no single report says, in seconds.
type sending struct{ duration, freeze float64 }

// playing has besides whether it was halted ever, muted or off, and for how long it has run since.
type playing struct {
	duration, freeze, run float64
	halted                bool
	subscription          int
}

// Update takes the next report of a call, whose entries must not change any more.
func (c *Collector) Update(r media.Report, call Call) {
	c.last, c.now = c.now, reading{r.Time, make(entries, len(r.Stats))}
	for i := range r.Stats {
		s := &r.Stats[i]
		c.now.stats[s.ID] = s
	}
	c.updateTransport(r, call)
	c.updateSent(r, call)
	c.updateReceived(r, call)
	c.up, c.down = c.paths(r, call)
	c.up.Down = c.passing(r, call)
	c.down.Down = c.up.Down
	// A round trip of less than a millisecond is one too; Firefox gives whole ones.
	if pair, ok := c.pair(r); ok && pair.ResponsesReceived > 0 {
		c.up.Measured, c.down.Measured = true, true
	}
}

// Pause says that there is no report to be had now: the figures of the moment are none, what is added up stays as it is.
func (c *Collector) Pause(now time.Time, call Call) {
	last := c.now
	c.Update(media.Report{Time: now}, call)
	c.now = last // what the next report is compared with
}

// Renew says that the next report is of another connection: its counters have begun anew, whatever they are by then.
func (c *Collector) Renew() {
	c.now, c.estimate, c.carried, c.lately = reading{}, quality.Estimate{}, bandwidth{}, map[string]int{}
}

// span is the time in seconds since the report before; 0 with the first.
func (c *Collector) span() float64 {
	if c.last.time.IsZero() {
		return 0
	}
	return c.now.time.Sub(c.last.time).Seconds()
}

// since gives how much a counter of an entry has grown since the report before. An entry that is
// new, or that another of the same name has replaced, has grown from nothing.
func (c *Collector) since(s *media.Stat, counter func(*media.Stat) float64) float64 {
	now := counter(s)
	before := 0.0
	if l, ok := c.last.stats[s.ID]; ok {
		before = counter(l)
	}
	if now < before {
		before = 0
	}
	return now - before
}

// rate is the growth in kbit/s of a counter of bytes.
func (c *Collector) rate(bytes float64) int64 {
	if span := c.span(); span > 0 {
		return whole(bytes * 8 / 1000 / span)
	}
	return 0
}

func (c *Collector) updateTransport(r media.Report, call Call) {
	var recv, sent, counted, packets, lost float64
	t := Transport{NetworkType: "unknown"}
	for i := range r.Stats {
		s := &r.Stats[i]
		switch s.Type {
		case media.StatTransport:
			recv += c.since(s, func(s *media.Stat) float64 { return s.BytesReceived })
			sent += c.since(s, func(s *media.Stat) float64 { return s.BytesSent })
			counted += s.BytesReceived + s.BytesSent
		case media.StatOutbound:
			n := c.since(s, func(s *media.Stat) float64 { return s.PacketsSent })
			packets += n
			lost += n * c.now.stats.of(s.RemoteID).FractionLost
		case media.StatRemoteOutbound:
			t.RxRtt = max(t.RxRtt, milliseconds(s.RoundTripTime))
		}
	}
	if pair, ok := c.pair(r); ok {
		t.TxRtt = milliseconds(pair.CurrentRoundTripTime)
		if counted == 0 { // Firefox counts on the pair alone
			recv = c.since(pair, func(s *media.Stat) float64 { return s.BytesReceived })
			sent = c.since(pair, func(s *media.Stat) float64 { return s.BytesSent })
		}
		if span := c.span(); span > 0 {
			c.carried.add(sent * 8 / span * (1 - lost/max(1, packets)))
		}
		t.OutgoingAvailableBandwidth = whole(c.carried.available(pair.AvailableOutgoingBitrate) / 1000)
		if n := c.now.stats.of(pair.LocalCandidateID).NetworkType; n != "" {
			t.NetworkType = n
		}
	}
	if t.NetworkType == "unknown" && call.Network != "" {
		t.NetworkType = call.Network
	}
	if t.RxRtt == 0 {
		t.RxRtt = t.TxRtt
	}
	c.transport = t
	c.recvBytes += recv
	c.sendBytes += sent
	c.session = Session{
		Duration:  c.Duration(c.now.time),
		RecvBytes: whole(c.recvBytes), SendBytes: whole(c.sendBytes),
		RecvBitrate: c.rate(recv), SendBitrate: c.rate(sent), UserCount: call.Users,
	}
}

// Duration is that of the stay at a time, in whole seconds.
func (c *Collector) Duration(now time.Time) int64 {
	return int64(max(0, now.Sub(c.joined).Seconds()))
}

// pair is the selected candidate pair; browsers that do not name it nominate one.
func (c *Collector) pair(r media.Report) (*media.Stat, bool) {
	nominated := &media.Stat{}
	for i := range r.Stats {
		s := &r.Stats[i]
		if s.Type == media.StatTransport && s.SelectedCandidatePairID != "" {
			if p, ok := c.now.stats[s.SelectedCandidatePairID]; ok {
				return p, true
			}
		}
		if s.Type == media.StatCandidatePair && s.Nominated && s.BytesSent >= nominated.BytesSent {
			nominated = s
		}
	}
	return nominated, nominated.ID != ""
}

// codec is the name in an entry's codec's MIME type.
func (c *Collector) codec(s *media.Stat) string {
	_, name, _ := strings.Cut(c.now.stats.of(s.CodecID).MimeType, "/")
	return name
}

func milliseconds(seconds float64) float64 { return tenths(seconds * 1000) }

// tenths keeps a figure finite and without digits that say nothing.
func tenths(f float64) float64 {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return 0
	}
	return math.Round(f*10) / 10
}

func whole(f float64) int64 {
	if !(f > 0) || f > math.MaxInt64/2 {
		return 0
	}
	return int64(math.Round(f))
}

// level is an audio level of the standard, 0 to 1, as ours.
func level(l float64) float64 { return speaker.Bounded(speaker.MaxLevel * l) }

// mean is the growth of one counter for each step of another, in ms.
func mean(total, count float64) float64 {
	if count <= 0 {
		return 0
	}
	return milliseconds(total / count)
}

// SessionStats, TransportStats and the following give what the last report said.
func (c *Collector) SessionStats() Session     { return c.session }
func (c *Collector) TransportStats() Transport { return c.transport }

// LocalAudioStats gives the microphone's and, if it is published, the shared sound's behind it.
func (c *Collector) LocalAudioStats() []LocalAudio {
	return inOrder(c.localAudio, protocol.MediaAudio, protocol.MediaAudioSlave)
}

// LocalVideoStats gives the camera's first and the screen's second; of what is not published there is none.
func (c *Collector) LocalVideoStats(types ...protocol.MediaType) []LocalVideo {
	if len(types) == 0 {
		types = []protocol.MediaType{protocol.MediaVideo, protocol.MediaScreen}
	}
	return inOrder(c.localVideo, types...)
}

func inOrder[T any](m map[protocol.MediaType]T, types ...protocol.MediaType) []T {
	list := []T{}
	for _, t := range types {
		if s, ok := m[t]; ok {
			list = append(list, s)
		}
	}
	return list
}

// RemoteAudioStats gives those of a media type by uid.
func (c *Collector) RemoteAudioStats(t protocol.MediaType) map[string]RemoteAudio {
	return of(c.remoteAudio, t)
}

// RemoteVideoStats gives those of a media type by uid.
func (c *Collector) RemoteVideoStats(t protocol.MediaType) map[string]RemoteVideo {
	return of(c.remoteVideo, t)
}

func of[T any](m map[Source]T, t protocol.MediaType) map[string]T {
	users := map[string]T{}
	for source, s := range m {
		if source.MediaType == t {
			users[source.UID] = s
		}
	}
	return users
}

// Paths gives what was measured of the ways up to the server and down from it, for the quality of both.
func (c *Collector) Paths() (up, down quality.Path) { return c.up, c.down }
