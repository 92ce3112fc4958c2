package main

import (
	"net"
	"net/http"
	"net/netip"
	"strings"

	"cadenza/internal/fault"
)

// proxies are the networks whose word is taken for who stands behind them.
type proxies []netip.Prefix

// readProxies reads addresses such as 10.0.0.7 and networks such as 10.0.0.0/8.
func readProxies(list []string) (proxies, error) {
	var p proxies
	for _, text := range list {
		text = strings.TrimSpace(text)
		network, err := netip.ParsePrefix(text)
		if address, single := netip.ParseAddr(text); single == nil {
			network, err = address.Prefix(address.BitLen())
		}
		if err != nil {
			return nil, fault.New(fault.Invalid, "“%s” is no address of a proxy.", text).
				WithHint("Give --trusted-proxies addresses or networks, as in 10.0.0.7,fd00::/8.")
		}
		p = append(p, network.Masked())
	}
	return p, nil
}

func (p proxies) trust(a netip.Addr) bool {
	for _, network := range p {
		if network.Contains(a) {
			return true
		}
	}
	return false
}

// handler lets every door see who a request comes from. What limits strangers counts by that address, so a header that anybody can
// write is believed only where it comes from a proxy that was named.
func (p proxies) handler(next http.Handler) http.Handler {
	if len(p) == 0 {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if client, ok := p.clientOf(r); ok {
			r.RemoteAddr = client.String() + ":0" // the port is the proxy's; nobody asks for it
			if client.Is6() {
				r.RemoteAddr = "[" + client.String() + "]:0"
			}
		}
		next.ServeHTTP(w, r)
	})
}

// clientOf gives the last address of X-Forwarded-For that is not a proxy of ours: those before it are the client's own word.
func (p proxies) clientOf(r *http.Request) (netip.Addr, bool) {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !p.trust(peer.Addr().Unmap()) {
		return netip.Addr{}, false
	}
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop := strings.TrimSpace(hops[i])
		if host, _, err := net.SplitHostPort(hop); err == nil {
			hop = host // some proxies write the port
		}
		address, err := netip.ParseAddr(strings.Trim(hop, "[]"))
		if err != nil {
			return netip.Addr{}, false
		}
		if address = address.Unmap().WithZone(""); !p.trust(address) {
			return address, true
		}
	}
	return netip.Addr{}, false
}
