//go:build unix

package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// operatorsAPI asks the API where it is, where it is not, and without being allowed to.
func operatorsAPI(t *testing.T, bin string) {
	const secret, path = "sixteen bytes and more", "/admin/v1/rooms"
	file := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(file, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	status := func(p *process, base, secret string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if secret != "" {
			req.Header.Set("Authorization", "Bearer "+secret)
		}
		res, err := p.client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res.StatusCode
	}

	off := start(t, bin)
	if got := status(off, off.url, secret); got != 404 {
		t.Errorf("without a secret configured: %d", got)
	}
	if r := off.awaitReady(); r.Admin != "" {
		t.Errorf("says that the API is at %s", r.Admin)
	}
	off.stop(0)

	here := start(t, bin, "--admin-secret-file", file)
	here.awaitReady()
	for given, want := range map[string]int{secret: 200, "": 401, "another one": 401} {
		if got := status(here, here.url, given); got != want {
			t.Errorf("on the gateway's address with %q: %d, want %d", given, got, want)
		}
	}
	if _, metrics := here.get("/metrics"); !strings.Contains(metrics, `nertc_admin_requests_total{route="GET /admin/v1/rooms",status="200"} 1`) {
		t.Error("the metrics do not count it")
	}
	here.stop(0)

	own := start(t, bin, "--admin-secret-file", file, "--admin-listen", "127.0.0.1:0", "--tls-self-signed")
	r := own.awaitReady()
	if r.Admin == "" || r.Admin == r.Listen {
		t.Fatalf("says %+v", r)
	}
	if got := status(own, "https://"+r.Admin, secret); got != 200 {
		t.Errorf("on its own address: %d", got)
	}
	if got := status(own, own.url, secret); got != 404 {
		t.Errorf("on the gateway's address, having one of its own: %d", got)
	}
	own.stop(r.EnginePID)

	taken := start(t, bin)
	addr := strings.TrimPrefix(taken.url, "http://")
	fails(t, bin, exitError, "listen on "+addr+" for the operator's API", "--listen", "127.0.0.1:0", "--admin-secret-file", file, "--admin-listen", addr)
	for _, p := range []*process{off, here, own} {
		if strings.Contains(p.out()+p.err(), secret) {
			t.Errorf("the secret is on the console:\n%s%s", p.out(), p.err())
		}
	}
}
