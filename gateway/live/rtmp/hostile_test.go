package rtmp

import (
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"nertc/gateway/live/address"
	"nertc/gateway/live/amf"
)

// Servers repeat a key as they were given it, decoded, or in part, and one part of a secret may stand within another.
func TestWhatAServerRepeatsIsNotTheKey(t *testing.T) {
	s, err := address.ParseStream("rtmp://host/live/event/top%2Dcamera-s3cr3t?a=cr3t&sign=s3cr3t-xyz%3D&token=xyz")
	if err != nil {
		t.Fatal(err)
	}
	for _, repeated := range []string{
		s.Key, "top%2Dcamera-s3cr3t", "top-camera-s3cr3t", "top-camera-s3cr3t?a=cr3t", "s3cr3t-xyz%3D", "s3cr3t-xyz=",
	} {
		for range 20 { // in whatever order a map gives them
			text := said(amf.Object{{Name: "code", Value: "NetStream.Publish.BadName"}, {Name: "description", Value: "of " + repeated + " there is one"}}, s)
			if !strings.HasPrefix(text, "NetStream.Publish.BadName: of …") || !strings.HasSuffix(text, " there is one") {
				t.Errorf("of %q remains %q", repeated, text)
			}
			for _, part := range []string{"s3c", "r3t", "xyz", "camera"} {
				if strings.Contains(text, part) {
					t.Fatalf("of %q remains %q", repeated, text)
				}
			}
		}
	}
	deep := address.Stream{App: "live/guid", Key: "deep/key-s3cr3t"}
	if text := said(amf.Object{{Name: "description", Value: "key-s3cr3t is taken"}}, deep); strings.Contains(text, "s3cr3t") {
		t.Errorf("of the last part remains %q", text)
	}
}

// A server has nothing to say but short answers: one that sends without an end costs the gateway's way in, and is left.
func TestAServerThatSendsWithoutAnEndIsLeft(t *testing.T) {
	sent := make(chan int, 1)
	stream := listen(t, nil, func(s *scripted) {
		s.accept()
		piece := appendMessage(nil, controlStream, userControl, 0, 0, make([]byte, 16<<10))
		total := 0
		for {
			n, err := s.net.Write(piece)
			total += n
			if err != nil || total > 64<<20 {
				sent <- total
				return
			}
		}
	})
	conn, err := publish(t, Options{Stream: stream}, 20*time.Second)
	if err == nil { // else it was left before it had accepted
		select {
		case <-conn.Done():
			err = conn.Err()
		case <-time.After(20 * time.Second):
			t.Fatal("it is still listened to")
		}
	}
	if !errors.Is(err, errProtocol) {
		t.Errorf("left with %v", err)
	}
	if n := <-sent; n > 32<<20 {
		t.Errorf("it could send %d bytes", n)
	}
}

// What an ordinary server says in days stays within what it may.
func TestAServerMayAnswerForDays(t *testing.T) {
	now := time.Unix(0, 0)
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	var n uint64
	c := &counter{r: here, n: &n, since: now, now: func() time.Time { return now }}
	go func() {
		answer := make([]byte, 64)
		for {
			if _, err := there.Write(answer); err != nil {
				return
			}
		}
	}()
	b := make([]byte, 64)
	for range 20_000 {
		now = now.Add(100 * time.Millisecond)
		if _, err := c.Read(b); err != nil {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}
