package native

import (
	"context"
	"testing"
	"time"

	"github.com/pion/webrtc/v4"
	pionmedia "github.com/pion/webrtc/v4/pkg/media"

	"nertc/internal/client"
	"nertc/internal/errcode"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
	"nertc/internal/signal"
	"nertc/tests/gatewayproc"
)

func (u *user) become(r protocol.Role) {
	u.t.Helper()
	if err := <-u.SetRole(r); err != nil {
		u.t.Fatal(err)
	}
	await(u, func(e client.RoleChanged) bool { return e.Role == r })
}

// comesFirst waits for the next member who comes, whoever it is.
func (u *user) comesFirst(uid string) {
	u.t.Helper()
	if e := await(u, func(client.PeerOnline) bool { return true }); e.UID != uid {
		u.t.Fatalf("%s comes, want %s", e.UID, uid)
	}
}

func TestRoles(t *testing.T) {
	for _, profile := range []protocol.Profile{protocol.ProfileRTC, protocol.ProfileLive} {
		t.Run(string(profile), func(t *testing.T) {
			g := gatewayproc.Start(t)
			ann, bob, cat := newUser(t, g), newUser(t, g), newUser(t, g)
			for _, u := range []*user{ann, bob, cat} {
				if err := u.SetProfile(profile); err != nil {
					t.Fatal(err)
				}
			}
			bob.become(protocol.RoleAudience)
			ann.join("1")
			bob.join("2")
			ann.talk(0xa1)
			meet(bob, "1", 0xa1) // an audience receives
			cat.join("3")
			ann.comesFirst("3")

			bob.become(protocol.RoleHost)
			ann.comesFirst("2")
			bob.talk(0xb2)
			meet(ann, "2", 0xb2)

			bob.become(protocol.RoleAudience)
			for range 2 {
				await(ann, func(e client.StreamRemoved) bool { return e.UID == "2" })
			}
			await(ann, func(e client.PeerLeave) bool { return e.UID == "2" })
			if err := bob.Publish(bob.ctx, nil); errcode.Of(err).Code != errcode.PublishAsAudience {
				t.Fatal(err)
			}
			if err := bob.SetMuted(bob.ctx, protocol.MediaVideo, true); err != nil {
				t.Fatal(err)
			}

			bob.become(protocol.RoleHost) // what it sent goes on, as muted as it is now
			ann.comesFirst("2")
			await(ann, func(e client.MuteChanged) bool {
				return e.UID == "2" && e.MediaType == protocol.MediaVideo && e.Muted
			})
			if err := bob.SetMuted(bob.ctx, protocol.MediaVideo, false); err != nil {
				t.Fatal(err)
			}
			dave := newUser(t, g)
			dave.join("4")
			meet(dave, "2", 0xb2)
		})
	}
}

// hostile is a client that asks the gateway for what it likes.
type hostile struct {
	t    *testing.T
	ctx  context.Context
	conn signal.Conn
	pc   media.PeerConnection
	id   uint64
	sdp  string // of an offer that waits for its answer: pion has no other in its place
}

// newHostile has a picture that it sends whether that is wanted or not.
func newHostile(t *testing.T, g *gatewayproc.Gateway) *hostile {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 90*time.Second)
	t.Cleanup(cancel)
	conn, err := signal.Dial(ctx, g.Signalling())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(1000, "") })
	pc, err := nativemedia.Factory(nativemedia.Options{Loopback: true})(media.Observer{
		Candidate: func(string) {}, State: func(media.ConnectionState) {},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	picture, err := webrtc.NewTrackLocalStaticSample(webrtc.RTPCodecCapability{MimeType: webrtc.MimeTypeVP8}, "cam", "camera")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := pc.Send(ctx, nativemedia.Track{Local: picture}, media.SendOptions{}); err != nil {
		t.Fatal(err)
	}
	go func() {
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = picture.WriteSample(pionmedia.Sample{Data: make([]byte, 40), Duration: 20 * time.Millisecond})
			case <-ctx.Done():
				return
			}
		}
	}()
	return &hostile{t: t, ctx: ctx, conn: conn, pc: pc}
}

func (h *hostile) offer(tracks ...protocol.NewTrack) protocol.Offer {
	h.t.Helper()
	if h.sdp == "" {
		var err error
		if h.sdp, err = h.pc.Offer(h.ctx); err != nil {
			h.t.Fatal(err)
		}
	}
	return protocol.Offer{SDP: h.sdp, Tracks: tracks}
}

func (h *hostile) answered(a protocol.Answer) {
	h.t.Helper()
	h.sdp = ""
	if err := h.pc.Answer(h.ctx, a.SDP); err != nil {
		h.t.Fatal(err)
	}
}

