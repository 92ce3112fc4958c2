package track

import (
	"math"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// What the page to opt out lets pass (ADR 0025). An opt-out in one click is counted for its message alone: the readers of mail
// send those of all their customers from a few addresses, and none of them may be lost.
const (
	perClient, clientBurst   = rate.Limit(2), 60
	perMessage, messageBurst = rate.Limit(1.0 / 30), 10
	// remembered is how many clients, or messages, are told apart at least; twice as many at most.
	remembered = 10_000
)

// throttle counts requests by key, in bounded memory. Two generations of counts take turns: when the younger one is full, the older
// one is forgotten, so a flood of new keys gives everybody a fresh start instead of locking anybody out.
type throttle[K comparable] struct {
	limit rate.Limit
	burst int

	mu         sync.Mutex
	young, old map[K]*rate.Limiter
}

func newThrottle[K comparable](limit rate.Limit, burst int) *throttle[K] {
	return &throttle[K]{limit: limit, burst: burst, young: map[K]*rate.Limiter{}}
}

// wait counts one request and gives zero, or says after how long the next one would pass and counts nothing.
func (t *throttle[K]) wait(key K, now time.Time) time.Duration {
	t.mu.Lock()
	l, known := t.young[key]
	if !known {
		if l, known = t.old[key]; !known {
			l = rate.NewLimiter(t.limit, t.burst)
		}
		if len(t.young) >= remembered {
			t.young, t.old = map[K]*rate.Limiter{}, t.young
		}
		t.young[key] = l
	}
	t.mu.Unlock()
	r := l.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait
}

// clientOf gives who a request comes from. Who has an address of IPv6 has a network of them (RFC 6177), so that counts as one.
func clientOf(r *http.Request) netip.Prefix {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Prefix{} // those whose address nobody knows are counted as one
	}
	address = address.Unmap().WithZone("")
	bits := address.BitLen()
	if address.Is6() {
		bits = 64
	}
	network, _ := address.Prefix(bits)
	return network
}

// admit counts a POST and tells how long it has to wait; a fault when it cannot be read. It reads the form before the request
// takes a place among those that are answered, so that nobody who sends slowly holds one.
func (d *Door) admit(w http.ResponseWriter, r *http.Request, m ident.Message) (time.Duration, error) {
	connection := http.NewResponseController(w) // a test's knows no deadlines, which does not matter
	_ = connection.SetReadDeadline(time.Now().Add(choiceLimit))
	defer func() { _ = connection.SetReadDeadline(time.Time{}) }()
	r.Body = http.MaxBytesReader(w, r.Body, choiceMax)
	if err := r.ParseMultipartForm(choiceMax); err != nil && r.PostForm == nil {
		return 0, fault.New(fault.Malformed, "The form cannot be read.")
	}
	now := d.memory.Now()
	if oneClick(r) {
		return d.clicks.wait(m, now), nil
	}
	if wait := d.clients.wait(clientOf(r), now); wait > 0 {
		return wait, nil
	}
	return d.choices.wait(m, now), nil
}

// tooMany says when to come again.
func tooMany(w http.ResponseWriter, wait time.Duration) {
	seconds := strconv.Itoa(max(1, int(math.Ceil(wait.Seconds()))))
	w.Header().Set("Retry-After", seconds)
	plain(w, http.StatusTooManyRequests, "That was very often in a short time. Try again in "+seconds+" seconds.")
}
