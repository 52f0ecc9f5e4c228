package room

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"testing"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// devNull is an engine's session that takes everything.
type devNull struct{}

func (devNull) Events() <-chan engine.Event                              { return nil }
func (devNull) Offer(uint32, protocol.Offer) error                       { return nil }
func (devNull) Candidate(string) error                                   { return nil }
func (devNull) Subscribe([]string, bool) error                           { return nil }
func (devNull) Quality([]string, protocol.Quality) error                 { return nil }
func (devNull) Mute(string, bool) error                                  { return nil }
func (devNull) Resize(string, int, int) error                            { return nil }
func (devNull) ICEServers() []protocol.ICEServer                         { return nil }
func (devNull) SetRole(context.Context, protocol.Role) error             { return nil }
func (devNull) SetNoPublish(context.Context, []protocol.MediaType) error { return nil }
func (devNull) Leave() error                                             { return nil }
func (devNull) Close()                                                   {}

// FuzzMessage hands whatever it can think of to a session, before and after a join.
func FuzzMessage(f *testing.F) {
	for _, s := range []string{
		"", `{"type":"resume","id":1,"data":{"version":1,"token":"x","received":7}}`, `{"type":"resume","data":{"received":-1}}`, "{}", "[]", "null", `{"type":"ping","id":1,"data":{"time":1}}`, `{"type":"leave","id":18446744073709551615}`,
		`{"type":"join","id":1,"data":{"version":1,"appkey":"a","channel":"c","uid":"1","offer":{"sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 X 0\r\n","tracks":[{"cid":"c","mediaType":"video","width":1,"height":1,"bitrate":1}]}}}`,
		`{"type":"offer","id":2,"data":{"sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 X 0\r\na=mid:0\r\n"}}`,
		`{"type":"subscribe","id":3,"data":{"tracks":["TR_x"],"subscribe":true}}`, `{"type":"mute","id":4,"data":{"track":"TR_x","muted":true}}`,
		`{"type":"role","id":5,"data":{"role":"audience"}}`, `{"type":"join","id":1,"data":{"version":1,"appkey":"a","channel":"c","profile":"live","role":"audience"}}`,
		`{"type":"task-add","id":6,"data":{"tasks":[{"taskId":"a","streamUrl":"rtmp://h/a/b","layout":{"canvas":{"width":640,"height":360},"users":[{"uid":"1","x":-1}]}}]}}`,
		`{"type":"task-update","id":7,"data":{"tasks":[{}]}}`, `{"type":"task-delete","id":8,"data":{"taskIds":["a"]}}`,
		`{"type":"candidate","data":{"candidate":"{\"candidate\":\"candidate:1 1 udp 1 127.0.0.1 9 typ host\",\"sdpMid\":\"0\",\"sdpMLineIndex\":0}"}}`,
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	join := func(context.Context, engine.JoinOptions) (upstream, error) { return devNull{}, nil }
	h := newHandler(Options{Log: slog.New(slog.DiscardHandler)}, func() bool { return true }, join)
	f.Fuzz(func(t *testing.T, b []byte, text bool) {
		s := h.newSession(httptest.NewRequest("GET", protocol.Path, nil))
		l := newLine(nil, h.o.Limits.Queue, nil)
		l.watchdog = time.NewTimer(time.Hour)
		s.connect(l)
		s.handle(text, b)
		s.handle(true, []byte(`{"type":"join","id":1,"data":{"version":1,"appkey":"a","channel":"c","profile":"live","offer":{"sdp":"v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=audio 9 X 0\r\n"}}}`))
		s.handle(text, b)
		for frame, _ := l.take(); frame != nil; frame, _ = l.take() {
			if m, err := protocol.Decode(frame); err != nil || m.Type == "" {
				t.Errorf("answers with no message: %v %v", m, err)
			}
		}
		s.abort("done")
		l.watchdog.Stop()
		if rooms, _ := h.rooms.count(); rooms != 0 {
			t.Errorf("%d rooms are left", rooms)
		}
	})
}