// ask gives the answer to a request, or the code with which it is refused.
func (h *hostile) ask(typ protocol.Type, data any, into protocol.Object) errcode.Code {
	h.t.Helper()
	h.id++
	b, err := protocol.Encode(typ, h.id, data)
	if err != nil {
		h.t.Fatal(err)
	}
	if err := h.conn.Write(h.ctx, b); err != nil {
		h.t.Fatal(err)
	}
	for {
		b, err := h.conn.Read(h.ctx)
		if err != nil {
			h.t.Fatalf("waiting for the answer to %s: %v", typ, err)
		}
		m, err := protocol.Decode(b)
		switch {
		case err != nil:
			h.t.Fatal(err)
		case m.ID != h.id:
		case m.Type == protocol.TypeError:
			var e protocol.Error
			if err := m.Read(&e); err != nil {
				h.t.Fatal(err)
			}
			return errcode.Code(e.Code)
		default:
			if into != nil {
				if err := m.Read(into); err != nil {
					h.t.Fatal(err)
				}
			}
			return 0
		}
	}
}

func (h *hostile) join(g *gatewayproc.Gateway, r protocol.Role, tracks ...protocol.NewTrack) errcode.Code {
	h.t.Helper()
	var joined protocol.Joined
	code := h.ask(protocol.TypeJoin, protocol.Join{
		Version: protocol.Version, AppKey: "app", Channel: h.t.Name(), UID: "666", Role: r, Offer: h.offer(tracks...),
	}, &joined)
	if code == 0 {
		h.answered(joined.Answer)
		for _, c := range joined.Candidates {
			_ = h.pc.AddCandidate(h.ctx, c)
		}
	}
	return code
}

// TestHostileAudience tries to be seen and heard without the role, by whatever the protocol has.
func TestHostileAudience(t *testing.T) {
	g := gatewayproc.Start(t)
	ann, bob := newUser(t, g), newUser(t, g)
	ann.join("1")
	picture := protocol.NewTrack{CID: "cam", MediaType: protocol.MediaVideo, Width: 16, Height: 16}

	if code := newHostile(t, g).join(g, protocol.RoleAudience, picture); code != errcode.PublishAsAudience {
		t.Errorf("a join that publishes is answered with %d", code)
	}
	h := newHostile(t, g)
	if code := h.join(g, protocol.RoleAudience); code != 0 { // its offer sends all the same
		t.Fatalf("join is refused with %d", code)
	}
	if code := h.ask(protocol.TypeOffer, h.offer(picture), nil); code != errcode.PublishAsAudience {
		t.Errorf("an offer that publishes is answered with %d", code)
	}
	if code := h.ask(protocol.TypeRole, protocol.RoleChange{Role: "admin"}, nil); code != errcode.InvalidRole {
		t.Errorf("a role of its own making is answered with %d", code)
	}
	var a protocol.Answer
	if code := h.ask(protocol.TypeOffer, h.offer(), &a); code != 0 || len(a.Published) != 0 {
		t.Errorf("an offer that sends is answered with %d %v", code, a.Published)
	}
	h.answered(a)

	// As host it may; an audience that does not stop sending is stopped.
	if code := h.ask(protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleHost}, nil); code != 0 {
		t.Fatalf("role is refused with %d", code)
	}
	ann.comesFirst("666") // and not before
	if code := h.ask(protocol.TypeOffer, h.offer(picture), &a); code != 0 || a.Published["cam"] == "" {
		t.Fatalf("a host's offer is answered with %d %v", code, a.Published)
	}
	h.answered(a)
	await(ann, func(e client.StreamAdded) bool { return e.UID == "666" })
	if code := h.ask(protocol.TypeRole, protocol.RoleChange{Role: protocol.RoleAudience}, nil); code != 0 {
		t.Fatalf("role is refused with %d", code)
	}
	await(ann, func(e client.StreamRemoved) bool { return e.UID == "666" })
	await(ann, func(e client.PeerLeave) bool { return e.UID == "666" })
	if code := h.ask(protocol.TypeMute, protocol.Mute{Track: a.Published["cam"]}, nil); code != 0 {
		t.Logf("mute is answered with %d", code) // either way nobody hears of it
	}
	bob.join("3")
	for {
		switch e := (<-bob.events).(type) {
		case client.PeerOnline:
			if e.UID != "1" {
				t.Errorf("who comes later is told of %s", e.UID)
			}
			ann.comesFirst("3")
			return
		case client.StreamAdded:
			t.Errorf("who comes later is told of %s's %s", e.UID, e.MediaType)
		}
	}
}
