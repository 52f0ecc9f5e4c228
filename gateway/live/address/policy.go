package address

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"
)

var (
	// ErrForbidden is wrapped by errors about addresses that members' streams and images may not go to.
	ErrForbidden = errors.New("an address in a private or reserved range, or of the gateway itself, is not allowed")
	// ErrResolve is wrapped by errors about names that have no address.
	ErrResolve = errors.New("the host's name cannot be resolved")
)

const (
	resolveTimeout = 3 * time.Second
	dialTimeout    = 4 * time.Second
	// mostAddresses of a name are tried.
	mostAddresses = 8
)

// Policy says which addresses may be reached. Its zero value allows what is public.
type Policy struct {
	// Allow are networks that the operator permits although they are private or reserved.
	Allow []netip.Prefix
	// Lookup resolves names; nil is the machine's resolver.
	Lookup func(ctx context.Context, host string) ([]netip.Addr, error)
	// Own gives the addresses of this machine, which are as near to its services as loopback is; nil asks its interfaces.
	Own func() []netip.Addr
}

// refused are the ranges of IPv4 that lead to this machine, its network, many machines or nobody, from the IANA
// special-purpose address registry.
var refused = prefixes(
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24",
	"224.0.0.0/3",
	"168.63.129.16/32", // a public address that is the host's own services within Azure
)

// Of IPv6 only what is given out for global use is let through, without these parts of it.
var (
	global    = netip.MustParsePrefix("2000::/3")
	refused6  = prefixes("2001::/23", "2001:db8::/32", "3fff::/20")
	nat64     = netip.MustParsePrefix("64:ff9b::/96")
	sixToFour = netip.MustParsePrefix("2002::/16")
)

func prefixes(list ...string) []netip.Prefix {
	all := make([]netip.Prefix, len(list))
	for i, s := range list {
		all[i] = netip.MustParsePrefix(s)
	}
	return all
}

// Allows tells whether the address may be reached, as far as its range says.
func (p Policy) Allows(ip netip.Addr) bool {
	if !ip.IsValid() || ip.Zone() != "" {
		return false
	}
	ip = ip.Unmap()
	if within(p.Allow, ip) {
		return true
	}
	if ip.Is4() {
		return !within(refused, ip)
	}
	b := ip.As16()
	switch {
	case nat64.Contains(ip): // RFC 6052: the IPv4 address that a translator sends to is in the last 4 bytes
		return p.Allows(netip.AddrFrom4([4]byte(b[12:])))
	case sixToFour.Contains(ip): // RFC 3056: in bytes 2 to 5
		return p.Allows(netip.AddrFrom4([4]byte(b[2:6])))
	}
	return global.Contains(ip) && !within(refused6, ip)
}

func within(list []netip.Prefix, ip netip.Addr) bool {
	for _, p := range list {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}

// resolve returns the addresses of the host that may be reached, at least one.
func (p Policy) resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	var found []netip.Addr
	if ip, err := netip.ParseAddr(host); err == nil {
		found = []netip.Addr{ip}
	} else {
		ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
		defer cancel()
		lookup := p.Lookup
		if lookup == nil {
			lookup = func(ctx context.Context, host string) ([]netip.Addr, error) {
				return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
			}
		}
		found, err = lookup(ctx, host)
		if err != nil {
			var dns *net.DNSError
			if ctx.Err() != nil || errors.As(err, &dns) && dns.IsTimeout {
				return nil, fmt.Errorf("%w: no answer in time", ErrResolve)
			}
			return nil, ErrResolve
		}
		if len(found) == 0 {
			return nil, ErrResolve
		}
	}
	allowed := make([]netip.Addr, 0, len(found))
	own := p.own()
	for _, ip := range found {
		if p.Allows(ip) && (!slices.Contains(own, ip.Unmap()) || within(p.Allow, ip.Unmap())) && len(allowed) < mostAddresses {
			allowed = append(allowed, ip.Unmap())
		}
	}
	if len(allowed) == 0 {
		return nil, ErrForbidden
	}
	return allowed, nil
}

func (p Policy) own() []netip.Addr {
	if p.Own != nil {
		return p.Own()
	}
	var own []netip.Addr
	networks, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, n := range networks {
		if prefix, err := netip.ParsePrefix(n.String()); err == nil {
			own = append(own, prefix.Addr().Unmap())
		}
	}
	return own
}

// Dial connects to the first address of the host that may be reached and answers, by TCP. It takes 4 s at most, name
// and all, and fits where a dialer's DialContext does.
func (p Policy) Dial(ctx context.Context, network, hostPort string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(hostPort)
	if err != nil {
		return nil, syntax("host and port are missing")
	}
	ctx, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	addresses, err := p.resolve(ctx, host)
	if err != nil {
		return nil, err
	}
	var dialer net.Dialer
	var failure error
	for i, ip := range addresses {
		each, done := share(ctx, len(addresses)-i)
		conn, err := dialer.DialContext(each, "tcp", net.JoinHostPort(ip.String(), port))
		done()
		if err == nil {
			return conn, nil
		}
		if failure == nil {
			failure = err
		}
	}
	return nil, failure
}

// share gives the next of n tries its part of the time that is left, as one silent address must not take it all.
func share(ctx context.Context, n int) (context.Context, context.CancelFunc) {
	end, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Until(end)/time.Duration(n))
}
