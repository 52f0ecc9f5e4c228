package room

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
	"nertc/internal/protocol"
)

var programDir string

// program is the engine's program, built when the first test asks for it: the fuzzer's
// processes come through TestMain too and need none.
var program = sync.OnceValues(func() (string, error) { return enginetest.Build(programDir) })

func TestMain(m *testing.M) {
	os.Exit(func() int {
		var err error
		if programDir, err = os.MkdirTemp("", "room"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(programDir)
		return m.Run()
	}())
}

func start(t *testing.T) (*httptest.Server, *engine.Engine) {
	t.Helper()
	return startWith(t, Options{})
}

func startWith(t *testing.T, o Options) (*httptest.Server, *engine.Engine) {
	t.Helper()
	self, err := program()
	if err != nil {
		t.Fatal(err)
	}
	e := enginetest.Start(t, self)
	o.Engine, o.Log, o.PingInterval = e, enginetest.Log(t), testTime
	h := NewHandler(o)
	srv := httptest.NewServer(h)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), testTime)
		defer cancel()
		if err := h.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
		srv.Close()
	})
	return srv, e
}

func TestCall(t *testing.T) {
	srv, _ := start(t)
	a, b := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	a.enter("call", "100")
	if a.uid != "100" || a.cid <= 0 || a.cid > 1<<53-1 || len(a.members) != 0 {
		t.Errorf("joined as %q with cid %d and members %v", a.uid, a.cid, a.members)
	}
	sound, _ := a.publish(protocol.MediaAudio)
	b.enter("call", "")
	if n, err := strconv.ParseUint(b.uid, 10, 64); err != nil || n == 0 || n >= 1<<47 {
		t.Errorf("assigned uid is %q", b.uid)
	}
	if b.cid != a.cid {
		t.Errorf("cids of one room differ: %d and %d", a.cid, b.cid)
	}
	if len(b.members) != 1 || b.members[0].UID != "100" {
		t.Fatalf("members: %+v", b.members)
	}
	if m := pushed[protocol.Member](a.rawClient, protocol.TypeMemberJoined); m.UID != b.uid {
		t.Errorf("%q joined, want %q", m.UID, b.uid)
	}
	// The sound may have been there at the join or may have come after it.
	if i := slices.IndexFunc(b.members[0].Tracks, func(t protocol.Track) bool { return t.ID == sound }); i < 0 {
		if e := pushed[protocol.TrackEvent](b.rawClient, protocol.TypeTrackAdded); e.Track.ID != sound || e.Track.MediaType != protocol.MediaAudio {
			t.Errorf("track added: %+v", e)
		}
	}
	picture, sender := a.publish(protocol.MediaVideo)
	want := protocol.TrackEvent{UID: "100", Track: protocol.Track{ID: picture, MediaType: protocol.MediaVideo, Width: 64, Height: 64, Codec: "VP8"}}
	if e := pushed[protocol.TrackEvent](b.rawClient, protocol.TypeTrackAdded); e != want {
		t.Errorf("track added: %+v, want %+v", e, want)
	}
	b.subscribe(sound, picture)
	b.hears(2, 10)

	ask[struct{}](a.rawClient, protocol.TypeMute, protocol.Mute{Track: sound, Muted: true}, protocol.TypeOK)
	if e := pushed[protocol.TrackEvent](b.rawClient, protocol.TypeTrackUpdated); e.Track.ID != sound || !e.Track.Muted {
		t.Errorf("track updated: %+v", e)
	}
	ask[struct{}](a.rawClient, protocol.TypeResize, protocol.Resize{Track: picture, Width: 1280, Height: 720}, protocol.TypeOK)
	want.Track.Width, want.Track.Height = 1280, 720
	if e := pushed[protocol.TrackEvent](b.rawClient, protocol.TypeTrackUpdated); e != want {
		t.Errorf("track updated: %+v, want %+v", e, want)
	}
	ask[struct{}](b.rawClient, protocol.TypeSubscribe, protocol.Subscribe{Tracks: []string{picture}}, protocol.TypeOK)
	for named := true; named; { // the first request may be a late one of the subscription
		if n := pushed[protocol.Sections](b.rawClient, protocol.TypeSections); n != (protocol.Sections{}) {
			t.Errorf("the end of a subscription needs sections: %+v", n)
		}
		named = false
		for _, id := range b.negotiate().Mids {
			named = named || id == picture
		}
	}
	if err := a.pc.RemoveTrack(sender); err != nil {
		t.Fatal(err)
	}
	a.negotiate()
	if e := pushed[protocol.TrackEvent](b.rawClient, protocol.TypeTrackRemoved); e.UID != "100" || e.Track.ID != picture {
		t.Errorf("track removed: %+v", e)
	}
	ask[struct{}](a.rawClient, protocol.TypeLeave, nil, protocol.TypeOK)
	if r := pushed[protocol.Closed](a.rawClient, protocol.TypeClosed).Reason; r != protocol.CloseLeft {
		t.Errorf("closed with %s", r)
	}
	if code := a.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with code %d", code)
	}
	if e := pushed[protocol.TrackEvent](b.rawClient, protocol.TypeTrackRemoved); e.Track.ID != sound {
		t.Errorf("track removed at the leave: %+v", e)
	}
	if m := pushed[protocol.MemberLeft](b.rawClient, protocol.TypeMemberLeft); m.UID != "100" {
		t.Errorf("%q left", m.UID)
	}
}

