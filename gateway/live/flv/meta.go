package flv

import "nertc/gateway/live/amf"

// Meta is the description of a stream that players read before its first packet. What is 0 is left out.
type Meta struct {
	Width, Height int     // of the picture, in pixels
	FrameRate     float64 // of the picture, per second
	VideoRate     int     // of the picture, in kbit/s
	AudioRate     int     // of the sound, in kbit/s
	SampleRate    int     // of the sound, in hertz
	Channels      int     // of the sound, 1 or 2
	// NoPicture says that there is sound alone. It is not written: what is missing says it.
	NoPicture bool
}

// Description is the name by which players know the description.
const Description = "onMetaData"

// AppendBody appends the body of the description's tag.
func (m Meta) AppendBody(to []byte) []byte {
	o := amf.Object{}
	add := func(name string, value float64) {
		if value > 0 {
			o = append(o, amf.Field{Name: name, Value: value})
		}
	}
	if m.Width > 0 {
		add("width", float64(m.Width))
		add("height", float64(m.Height))
		add("framerate", m.FrameRate)
		add("videodatarate", float64(m.VideoRate))
		add("videocodecid", codecAVC)
	}
	if m.SampleRate > 0 {
		add("audiocodecid", codecAAC)
		add("audiodatarate", float64(m.AudioRate))
		add("audiosamplerate", float64(m.SampleRate))
		add("audiosamplesize", 16)
		o = append(o, amf.Field{Name: "stereo", Value: m.Channels == 2})
	}
	o = append(o, amf.Field{Name: "encoder", Value: "nertc-gateway"})
	return amf.AppendArray(amf.Append(to, Description), o)
}
