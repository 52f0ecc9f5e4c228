package api

// bitrateSteps are the limits for a picture of up to so many pixels at 15 to 30 frames/s:
// VP8 shows no more detail above them.
var bitrateSteps = [...]struct{ pixels, bitrate int }{
	{320 * 180, 250_000},
	{320 * 240, 350_000},
	{640 * 360, 700_000},
	{640 * 480, 900_000},
	{960 * 540, 1_200_000},
	{1280 * 720, 1_700_000},
	{1920 * 1080, 3_000_000},
}

const (
	// largestBitrate is for everything above the table.
	largestBitrate = 4_500_000
	// speechBitrate is Opus' for a voice.
	speechBitrate = 48_000
)

// videoBitrate is the limit in bit/s for a picture of a size in pixels; an unknown size
// counts as 640×480.
func videoBitrate(width, height int) int {
	pixels := width * height
	if pixels <= 0 {
		pixels = 640 * 480
	}
	for _, s := range bitrateSteps {
		if pixels <= s.pixels {
			return s.bitrate
		}
	}
	return largestBitrate
}
