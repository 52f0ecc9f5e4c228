package room

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"
)

// registry is who is in which room of this gateway. A uid counts as often as it
// stays: while one that joins again replaces its former stay there are two.
type registry struct {
	mu    sync.Mutex
	rooms map[string]map[string]int
	// encryptions are those of the rooms. The first member's is the room's until it is empty.
	encryptions map[string]encryption
	// apps are how many of the rooms each app has, by the part of their names that is the app's.
	apps map[string]int
	// maxMembers of a room and maxRooms of an app; 0 is no limit.
	maxMembers, maxRooms int
	// expected are rooms that nobody is in because the engine went away, until when
	// they count as there all the same.
	expected map[string]time.Time
}

// comeBack is how long members have to come back after the engine went away, as members
// of a room that they need not create.
const comeBack = time.Minute

func newRegistry() *registry {
	return &registry{rooms: map[string]map[string]int{}, encryptions: map[string]encryption{}, apps: map[string]int{}, expected: map[string]time.Time{}}
}

// enter notes a uid, or a free one that it makes up when uid is empty, and returns it. It
// fails with errNobody when nobody is in the room and create is false, with errFull, which
// no uid that is in the room meets, with errRooms, and with errCrypt when the room's
// members encrypt otherwise.
func (r *registry) enter(room, uid string, create bool, e encryption) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	members := r.rooms[room]
	if members == nil {
		if !create && !time.Now().Before(r.expected[room]) {
			return "", errNobody
		}
		app := appOf(room)
		if r.maxRooms > 0 && r.apps[app] >= r.maxRooms {
			return "", errRooms
		}
		delete(r.expected, room)
		members = map[string]int{}
		r.rooms[room] = members
		r.encryptions[room] = e
		r.apps[app]++
	} else if !r.encryptions[room].admits(e, time.Now()) {
		return "", errCrypt
	}
	if r.maxMembers > 0 && len(members) >= r.maxMembers && members[uid] == 0 {
		return "", errFull
	}
	for uid == "" {
		if u := randomUID(); members[u] == 0 {
			uid = u
		}
	}
	members[uid]++
	return uid, nil
}

// appOf is the part of a room's name that stands for its app, see engine.RoomName.
func appOf(room string) string {
	app, _, _ := strings.Cut(room, ":")
	return app
}

// expect has an empty room count as there until a time.
func (r *registry) expect(room string, until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	maps.DeleteFunc(r.expected, func(_ string, t time.Time) bool { return t.Before(now) })
	r.expected[room] = until
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
	delete(r.encryptions, room)
	app := appOf(room)
	if r.apps[app]--; r.apps[app] <= 0 {
		delete(r.apps, app)
	}
	return true
}

// stays is how often a uid is in a room.
func (r *registry) stays(room, uid string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.rooms[room][uid]
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
