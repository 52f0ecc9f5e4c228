package engine_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pion/logging"
	"github.com/pion/turn/v5"

	"nertc/gateway/engine"
	"nertc/gateway/engine/enginetest"
	"nertc/internal/media"
	"nertc/internal/nativemedia"
	"nertc/internal/protocol"
)

// startRelay is an engine on loopback with a relay over UDP.
func startRelay(t *testing.T, log *slog.Logger) *engine.Engine {
	t.Helper()
	e, err := engine.StartEmbedded(context.Background(), engine.Config{
		Loopback: true, Log: log, LogLevel: "debug", TURN: engine.TURN{UDP: true, FirstPort: 30000, LastPort: 40000},
	}, program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = e.Stop(ctx)
	})
	if err := e.WaitReady(within(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	return e
}

// join gives a member's session and the first event of it.
func join(t *testing.T, e *engine.Engine) (*engine.Session, engine.Joined) {
	t.Helper()
	pc, err := nativemedia.Factory(nativemedia.Options{Loopback: true})(media.Observer{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pc.Close() })
	sdp, err := pc.Offer(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.Join(within(t, 30*time.Second), engine.JoinOptions{Room: "app:" + t.Name(), Identity: "1", Offer: protocol.Offer{SDP: sdp}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	j, ok := (<-s.Events()).(engine.Joined)
	if !ok {
		t.Fatal("first comes something else than Joined")
	}
	return s, j
}

// relayed takes a port of the relay, as the member that the server was named to.
func relayed(t *testing.T, port int, server protocol.ICEServer) (*turn.Client, error) {
	t.Helper()
	conn, err := net.ListenPacket("udp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c, err := turn.NewClient(&turn.ClientConfig{
		STUNServerAddr: fmt.Sprintf("127.0.0.1:%d", port), TURNServerAddr: fmt.Sprintf("127.0.0.1:%d", port), Conn: conn,
		Username: server.Username, Password: server.Credential,
		LoggerFactory: &logging.DefaultLoggerFactory{DefaultLogLevel: logging.LogLevelDisabled},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		_ = conn.Close()
	})
	if err := c.Listen(); err != nil {
		t.Fatal(err)
	}
	allocation, err := c.Allocate()
	if err == nil {
		t.Cleanup(func() { _ = allocation.Close() })
	}
	return c, err
}

func TestRelayTakesItsMembersAndReachesTheEngineAlone(t *testing.T) {
	e := startRelay(t, enginetest.Log(t))
	s, j := join(t, e)
	port := e.Info().TURNUDPPort
	if !e.MayRelay() || port == 0 {
		t.Fatalf("no relay: %+v", e.Info())
	}
	want := []string{fmt.Sprintf("turn:127.0.0.1:%d?transport=udp", port)}
	if len(j.ICEServers) != 1 || !reflect.DeepEqual(j.ICEServers[0].URLs, want) || j.ICEServers[0].Credential == "" {
		t.Fatalf("the client gets %d servers, want one at %v", len(j.ICEServers), want)
	}
	c, err := relayed(t, port, j.ICEServers[0])
	if err != nil {
		t.Fatalf("with what the join gave: %v", err)
	}
	if err := c.CreatePermission(&net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: e.Info().UDPPort}); err != nil {
		t.Errorf("to the engine: %v", err)
	}
	for _, ip := range []string{"127.0.0.2", "127.0.0.0", "10.0.0.1", "192.168.1.1", "169.254.169.254", "8.8.8.8", "255.255.255.255"} {
		if err := c.CreatePermission(&net.UDPAddr{IP: net.ParseIP(ip), Port: 53}); err == nil {
			t.Errorf("the relay reaches %s", ip)
		}
	}

	// Renewed credentials are others and are taken, those of the past and made-up ones are not.
	later := e.Renew(j.ICEServers, time.Now().Add(time.Hour))[0]
	if later.Username == j.ICEServers[0].Username || later.Credential == j.ICEServers[0].Credential {
		t.Error("nothing was renewed")
	}
	if _, err := relayed(t, port, later); err != nil {
		t.Errorf("with renewed credentials: %v", err)
	}
	if _, err := relayed(t, port, s.ICEServers()[0]); err != nil {
		t.Errorf("with what the session has: %v", err)
	}
	if _, err := relayed(t, port, e.Renew(j.ICEServers, time.Now().Add(-time.Hour))[0]); err == nil {
		t.Error("credentials of the past are taken")
	}
	if _, err := relayed(t, port, protocol.ICEServer{Username: later.Username, Credential: j.ICEServers[0].Credential}); err == nil {
		t.Error("a wrong credential is taken")
	}
}

func TestWithoutARelayNoServerIsNamed(t *testing.T) {
	e := enginetest.Start(t, program)
	if e.MayRelay() {
		t.Error("there is a relay")
	}
	if s, j := join(t, e); len(j.ICEServers) != 0 || len(s.ICEServers()) != 0 {
		t.Errorf("the client gets %v", j.ICEServers)
	}
}

// Whatever an external LiveKit names goes to the client; only what the gateway has the key of is renewed.
func TestServersOfOthersStayAsTheyAre(t *testing.T) {
	e := startRelay(t, enginetest.Log(t))
	given := []protocol.ICEServer{
		{URLs: []string{"stun:h"}},
		{URLs: []string{"turn:h"}, Username: "1795359722:1", Credential: "c"},
		{URLs: []string{"turn:h"}, Username: "name", Credential: "c"},
		{URLs: []string{"turn:h"}, Username: "|||", Credential: "c"},
	}
	if got := e.Renew(given, time.Now()); !reflect.DeepEqual(got, given) {
		t.Errorf("got %v", got)
	}
}

func TestCredentialsAreInNoLog(t *testing.T) {
	var text enginetest.Text
	e := startRelay(t, slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug})))
	_, j := join(t, e)
	if _, err := relayed(t, e.Info().TURNUDPPort, j.ICEServers[0]); err != nil {
		t.Fatal(err)
	}
	if _, err := relayed(t, e.Info().TURNUDPPort, protocol.ICEServer{Username: j.ICEServers[0].Username, Credential: "wrong"}); err == nil {
		t.Fatal("a wrong credential is taken")
	}
	if err := e.Stop(within(t, 30*time.Second)); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), j.ICEServers[0].Credential) || strings.Contains(text.String(), j.ICEServers[0].Username) {
		t.Error("the credentials are in the log")
	}
}
