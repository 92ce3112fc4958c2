package inbox

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync/atomic"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// pollEvery is how often the folders beside the inbox are looked into, and the inbox too in case that the server forgot to
	// say something.
	pollEvery = time.Minute
	// recheck is when the inbox is asked once more after something was read, and then after ever longer pauses: servers (Dovecot)
	// forget to announce a mail that comes in the moment between a command and the next IDLE.
	recheck = 2 * time.Second
	// noopEvery is how often the inbox is asked of servers that cannot say it by themselves (IDLE, RFC 2177).
	noopEvery = 15 * time.Second
	// commandLimit bounds one command: a server that is silent for so long is gone.
	commandLimit = 2 * time.Minute
	// commandBytes bounds what a server may say to one command, whatever was asked.
	commandBytes = 64 << 20

	shortestPause = time.Second
	longestPause  = 5 * time.Minute
	// lastsAfter is from when on trouble that may pass by itself is told to the mailbox's user.
	lastsAfter = 5 * time.Minute
)

// watcher reads one mailbox.
type watcher struct {
	loop   *Loop
	box    store.Mailbox
	server Server
	log    *slog.Logger
	meter  *meter
	// mended is signalled when a test found that the mailbox can be read.
	mended <-chan struct{}
	// stuck counts how often the taking in of a mail failed, by its place.
	stuck map[place]int
	// settled is the last message in doubt that was looked up; the next round goes on after it, or from the first one for zero.
	settled ident.Message
}

type place struct {
	folder        string
	validity, uid uint32
}

func (l *Loop) watcher(box store.Mailbox, mended <-chan struct{}) *watcher {
	w := &watcher{
		loop: l, box: box, mended: mended, stuck: map[place]int{},
		log: l.c.Log.With("mailbox", box.ID.String()),
	}
	w.server, w.meter = l.c.Server.metered()
	return w
}

// metered gives the server with connections whose words the meter bounds.
func (s Server) metered() (Server, *meter) {
	m := &meter{}
	dial := s.Dial
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	s.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		m.grant()
		return &meteredConn{conn, m}, nil
	}
	return s, m
}

// run reads until ctx ends. After trouble it tries again, ever later, of a trouble that only a person can mend the latest; and at
// once when somebody has tested the mailbox and found it well.
func (w *watcher) run(ctx context.Context) {
	var pause time.Duration
	var failing time.Time
	for ctx.Err() == nil {
		select {
		case <-w.mended: // this attempt comes after it
		default:
		}
		w.loop.counts.set(w.box.ID, Connecting)
		begin := time.Now()
		stood, err := w.session(ctx)
		if ctx.Err() != nil {
			return
		}
		reason, setup := w.trouble(err)
		if stood { // servers end connections now and then: nothing to tell anybody as long as the next one stands
			failing = time.Time{}
			if time.Since(begin) > pollEvery {
				pause = 0
			}
		} else {
			if failing.IsZero() {
				failing = begin
			}
			w.loop.counts.set(w.box.ID, Failing)
			w.note(ctx, store.Reading{Trouble: reason, Lasts: setup || time.Since(failing) >= lastsAfter})
		}
		pause = min(max(2*pause, shortestPause), longestPause)
		if setup {
			pause = longestPause
		}
		wait := pause/2 + rand.N(pause/2+1) // a server that comes back must not be called by all at once
		w.log.Warn("reading of a mailbox was interrupted", "reason", reason, "retry_in", wait)
		if sleep(ctx, wait, w.mended) {
			pause = 0
		}
	}
}

// memoryError is trouble of our own side.
type memoryError struct{ inner error }

func (e *memoryError) Error() string { return e.inner.Error() }
func (e *memoryError) Unwrap() error { return e.inner }

// kept marks an error of the memory.
func kept(err error) error {
	if err == nil {
		return nil
	}
	return &memoryError{err}
}

// trouble says what ended a session, and whether only a person can mend it.
func (w *watcher) trouble(err error) (reason string, setup bool) {
	var own *memoryError
	if errors.As(err, &own) {
		w.log.Error("store received mail", "error", own.inner)
		return "What was read could not be stored.", false
	}
	return Trouble(err, w.box)
}

// note keeps how the reading goes, for the page of the mailbox.
func (w *watcher) note(ctx context.Context, r store.Reading) {
	if err := w.loop.c.Roster.NoteMailboxRead(ctx, w.box.ID, w.box.Rev, r); err != nil && ctx.Err() == nil {
		w.log.Error("note the reading of a mailbox", "error", err)
	}
}

