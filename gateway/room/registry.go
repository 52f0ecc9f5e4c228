package room

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"sync"
)

// registry is who is in which room of this gateway. A uid counts as often as it
// stays: while one that joins again replaces its former stay there are two.
type registry struct {
	mu    sync.Mutex
	rooms map[string]map[string]int
}

func newRegistry() *registry { return &registry{rooms: map[string]map[string]int{}} }

// enter notes a uid, or a free one that it makes up when uid is empty, and returns it.
func (r *registry) enter(room, uid string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	members := r.rooms[room]
	if members == nil {
		members = map[string]int{}
		r.rooms[room] = members
	}
	for uid == "" {
		if u := randomUID(); members[u] == 0 {
			uid = u
		}
	}
	members[uid]++
	return uid
}

// exit takes back an enter; empty says that nobody is in the room any more.
func (r *registry) exit(room, uid string) (empty bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	members := r.rooms[room]
	if members[uid]--; members[uid] <= 0 {
		delete(members, uid)
	}
	if len(members) > 0 {
		return false
	}
	delete(r.rooms, room)
	return true
}

func (r *registry) count() (rooms, members int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, m := range r.rooms {
		members += len(m)
	}
	return len(r.rooms), members
}

// randomUID is a positive number below 2^47: one chance in 10^14 of meeting a member of
// the same room on another gateway, and far from the end of the safe integers.
func randomUID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails, https://pkg.go.dev/crypto/rand#Read
	n := binary.BigEndian.Uint64(b[:]) & (1<<47 - 1)
	return strconv.FormatUint(max(n, 1), 10)
}

// cidOf is the number of a life of a room, positive and safe for JavaScript, from the
// engine's id of it: all gateways give the same one.
func cidOf(roomID string) int64 {
	sum := sha256.Sum256([]byte(roomID))
	return max(int64(binary.BigEndian.Uint64(sum[:8])&(1<<53-1)), 1)
}
