package native

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/tests/gatewayproc"
)

const operatorSecret = "the secret of the tests' operator"

// operator is whoever runs the gateway, with the room of the test in view.
type operator struct {
	t    *testing.T
	room string
}

func newOperator(t *testing.T) (*gatewayproc.Gateway, *operator) {
	t.Helper()
	g := gatewayproc.Start(t, "--admin-secret", operatorSecret)
	return g, &operator{t, g.URL + "/admin/v1/rooms/app/" + url.PathEscape(t.Name())}
}

// ask sends a request about the room, wants a status, and gives what is answered.
func (o *operator) ask(method, path, body string, status int) string {
	o.t.Helper()
	req, err := http.NewRequestWithContext(o.t.Context(), method, o.room+path, strings.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+operatorSecret)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		o.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != status {
		o.t.Fatalf("%s %s: %d %s %v, want %d", method, path, res.StatusCode, b, err, status)
	}
	return string(b)
}

// out waits until a user is told to go by an event of a type, once, with the state
// Disconnected, and makes sure that it does not come back.
func out[E client.Event](u *user) E {
	u.t.Helper()
	await(u, func(e client.StateChanged) bool { return e.Cur == client.Disconnected })
	var told E
	select {
	case e := <-u.events: // the very next
		var ok bool
		if told, ok = e.(E); !ok {
			u.t.Fatalf("told %#v, want a %T", e, told)
		}
	case <-u.ctx.Done():
		u.t.Fatalf("%T never came", told)
	}
	if u.State() != client.Disconnected {
		u.t.Errorf("is %s", u.State())
	}
	return told
}

// quiet makes sure that nothing more was told.
func quiet(u *user) {
	u.t.Helper()
	select {
	case e := <-u.events:
		u.t.Errorf("told %#v as well", e)
	default:
	}
}

func TestOperatorRemovesAndBans(t *testing.T) {
	g, o := newOperator(t)
	ann, ben := newUser(t, g), newUser(t, g)
	ann.join("1")
	ann.talk(0xa1)
	ben.join("ben")
	meet(ben, "1", 0xa1)

	var room struct {
		App, Channel string
		Members      []struct {
			UID      string
			Session  int
			JoinedAt time.Time
			Tracks   []struct {
				MediaType protocol.MediaType
				Muted     bool
			}
		}
	}
	if err := json.Unmarshal([]byte(o.ask("GET", "", "", 200)), &room); err != nil {
		t.Fatal(err)
	}
	if m := room.Members; room.App != "app" || room.Channel != t.Name() || len(m) != 2 || m[0].UID != "1" || m[1].UID != "ben" ||
		m[0].Session == 0 || time.Since(m[0].JoinedAt) > time.Minute || len(m[0].Tracks) != 2 || m[0].Tracks[1].MediaType != protocol.MediaVideo {
		t.Errorf("the room has %+v", room)
	}

	o.ask("DELETE", "/members/1", "", 204)
	if e := out[client.Banned](ann); e.UID != "1" {
		t.Errorf("told %+v", e)
	}
	await(ben, func(e client.StreamRemoved) bool { return e.UID == "1" })
	await(ben, func(e client.PeerLeave) bool { return e.UID == "1" })
	quiet(ann)
	o.ask("DELETE", "/members/nobody", "", 404)

	ann.join("1") // nothing keeps who was removed from coming back
	await(ben, func(e client.PeerOnline) bool { return e.UID == "1" })
	o.ask("POST", "/bans", `{"uid":"1","seconds":3600}`, 201)
	out[client.Banned](ann)
	await(ben, func(e client.PeerLeave) bool { return e.UID == "1" })
	quiet(ann)
	err := ann.Join(ann.ctx, client.JoinOptions{Server: ann.server, Channel: t.Name(), UID: "1"})
	if e := errcode.Of(err); e.Code != errcode.RefusedByServer || e.ExtraCode != 4031 || e.Reason != "banned" || ann.State() != client.Disconnected {
		t.Errorf("a join while banned: %v", err)
	}
	if got := o.ask("GET", "/bans", "", 200); !strings.Contains(got, `"uid":"1"`) {
		t.Errorf("bans are %s", got)
	}
	o.ask("DELETE", "/bans/1", "", 204)
	ann.join("1")
	await(ben, func(e client.PeerOnline) bool { return e.UID == "1" })
}

func TestOperatorClosesTheRoom(t *testing.T) {
	g, o := newOperator(t)
	ann, ben := newUser(t, g), newUser(t, g)
	ann.join("1")
	ben.join("2")
	was := ann.ChannelInfo().CID
	o.ask("DELETE", "", "", 204)
	for _, u := range []*user{ann, ben} {
		out[client.ChannelClosed](u)
	}
	o.ask("GET", "", "", 404)
	for _, u := range []*user{ann, ben} {
		quiet(u)
	}
	ann.join("1") // another life of the room
	if ann.ChannelInfo().CID == was {
		t.Error("the room goes on")
	}
	ben.join("2")
	await(ben, func(e client.PeerOnline) bool { return e.UID == "1" })
}

