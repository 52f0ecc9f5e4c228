package protocol

import "nertc/internal/protocol/wire"

// What the messages say of pictures that are sent in two sizes.

// The rids with which an offer's media section names the two layers of a picture.
// https://www.rfc-editor.org/rfc/rfc8852
const (
	RIDLow  = "q"
	RIDHigh = "h"
)

// Layer is one of the sizes in which a picture is sent.
type Layer struct {
	// Width and Height in pixels.
	Width  int `json:"width"`
	Height int `json:"height"`
	// Bitrate in bit/s is the most that it takes.
	Bitrate int `json:"bitrate"`
}

// Fields names the members for package wire.
func (l *Layer) Fields(f *wire.Fields) {
	f.Int("width", &l.Width, wire.Always)
	f.Int("height", &l.Height, wire.Always)
	f.Int("bitrate", &l.Bitrate, wire.Always)
}

// Quality is how much of a picture a client wants to receive.
type Quality string

// The qualities, the best one first.
const (
	QualityHigh Quality = "high" // the high layer, or the only one
	QualityLow  Quality = "low"  // the low layer, or the only one
	QualityOff  Quality = "off"  // nothing for now; the subscription stays
)

// Wish says in which quality tracks are to be received; before anything is said it is QualityHigh.
type Wish struct {
	Tracks  []string `json:"tracks"`
	Quality Quality  `json:"quality"`
}

// Fields names the members for package wire.
func (w *Wish) Fields(f *wire.Fields) {
	f.Strings("tracks", &w.Tracks, wire.Always)
	f.String("quality", (*string)(&w.Quality), wire.Always)
}

// Watched says which layers of an own picture anybody receives. What nobody does need not be sent.
type Watched struct {
	Track string `json:"track"`
	Low   bool   `json:"low"`
	High  bool   `json:"high"`
	// Spare says whether anybody receives the picture in its spare codec, who is not counted above.
	Spare bool `json:"spare,omitempty"`
}

// Fields names the members for package wire.
func (w *Watched) Fields(f *wire.Fields) {
	f.String("track", &w.Track, wire.Always)
	f.Bool("low", &w.Low, wire.Always)
	f.Bool("high", &w.High, wire.Always)
	f.Bool("spare", &w.Spare, wire.NotEmpty)
}

// Paused says that the engine has paused a received picture because the way to the client is
// too narrow for it, or sends it again.
type Paused struct {
	Track  string `json:"track"`
	Paused bool   `json:"paused"`
}

// Fields names the members for package wire.
func (p *Paused) Fields(f *wire.Fields) {
	f.String("track", &p.Track, wire.Always)
	f.Bool("paused", &p.Paused, wire.Always)
}
