package limit

import (
	"net/http"
	"net/netip"
	"strings"
)

// Proxies are the networks whose word is taken for whom a request comes from.
type Proxies []netip.Prefix

// ParseProxy takes a network, 10.0.0.0/8, or one address.
func ParseProxy(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil {
		a = a.Unmap().WithZone("")
		return netip.PrefixFrom(a, a.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	return p.Masked(), err
}

// Client is the address that a request counts for: that of the TCP peer or, where it is one
// of the proxies, the last of X-Forwarded-For, which that proxy has written itself; what
// stands before it anybody may have made up. Of an IPv6 address it is the /64, which one
// host usually has to itself.
func (p Proxies) Client(r *http.Request) netip.Addr {
	peer := parse(r.RemoteAddr)
	if !p.has(peer) {
		return network(peer)
	}
	all := r.Header.Values("X-Forwarded-For")
	if len(all) == 0 {
		return network(peer)
	}
	last := all[len(all)-1]
	if a := parse(strings.TrimSpace(last[strings.LastIndexByte(last, ',')+1:])); a.IsValid() {
		return network(a)
	}
	return network(peer)
}

func (p Proxies) has(a netip.Addr) bool {
	for _, n := range p {
		if n.Contains(a) {
			return true
		}
	}
	return false
}

// parse takes an address with a port or without; what is none gives the zero Addr.
func parse(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap().WithZone("")
	}
	a, _ := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(s, "["), "]"))
	return a.Unmap().WithZone("")
}

func network(a netip.Addr) netip.Addr {
	if !a.Is6() {
		return a
	}
	p, _ := a.Prefix(64) // it fails for more bits than an address has
	return p.Addr()
}
