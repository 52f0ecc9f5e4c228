package admin

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"time"

	"nertc/gateway/live/record"
)

// downloadTime bounds how long a recording takes to be fetched.
const downloadTime = time.Hour

// recording is a file as the API lists it.
type recording struct {
	Name     string    `json:"name"`
	Channel  string    `json:"channel"`
	Task     string    `json:"taskId"`
	Begun    time.Time `json:"begun"`
	Size     int64     `json:"size"`
	Finished bool      `json:"finished"`
}

func listRecordings(_ context.Context, h *Handler, _ *call) answer {
	list := []recording{}
	if h.o.Recordings != "" {
		files, err := record.List(h.o.Recordings)
		if err != nil {
			return failed(err)
		}
		for _, f := range files {
			list = append(list, recording(f))
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{"recordings": list}}
}

// fetchRecording answers with the file itself, or with the part of it that the request's Range names.
func fetchRecording(_ context.Context, h *Handler, c *call) answer {
	if h.o.Recordings == "" {
		return failed(fs.ErrNotExist)
	}
	f, err := record.Open(h.o.Recordings, c.recording)
	if err != nil {
		return failed(err)
	}
	return answer{status: http.StatusOK, file: f}
}

func removeRecording(_ context.Context, h *Handler, c *call) answer {
	if h.o.Recordings == "" {
		return failed(fs.ErrNotExist)
	}
	return done(record.Remove(h.o.Recordings, c.recording))
}

// send writes a file, and gives the status that it was written with.
func send(w http.ResponseWriter, r *http.Request, f *os.File) int {
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		write(w, plain(http.StatusInternalServerError, "the gateway could not do it"))
		return http.StatusInternalServerError
	}
	// The bounds of other requests are too narrow for it; a connection that cannot have any needs none.
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(downloadTime))
	w.Header().Set("Content-Type", "video/mp4")
	w.Header().Set("Content-Disposition", `attachment; filename="`+info.Name()+`"`) // of letters that need no quoting
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	s := &status{ResponseWriter: w, code: http.StatusOK}
	http.ServeContent(s, r, info.Name(), info.ModTime(), f)
	return s.code
}

// status notes what a request is answered with.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap is for http.ResponseController.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// absent says whether an error is of a recording that is not there.
func absent(err error) bool { return errors.Is(err, fs.ErrNotExist) }
