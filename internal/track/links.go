package track

import (
	"sync"

	"cadenza/internal/ident"
)

// linksMax is how many links are remembered, twice: some megabytes as links are, 20 if all were of the longest.
const linksMax = 5000

// links remembers where links lead. A link never changes, so nothing in it grows old. When it is full the older half
// goes.
type links struct {
	mu       sync.Mutex
	now, old map[linkKey]string
}

type linkKey struct {
	message ident.Message
	number  int
}

func newLinks() *links { return &links{now: map[linkKey]string{}} }

func (l *links) get(message ident.Message, number int) (string, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	k := linkKey{message, number}
	url, ok := l.now[k]
	if !ok {
		if url, ok = l.old[k]; ok {
			l.keep(k, url)
		}
	}
	return url, ok
}

func (l *links) put(message ident.Message, number int, url string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.keep(linkKey{message, number}, url)
}

func (l *links) keep(k linkKey, url string) {
	if len(l.now) >= linksMax {
		l.now, l.old = map[linkKey]string{}, l.now
	}
	l.now[k] = url
}