// session is one connection. stood tells that everything was read through it at least once.
type session struct {
	*watcher
	client  *imapclient.Client
	cursors map[string]store.FolderCursor
	// news has a value when the server said that something came since it was drained.
	news chan struct{}
	idle bool
}

// session opens a connection and reads until it breaks or ctx ends.
func (w *watcher) session(ctx context.Context) (stood bool, err error) {
	news := make(chan struct{}, 1)
	client, err := w.server.Open(ctx, w.box, &imapclient.UnilateralDataHandler{Mailbox: func(*imapclient.UnilateralDataMailbox) {
		signal(news)
	}})
	if err != nil {
		return false, err
	}
	defer func() { _ = client.Close() }()
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	s := &session{watcher: w, client: client, news: news}
	var caps imap.CapSet
	_ = s.within(func() error { caps = client.Caps(); return nil })
	s.idle = caps.Has(imap.CapIdle) || caps.Has(imap.CapIMAP4rev2)
	if s.cursors, err = w.loop.c.Memory.FolderCursors(ctx, w.box.ID); err != nil {
		return false, kept(err)
	}
	var folders folders
	var listed time.Time
	for {
		if time.Since(listed) >= relistEvery {
			if folders, err = s.folders(); err != nil {
				return stood, err
			}
			listed = time.Now()
		}
		if err := s.everything(ctx, folders); err != nil {
			return stood, err
		}
		stood = true
		w.loop.counts.set(w.box.ID, Reading)
		w.note(ctx, store.Reading{})
		if err := s.listen(ctx); err != nil {
			return stood, err
		}
	}
}

// everything looks into all folders, the inbox last because it then stays open, and settles what is unknown.
func (s *session) everything(ctx context.Context, f folders) error {
	if err := s.settle(ctx, f); err != nil {
		return err
	}
	for _, name := range f.polled {
		if err := s.poll(ctx, name); err != nil {
			return err
		}
	}
	return s.look(ctx, inboxName)
}

// listen waits for mail in the inbox, which is open, until the other folders want to be looked into again.
func (s *session) listen(ctx context.Context) error {
	end := time.NewTimer(pollEvery)
	defer end.Stop()
	pause := recheck
	for {
		said, over, err := s.wait(ctx, end.C, pause)
		if err != nil || over {
			return err
		}
		if err := s.readNew(ctx, inboxName, nil); err != nil {
			return err
		}
		if pause = min(2*pause, pollEvery); said {
			pause = recheck
		}
	}
}

// wait ends when the server says that something came, after the pause, or, which over says, when the time to listen is over.
func (s *session) wait(ctx context.Context, end <-chan time.Time, pause time.Duration) (said, over bool, err error) {
	select {
	case <-s.news: // it came while something else was asked
		return true, false, nil
	default:
	}
	if !s.idle {
		pause = noopEvery
	}
	again := time.NewTimer(pause)
	defer again.Stop()
	var cmd *imapclient.IdleCommand
	if s.idle {
		err = s.within(func() (err error) { cmd, err = s.client.Idle(); return err })
		if refused(err) {
			s.idle = false
			return false, false, nil
		}
		if err != nil {
			return false, false, err
		}
	}
	select {
	case <-ctx.Done():
		err = ctx.Err()
	case <-end:
		over = true
	case <-s.client.Closed():
		err = io.ErrUnexpectedEOF
	case <-s.news:
		said = true
	case <-again.C:
	}
	if err != nil {
		return false, false, err
	}
	return said, over, s.within(func() error {
		if cmd == nil {
			return s.client.Noop().Wait()
		}
		return errors.Join(cmd.Close(), cmd.Wait()) // IDLE is ended before anything else is asked
	})
}

// within gives a command its time and its room; beyond them the connection is closed.
func (s *session) within(command func() error) error {
	s.meter.grant()
	late := time.AfterFunc(commandLimit, func() { _ = s.client.Close() })
	defer late.Stop()
	return command()
}

// refused tells that the server answered NO or BAD, so the connection is as good as before.
func refused(err error) bool {
	var answer *imap.Error
	return errors.As(err, &answer) && answer.Type != imap.StatusResponseTypeBye
}

// meter bounds what a server says to one command.
type meter struct{ left atomic.Int64 }

func (m *meter) grant() { m.left.Store(commandBytes) }

type meteredConn struct {
	net.Conn
	meter *meter
}

var errTooMuch = errors.New("the server says more than it was asked")

// Read reads as long as there is room.
func (c *meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if c.meter.left.Add(-int64(n)) < 0 {
		return 0, errTooMuch
	}
	return n, err
}
