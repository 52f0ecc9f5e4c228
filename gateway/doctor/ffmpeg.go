package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"nertc/gateway/config"
	codecs "nertc/gateway/live/ffmpeg"
)

// ffmpeg looks for what live tasks are made with, and for the codecs in it.
func ffmpeg(ctx context.Context, c *config.Config) Finding {
	if !c.Live.Enabled {
		return Finding{Status: Skipped, Detail: "live tasks are not permitted (live.enabled)"}
	}
	folder, name := filepath.Split(c.Live.FFmpeg)
	if folder == "" {
		folder = os.Getenv("PATH")
	}
	file, f := program(ctx, name, folder)
	switch {
	case f.Status != OK && file == "" && name != c.Live.FFmpeg:
		return Finding{
			Status: Warning, Detail: "live.ffmpeg: there is no program " + c.Live.FFmpeg,
			Advice: "calls do not need it; live tasks (RTMP) do: name one that is there, or none and apt install ffmpeg",
		}
	case f.Status != OK:
		return f
	}
	if _, err := codecs.Find(file); err != nil {
		if !errors.Is(err, codecs.ErrMissing) {
			return Finding{Status: Warning, Detail: file + ": " + err.Error(), Advice: missingProgram(name).Advice}
		}
		return Finding{
			Status: Warning, Detail: file + " cannot be used for live tasks: " + err.Error(),
			Advice: "install one that is built with libx264, aac and libopus, as Debian's is (apt install ffmpeg), and name it in live.ffmpeg",
		}
	}
	f.Detail += ", with libx264, aac and libopus"
	return f
}
