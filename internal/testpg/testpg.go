package testpg

import (
	"errors"
	"sync"
	"testing"

	"cadenza/internal/testproc"
)

const install = "sudo apt-get install postgresql"

// errMissing says that no PostgreSQL server programs were found.
var errMissing = errors.New("no initdb and postgres found")

// Options are the choices for a server of a test's own. The zero value is the fast server.
type Options struct {
	// Fsync makes commits durable, for tests that kill the server and for honest figures.
	Fsync bool
	// Settings are further lines of postgresql.conf, as name to value.
	Settings map[string]string
}

var shared = sync.OnceValues(func() (*Cluster, error) { return open(Options{}) })

// Server returns the server that all tests of this process share. It starts at the first call and stops when
// the process ends.
func Server(tb testing.TB) *Cluster {
	tb.Helper()
	c, err := shared()
	check(tb, err)
	return c
}

// Database returns the address (postgres://…) of a new, empty database on the shared server. It is dropped
// when the test ends, also while connections to it are still open.
func Database(tb testing.TB) string {
	tb.Helper()
	return Server(tb).Database(tb)
}

// DatabaseFrom returns the address of a new database on the shared server which is a copy of one that prepare
// has filled. See Cluster.DatabaseFrom.
func DatabaseFrom(tb testing.TB, key string, prepare func(dsn string) error) string {
	tb.Helper()
	return Server(tb).DatabaseFrom(tb, key, prepare)
}

// Start starts a server for this test alone and stops it when the test ends.
func Start(tb testing.TB, o Options) *Cluster {
	tb.Helper()
	c, err := open(o)
	check(tb, err)
	tb.Cleanup(func() {
		if err := c.close(); err != nil {
			tb.Errorf("close PostgreSQL: %v", err)
		}
	})
	return c
}

func check(tb testing.TB, err error) {
	tb.Helper()
	switch {
	case errors.Is(err, errMissing):
		testproc.Missing(tb, "PostgreSQL", install)
	case err != nil:
		tb.Fatalf("start PostgreSQL: %v", err)
	}
}
