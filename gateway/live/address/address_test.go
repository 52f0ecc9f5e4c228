package address_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"nertc/gateway/live/address"
)

func TestStreams(t *testing.T) {
	for raw, want := range map[string]struct{ address, app, key, tcURL string }{
		"rtmp://live.example/app/key":                       {"live.example:1935", "app", "key", "rtmp://live.example/app"},
		"RTMP://live.example:1936/app/key?sign=a/b&x=1":     {"live.example:1936", "app", "key?sign=a/b&x=1", "rtmp://live.example:1936/app"},
		"rtmps://live.example/rtmp/FB-1-2":                  {"live.example:443", "rtmp", "FB-1-2", "rtmps://live.example/rtmp"},
		"rtmps://a.example:2935/live/guid/key%2f1":          {"a.example:2935", "live/guid", "key%2f1", "rtmps://a.example:2935/live/guid"},
		"rtmp://a.example/live/guid/deep/key":               {"a.example:1935", "live/guid", "deep/key", "rtmp://a.example/live/guid"},
		"rtmp://192.0.2.7/app/key":                          {"192.0.2.7:1935", "app", "key", "rtmp://192.0.2.7/app"},
		"rtmp://[2001:db8::7]:1940/app/key":                 {"[2001:db8::7]:1940", "app", "key", "rtmp://[2001:db8::7]:1940/app"},
		"rtmp://a_b.example./app/" + strings.Repeat("k", 9): {"a_b.example.:1935", "app", "kkkkkkkkk", "rtmp://a_b.example./app"},
	} {
		s, err := address.ParseStream(raw)
		if err != nil || s.Address() != want.address || s.App != want.app || s.Key != want.key || s.TCURL() != want.tcURL {
			t.Errorf("%s: %+v, %v", raw, s, err)
		}
		if strings.Contains(s.String(), s.Key) || strings.Contains(fmt.Sprint(s), s.Key) {
			t.Errorf("%s is printed with its key", raw)
		}
	}
}

func TestWhatIsNoAddressIsRefusedWithoutRepeatingIt(t *testing.T) {
	const secret = "s3cr3t"
	for _, raw := range []string{
		"", secret, "rtmp:", "rtmp://", "rtmp:///app/" + secret, "http://host/app/" + secret, "rtmpt://host/app/" + secret,
		"rtmp://host", "rtmp://host/", "rtmp://host/" + secret, "rtmp://host/app/", "rtmp://host//" + secret, "rtmp://host/../" + secret,
		"rtmp://user:" + secret + "@host/app/key", "rtmp://host/app/" + secret + "#x", "rtmp://host/app/" + secret + "\r\nx", "rtmp://host/app/ " + secret,
		"rtmp://host:0/app/" + secret, "rtmp://host:65536/app/" + secret, "rtmp://host:/app/" + secret, "rtmp://host:1a/app/" + secret,
		"rtmp://127.1/app/" + secret, "rtmp://2130706433/app/" + secret, "rtmp://0x7f000001/app/" + secret, "rtmp://0177.0.0.1/app/" + secret,
		"rtmp://1.2.3.4.5/app/" + secret, "rtmp://[::1/app/" + secret, "rtmp://::1/app/" + secret, "rtmp://[fe80::1%25eth0]/app/" + secret,
		"rtmp://[127.0.0.1]/app/" + secret, "rtmp://[::1]x/app/" + secret, "rtmp://-a.example/app/" + secret, "rtmp://a..example/app/" + secret,
		"rtmp://bücher.example/app/" + secret, "rtmp://host/app/" + secret + strings.Repeat("x", address.MaxLength),
		"rtmp://%31%32%37.0.0.1/app/" + secret, "rtmp://host,other/app/" + secret, "-i rtmp://host/app/" + secret,
	} {
		s, err := address.ParseStream(raw)
		if !errors.Is(err, address.ErrSyntax) {
			t.Errorf("%q is taken for %+v (%v)", raw, s, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats the key: %v", err)
		}
	}
	for _, raw := range []string{
		"ftp://host/" + secret, "file:///etc/" + secret, "http://user:" + secret + "@host/", "http://host:99999/" + secret, "http:/host/" + secret,
		"https://127.1/" + secret, "https://host/%zz" + secret, "data:image/png," + secret, "http://",
	} {
		if u, err := address.ParseImage(raw); !errors.Is(err, address.ErrSyntax) {
			t.Errorf("%q is taken for %v (%v)", raw, u, err)
		} else if strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats the address: %v", err)
		}
	}
}

