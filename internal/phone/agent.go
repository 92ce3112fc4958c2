package phone

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/emiago/sipgo"
	"github.com/emiago/sipgo/sip"
	"github.com/icholy/digest"
)

// agent speaks SIP with one trunk (RFC 3261). What the admin changes makes a new one; the old one lives on until its calls are over.
type agent struct {
	trunk   Trunk
	log     *slog.Logger
	ua      *sipgo.UserAgent
	client  *sipgo.Client
	dialogs *sipgo.DialogUA
	// host is our address on the way to the trunk, public what we say it is.
	host, public netip.Addr
	// peers are the addresses that the trunk may call us from.
	peers []netip.Addr
	// arrived gets each call that comes in; it answers it.
	arrived func(*agent, *sip.Request, sip.ServerTransaction)

	mu      sync.Mutex
	legs    map[string]*leg // by Call-ID
	conn    *net.UDPConn    // where we listen by UDP
	serving sync.WaitGroup
}

// openAgent opens our side of the way to a trunk. Nothing is sent by UDP yet; TCP and TLS connect.
func openAgent(ctx context.Context, t Trunk, public netip.Addr, log *slog.Logger) (*agent, error) {
	a := &agent{trunk: t, log: log, public: public, legs: map[string]*leg{}}
	if err := a.locate(ctx); err != nil {
		return nil, err
	}
	ua, err := sipgo.NewUA(sipgo.WithUserAgent("Cadenza"), sipgo.WithUserAgentHostname(t.domain()),
		sipgo.WithUserAgenTLSConfig(&tls.Config{ServerName: t.Host, RootCAs: t.RootCAs, MinVersion: tls.VersionTLS12}),
		sipgo.WithUserAgentTransportLayerOptions(sip.WithTransportLayerLogger(quiet(log))),
		sipgo.WithUserAgentTransactionLayerOptions(sip.WithTransactionLayerLogger(quiet(log))))
	if err != nil {
		return nil, fmt.Errorf("open the agent: %w", err)
	}
	a.ua = ua
	server, err := sipgo.NewServer(ua, sipgo.WithServerLogger(quiet(log)))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open the agent: %w", err), ua.Close())
	}
	a.handle(server)
	port, err := a.listen(ctx, server)
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	contact := sip.Uri{Scheme: "sip", User: t.caller(), Host: hostOf(a.public), Port: port, UriParams: sip.HeaderParams{{K: "transport", V: t.Transport}}}
	a.dialogs = &sipgo.DialogUA{Client: a.client, ContactHDR: sip.ContactHeader{Address: contact}, RewriteContact: true}
	return a, nil
}

// quiet keeps what the library tells for those who look for it.
func quiet(log *slog.Logger) *slog.Logger { return slog.New(lowered{log.Handler()}) }

// lowered makes everything a message for debugging.
type lowered struct{ slog.Handler }

func (l lowered) Enabled(ctx context.Context, _ slog.Level) bool {
	return l.Handler.Enabled(ctx, slog.LevelDebug)
}

func (l lowered) Handle(ctx context.Context, r slog.Record) error {
	r.Level = slog.LevelDebug
	return l.Handler.Handle(ctx, r)
}

func (l lowered) WithAttrs(attrs []slog.Attr) slog.Handler {
	return lowered{l.Handler.WithAttrs(attrs)}
}
func (l lowered) WithGroup(name string) slog.Handler { return lowered{l.Handler.WithGroup(name)} }

// hostOf writes an address as it stands in a URI.
func hostOf(a netip.Addr) string {
	if a.Is6() {
		return "[" + a.String() + "]"
	}
	return a.String()
}

// locate finds the trunk's addresses, and which of ours leads to it.
func (a *agent) locate(ctx context.Context) error {
	peers, err := net.DefaultResolver.LookupNetIP(ctx, "ip", a.trunk.Host)
	if err != nil {
		return ofTrouble(err)
	}
	for _, p := range peers {
		a.peers = append(a.peers, p.Unmap())
	}
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", a.trunk.address()) // sends nothing: it only asks for the way
	if err != nil {
		return ofTrouble(err)
	}
	a.host = conn.LocalAddr().(*net.UDPAddr).AddrPort().Addr().Unmap()
	if !a.public.IsValid() || a.host.IsLoopback() {
		a.public = a.host
	}
	return conn.Close()
}

// listen opens the way: a port of ours for UDP, else a connection to the trunk, over which it calls us, too (RFC 5923).
func (a *agent) listen(ctx context.Context, server *sipgo.Server) (port int, err error) {
	if a.trunk.Transport == "udp" {
		conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(a.host, 0)))
		if err != nil {
			return 0, fmt.Errorf("listen for the trunk: %w", err)
		}
		a.conn = conn
		a.serving.Go(func() {
			if err := server.ServeUDP(conn); err != nil && !errors.Is(err, net.ErrClosed) {
				a.log.Debug("stop listening for the trunk", "error", err)
			}
		})
		if err := a.awaitListening(ctx, conn.LocalAddr().String()); err != nil {
			return 0, err
		}
		port = conn.LocalAddr().(*net.UDPAddr).Port
		a.client, err = sipgo.NewClient(a.ua, sipgo.WithClientLogger(quiet(a.log)), sipgo.WithClientHostname(hostOf(a.public)), sipgo.WithClientPort(port),
			sipgo.WithClientConnectionAddr(conn.LocalAddr().String()), sipgo.WithClientNAT())
		return port, err
	}
	a.client, err = sipgo.NewClient(a.ua, sipgo.WithClientLogger(quiet(a.log)), sipgo.WithClientHostname(hostOf(a.public)), sipgo.WithClientNAT())
	if err != nil {
		return 0, err
	}
	probe := a.request(sip.OPTIONS, sip.Uri{Scheme: "sip", Host: a.trunk.Host, Port: a.trunk.port()})
	if err := sipgo.ClientRequestAddVia(a.client, probe); err != nil {
		return 0, err
	}
	conn, err := a.ua.TransportLayer().ClientRequestConnection(ctx, probe)
	if err != nil {
		return 0, ofTrouble(err)
	}
	return conn.LocalAddr().(*net.TCPAddr).Port, nil
}

