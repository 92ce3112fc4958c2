package delivery

import (
	"errors"
	"net"
	"net/netip"
	"syscall"
	"time"
)

// errPrivate says that a call would have gone to an address that is not for the outside.
var errPrivate = errors.New("the address is private")

// outsideDialer gives a dialer for calls to addresses that people enter. It looks at each address at the moment of
// dialling it, after names were resolved, so that neither a name that changes its address nor a redirect leads to a machine
// of this network (design, section 6).
func outsideDialer(allowPrivate bool, limit time.Duration) *net.Dialer {
	d := &net.Dialer{Timeout: limit}
	if !allowPrivate {
		d.Control = func(_, address string, _ syscall.RawConn) error {
			to, err := netip.ParseAddrPort(address)
			if err != nil || !outside(to.Addr()) {
				return errPrivate
			}
			return nil
		}
	}
	return d
}

// inside are the networks besides those that net/netip knows: this host and network, shared addresses of providers,
// protocol assignments, examples, benchmarks, what is reserved, and the ways in which IPv6 wraps an IPv4 address
// (RFC 6890 and the registries of IANA that it began).
var inside = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"),
	netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("::/96"), netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"),
	netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("fec0::/10"),
}

// outside tells whether an address belongs to the world at large.
func outside(a netip.Addr) bool {
	a = a.Unmap()
	if !a.IsValid() || a.Zone() != "" || !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, p := range inside {
		if p.Contains(a) {
			return false
		}
	}
	return true
}
