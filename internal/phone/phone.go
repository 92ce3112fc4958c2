package phone

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/emiago/sipgo/sip"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Book is where calls are written down; the store is one.
type Book interface {
	CallAnswered(ctx context.Context, id ident.Call, user ident.User) error
	CallEnded(ctx context.Context, id ident.Call, end store.CallEnd, detail string) error
	CallArrived(ctx context.Context, number, node string) (c store.Call, owner ident.User, err error)
	Lead(ctx context.Context, name, node string, lease time.Duration) (bool, error)
}

var _ Book = (*store.DB)(nil)

// PortRange are ports of UDP, from the first to the last; the zero one lets the system choose.
type PortRange struct{ Low, High uint16 }

// Config is what New needs.
type Config struct {
	Book Book
	Log  *slog.Logger
	// Node is the name of this process.
	Node string
	// Trunk gives the trunk that is set up, and one that is not Ready when there is none.
	Trunk func(ctx context.Context) (Trunk, error)
	// Address is where browsers and the trunk reach this machine, when that is not an address of its own.
	Address string
	// BrowserPort is the UDP port for the sound of browsers; zero for any. Ports are those for the sound of the trunk.
	BrowserPort int
	Ports       PortRange
	// Board is what the nodes on one database share of their calls; nil where there is one node.
	Board Board
	// MaxCalls is how many calls there may be at once, MaxLength how long one may be, RingLimit how long it may ring, LostAfter
	// how long a browser may be silent. Zero for the defaults.
	MaxCalls                        int
	MaxLength, RingLimit, LostAfter time.Duration
	// AwayAfter is how long somebody who left a page still counts as there: the next page listens only once it is loaded, and a call
	// that comes in meanwhile would find nobody. Zero is 5 s.
	AwayAfter time.Duration
}

func (c Config) address() netip.Addr {
	a, _ := netip.ParseAddr(c.Address) // cmd checks it; none is the zero one
	return a
}

// Phone carries the calls of this process. It is safe for concurrent use.
type Phone struct {
	config  Config
	changed chan struct{}

	mu       sync.Mutex
	agent    *agent
	trunkRev int64
	retired  []*agent
	browsers *browsers
	calls    map[ident.Call]*Call
	watchers map[*Watcher]bool
	// left is when users last left a page, by the machine's clock.
	left    map[ident.User]time.Time
	stopped bool
	// elsewhere are the calls of other nodes; see share.go. unshared are those of ours of which they have to be told, and stirred
	// is signalled when there are some, or when somebody came to a page.
	elsewhere []store.SharedCall
	unshared  map[ident.Call]bool
	stirred   chan struct{}
	state     string // what registration says; "" when all is well
	working   sync.WaitGroup

	registered atomic.Bool
}

// libraryLog silences what parts of the library write into a log of its own, once for the process: what goes wrong comes back as an error.
var libraryLog sync.Once

// New builds a phone. Nothing is opened before the first call, or Run.
func New(c Config) *Phone {
	if c.MaxCalls == 0 {
		c.MaxCalls = 100
	}
	if c.MaxLength == 0 {
		c.MaxLength = 4 * time.Hour
	}
	if c.RingLimit == 0 {
		c.RingLimit = time.Minute
	}
	if c.AwayAfter == 0 {
		c.AwayAfter = 5 * time.Second
	}
	if c.LostAfter == 0 {
		c.LostAfter = 10 * time.Second
	}
	libraryLog.Do(func() { sip.SetDefaultLogger(slog.New(slog.DiscardHandler)) })
	return &Phone{
		config: c, changed: make(chan struct{}, 1), calls: map[ident.Call]*Call{}, watchers: map[*Watcher]bool{}, left: map[ident.User]time.Time{},
		unshared: map[ident.Call]bool{}, stirred: make(chan struct{}, 1),
	}
}

// Node is the name of the process, which stands in what it writes down.
func (p *Phone) Node() string { return p.config.Node }

// TrunkChanged has the phone look at the settings of the trunk at once.
func (p *Phone) TrunkChanged() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// lookAgain is how soon a change of the settings on another node is noticed.
const lookAgain = 30 * time.Second

// Run registers at the trunk where that is wanted, until ctx ends; then it ends all calls. It may be run again after that.
func (p *Phone) Run(ctx context.Context) {
	p.mu.Lock()
	p.stopped = false
	p.mu.Unlock()
	if p.config.Board != nil {
		var sharing sync.WaitGroup
		last, stop := context.WithCancel(context.WithoutCancel(ctx)) // it goes on until the calls are over: the other nodes must hear of it
		sharing.Go(func() { p.share(last) })
		defer func() { stop(); sharing.Wait() }()
	}
	var renew time.Time
	for ctx.Err() == nil {
		renew = p.keepRegistered(ctx, renew)
		wait := lookAgain
		if left := time.Until(renew); !renew.IsZero() && left < wait {
			wait = max(left, time.Second)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-p.changed:
			renew = time.Time{}
		}
		timer.Stop()
		p.settle()
	}
	p.stop()
}

