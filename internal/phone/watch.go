package phone

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// State is where a call stands.
type State string

// The states.
const (
	Dialling State = "dialling" // the trunk has not said yet that it rings
	Ringing  State = "ringing"
	Talking  State = "talking"
	Held     State = "held"
	Ended    State = "ended"
)

// Info is what there is to know of a call.
type Info struct {
	store.Call
	State State
}

// Watcher is told when something about the calls of a user has changed. While there is one, the user can be called.
type Watcher struct {
	phone *Phone
	user  ident.User
	wake  chan struct{}
	once  sync.Once
	done  chan struct{}
}

// Watch begins to watch; the watcher must be stopped.
func (p *Phone) Watch(user ident.User) *Watcher {
	w := &Watcher{phone: p, user: user, wake: make(chan struct{}, 1), done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stopped {
		w.close()
		return w
	}
	p.watchers[w] = true
	w.wake <- struct{}{}
	p.stir()
	return w
}

// Changed is signalled when Calls has something new to say, and at the beginning.
func (w *Watcher) Changed() <-chan struct{} { return w.wake }

// Done is closed when the phone stops.
func (w *Watcher) Done() <-chan struct{} { return w.done }

// Stop ends the watching.
func (w *Watcher) Stop() {
	w.phone.mu.Lock()
	delete(w.phone.watchers, w)
	w.phone.left[w.user] = time.Now()
	w.phone.mu.Unlock()
	w.close()
}

func (w *Watcher) close() { w.once.Do(func() { close(w.done) }) }

// tell wakes the watchers of the users whom a call concerns. p.mu must be held.
func (p *Phone) tell(c *Call) {
	p.unshared[c.info.ID] = true
	p.stir()
	p.wake(c.concerns)
}

// wake wakes the watchers of some users. p.mu must be held.
func (p *Phone) wake(concerned func(ident.User) bool) {
	for w := range p.watchers {
		if concerned(w.user) {
			select {
			case w.wake <- struct{}{}:
			default:
			}
		}
	}
}

// present lists the users who are at a page, or were a moment ago. p.mu must be held.
func (p *Phone) present() map[ident.User]bool {
	list := map[ident.User]bool{}
	for w := range p.watchers {
		list[w.user] = true
	}
	for user, at := range p.left {
		if time.Since(at) < p.config.AwayAfter {
			list[user] = true
		} else {
			delete(p.left, user)
		}
	}
	return list
}

// keepEnded is how long a call that is over is still shown, so that a page which was away sees how it ended.
const keepEnded = 2 * time.Minute

// Calls gives the calls of a user: those that ring for the user, the one under way, and those that ended just now. Oldest first.
func (p *Phone) Calls(user ident.User) []Info {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []Info
	for id, c := range p.calls {
		if c.info.State == Ended && time.Since(c.over) > keepEnded {
			delete(p.calls, id)
			continue
		}
		if c.concerns(user) {
			list = append(list, c.info)
		}
	}
	for _, c := range p.elsewhere {
		if sharedWith(c, user) {
			list = append(list, infoOf(c))
		}
	}
	slices.SortFunc(list, func(a, b Info) int { return cmp.Compare(a.ID, b.ID) })
	return list
}
