package doctor

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"nertc/gateway/config"
)

// expiresSoon is how long before its end a certificate is worth a word.
const expiresSoon = 14 * 24 * time.Hour

// server is what answers on the configured address before the doctor touches it.
type server struct {
	answers bool
	ready   bool
	url     string
}

// serving asks whether a gateway serves on the configured address.
func serving(ctx context.Context, c *config.Config) server {
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil || port == "0" {
		return server{}
	}
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "localhost"
	}
	s := server{url: "http://" + net.JoinHostPort(host, port)}
	transport := &http.Transport{DisableKeepAlives: true}
	if c.TLS != (config.TLS{}) {
		s.url = "https" + strings.TrimPrefix(s.url, "http")
		// Only whether it is a gateway is asked, of this machine; the certificate has a check of its own.
		transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true} //nolint:gosec
	}
	client := &http.Client{Transport: transport, Timeout: 3 * time.Second}
	// Other servers answer 200 too, some of them whatever they are asked: only a gateway's own words count.
	says := func(path, name string, want any) bool {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.url+path, nil)
		if err != nil {
			return false
		}
		res, err := client.Do(req)
		if err != nil {
			return false
		}
		defer func() { _ = res.Body.Close() }()
		var said map[string]any
		return json.NewDecoder(io.LimitReader(res.Body, 4<<10)).Decode(&said) == nil && said[name] == want
	}
	s.answers = says("/healthz", "status", "ok")
	s.ready = s.answers && says("/readyz", "ready", true)
	return s
}

func (s server) finding() Finding {
	switch {
	case !s.answers:
		return Finding{Status: Skipped, Detail: "no gateway serves on the configured address"}
	case !s.ready:
		return Finding{
			Status: Failed, Detail: "the gateway at " + s.url + " serves, but its media engine is not ready",
			Advice: "look into its log for lines of the engine; GET /readyz says when it is ready",
		}
	}
	return Finding{Status: OK, Detail: "the gateway at " + s.url + " serves and takes calls"}
}

// address sees whether the gateway could listen where it is to.
func address(c *config.Config, running server) Finding {
	if running.answers {
		return Finding{Status: OK, Detail: c.Listen + " is taken by a gateway"}
	}
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return Finding{
			Status: Failed, Detail: err.Error(),
			Advice: "end what listens there, or set another `listen`; ports below 1024 need root or CAP_NET_BIND_SERVICE",
		}
	}
	defer func() { _ = ln.Close() }()
	own := c.Admin.Listen // the configuration has seen that the two differ
	if own == "" {
		return Finding{Status: OK, Detail: c.Listen + " is free"}
	}
	other, err := net.Listen("tcp", own)
	if err != nil {
		return Finding{
			Status: Failed, Detail: err.Error(),
			Advice: "end what listens there, or set another `admin.listen`; ports below 1024 need root or CAP_NET_BIND_SERVICE",
		}
	}
	_ = other.Close()
	return Finding{Status: OK, Detail: c.Listen + " is free, and so is " + own + " for the operator's API"}
}

// certificate reads the configured certificate as the gateway would.
func certificate(_ context.Context, c *config.Config) Finding {
	switch {
	case c.TLS.SelfSigned:
		return Finding{
			Status: Warning, Detail: "a self-signed certificate is made at each start",
			Advice: "browsers warn before they take it: get one from an authority for anybody but yourself",
		}
	case c.TLS.Cert == "":
		return Finding{Status: Skipped, Detail: "plain HTTP"}
	}
	pair, err := tls.LoadX509KeyPair(c.TLS.Cert, c.TLS.Key)
	if err != nil {
		return Finding{Status: Failed, Detail: err.Error(), Advice: "tls.cert and tls.key are PEM files, the certificate's chain first, readable by the gateway's user"}
	}
	f := judge(pair.Leaf, time.Now())
	if f.Status == OK && !vouched(pair, nil) {
		return Finding{Status: Warning, Detail: f.Detail + ", but no authority that this machine knows vouches for it", Advice: unvouched}
	}
	return f
}

// unvouched is what to do about a certificate that strangers do not believe.
const unvouched = "put the authority's own certificates behind it in the file, as most authorities give them (fullchain.pem); one of an authority of your own only suits browsers that know that"

// vouched says whether somebody who knows the roots, or those of the machine, would believe a certificate: often only
// the certificates between are missing in its file.
func vouched(pair tls.Certificate, roots *x509.CertPool) bool {
	between := x509.NewCertPool()
	for _, der := range pair.Certificate[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	_, err := pair.Leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
	return err == nil
}

// judge says whether a certificate is valid now, and until when.
func judge(leaf *x509.Certificate, now time.Time) Finding {
	names := slices.Clone(leaf.DNSNames)
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	end := leaf.NotAfter.UTC().Format(time.DateOnly)
	switch {
	case now.After(leaf.NotAfter):
		return Finding{Status: Failed, Detail: "the certificate expired on " + end, Advice: "renew it and start the gateway again"}
	case now.Before(leaf.NotBefore):
		return Finding{Status: Failed, Detail: "the certificate is valid only from " + leaf.NotBefore.UTC().Format(time.DateOnly), Advice: "is this machine's clock right?"}
	case leaf.NotAfter.Sub(now) < expiresSoon:
		return Finding{Status: Warning, Detail: "the certificate expires on " + end, Advice: "renew it and start the gateway again"}
	case len(names) == 0:
		return Finding{Status: Warning, Detail: "the certificate names no host", Advice: "browsers want the host among its subject alternative names"}
	}
	return Finding{Status: OK, Detail: fmt.Sprintf("the certificate is valid until %s for %s", end, strings.Join(names, ", "))}
}

// secureContext says whether pages will be able to use cameras at all.
func secureContext(_ context.Context, c *config.Config) Finding {
	switch {
	case c.TLS != (config.TLS{}):
		return Finding{Status: OK, Detail: "pages come over HTTPS"}
	case c.Loopback():
		return Finding{Status: OK, Detail: "pages come from this machine alone, where browsers ask for no HTTPS"}
	case len(c.TrustedProxies) > 0:
		return Finding{Status: OK, Detail: "plain HTTP behind a trusted proxy, which is taken to speak HTTPS"}
	}
	return Finding{
		Status: Warning, Detail: "plain HTTP on an address that is not loopback",
		Advice: "browsers give cameras and microphones to HTTPS pages only: set tls.cert and tls.key, or put a proxy that speaks HTTPS in front and name it in trustedProxies",
	}
}
