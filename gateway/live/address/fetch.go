package address

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// ErrFetch is wrapped by errors about images that do not come.
var ErrFetch = errors.New("the image cannot be fetched")

const mostRedirects = 3

// Fetch gets what is at an address of an image: at most max bytes, within timeout. Redirects are followed to addresses
// that may be reached, and never from https to http.
func (p Policy) Fetch(ctx context.Context, raw string, max int64, timeout time.Duration) ([]byte, error) {
	u, err := ParseImage(raw)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, syntax("it cannot be read")
	}
	request.Header.Set("Accept", "image/png, image/jpeg, image/webp")
	request.Header.Set("User-Agent", "nertc-gateway")
	client := p.client()
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, reason(ctx, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w: the server answered %d", ErrFetch, response.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, max+1))
	if err != nil {
		return nil, reason(ctx, err)
	}
	if int64(len(body)) > max {
		return nil, fmt.Errorf("%w: it is larger than %d bytes", ErrFetch, max)
	}
	return body, nil
}

func (p Policy) client() *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:                  nil, // a proxy would resolve the name again, and look at nothing
			DialContext:            p.Dial,
			DisableKeepAlives:      true,
			MaxResponseHeaderBytes: 64 << 10,
			TLSHandshakeTimeout:    dialTimeout,
		},
		CheckRedirect: func(to *http.Request, via []*http.Request) error {
			if len(via) > mostRedirects {
				return fmt.Errorf("%w: more than %d redirects", ErrFetch, mostRedirects)
			}
			if via[len(via)-1].URL.Scheme == "https" && to.URL.Scheme != "https" {
				return fmt.Errorf("%w: a redirect from https to http", ErrFetch)
			}
			to.Header.Del("Referer")
			return checkURL(to.URL)
		},
	}
}

// reason keeps what is known to hold no secret: http.Client's errors repeat the address.
func reason(ctx context.Context, err error) error {
	for _, known := range []error{ErrForbidden, ErrResolve, ErrSyntax} {
		if errors.Is(err, known) {
			return fmt.Errorf("%w: %w", ErrFetch, known)
		}
	}
	if outer := (*url.Error)(nil); errors.As(err, &outer) && errors.Is(outer.Err, ErrFetch) {
		return outer.Err
	}
	if bad := (*tls.CertificateVerificationError)(nil); errors.As(err, &bad) {
		return fmt.Errorf("%w: the server's certificate is not valid for it", ErrFetch)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%w: it took too long", ErrFetch)
	}
	return fmt.Errorf("%w: no connection, or a broken one", ErrFetch)
}
