package testpg

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// commandLimit bounds one CREATE or DROP DATABASE.
const commandLimit = time.Minute

// template is a filled database that others are copied from.
type template struct {
	fill sync.Once
	name string
	err  error
}

// DSN returns the address of the named database of this server.
func (c *Cluster) DSN(database string) string {
	u := url.URL{
		Scheme: "postgres", User: url.User(owner), Path: "/" + database,
		RawQuery: url.Values{"host": {c.dir}, "sslmode": {"disable"}}.Encode(),
	}
	return u.String()
}

// Database returns the address of a new, empty database. It is dropped when the test ends.
func (c *Cluster) Database(tb testing.TB) string {
	tb.Helper()
	return c.create(tb, "template0")
}

// DatabaseFrom returns the address of a new database which is a copy of one that prepare has filled. prepare
// runs once for each key; it must close its connections. So the migrations run once and each test gets their
// result in some 30 ms.
func (c *Cluster) DatabaseFrom(tb testing.TB, key string, prepare func(dsn string) error) string {
	tb.Helper()
	c.mu.Lock()
	t := c.templates[key]
	if t == nil {
		t = &template{}
		c.templates[key] = t
	}
	c.mu.Unlock()
	t.fill.Do(func() {
		t.name = newName("tmpl")
		if t.err = c.exec("CREATE DATABASE " + t.name + " TEMPLATE template0"); t.err == nil {
			t.err = prepare(c.DSN(t.name))
		}
	})
	if t.err != nil {
		tb.Fatalf("prepare the template database %q: %v", key, t.err)
	}
	return c.create(tb, t.name)
}

func (c *Cluster) create(tb testing.TB, from string) string {
	tb.Helper()
	name := newName("test")
	if err := c.exec("CREATE DATABASE " + name + " TEMPLATE " + from); err != nil {
		tb.Fatalf("create a database: %v", err)
	}
	tb.Cleanup(func() {
		if !c.running() {
			return
		}
		if err := c.exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			tb.Errorf("drop the database: %v", err)
		}
	})
	return c.DSN(name)
}

func newName(kind string) string {
	return kind + "_" + strings.ToLower(rand.Text())
}

// exec runs one statement as administrator.
func (c *Cluster) exec(statement string) error {
	ctx, cancel := context.WithTimeout(context.Background(), commandLimit)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.DSN("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	_, err = conn.Exec(ctx, statement)
	if err != nil {
		return fmt.Errorf("%s: %w", statement, err)
	}
	return nil
}

func (c *Cluster) running() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cmd != nil
}

// Stop shuts the server down as an administrator would: connections are cut, data is safe.
// Use it on a server from Start only.
func (c *Cluster) Stop(tb testing.TB) {
	tb.Helper()
	c.must(tb, c.stop(syscall.SIGINT))
}

// Kill ends the server as a crash would. Use it on a server from Start only.
func (c *Cluster) Kill(tb testing.TB) {
	tb.Helper()
	c.must(tb, c.stop(syscall.SIGQUIT))
}

// Resume starts the server again after Stop or Kill; addresses stay the same.
func (c *Cluster) Resume(tb testing.TB) {
	tb.Helper()
	c.must(tb, c.start())
}

func (c *Cluster) must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatalf("PostgreSQL: %v", err)
	}
}