func TestOnlyPublicAddressesAreAllowed(t *testing.T) {
	for ip, want := range map[string]bool{
		"8.8.8.8": true, "1.1.1.1": true, "172.32.0.1": true, "192.169.0.1": true, "2606:4700::1111": true, "2a00:1450::1": true,
		"0.0.0.0": false, "0.1.2.3": false, "10.1.2.3": false, "100.64.0.1": false, "100.100.100.200": false, "127.0.0.1": false, "127.255.255.254": false,
		"169.254.169.254": false, "172.16.0.1": false, "172.31.255.255": false, "192.0.0.192": false, "192.0.2.1": false, "192.88.99.1": false,
		"192.168.1.1": false, "198.18.0.1": false, "198.51.100.1": false, "203.0.113.1": false, "224.0.0.1": false, "239.1.1.1": false,
		"240.0.0.1": false, "255.255.255.255": false, "168.63.129.16": false,
		"::": false, "::1": false, "::127.0.0.1": false, "::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false, "::ffff:8.8.8.8": true,
		"64:ff9b::8.8.8.8": true, "64:ff9b::10.0.0.1": false, "64:ff9b::7f00:1": false, "64:ff9b:1::8.8.8.8": false,
		"2002:808:808::1": true, "2002:7f00:1::1": false, "2002:a9fe:a9fe::1": false, "2001::1": false, "2001:db8::1": false, "3fff::1": false,
		"fc00::1": false, "fd00:ec2::254": false, "fe80::1": false, "fec0::1": false, "ff02::1": false, "100::1": false, "5f00::1": false, "fe80::1%eth0": false,
	} {
		if got := (address.Policy{}).Allows(netip.MustParseAddr(ip)); got != want {
			t.Errorf("%s is allowed: %v", ip, got)
		}
	}
	lan := address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}
	for ip, want := range map[string]bool{"10.1.2.3": true, "::ffff:10.1.2.3": true, "64:ff9b::10.1.2.3": true, "fd00::1": true, "192.168.1.1": false, "127.0.0.1": false, "8.8.8.8": true} {
		if got := lan.Allows(netip.MustParseAddr(ip)); got != want {
			t.Errorf("with networks of the operator's, %s is allowed: %v", ip, got)
		}
	}
	if (address.Policy{}).Allows(netip.Addr{}) {
		t.Error("no address is allowed")
	}
}

// A name that has a public address when it is looked at and a private one when it is dialled gains nothing.
func TestANameThatChangesIsNotFollowed(t *testing.T) {
	inside, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer inside.Close()
	reached := make(chan struct{}, 1)
	go func() {
		if c, err := inside.Accept(); err == nil {
			c.Close()
			reached <- struct{}{}
		}
	}()
	var asked atomic.Int32
	policy := address.Policy{Lookup: func(context.Context, string) ([]netip.Addr, error) {
		if asked.Add(1) == 1 {
			return []netip.Addr{netip.MustParseAddr("8.8.8.8")}, nil
		}
		return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("::ffff:127.0.0.1")}, nil
	}}
	if err := policy.Check(t.Context(), "changing.example"); err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(inside.Addr().String())
	if _, err := policy.Dial(t.Context(), "tcp", "changing.example:"+port); !errors.Is(err, address.ErrForbidden) {
		t.Errorf("dialled: %v", err)
	}
	select {
	case <-reached:
		t.Error("the machine itself was reached")
	default:
	}
}

// What listens on all addresses of the machine counts on the world's being kept out, not on the machine itself.
func TestTheMachineItselfIsNotReached(t *testing.T) {
	own := func() []netip.Addr {
		return []netip.Addr{netip.MustParseAddr("8.8.8.8"), netip.MustParseAddr("2606:4700::1")}
	}
	for host, want := range map[string]error{"8.8.8.8": address.ErrForbidden, "::ffff:8.8.8.8": address.ErrForbidden, "2606:4700::1": address.ErrForbidden, "8.8.4.4": nil} {
		if err := (address.Policy{Own: own}).Check(t.Context(), host); !errors.Is(err, want) {
			t.Errorf("%s: %v", host, err)
		}
	}
	allowing := address.Policy{Own: own, Allow: []netip.Prefix{netip.MustParsePrefix("8.8.8.8/32")}}
	if err := allowing.Check(t.Context(), "8.8.8.8"); err != nil {
		t.Errorf("with the operator's permission: %v", err)
	}
	// Really asked of the machine: whatever it has beside loopback is refused, and so is that.
	networks, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	everything := address.Policy{Lookup: func(context.Context, string) (all []netip.Addr, err error) {
		for _, n := range networks {
			all = append(all, netip.MustParsePrefix(n.String()).Addr())
		}
		return all, nil
	}}
	if err := everything.Check(t.Context(), "this.example"); !errors.Is(err, address.ErrForbidden) {
		t.Errorf("this machine: %v", err)
	}
}

