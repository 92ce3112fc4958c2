package testpg

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"cadenza/internal/testproc"
)

// TestMain turns the test binary into a second test process, when a test asks for it.
func TestMain(m *testing.M) {
	if os.Getenv("TESTPG_SECOND") != "" {
		second()
	}
	os.Exit(m.Run())
}

// second prints its folder and then hangs until it is killed.
func second() {
	c, err := shared()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Println(c.dir)
	select {}
}

func connect(t *testing.T, dsn string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func query(t *testing.T, conn *pgx.Conn, sql string) string {
	t.Helper()
	var s string
	if err := conn.QueryRow(t.Context(), sql).Scan(&s); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return s
}

func TestDatabaseAnswers(t *testing.T) {
	t.Parallel()
	dsn := Database(t)
	conn := connect(t, dsn)
	for sql, want := range map[string]string{
		"SELECT 1::text":                   "1",
		"SHOW server_encoding":             "UTF8",
		"SHOW fsync":                       "off",
		"SHOW timezone":                    "UTC",
		"SHOW listen_addresses":            "",
		"SELECT lower('ÄÖÜ')":              "äöü",
		"SELECT (timeofday() <> '')::text": "true",
	} {
		if got := query(t, conn, sql); got != want {
			t.Errorf("%s = %q, want %q", sql, got, want)
		}
	}
}

// A pool that a test forgot to close must not keep its database from being dropped.
func TestDatabaseIsDropped(t *testing.T) {
	t.Parallel()
	var name string
	t.Run("left open", func(t *testing.T) {
		dsn := Database(t)
		u, err := url.Parse(dsn)
		if err != nil {
			t.Fatal(err)
		}
		name = strings.TrimPrefix(u.Path, "/")
		pool, err := pgxpool.New(context.Background(), dsn)
		if err != nil {
			t.Fatal(err)
		}
		if err := pool.Ping(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
	conn := connect(t, Server(t).DSN("postgres"))
	if got := query(t, conn, "SELECT count(*)::text FROM pg_database WHERE datname = '"+name+"'"); got != "0" {
		t.Errorf("database %s is still there", name)
	}
}

func TestDatabaseFromPreparesOnce(t *testing.T) {
	t.Parallel()
	prepared := 0 // sync.Once orders the writes
	prepare := func(dsn string) error {
		prepared++
		ctx := context.Background()
		conn, err := pgx.Connect(ctx, dsn)
		if err != nil {
			return err
		}
		defer conn.Close(ctx)
		_, err = conn.Exec(ctx, "CREATE TABLE words (word text); INSERT INTO words VALUES ('lead')")
		return err
	}
	t.Run("copies", func(t *testing.T) {
		for range 8 {
			t.Run("", func(t *testing.T) {
				t.Parallel()
				conn := connect(t, DatabaseFrom(t, "words", prepare))
				if _, err := conn.Exec(t.Context(), "INSERT INTO words VALUES ('own')"); err != nil {
					t.Fatal(err)
				}
				if got := query(t, conn, "SELECT string_agg(word, ' ') FROM words"); got != "lead own" {
					t.Errorf("words = %q: copies are not apart", got)
				}
			})
		}
	})
	if prepared != 1 {
		t.Errorf("prepared %d times, want 1", prepared)
	}
}

func TestOwnServerStopsAndResumes(t *testing.T) {
	t.Parallel()
	c := Start(t, Options{Fsync: true, Settings: map[string]string{"work_mem": "7MB"}})
	dsn := c.Database(t)
	conn := connect(t, dsn)
	if got := query(t, conn, "SHOW fsync") + query(t, conn, "SHOW work_mem"); got != "on7MB" {
		t.Errorf("settings = %q", got)
	}
	if _, err := conn.Exec(t.Context(), "CREATE TABLE kept AS SELECT 'yes' AS answer"); err != nil {
		t.Fatal(err)
	}
	for _, end := range []func(testing.TB){c.Stop, c.Kill} {
		end(t)
		if _, err := pgx.Connect(t.Context(), dsn); err == nil {
			t.Fatal("a stopped server took a connection")
		}
		c.Resume(t)
		if got := query(t, connect(t, dsn), "SELECT answer FROM kept"); got != "yes" {
			t.Errorf("after resume: %q", got)
		}
	}
}

// Test processes run side by side, each with its own server; a killed one leaves nothing behind.
func TestProcessesDoNotCollide(t *testing.T) {
	t.Parallel()
	Server(t) // skips when PostgreSQL is missing
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	var children []*exec.Cmd
	for range 2 {
		cmd := exec.Command(self)
		cmd.Env = append(os.Environ(), "TESTPG_SECOND=1")
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := testproc.Start(cmd, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		children = append(children, cmd)
		var dir string
		if _, err := fmt.Fscanln(out, &dir); err != nil {
			t.Fatal(err)
		}
		dirs = append(dirs, dir)
	}
	if dirs[0] == dirs[1] || dirs[0] == Server(t).dir {
		t.Errorf("servers share a folder: %v and %s", dirs, Server(t).dir)
	}
	for i, cmd := range children {
		c := &Cluster{dir: dirs[i]}
		if got := query(t, connect(t, c.DSN("postgres")), "SELECT 1::text"); got != "1" {
			t.Errorf("server %d answered %q", i, got)
		}
		cmd.Process.Kill()
		cmd.Wait()
		waitGone(t, dirs[i])
	}
}

// waitGone waits for the clean-up, which belongs to no process of ours, to remove dir.
func waitGone(t *testing.T, dir string) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(30 * time.Second)
	for {
		if _, err := os.Stat(dir); os.IsNotExist(err) {
			return
		}
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("%s is still there", dir)
		}
	}
}

func TestProgramsFindsTheNewest(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]float64{
		"/usr/lib/postgresql/15/bin/initdb":  15,
		"/usr/lib/postgresql/9.6/bin/initdb": 9.6,
		"/usr/bin/initdb":                    0,
	} {
		if got := version(path); got != want {
			t.Errorf("version(%q) = %v, want %v", path, got, want)
		}
	}
}
