package delivery

import (
	"strings"
	"time"
)

// The ladder of retries after a temporary refusal (design, section 3).
var ladder = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour}

// greylisted is the first pause when the server says that it only wants to see the message again (RFC 6647).
const greylisted = 5 * time.Minute

// crowdedFor is how long a message waits for which there was no session beside those of others.
const crowdedFor = time.Minute

// retryAfter gives the pause after the nth attempt failed for now; ok is false when it was the last.
func retryAfter(attempt int, reason string) (pause time.Duration, ok bool) {
	if attempt > len(ladder) {
		return 0, false
	}
	if attempt == 1 && strings.Contains(strings.ToLower(reason), "greylist") {
		return greylisted, true
	}
	return ladder[attempt-1], true
}

// leastPause is the shortest pause after the nth attempt where the other side named one: what it says counts the first time,
// and whoever says it again and again is given more time each time.
func leastPause(attempt int) time.Duration {
	if attempt < 2 || attempt-2 >= len(ladder) {
		return 0
	}
	return ladder[attempt-2]
}