// What a join brings along is published by the join itself.
func TestJoinWithTracks(t *testing.T) {
	srv, _ := start(t)
	c := newPeer(t, dial(t, srv))
	j := joinAs("tracks", "1")
	j.Offer.SDP = c.offer()
	j.Offer.Tracks = []protocol.NewTrack{{CID: "c", MediaType: protocol.MediaAudio, Muted: true}}
	a := ask[protocol.Joined](c.rawClient, protocol.TypeJoin, j, protocol.TypeJoined).Answer
	if a.Published["c"] == "" {
		t.Errorf("published: %v", a.Published)
	}
}

// A member who does not come back leaves, and the others hear of it without the engine's delay.
func TestSocketLossIsALeaveWithoutAResume(t *testing.T) {
	srv, _ := startWith(t, Options{ResumeWindow: 200 * time.Millisecond})
	a, b := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	a.enter("loss", "a")
	b.enter("loss", "b")
	lost := time.Now()
	_ = a.conn.CloseNow()
	if m := pushed[protocol.MemberLeft](b.rawClient, protocol.TypeMemberLeft); m.UID != "a" {
		t.Errorf("%q left", m.UID)
	}
	// The engine alone would take up to three seconds to tell of a member without tracks.
	if took := time.Since(lost); took > 2*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestSameUIDJoinsAgain(t *testing.T) {
	srv, _ := start(t)
	first, second, other := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	other.enter("twice", "other")
	first.enter("twice", "7")
	sound, _ := first.publish(protocol.MediaAudio)
	if e := pushed[protocol.TrackEvent](other.rawClient, protocol.TypeTrackAdded); e.Track.ID != sound {
		t.Fatalf("track added: %+v", e)
	}
	second.enter("twice", "7")
	if r := pushed[protocol.Closed](first.rawClient, protocol.TypeClosed).Reason; r != protocol.CloseDuplicate {
		t.Errorf("first is closed with %s", r)
	}
	if e := pushed[protocol.TrackEvent](other.rawClient, protocol.TypeTrackRemoved); e.Track.ID != sound {
		t.Errorf("track removed: %+v", e)
	}
	// The newcomer stays and works; the others were told of no leave.
	again, _ := second.publish(protocol.MediaAudio)
	if e := pushed[protocol.TrackEvent](other.rawClient, protocol.TypeTrackAdded); e.Track.ID != again || e.UID != "7" {
		t.Errorf("track added: %+v", e)
	}
	for _, m := range other.seen {
		if m.Type == protocol.TypeMemberLeft {
			t.Errorf("somebody left: %s", m.Data)
		}
	}
}

func TestRoomsOfTwoAppsAreTwo(t *testing.T) {
	srv, _ := start(t)
	a, b := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	a.enter("same", "1")
	j := joinAs("same", "2")
	j.AppKey, j.Offer.SDP = "another", b.offer()
	if m := ask[protocol.Joined](b.rawClient, protocol.TypeJoin, j, protocol.TypeJoined).Members; len(m) != 0 {
		t.Errorf("sees the other app's %v", m)
	}
}

func TestEngineDies(t *testing.T) {
	srv, e := start(t)
	a := newPeer(t, dial(t, srv))
	a.enter("dies", "1")
	if err := syscall.Kill(e.Info().PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if r := pushed[protocol.Closed](a.rawClient, protocol.TypeClosed).Reason; r != protocol.CloseEngineLost {
		t.Errorf("closed with %s", r)
	}
	if code := a.end(); code != websocket.StatusNormalClosure {
		t.Errorf("closed with code %d", code)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testTime)
	defer cancel()
	for e.Info().Restarts == 0 || !e.Ready() {
		select {
		case <-ctx.Done():
			t.Fatal("engine does not come back")
		case <-time.After(time.Millisecond):
		}
	}
	b := newPeer(t, dial(t, srv))
	b.enter("dies", "1")
}

// An offer that parses but that the engine cannot use must not leave the client waiting.
func TestUselessOffer(t *testing.T) {
	srv, _ := start(t)
	c := dial(t, srv)
	begun := time.Now()
	if code := c.refused(protocol.TypeJoin, joinAs("useless", "1")); code < 500 {
		t.Errorf("refused with %d", code)
	}
	if took := time.Since(begun); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	b := newPeer(t, dial(t, srv))
	b.enter("useless", "1")
}

// What flows is counted, and the count never falls, also when the engine dies.
func TestMediaIsCounted(t *testing.T) {
	srv, e := start(t)
	a, b := newPeer(t, dial(t, srv)), newPeer(t, dial(t, srv))
	a.enter("counted", "1")
	b.enter("counted", "2")
	sound, _ := a.publish(protocol.MediaAudio)
	b.subscribe(sound)
	b.hears(1, 10)
	ctx, cancel := context.WithTimeout(t.Context(), testTime)
	defer cancel()
	await := func(above engine.Bytes) engine.Bytes {
		t.Helper()
		for {
			if m := e.MediaBytes(); m.In > above.In && m.Out > above.Out {
				return m
			}
			select {
			case <-ctx.Done():
				t.Fatalf("counted %+v, want more than %+v", e.MediaBytes(), above)
			case <-time.After(50 * time.Millisecond):
			}
		}
	}
	before := await(engine.Bytes{})
	await(before) // it goes on
	if err := syscall.Kill(e.Info().PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	pushed[protocol.Closed](a.rawClient, protocol.TypeClosed)
	if m := e.MediaBytes(); m.In < before.In || m.Out < before.Out {
		t.Errorf("counted %+v, before its death %+v", m, before)
	}
}
