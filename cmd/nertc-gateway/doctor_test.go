//go:build unix

package main

import (
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// doctorLooks is part of TestGateway, which builds the program.
func doctorLooks(t *testing.T, bin string) {
	examine := func(args ...string) (string, int) {
		t.Helper()
		cmd := exec.Command(bin, append([]string{"doctor"}, args...)...)
		cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME")}
		out, err := cmd.Output()
		if _, exited := err.(*exec.ExitError); err != nil && !exited {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	has := func(out, check, status, detail string) {
		t.Helper()
		for line := range strings.Lines(out) {
			if f := strings.Fields(line); len(f) > 1 && f[0] == status && strings.Contains(line, " "+check+" ") && strings.Contains(line, detail) {
				return
			}
		}
		t.Errorf("no line %q %q with %q in\n%s", status, check, detail, out)
	}

	// Nothing serves: the engine itself is tried.
	out, code := examine("--listen", "127.0.0.1:0")
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	has(out, "address", "ok", "free")
	has(out, "engine", "ok", "starts, is ready, and stops")

	// A gateway serves there: it is known for one and goes on.
	p := start(t, bin)
	p.awaitReady()
	out, code = examine("--listen", strings.TrimPrefix(p.url, "http://"))
	if code != exitOK {
		t.Errorf("exit code %d", code)
	}
	has(out, "address", "ok", "taken by a gateway")
	has(out, "gateway", "ok", "serves and takes calls")
	if status, _ := p.get("/readyz"); status != 200 {
		t.Errorf("the gateway's /readyz answers %d after the doctor was there", status)
	}

	// Something else has the port.
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	out, code = examine("--listen", ln.Addr().String())
	if code != exitError {
		t.Errorf("exit code %d", code)
	}
	has(out, "address", "failed", "in use")
}
