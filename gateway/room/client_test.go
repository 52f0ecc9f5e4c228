package room

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"nertc/internal/protocol"
)

// testTime bounds every wait of these tests; nothing takes nearly as long.
const testTime = 30 * time.Second

// rawClient speaks the protocol with nothing in between.
type rawClient struct {
	t    *testing.T
	conn *websocket.Conn
	id   uint64
	seen []protocol.Message // arrived, and not what was waited for at the time

	secret   string
	joined   bool
	received uint64 // counted messages since joined
}

func dial(t *testing.T, srv *httptest.Server) *rawClient {
	t.Helper()
	return dialFrom(t, srv, "")
}

// dialFrom connects like a page of an origin, or like none.
func dialFrom(t *testing.T, srv *httptest.Server, origin string) *rawClient {
	t.Helper()
	o := &websocket.DialOptions{HTTPHeader: http.Header{}}
	if origin != "" {
		o.HTTPHeader.Set("Origin", origin)
	}
	ctx, cancel := context.WithTimeout(t.Context(), testTime)
	defer cancel()
	conn, _, err := websocket.Dial(ctx, "ws"+strings.TrimPrefix(srv.URL, "http")+protocol.Path, o)
	if err != nil {
		t.Fatal(err)
	}
	conn.SetReadLimit(protocol.ReadLimit)
	t.Cleanup(func() { _ = conn.CloseNow() })
	return &rawClient{t: t, conn: conn}
}

func (c *rawClient) raw(kind websocket.MessageType, b []byte) error {
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	defer cancel()
	return c.conn.Write(ctx, kind, b)
}

func (c *rawClient) say(typ protocol.Type, data any) (id uint64) {
	c.t.Helper()
	if typ != protocol.TypeCandidate {
		c.id++
		id = c.id
	}
	// Not with protocol.Encode, which refuses the data of the wrong form that some tests send.
	b, err := json.Marshal(struct {
		Type protocol.Type `json:"type"`
		ID   uint64        `json:"id,omitempty"`
		Data any           `json:"data,omitempty"`
	}{typ, id, data})
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.raw(websocket.MessageText, b); err != nil {
		c.t.Fatalf("say %s: %v", typ, err)
	}
	return id
}

func (c *rawClient) read() (protocol.Message, error) {
	ctx, cancel := context.WithTimeout(context.Background(), testTime)
	defer cancel()
	kind, b, err := c.conn.Read(ctx)
	if err != nil {
		return protocol.Message{}, err
	}
	if kind != websocket.MessageText {
		return protocol.Message{}, fmt.Errorf("a binary frame")
	}
	m, err := protocol.Decode(b)
	switch {
	case m.Type == protocol.TypeJoined:
		c.joined = true
	case c.joined && protocol.Counted(m.Type):
		c.received++
	}
	return m, err
}

// await takes the first message that matches, also one that came before.
func (c *rawClient) await(what string, match func(protocol.Message) bool) protocol.Message {
	c.t.Helper()
	for i, m := range c.seen {
		if match(m) {
			c.seen = append(c.seen[:i:i], c.seen[i+1:]...)
			return m
		}
	}
	for {
		m, err := c.read()
		if err != nil {
			c.t.Fatalf("waiting for %s: %v", what, err)
		}
		if match(m) {
			return m
		}
		c.seen = append(c.seen, m)
	}
}

// reply awaits the answer to a request.
func (c *rawClient) reply(id uint64) protocol.Message {
	c.t.Helper()
	return c.await(fmt.Sprintf("the answer to %d", id), func(m protocol.Message) bool { return m.ID == id })
}

// ask sends a request and gives the data of its answer, which must have the type.
func ask[T any](c *rawClient, typ protocol.Type, data any, answer protocol.Type) T {
	c.t.Helper()
	m := c.reply(c.say(typ, data))
	if m.Type != answer {
		c.t.Fatalf("%s is answered with %s %s, want %s", typ, m.Type, m.Data, answer)
	}
	return as[T](c.t, m)
}

// refused sends a request and gives the code of its refusal.
func (c *rawClient) refused(typ protocol.Type, data any) int {
	c.t.Helper()
	return ask[protocol.Error](c, typ, data, protocol.TypeError).Code
}

func as[T any](t *testing.T, m protocol.Message) T {
	t.Helper()
	var v T
	if len(m.Data) > 0 {
		if err := json.Unmarshal(m.Data, &v); err != nil {
			t.Fatalf("%s %s: %v", m.Type, m.Data, err)
		}
	}
	return v
}

// pushed awaits a message of a type without a request behind it.
func pushed[T any](c *rawClient, typ protocol.Type) T {
	c.t.Helper()
	return as[T](c.t, c.await(string(typ), func(m protocol.Message) bool { return m.Type == typ && m.ID == 0 }))
}

// end reads until the socket closes and gives the close code.
func (c *rawClient) end() websocket.StatusCode {
	c.t.Helper()
	for {
		m, err := c.read()
		if err != nil {
			return websocket.CloseStatus(err)
		}
		c.seen = append(c.seen, m)
	}
}

// minimalOffer is enough for the gateway's eyes, and for tests without an engine.
const minimalOffer = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"

func joinAs(channel, uid string) protocol.Join {
	return protocol.Join{
		Version: protocol.Version, AppKey: "app", Channel: channel, UID: uid,
		Offer: protocol.Offer{SDP: minimalOffer},
	}
}
