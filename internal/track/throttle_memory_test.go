package track

import (
	"testing"
	"time"
)

// TestThrottleForgets wants a flood of keys to be held in bounded memory, and whoever keeps coming to be remembered.
func TestThrottleForgets(t *testing.T) {
	t.Parallel()
	s, now := newThrottle[int](1, 1), time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	for key := range 5 * remembered {
		if wait := s.wait(key+1, now); wait != 0 {
			t.Fatalf("key %d waits %v at its first request", key+1, wait)
		}
		if wait := s.wait(0, now); key > 0 && wait == 0 {
			t.Fatalf("who comes again and again was forgotten after %d others", key)
		}
	}
	if n := len(s.young) + len(s.old); n > 2*remembered {
		t.Errorf("%d keys are remembered, want at most %d", n, 2*remembered)
	}
}
