// Package bot is the gateway's own member of a room: it receives the sounds and the pictures of those that a
// live task names, and nobody hears of it. What it receives it gives in whole frames, each with the time at
// which it is due, so that a user's sound and picture stay together.
package bot

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"nertc/gateway/engine"
	"nertc/internal/protocol"
)

// Want says what is received of a user.
type Want struct {
	// Picture and Sound say whether they are.
	Picture, Sound bool
	// Prefer is which picture: MediaVideo, MediaScreen, or empty for the screen while there is one and the
	// camera otherwise.
	Prefer protocol.MediaType
}

// Options of a Bot.
type Options struct {
	Engine *engine.Engine
	// Room is the engine's name of the room.
	Room string
	// Loopback says that the engine offers media on 127.0.0.1 alone.
	Loopback bool
	// Open is called when a track is about to be received, and gives where its media goes. It must not block.
	Open func(*Track) Sink
	// Log gets the bot's lines; nil is slog.Default().
	Log *slog.Logger
}

// Bot is in a room for as long as it is not closed: when the engine is lost it comes again.
type Bot struct {
	options Options
	log     *slog.Logger
	born    time.Time
	cancel  context.CancelFunc
	done    chan struct{}

	mu      sync.Mutex
	wants   map[string]Want
	changed chan struct{} // has one when wants are others
}

// The delays between attempts to join.
const (
	firstRetry = 300 * time.Millisecond
	lastRetry  = 5 * time.Second
)

// Start makes a bot, which begins to join.
func Start(o Options) *Bot {
	ctx, cancel := context.WithCancel(context.Background())
	b := &Bot{options: o, log: o.Log, born: time.Now(), cancel: cancel, done: make(chan struct{}), changed: make(chan struct{}, 1)}
	if b.log == nil {
		b.log = slog.Default()
	}
	go b.run(ctx)
	return b
}

// Want says who is to be received, by uid. It does not wait.
func (b *Bot) Want(wants map[string]Want) {
	b.mu.Lock()
	b.wants = maps.Clone(wants)
	b.mu.Unlock()
	select {
	case b.changed <- struct{}{}:
	default:
	}
}

func (b *Bot) wanted() map[string]Want {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.wants
}

// Close leaves the room, and returns when no Sink is called any more.
func (b *Bot) Close() {
	b.cancel()
	<-b.done
}

func (b *Bot) run(ctx context.Context) {
	defer close(b.done)
	for retry := firstRetry; ctx.Err() == nil; retry = min(2*retry, lastRetry) {
		began := time.Now()
		err := b.stayOnce(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(began) > lastRetry {
			retry = firstRetry
		}
		level := slog.LevelWarn
		if errors.Is(err, errAlone) { // nothing is wrong: the task goes on for a while in case somebody comes back
			level = slog.LevelDebug
		}
		b.log.Log(ctx, level, "live task has lost the room", "err", err, "again in", retry)
		select {
		case <-time.After(retry):
		case <-ctx.Done():
		}
	}
}

// identity is no uid: those are numbers.
func identity() string { return "live-" + rand.Text() }
