//go:build js && wasm

package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"nertc/internal/errcode"
	"nertc/internal/protocol"
	"nertc/jsbridge/js"
	"nertc/jsbridge/record"
)

// recording is a recorder and what its file is to be called.
type recording struct {
	*record.Recorder
	name string
	// types are what a stream's recording holds; all says that a client's holds everybody.
	types []protocol.MediaType
	all   bool
	// picture says that it has one.
	picture bool
}

// save has the browser save what is recorded, and gives the file's name.
func (r *recording) save(ctx context.Context) (any, error) {
	file, err := r.File(ctx)
	if err != nil {
		return nil, err
	}
	name := r.name + ".webm"
	return name, js.Save(file, name)
}

func defaultName(of string) string {
	return of + "-" + time.Now().Format("20060102-150405")
}

// The sizes and rates of a client's recording, by the constants of NERTC; a rate may also be
// given as it is.
var (
	recordSizes = map[int64][2]int{2: {640, 360}, 4: {640, 480}, 8: {1280, 720}}
	recordRates = map[int64]int{3: 15, 6: 30, 15: 15, 30: 30}
)

// withPicture completes the options of a recording with a picture.
func withPicture(width, height, fps int) record.Options {
	return record.Options{Width: width, Height: height, FPS: fps, Bitrate: max(1_000_000, width*height*fps/10)}
}

// recordingOptions reads a page's {recorder, recordConfig}, which the shim has checked.
func recordingOptions(v js.Value) (o record.Options, all bool, name string) {
	config := js.Property(v, "recordConfig")
	all = js.TextOr(js.Property(v, "recorder"), "all") == "all"
	name = js.TextOr(js.Property(config, "recordName"), "")
	if js.TextOr(js.Property(config, "recordType"), "video") == "audio" {
		return record.Options{}, all, name
	}
	quality, _ := js.Integer(js.Property(config, "recordVideoQuality"))
	rate, _ := js.Integer(js.Property(config, "recordVideoFrame"))
	size, ok := recordSizes[quality]
	if !ok {
		size = recordSizes[2]
	}
	fps, ok := recordRates[rate]
	if !ok {
		fps = 15
	}
	return withPicture(size[0], size[1], fps), all, name
}

// inputsOf are a stream's tracks of media types, as they are now.
func inputsOf(s *Stream, types []protocol.MediaType) []record.Input {
	var inputs []record.Input
	for _, t := range types {
		if track := s.player.Track(t); !track.IsUndefined() {
			picture := t == protocol.MediaVideo || t == protocol.MediaScreen
			inputs = append(inputs, record.Input{Track: track, Picture: picture})
		}
	}
	return inputs
}

// recordedTypes is the order in which one user's pictures stand in a recording.
var recordedTypes = []protocol.MediaType{
	protocol.MediaScreen, protocol.MediaVideo, protocol.MediaAudio, protocol.MediaAudioSlave,
}

// recordingInputs are everybody's tracks that are here, the own ones first.
func (c *Client) recordingInputs(all bool) []record.Input {
	c.mu.Lock()
	defer c.mu.Unlock()
	var inputs []record.Input
	for _, t := range recordedTypes {
		if s := c.published[t]; s != nil {
			inputs = append(inputs, inputsOf(s, []protocol.MediaType{t})...)
		}
	}
	if all {
		for _, uid := range slices.Sorted(maps.Keys(c.remotes)) {
			inputs = append(inputs, inputsOf(c.remotes[uid], recordedTypes)...)
		}
	}
	return inputs
}

// updateRecording has a recording that goes on take up what has come and leave what has gone.
func (c *Client) updateRecording() {
	c.mu.Lock()
	r := c.recording
	c.mu.Unlock()
	if r != nil && r.Running() {
		r.SetInputs(c.recordingInputs(r.all))
	}
	c.holdPictures()
}

