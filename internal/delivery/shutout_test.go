package delivery_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/delivery"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// openSigned starts the loop against a server that lets anna in with the password right; password gives the one in use.
func (o *office) openSigned(password *atomic.Value) {
	o.openThrough(password, func(conn net.Conn) net.Conn { return conn })
}

// openThrough is openSigned with something between the loop and the server.
func (o *office) openThrough(password *atomic.Value, through func(net.Conn) net.Conn) {
	pipe := testmail.NewPipe()
	o.sink = testmail.StartSink(o.T, testmail.SinkOptions{Listener: pipe, Users: map[string]string{"anna": "right"}})
	loop := delivery.New(delivery.Config{
		Outbox: o.db, Node: "test", Workers: 4, Log: slog.New(slog.NewTextHandler(o.text, nil)),
		Transport: delivery.NewSMTP(delivery.Server{Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := pipe.Dial(ctx, network, address)
			if err != nil {
				return nil, err
			}
			return through(conn), nil
		}, Credentials: func(context.Context, store.Mailbox) (signin.Credentials, error) {
			return signin.Credentials{Username: "anna", Password: password.Load().(string)}, nil
		}}),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { loop.Run(ctx) })
	o.stop = func() { cancel(); done.Wait() }
	o.Cleanup(o.stop)
}

// TestWrongPassword holds that a password which the server refuses fails no mail: everything waits with the reason, one mail an
// hour tries again, and all of it goes once the mailbox is let in, by itself or after a save.
func TestWrongPassword(t *testing.T) {
	t.Parallel()
	for _, heals := range []bool{true, false} {
		t.Run(fmt.Sprintf("heals %v", heals), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, 100)
				var password atomic.Value
				password.Store("wrong")
				o.openSigned(&password)
				time.Sleep(10 * time.Minute)
				o.states("queued 100")
				first, _, _ := o.sink.Sessions()
				if first > 8 {
					t.Errorf("%d sign-ins were tried at first", first)
				}
				o.waits("cannot send: The mail server refused user name and password (535). Enter the password again.")
				time.Sleep(3 * time.Hour)
				if ever, _, _ := o.sink.Sessions(); ever-first < 2 || ever-first > 4 {
					t.Errorf("%d sign-ins were tried in three hours, want about three", ever-first)
				}
				o.states("queued 100")
				password.Store("right")
				if heals {
					time.Sleep(time.Hour + time.Minute)
				} else {
					o.save()
					time.Sleep(time.Minute)
				}
				o.states("sent 100")
				o.let()
			})
		})
	}
}

// TestGarbledGreeting holds that a port at which something else answers for some minutes holds the mailbox's mail minutes, not an
// hour, and fails none of it.
func TestGarbledGreeting(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 20)
		var password atomic.Value
		password.Store("right")
		var garbled atomic.Bool
		garbled.Store(true)
		o.openThrough(&password, func(conn net.Conn) net.Conn {
			if garbled.Load() {
				return &garbledConn{Conn: conn}
			}
			return conn
		})
		time.Sleep(11 * time.Minute)
		o.states("queued 20")
		o.waits("cannot send: What answers at this port is no mail server. Check host and port.")
		garbled.Store(false)
		time.Sleep(6 * time.Minute)
		o.states("sent 20")
		o.let()
	})
}

// TestServerAway holds that a server which cannot be reached for hours costs no mail an attempt, that one tries it ever more rarely, that its user
// hears of it once, and that all goes when it is back: by itself, or at once after a good test.
func TestServerAway(t *testing.T) {
	t.Parallel()
	for _, tested := range []bool{false, true} {
		t.Run(fmt.Sprintf("tested %v", tested), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := newOffice(t, 50)
				var password atomic.Value
				password.Store("right")
				var away atomic.Bool
				var dialled atomic.Int64
				away.Store(true)
				o.openThrough(&password, func(conn net.Conn) net.Conn {
					if away.Load() {
						dialled.Add(1)
						_ = conn.Close()
					}
					return conn
				})
				time.Sleep(4 * time.Minute)
				o.told(0)
				time.Sleep(6*time.Hour - 4*time.Minute)
				o.states("queued 50")
				o.waitsBy(store.BlockUnreached, "cannot send: The mail server cannot be reached: the connection broke.")
				o.told(1)
				if n := dialled.Load(); n < 60 || n > 90 {
					t.Errorf("%d connections were tried in six hours, want about seventy", n)
				}
				away.Store(false)
				if tested {
					m := o.box()
					if err := o.db.Write(t.Context(), func(tx *store.Tx) error { _, err := tx.NoteMailboxCheck(m); return err }); err != nil {
						t.Fatal(err)
					}
					time.Sleep(time.Minute)
				} else {
					time.Sleep(6 * time.Minute)
				}
				o.states("sent 50")
				o.let()
			})
		})
	}
}

