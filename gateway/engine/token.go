package engine

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/livekit/protocol/auth"
	"github.com/livekit/protocol/livekit"

	"nertc/internal/protocol"
)

// tokenLife is short: a token is used once, at once. It allows for clocks that differ.
const tokenLife = 10 * time.Minute

// RoomName makes the engine's name of a room of an application. Two different
// pairs never give the same name: a colon of the appkey is escaped, so the first
// colon is the one between.
func RoomName(appkey, channel string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A").Replace(appkey) + ":" + channel
}

// SplitRoomName gives back what RoomName has put together; false for a room of
// somebody else's making.
func SplitRoomName(name string) (appkey, channel string, ok bool) {
	escaped, channel, ok := strings.Cut(name, ":")
	appkey = strings.NewReplacer("%25", "%", "%3A", ":").Replace(escaped)
	return appkey, channel, ok && RoomName(appkey, channel) == name
}

// joinToken is for one member of one room.
func (e *Engine) joinToken(o JoinOptions, hidden bool) (string, error) {
	g, mark := grants(o, hidden)
	if o.CustomData != "" {
		mark[customKey] = o.CustomData
	}
	return auth.NewAccessToken(e.key, e.secret).SetIdentity(o.Identity).
		SetVideoGrant(g).SetAttributes(mark).SetValidFor(tokenLife).ToJWT()
}

// publish permits all but some media types.
func publish(g *auth.VideoGrant, not []protocol.MediaType) {
	var sources []livekit.TrackSource
	for _, m := range protocol.MediaTypes {
		if source, _, ok := sourceOf(m); ok && !slices.Contains(not, m) {
			sources = append(sources, source)
		}
	}
	g.SetCanPublish(len(sources) > 0)
	if len(sources) < len(protocol.MediaTypes) { // no list at all permits sources that are not ours, as it always did
		g.SetCanPublishSources(sources)
	}
}

// probe asks the engine whether it would let somebody in; nobody enters by this.
func (e *Engine) probe(ctx context.Context) error {
	token, err := e.joinToken(JoinOptions{Room: "probe", Identity: "probe"}, false)
	if err != nil {
		return err
	}
	u := "http" + strings.TrimPrefix(e.Info().URL, "ws") + "/rtc/validate"
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	res, err := e.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<10)) // so that the connection can be used again
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("engine answers %d", res.StatusCode)
	}
	return nil
}