func TestDialTakesTheAddressThatIsAllowed(t *testing.T) {
	there, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Fatal(err)
	}
	defer there.Close()
	policy := address.Policy{
		Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")},
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}, nil
		},
	}
	_, port, _ := net.SplitHostPort(there.Addr().String())
	c, err := policy.Dial(t.Context(), "tcp", "both.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if got := c.RemoteAddr().String(); got != there.Addr().String() {
		t.Errorf("reached %s", got)
	}
	for _, failing := range []address.Policy{
		{Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return nil, &net.DNSError{Err: "no such host", Name: "secret"}
		}},
		{Lookup: func(context.Context, string) ([]netip.Addr, error) { return nil, nil }},
		{Lookup: func(ctx context.Context, _ string) ([]netip.Addr, error) { <-ctx.Done(); return nil, ctx.Err() }},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
		if _, err := failing.Dial(ctx, "tcp", "none.example:1935"); !errors.Is(err, address.ErrResolve) || strings.Contains(err.Error(), "secret") {
			t.Errorf("a name without an address: %v", err)
		}
		cancel()
	}
}

func TestImagesAreFetchedWithinLimits(t *testing.T) {
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/image":
			w.Write([]byte("image"))
		case "/away":
			http.Redirect(w, r, "/image?s3cr3t", http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round?s3cr3t", http.StatusFound)
		case "/inside":
			http.Redirect(w, r, strings.Replace(server.URL, "127.0.0.1", "127.0.0.9", 1)+"/s3cr3t", http.StatusFound)
		case "/metadata":
			http.Redirect(w, r, "http://169.254.169.254/s3cr3t", http.StatusFound)
		case "/file":
			http.Redirect(w, r, "file:///etc/s3cr3t", http.StatusFound)
		case "/slow":
			<-r.Context().Done()
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	policy := address.Policy{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}}
	fetch := func(path string, max int64) (string, error) {
		within := 20 * time.Second
		if strings.HasPrefix(path, "/slow") {
			within = 500 * time.Millisecond
		}
		b, err := policy.Fetch(t.Context(), server.URL+path, max, within)
		return string(b), err
	}
	for _, path := range []string{"/image", "/away"} {
		if got, err := fetch(path, 5); got != "image" || err != nil {
			t.Errorf("%s: %q, %v", path, got, err)
		}
	}
	if _, err := fetch("/image", 4); !errors.Is(err, address.ErrFetch) || !strings.Contains(err.Error(), "larger than 4 bytes") {
		t.Errorf("too large: %v", err)
	}
	for path, want := range map[string]string{
		"/round?s3cr3t": "redirects", "/inside": "private", "/metadata": "private", "/file": "not a usable", "/slow?s3cr3t": "too long", "/none?s3cr3t": "404",
	} {
		_, err := fetch(path, 5)
		if !errors.Is(err, address.ErrFetch) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%s: %v, want %q in it", path, err, want)
		}
	}
	if _, err := (address.Policy{}).Fetch(t.Context(), server.URL+"/image", 5, 20*time.Second); !errors.Is(err, address.ErrForbidden) {
		t.Errorf("without the operator's permission: %v", err)
	}

	// A certificate that nobody vouches for, and from https to http.
	secure := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it would say that we do not like its certificate
	secure.StartTLS()
	defer secure.Close()
	if _, err := policy.Fetch(t.Context(), secure.URL+"/s3cr3t", 5, 20*time.Second); err == nil || !strings.Contains(err.Error(), "certificate") || strings.Contains(err.Error(), "s3cr3t") {
		t.Errorf("a certificate of its own: %v", err)
	}
}

func FuzzParseStream(f *testing.F) {
	f.Add("rtmp://live.example:1936/app/key?sign=a/b")
	f.Add("rtmps://[2001:db8::7]/a/b/c")
	f.Fuzz(func(t *testing.T, raw string) {
		s, err := address.ParseStream(raw)
		if err != nil {
			return
		}
		again, err := address.ParseStream(s.TCURL() + "/" + s.Key)
		if err != nil || again != s {
			t.Fatalf("%q is %+v, and again %+v (%v)", raw, s, again, err)
		}
		if host, _, err := net.SplitHostPort(s.Address()); err != nil || host != s.Host {
			t.Fatalf("%q has the address %q", raw, s.Address())
		}
	})
}