// silent waits until nothing with the marker has come on a track for so long that a sender
// of fifty packets a second must be held back.
func (u *user) silent(s client.StreamSubscribed, marker byte) {
	u.t.Helper()
	const gap = 400 * time.Millisecond
	first, cancel := context.WithTimeout(u.ctx, gap)
	defer cancel()
	track, _, err := s.Track.(*nativemedia.RemoteTrack).Wait(first)
	switch {
	case errors.Is(err, context.DeadlineExceeded) && u.ctx.Err() == nil:
		return // not even one
	case err != nil:
		u.t.Fatal(err)
	}
	for last := time.Now(); time.Since(last) < gap; {
		if u.ctx.Err() != nil {
			u.t.Fatalf("%s from %s does not end", s.MediaType, s.UID)
		}
		_ = track.SetReadDeadline(last.Add(gap))
		p, _, err := track.ReadRTP()
		var timeout net.Error
		switch {
		case errors.As(err, &timeout) && timeout.Timeout():
			return
		case err != nil:
			u.t.Fatal(err)
		case bytes.Count(p.Payload, []byte{marker}) >= 20:
			last = time.Now()
		}
	}
}

func TestOperatorMutes(t *testing.T) {
	g, o := newOperator(t)
	ann, ben := newUser(t, g), newUser(t, g)
	ann.join("1")
	ann.talk(0xa1)
	ben.join("2")
	media := map[protocol.MediaType]client.StreamSubscribed{}
	for range 2 {
		await(ben, func(client.StreamAdded) bool { return true })
	}
	receive := func(types ...protocol.MediaType) {
		t.Helper()
		result := make(chan error, 1)
		go func() { result <- ben.Subscribe(ben.ctx, "1", protocol.MediaTypes[:]...) }()
		for range types {
			s := await(ben, func(client.StreamSubscribed) bool { return true })
			media[s.MediaType] = s
		}
		if err := <-result; err != nil {
			t.Fatal(err)
		}
	}
	receive(protocol.MediaAudio, protocol.MediaVideo)
	for _, s := range media {
		ben.hears(s, 0xa1)
	}
	muted := func(typ protocol.MediaType, muted bool) {
		t.Helper()
		await(ben, func(e client.MuteChanged) bool { return e.UID == "1" && e.MediaType == typ && e.Muted == muted })
	}

	o.ask("POST", "/members/1/mutes", `{"audio":true,"video":true,"duration":3600}`, 200)
	e := await(ann, func(client.AudioVideoBanned) bool { return true })
	if e.UID != "1" || e.Audio == nil || !*e.Audio || e.Video == nil || !*e.Video || e.Duration < 3590 || e.Duration > 3600 {
		t.Errorf("told %+v", e)
	}
	for range 2 {
		await(ben, func(e client.MuteChanged) bool { return e.UID == "1" && e.Muted })
	}
	for _, s := range media { // though the member goes on sending
		ben.silent(s, 0xa1)
	}

	// The member cannot unmute, and it stays as it was: muted by itself too.
	if err := ann.SetMuted(ann.ctx, protocol.MediaAudio, true); err != nil {
		t.Fatal(err)
	}
	err := ann.SetMuted(ann.ctx, protocol.MediaAudio, false)
	if e := errcode.Of(err); e.Code != errcode.RefusedByServer || e.ExtraCode != 4032 {
		t.Errorf("an unmute: %v", err)
	}
	// Nor does it help to publish anew.
	if err := ann.Unpublish(ann.ctx, protocol.MediaVideo); err != nil {
		t.Fatal(err)
	}
	await(ben, func(e client.StreamRemoved) bool { return e.MediaType == protocol.MediaVideo })
	ann.talk(0xa2)
	await(ben, func(e client.StreamAdded) bool { return e.MediaType == protocol.MediaVideo })
	muted(protocol.MediaVideo, true)
	receive(protocol.MediaVideo)
	ben.silent(media[protocol.MediaVideo], 0xa2)

	o.ask("DELETE", "/members/1/mutes", "", 204)
	e = await(ann, func(client.AudioVideoBanned) bool { return true })
	if e.Audio == nil || *e.Audio || e.Video == nil || *e.Video || e.Duration != 0 {
		t.Errorf("told %+v", e)
	}
	muted(protocol.MediaVideo, false)
	ben.hears(media[protocol.MediaVideo], 0xa2)
	if err := ann.SetMuted(ann.ctx, protocol.MediaAudio, false); err != nil {
		t.Fatal(err)
	}
	muted(protocol.MediaAudio, false)
	ben.hears(media[protocol.MediaAudio], 0xa1)
	o.ask("DELETE", "/members/1/mutes", "", 404)
}
