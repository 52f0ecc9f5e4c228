//go:build js && wasm

package capture

// Picture is a size in pixels and a number of frames/s that are wished for. Zeros take the
// defaults.
type Picture struct {
	Width, Height int
	FrameRate     float64
}

// The default pictures: of a camera the documented profile 480p at
// CHAT_VIDEO_FRAME_RATE_NORMAL; of a screen many pixels, so that text can be read, and few
// frames, which leave the bitrate to them.
var (
	defaultCamera = Picture{640, 480, 15}
	defaultScreen = Picture{1920, 1080, 5}
)

// or fills in what is not given.
func (p Picture) or(standard Picture) Picture {
	if p.Width <= 0 || p.Height <= 0 {
		p.Width, p.Height = standard.Width, standard.Height
	}
	if p.FrameRate <= 0 {
		p.FrameRate = standard.FrameRate
	}
	return p
}

func microphoneConstraints(o Options) map[string]any {
	c := map[string]any{
		"echoCancellation": !o.NoEchoCancellation,
		"noiseSuppression": !o.NoNoiseSuppression,
		"autoGainControl":  !o.NoGainControl,
	}
	if o.Channels > 0 {
		c["channelCount"] = map[string]any{"ideal": o.Channels}
	}
	if o.MicrophoneID != "" {
		c["deviceId"] = map[string]any{"exact": o.MicrophoneID}
	}
	return c
}

func cameraConstraints(o Options) map[string]any {
	c := o.Camera.camera()
	switch {
	case o.CameraID != "":
		c["deviceId"] = map[string]any{"exact": o.CameraID}
	case o.FacingMode != "":
		c["facingMode"] = map[string]any{"ideal": o.FacingMode}
	}
	return c
}

// camera asks for a picture of just this size: a camera has several.
func (p Picture) camera() map[string]any {
	p = p.or(defaultCamera)
	return map[string]any{
		"width":     map[string]any{"ideal": p.Width},
		"height":    map[string]any{"ideal": p.Height},
		"frameRate": map[string]any{"ideal": p.FrameRate},
	}
}

// screen asks for a picture of at most this size: a screen has one, in proportions of its
// own, and browsers make it smaller on request.
// https://www.w3.org/TR/screen-capture/#constrainable-properties-for-captured-display-surfaces
func (p Picture) screen() map[string]any {
	p = p.or(defaultScreen)
	return map[string]any{
		"width":     map[string]any{"max": p.Width},
		"height":    map[string]any{"max": p.Height},
		"frameRate": map[string]any{"ideal": p.FrameRate, "max": p.FrameRate},
	}
}

// desktop is the constraint by which Electron, and Chromium's extensions, name a desktop
// source. Chromium takes a sound of the whole system only, whatever the source.
// https://www.electronjs.org/docs/latest/api/desktop-capturer
func (p Picture) desktop(id string, sound bool) map[string]any {
	p = p.or(defaultScreen)
	c := map[string]any{"video": map[string]any{"mandatory": map[string]any{
		"chromeMediaSource": "desktop", "chromeMediaSourceId": id,
		"maxWidth": p.Width, "maxHeight": p.Height, "maxFrameRate": p.FrameRate,
	}}}
	if sound {
		c["audio"] = map[string]any{"mandatory": map[string]any{"chromeMediaSource": "desktop"}}
	}
	return c
}
