package action

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"cadenza/internal/fault"
)

// The limits of guessing passwords.
const (
	freeFails    = 5                // fails before anybody has to wait
	firstDelay   = 5 * time.Second  // doubles with each further fail
	longestDelay = 15 * time.Minute // also how long a fail is remembered
	// limiterSize bounds the memory: more pairs of address and user than this are not remembered.
	limiterSize = 10_000
)

// limiter slows down who guesses: after some fails for one email address from one client address, each further one
// must wait longer. It is in memory, so a restart forgets; that is bearable because every guess costs argon2id time.
type limiter struct {
	mu    sync.Mutex
	fails map[string]fails
}

type fails struct {
	count int
	last  time.Time
}

func newLimiter() *limiter { return &limiter{fails: map[string]fails{}} }

func limiterKey(email, from string) string {
	return strings.ToLower(strings.TrimSpace(email)) + "\x00" + from
}

// attempt lets a sign-in pass or says how long to wait. A sign-in that passes counts as failed until succeed takes it
// back, so that many at once gain nothing.
func (l *limiter) attempt(email, from string, now time.Time) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := limiterKey(email, from)
	f := l.fails[k]
	if now.Sub(f.last) > longestDelay {
		f = fails{}
	}
	if wait := f.delay() - now.Sub(f.last); f.count >= freeFails && wait > 0 {
		return fault.New(fault.TooMany, "There were too many attempts to sign in.").WithHint("Try again in " + roughly(wait) + ".")
	}
	if _, known := l.fails[k]; !known && len(l.fails) >= limiterSize {
		l.forget(now)
	}
	l.fails[k] = fails{count: f.count + 1, last: now}
	return nil
}

// succeed forgets the fails of who signed in.
func (l *limiter) succeed(email, from string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.fails, limiterKey(email, from))
}

// forget makes room: first the pairs whose time is over, then, if all are recent, those with few fails.
func (l *limiter) forget(now time.Time) {
	for k, f := range l.fails {
		if now.Sub(f.last) > longestDelay {
			delete(l.fails, k)
		}
	}
	for limit := 1; len(l.fails) >= limiterSize; limit *= 2 {
		for k, f := range l.fails {
			if f.count <= limit {
				delete(l.fails, k)
			}
		}
	}
}

// delay is how long after the last fail the next attempt may come.
func (f fails) delay() time.Duration {
	d := firstDelay
	for range f.count - freeFails {
		if d *= 2; d >= longestDelay {
			return longestDelay
		}
	}
	return d
}

func roughly(d time.Duration) string {
	if d <= time.Minute {
		return fmt.Sprintf("%d seconds", int(d.Seconds())+1)
	}
	return fmt.Sprintf("%d minutes", int(d.Minutes())+1)
}