// awaitListening waits until the library knows the port that it was given: it tells nobody, and a request before that would open
// the port a second time.
func (a *agent) awaitListening(ctx context.Context, address string) error {
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for {
		if c, err := a.ua.TransportLayer().GetConnection("udp", address); err == nil && c != nil {
			return nil
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// request begins a request that goes to the trunk whatever its address says.
func (a *agent) request(method sip.RequestMethod, to sip.Uri) *sip.Request {
	r := sip.NewRequest(method, to)
	r.SetTransport(sip.NetworkToUpper(a.trunk.Transport))
	r.SetDestination(a.trunk.address())
	return r
}

// uri gives the address of a user at the trunk.
func (a *agent) uri(user string) sip.Uri {
	u := sip.Uri{Scheme: "sip", User: user, Host: a.trunk.domain()}
	if a.trunk.Domain == "" && a.trunk.port() != 5060 && a.trunk.port() != 5061 {
		u.Port = a.trunk.port()
	}
	return u
}

// from gives the From of our requests.
func (a *agent) from(user string) *sip.FromHeader {
	f := &sip.FromHeader{Address: sip.Uri{Scheme: "sip", User: user, Host: a.trunk.domain()}}
	f.Params.Add("tag", sip.GenerateTagN(16))
	return f
}

// authorize adds what a challenge asks for (RFC 3261 section 22); false when there is nothing to add.
func (a *agent) authorize(r *sip.Request, res *sip.Response) bool {
	ask, answer := "WWW-Authenticate", "Authorization"
	if res.StatusCode == 407 {
		ask, answer = "Proxy-Authenticate", "Proxy-Authorization"
	}
	h := res.GetHeader(ask)
	if h == nil || a.trunk.Password == "" {
		return false
	}
	challenge, err := digest.ParseChallenge(h.Value())
	if err != nil {
		return false
	}
	challenge.Algorithm = sip.ASCIIToUpper(challenge.Algorithm)
	said, err := digest.Digest(challenge, digest.Options{Method: r.Method.String(), URI: r.Recipient.Addr(), Username: a.trunk.login(), Password: a.trunk.Password})
	if err != nil {
		return false
	}
	r.RemoveHeader(answer)
	r.AppendHeader(sip.NewHeader(answer, said.String()))
	return true
}

// handle says what we do with requests of the trunk.
func (a *agent) handle(server *sipgo.Server) {
	server.OnInvite(func(req *sip.Request, tx sip.ServerTransaction) {
		if l := a.legOf(req); l != nil {
			l.reinvited(req, tx)
			return
		}
		if tag, ok := req.To().Params.Get("tag"); ok && tag != "" {
			a.respond(tx, req, 481, "Call does not exist")
			return
		}
		if !a.trusted(req) || a.arrived == nil {
			a.respond(tx, req, 403, "Forbidden")
			return
		}
		a.arrived(a, req, tx)
	})
	server.OnAck(func(req *sip.Request, tx sip.ServerTransaction) {
		if l := a.legOf(req); l != nil {
			l.acked(req, tx)
		}
	})
	server.OnBye(func(req *sip.Request, tx sip.ServerTransaction) {
		l := a.legOf(req)
		if l == nil {
			a.respond(tx, req, 481, "Call does not exist")
			return
		}
		if err := l.dialog.ReadBye(req, tx); err != nil {
			a.log.Debug("read the end of a call", "error", err)
		}
	})
	server.OnOptions(func(req *sip.Request, tx sip.ServerTransaction) { a.respond(tx, req, 200, "OK") })
	server.OnInfo(func(req *sip.Request, tx sip.ServerTransaction) { a.respond(tx, req, 200, "OK") })
	server.OnNotify(func(req *sip.Request, tx sip.ServerTransaction) { a.respond(tx, req, 200, "OK") })
	server.OnUpdate(func(req *sip.Request, tx sip.ServerTransaction) {
		if l := a.legOf(req); l != nil {
			l.reinvited(req, tx)
			return
		}
		a.respond(tx, req, 481, "Call does not exist")
	})
}

func (a *agent) respond(tx sip.ServerTransaction, req *sip.Request, status int, reason string) {
	if err := tx.Respond(sip.NewResponseFromRequest(req, status, reason, nil)); err != nil {
		a.log.Debug("answer the trunk", "error", err)
	}
}

// trusted tells whether a call comes from the trunk. A stranger who finds our port must not make telephones ring.
func (a *agent) trusted(req *sip.Request) bool {
	from, err := netip.ParseAddrPort(req.Source())
	if err != nil {
		return false
	}
	for _, p := range a.peers {
		if p == from.Addr().Unmap() {
			return true
		}
	}
	return false
}

func (a *agent) legOf(req *sip.Request) *leg {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.legs[callID(req)]
}

func callID(req *sip.Request) string {
	if h := req.CallID(); h != nil {
		return h.Value()
	}
	return ""
}

func (a *agent) keep(l *leg) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.legs[l.id] = l
}

func (a *agent) forget(l *leg) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.legs, l.id)
}

func (a *agent) close() error {
	err := a.ua.Close()
	if a.conn != nil {
		_ = a.conn.Close() // closed twice at worst
	}
	a.serving.Wait()
	return err
}
