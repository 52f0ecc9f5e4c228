// Package enginetest gives tests the real engine.
package enginetest

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"nertc/gateway/engine"
)

// Build compiles the engine's child program into a folder and gives its path. A
// package's TestMain calls it once, because linking takes seconds.
func Build(dir string) (string, error) {
	out := filepath.Join(dir, "enginechild")
	cmd := exec.Command("go", "build", "-o", out, "nertc/gateway/engine/embedded/enginechild")
	if b, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the engine: %w: %s", err, b)
	}
	return out, nil
}

// Start runs an engine on loopback for as long as a test lasts, and waits until it is ready.
func Start(t testing.TB, program string) *engine.Engine {
	t.Helper()
	// Not the test's context: that ends before the cleanup, which stops in order.
	e, err := engine.StartEmbedded(context.Background(), engine.Config{Loopback: true, Log: Log(t)}, program)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := e.Stop(ctx); err != nil {
			t.Errorf("stop the engine: %v", err)
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if err := e.WaitReady(ctx); err != nil {
		t.Fatalf("engine did not get ready: %v", err)
	}
	return e
}

// Log is silent unless the tests are verbose.
func Log(t testing.TB) *slog.Logger {
	if !testing.Verbose() {
		return slog.New(slog.DiscardHandler)
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug})).With("test", t.Name())
}
