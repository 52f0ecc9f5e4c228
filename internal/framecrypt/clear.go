package framecrypt

// Codec is what a frame is encoded in.
type Codec uint8

// The codecs. Other is for every one whose frames nobody on the way reads.
const (
	Other Codec = iota
	Opus
	VP8
	VP9
	AV1
	H264
)

// CodecOf finds the codec of a MIME type as RTCRtpCodec has it, "video/VP8" for example,
// in any case. ok is false for what is not known.
func CodecOf(mime string) (c Codec, ok bool) {
	for _, k := range [...]struct {
		mime string
		c    Codec
	}{{"audio/opus", Opus}, {"video/vp8", VP8}, {"video/vp9", VP9}, {"video/av1", AV1}, {"video/h264", H264}} {
		if foldEqual(mime, k.mime) {
			return k.c, true
		}
	}
	return Other, false
}

// foldEqual compares with a text of small letters.
func foldEqual(s, small string) bool {
	if len(s) != len(small) {
		return false
	}
	for i := range len(s) {
		b := s[i]
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		if b != small[i] {
			return false
		}
	}
	return true
}

// VideoCodec tells the codec of a picture from its bytes, for browsers that do not say
// it: H.264 in the form that browsers give it begins with a start code. So may a key frame of VP8, but what follows there has
// the highest bit set, https://www.rfc-editor.org/rfc/rfc6386#section-9.1, which is 0 in a NAL header.
func VideoCodec(frame []byte) Codec {
	if start, nal := startCode(frame, 0); start == 0 && nal < len(frame) && frame[nal]&0x80 == 0 {
		return H264
	}
	return VP8
}

// layout says how many bytes in front are clear. It is written into the trailer, so that
// a receiver need not know the codec.
type layout uint8

const (
	layoutNone layout = iota
	layout1           // Opus: the TOC byte, https://www.rfc-editor.org/rfc/rfc6716#section-3.1
	layout3           // VP8: the frame tag, https://www.rfc-editor.org/rfc/rfc6386#section-9.1
	layout10          // VP8 key frame: tag, start code and dimensions
	layoutNAL         // H.264: see sliceData
	layouts
)

const (
	vp8Tag       = 3
	vp8KeyHeader = 10
)

// clearBytes is how many bytes of a frame stay clear. What is too short for its codec's
// header is encrypted whole, except for H.264, where a packetizer would find nothing in it.
func clearBytes(codec Codec, frame []byte) (int, layout, error) {
	switch codec {
	case Opus:
		if len(frame) >= 1 {
			return 1, layout1, nil
		}
	case VP8:
		// The lowest bit of the first byte is 0 in a key frame.
		if len(frame) >= vp8KeyHeader && frame[0]&1 == 0 {
			return vp8KeyHeader, layout10, nil
		}
		if len(frame) >= vp8Tag {
			return vp8Tag, layout3, nil
		}
	case H264:
		n := sliceData(frame)
		if n < 0 {
			return 0, 0, ErrFormat
		}
		return n, layoutNAL, nil
	}
	return 0, layoutNone, nil
}

// clear is how many bytes of an encrypted frame are clear.
func (l layout) clear(frame []byte) (int, error) {
	n := 0
	switch l {
	case layoutNone:
	case layout1:
		n = 1
	case layout3:
		n = vp8Tag
	case layout10:
		n = vp8KeyHeader
	case layoutNAL:
		n = sliceData(frame)
	default:
		return 0, ErrUnencrypted
	}
	if n < 0 || n >= len(frame) {
		return 0, ErrUnencrypted
	}
	return n, nil
}

// The last byte of an encrypted frame: the layout in the upper three bits, in the lower
// five the length of the SFrame header, or ecbMark. It is never 0, which H.264 wants of the last byte of a NAL unit.
const ecbMark = 31

func trailerOf(l layout, mark int) byte { return byte(l)<<5 | byte(mark) }

func readTrailer(b byte) (layout, int) { return layout(b >> 5), int(b & 31) }
