package logs

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"time"
)

const (
	// ticketLife is how long a ticket is good at most: as long as a browser keeps the lines.
	ticketLife = 7 * 24 * time.Hour
	// maxTicket is far beyond a ticket with the longest names.
	maxTicket = 4 << 10
)

// call is whose log a ticket is for.
type call struct {
	App    string `json:"a"`
	Room   string `json:"r"`
	UID    string `json:"u"`
	Origin string `json:"o,omitempty"` // of the page that has joined; a page of another may not use the ticket
	// Joined is when the join was, in seconds of Unix time. With Number it names the file, so that a ticket is good once.
	Joined int64  `json:"t"`
	Number string `json:"n"`
}

func (c call) time() time.Time { return time.Unix(c.Joined, 0) }

var errTicket = errors.New("the ticket is not valid here, or no more")

// tickets makes and reads tickets. The key is made at each start: a gateway that is started again takes none of before.
type tickets struct {
	key  [sha256.Size]byte
	life time.Duration
	now  func() time.Time
}

func newTickets(retention time.Duration) *tickets {
	t := &tickets{life: min(ticketLife, retention), now: time.Now}
	_, _ = rand.Read(t.key[:]) // it never fails, https://pkg.go.dev/crypto/rand#Read
	return t
}

// make gives the ticket of a call: what it is for, and a signature.
func (t *tickets) make(app, room, uid, origin string) string {
	b, err := json.Marshal(call{App: app, Room: room, UID: uid, Origin: origin, Joined: t.now().Unix(), Number: rand.Text()[:16]})
	if err != nil {
		return "" // strings and a number: it cannot fail
	}
	text := base64.RawURLEncoding.EncodeToString(b)
	return text + "." + base64.RawURLEncoding.EncodeToString(t.sign(text))
}

func (t *tickets) sign(text string) []byte {
	h := hmac.New(sha256.New, t.key[:])
	h.Write([]byte(text))
	return h.Sum(nil)
}

// read gives whose ticket it is, if it is one of this gateway's and its time is not over.
func (t *tickets) read(ticket string) (call, error) {
	text, signature, found := strings.Cut(ticket, ".")
	if !found || len(ticket) > maxTicket {
		return call{}, errTicket
	}
	sum, err := base64.RawURLEncoding.DecodeString(signature)
	if err != nil || !hmac.Equal(sum, t.sign(text)) {
		return call{}, errTicket
	}
	var c call
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || json.Unmarshal(b, &c) != nil || t.now().Sub(c.time()) > t.life {
		return call{}, errTicket
	}
	return c, nil
}