// holdPictures has what is recorded received as if all of it could be seen, also in a page behind
// others, and the rest as it is seen.
func (c *Client) holdPictures() {
	c.mu.Lock()
	remotes := slices.Collect(maps.Values(c.remotes))
	c.mu.Unlock()
	for _, s := range remotes {
		s.holdPictures()
	}
}

func (s *Stream) holdPictures() {
	if !s.remote {
		return
	}
	s.owner.mu.Lock()
	r := s.owner.recording
	s.owner.mu.Unlock()
	room := r != nil && r.all && r.picture && r.Running()
	own, _ := s.chosen(js.Undefined())
	for _, t := range []protocol.MediaType{protocol.MediaVideo, protocol.MediaScreen} {
		held := room
		for _, r := range own {
			held = held || (r.types[0] == t && r.Running())
		}
		s.player.SetHeld(t, held)
	}
}

// startMediaRecording begins to record the room. What was recorded before makes place.
func (c *Client) startMediaRecording(args []js.Value) work {
	o, all, name := recordingOptions(arg(args, 0))
	return func() (any, error) {
		if !c.core.Joined() {
			return nil, errcode.New(errcode.NotJoined, "a recording needs a join first")
		}
		c.mu.Lock()
		busy := c.recordingBegins || (c.recording != nil && c.recording.Running())
		c.recordingBegins = c.recordingBegins || !busy
		c.mu.Unlock()
		if busy {
			return nil, errcode.New(errcode.InvalidOperation, "a recording is under way")
		}
		if name == "" {
			name = defaultName(c.core.ChannelInfo().Channel)
		}
		r, err := record.Start(c.ctx, c.api.scope, o, c.recordingInputs(all))
		c.mu.Lock()
		before := c.recording
		c.recordingBegins = false
		if err == nil {
			c.recording = &recording{Recorder: r, name: name, all: all, picture: o.Width > 0}
		}
		c.mu.Unlock()
		if err != nil {
			return nil, err
		}
		if before != nil {
			before.Discard(c.ctx)
		}
		c.updateRecording() // what has come meanwhile
		return nil, nil
	}
}

func (c *Client) recorded() (*recording, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.recording == nil {
		return nil, errcode.New(errcode.InvalidOperation, "nothing has been recorded")
	}
	return c.recording, nil
}

func (c *Client) stopMediaRecording([]js.Value) work {
	return func() (any, error) {
		r, err := c.recorded()
		if err != nil {
			return nil, err
		}
		defer c.holdPictures()
		return nil, r.Stop(c.ctx)
	}
}

func (c *Client) downloadMediaRecording([]js.Value) work {
	return func() (any, error) {
		r, err := c.recorded()
		if err != nil {
			return nil, err
		}
		return r.save(c.ctx)
	}
}

func (c *Client) cleanMediaRecording([]js.Value) work {
	return func() (any, error) {
		c.discardRecording()
		return nil, nil
	}
}

// discardRecording removes what is recorded, if anything is.
func (c *Client) discardRecording() {
	c.mu.Lock()
	r := c.recording
	c.recording = nil
	c.mu.Unlock()
	if r != nil {
		r.Discard(context.Background())
		c.holdPictures()
	}
}

// endRecording ends a recording with the room. What is recorded can still be saved.
func (c *Client) endRecording() {
	c.mu.Lock()
	r := c.recording
	c.mu.Unlock()
	if r != nil {
		go func() { _ = r.Stop(c.ctx) }()
	}
}

// tracksChanged tells those who record of a stream's other tracks.
func (s *Stream) tracksChanged() {
	own, _ := s.chosen(js.Undefined())
	for _, r := range own {
		if r.Running() {
			r.SetInputs(inputsOf(s, r.types))
		}
	}
	s.api.mu.Lock()
	clients := make([]*Client, 0, len(s.api.clients))
	for _, c := range s.api.clients {
		clients = append(clients, c)
	}
	s.api.mu.Unlock()
	for _, c := range clients {
		c.updateRecording()
	}
}