// settle closes agents of former settings whose calls are over.
func (p *Phone) settle() {
	p.mu.Lock()
	var idle []*agent
	p.retired = slices.DeleteFunc(p.retired, func(a *agent) bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		if len(a.legs) == 0 {
			idle = append(idle, a)
		}
		return len(a.legs) == 0
	})
	p.mu.Unlock()
	for _, a := range idle {
		p.shut(a)
	}
}

func (p *Phone) shut(a *agent) {
	if err := a.close(); err != nil {
		p.config.Log.Debug("close the way to the trunk", "error", err)
	}
}

// registerLease is held by the node to which the trunk sends incoming calls: with several, each call would ring on every node.
const registerLease = "phone-register"

// registerLeaseFor is how long that node may say nothing before another takes its place; it says so every lookAgain.
const registerLeaseFor = 3 * lookAgain

// keepRegistered registers when it is time and gives when it is time again; zero when nothing is to be done.
func (p *Phone) keepRegistered(ctx context.Context, renew time.Time) time.Time {
	leads, err := p.config.Book.Lead(ctx, registerLease, p.config.Node, registerLeaseFor)
	if err != nil || !leads {
		return time.Time{}
	}
	a, err := p.current(ctx)
	if err != nil || a == nil || !a.trunk.Register {
		p.setState(err)
		p.registered.Store(false)
		return time.Time{}
	}
	if !renew.IsZero() && time.Now().Before(renew) {
		return renew
	}
	span, err := a.register(ctx, registerFor)
	p.setState(err)
	p.registered.Store(err == nil)
	if err != nil {
		if ctx.Err() == nil {
			p.config.Log.Warn("the trunk sends no calls", "error", err)
		}
		return time.Now().Add(lookAgain)
	}
	return time.Now().Add(span / 2)
}

func (p *Phone) setState(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state = ""
	if err != nil {
		p.state = err.Error()
	}
}

// Registered tells whether the trunk sends incoming calls to this node.
func (p *Phone) Registered() bool { return p.registered.Load() }

// State says why this node gets no calls from the trunk; "" when there is nothing to say.
func (p *Phone) State() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.state
}

// errNoTrunk tells that no trunk is set up.
func errNoTrunk() error {
	return fault.New(fault.Conflict, "No trunk is set up, so nobody can be called from here.").WithHint("An admin sets one up under Settings, Phone.")
}

// current gives the agent of the present settings; nil when no trunk is set up.
func (p *Phone) current(ctx context.Context) (*agent, error) {
	t, err := p.config.Trunk(ctx)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	a, rev := p.agent, p.trunkRev
	p.mu.Unlock()
	if a != nil && rev == t.Rev {
		return a, nil
	}
	var fresh *agent
	if t.Ready() {
		opening, cancel := context.WithTimeoutCause(ctx, answerLimit, errSilent)
		defer cancel()
		if fresh, err = openAgent(opening, t, p.config.address(), p.config.Log); err != nil {
			var e end
			if errors.As(err, &e) {
				return nil, err
			}
			return nil, ofTrouble(errors.Join(err, context.Cause(opening)))
		}
		fresh.arrived = p.arrived
	}
	return p.adopt(fresh, t.Rev)
}

// adopt makes an agent the present one, unless another was quicker.
func (p *Phone) adopt(fresh *agent, rev int64) (*agent, error) {
	p.mu.Lock()
	old := p.agent
	if p.stopped || (old != nil && p.trunkRev == rev) {
		p.mu.Unlock()
		if fresh != nil {
			p.shut(fresh)
		}
		return old, nil
	}
	p.agent, p.trunkRev = fresh, rev
	if old != nil {
		p.retired = append(p.retired, old)
	}
	p.mu.Unlock()
	return fresh, nil
}

// browserLegs opens the port for browsers at the first call.
func (p *Phone) browserLegs() (*browsers, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		return nil, stopping()
	}
	if p.browsers != nil {
		return p.browsers, nil
	}
	b, err := openBrowsers(p.config.BrowserPort, p.config.Address, p.config.LostAfter)
	if err != nil {
		return nil, err
	}
	p.browsers = b
	return b, nil
}

func stopping() error {
	return fault.New(fault.Unavailable, "The server is stopping.").WithHint("Try again in a moment.")
}

// stop ends all calls and waits for them.
func (p *Phone) stop() {
	p.mu.Lock()
	p.stopped = true
	calls, agents, b := p.calls, p.retired, p.browsers
	p.retired, p.browsers = nil, nil
	if p.agent != nil {
		agents = append(agents, p.agent)
		p.agent = nil
	}
	for _, c := range calls {
		c.finish(end{reason: store.EndedStopped})
	}
	for w := range p.watchers {
		w.close()
	}
	p.watchers = map[*Watcher]bool{}
	p.mu.Unlock()
	p.working.Wait()
	last, cancel := context.WithTimeout(context.Background(), byeLimit)
	defer cancel()
	for _, a := range agents {
		if a.trunk.Register {
			_, _ = a.register(last, 0) // it forgets us by itself, too
		}
		p.shut(a)
	}
	if b != nil {
		b.close()
	}
}