// TestShortlyAway holds that a server which is away for a moment holds up mail for a minute.
func TestShortlyAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 20)
		var password atomic.Value
		password.Store("right")
		began := time.Now()
		o.openThrough(&password, func(conn net.Conn) net.Conn {
			if time.Since(began) < 30*time.Second {
				_ = conn.Close()
			}
			return conn
		})
		time.Sleep(90 * time.Second)
		o.states("sent 20")
		o.told(0)
	})
}

// TestFewSessions holds that a server which takes few sessions at once holds up nobody but those that were one too many.
func TestFewSessions(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := newOffice(t, 20)
		var password atomic.Value
		password.Store("right")
		var open atomic.Int64
		o.openThrough(&password, func(conn net.Conn) net.Conn {
			if open.Add(1) > 1 {
				_ = conn.Close()
			}
			return &countedConn{Conn: conn, open: &open}
		})
		time.Sleep(30 * time.Minute) // each minute one gets through at least
		o.states("sent 20")
		o.let()
		o.told(0)
	})
}

// countedConn counts those that are open.
type countedConn struct {
	net.Conn
	once sync.Once
	open *atomic.Int64
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

// told wants the user of the mailbox to have been told so often that it does not send.
func (o *office) told(want int) {
	o.Helper()
	box := o.box()
	var list store.Page[store.Notification]
	if err := o.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		list, err = tx.Notifications(store.NotificationQuery{User: box.User})
		return err
	}); err != nil {
		o.Fatal(err)
	}
	if len(list.Rows) != want {
		o.Errorf("%d notifications, want %d: %+v", len(list.Rows), want, list.Rows)
	}
}

// garbledConn answers as a web server does, whatever is asked.
type garbledConn struct {
	net.Conn
	said bool
}

func (c *garbledConn) Read(p []byte) (int, error) {
	if c.said {
		return 0, io.EOF
	}
	c.said = true
	return copy(p, "HTTP/1.1 400 Bad Request\r\n\r\n"), nil
}

func (o *office) box() (m store.Mailbox) {
	o.Helper()
	if err := o.db.Read(context.Background(), func(tx *store.Tx) error {
		list, err := tx.ListMailboxes()
		m = list[0]
		return err
	}); err != nil {
		o.Fatal(err)
	}
	return m
}

// save saves the mailbox, as its form does.
func (o *office) save() {
	o.Helper()
	m := o.box()
	if err := o.db.Write(context.Background(), func(tx *store.Tx) error { _, err := tx.UpdateMailbox(m); return err }); err != nil {
		o.Fatal(err)
	}
}

// let wants nothing to shut the mailbox out.
func (o *office) let() {
	o.Helper()
	if m := o.box(); m.SendError != "" || !m.SendAgain.IsZero() {
		o.Errorf("the mailbox still says %q until %v", m.SendError, m.SendAgain)
	}
}

// waits wants every message to wait for the mailbox, with the reason, and no attempt to count.
func (o *office) waits(reason string) {
	o.Helper()
	o.waitsBy(store.BlockShutOut, reason)
}

func (o *office) waitsBy(blocker store.Blocker, reason string) {
	o.Helper()
	if m := o.box(); m.SendError == "" || m.SendAgain.IsZero() {
		o.Errorf("the mailbox says %q until %v", m.SendError, m.SendAgain)
	}
	var page store.Page[store.Message]
	if err := o.db.Read(context.Background(), func(tx *store.Tx) (err error) {
		page, err = tx.ListMessages(store.MessageQuery{Limit: store.MaxPageSize})
		return err
	}); err != nil {
		o.Fatal(err)
	}
	for _, m := range page.Rows {
		if m.Blocker != blocker || m.Attempts != 0 || !strings.Contains(m.Reason, reason) {
			o.Fatalf("a message is blocked by %q after %d attempts: %s", m.Blocker, m.Attempts, m.Reason)
		}
	}
}
