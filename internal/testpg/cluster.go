package testpg

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"cadenza/internal/testproc"
)

const (
	owner = "postgres"
	// startLimit is generous: a loaded machine must not fail a test.
	startLimit = 60 * time.Second
)

// cleanUp ends the server whose working folder is $1/data and removes $1. The working folder is compared, so
// a process that was given an old id is never hit.
const cleanUp = `
data="$1/data"
pid=$(head -n 1 "$data/postmaster.pid" 2>/dev/null)
ours() { [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$data" ]; }
ours && kill -QUIT "$pid"
n=0
while ours && [ $n -lt 200 ]; do sleep 0.05; n=$((n+1)); done
ours && kill -KILL "$pid"
rm -rf "$1"
`

// Cluster is one PostgreSQL server with its data folder.
type Cluster struct {
	bin   string // folder of the server programs
	dir   string // socket and data; removed in the end
	close func() error

	mu        sync.Mutex
	cmd       *exec.Cmd     // nil when stopped
	ended     chan struct{} // closed when cmd has ended
	templates map[string]*template
}

// open makes the data folder and starts the server.
func open(o Options) (*Cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp(root(), "cadenza-pg-")
	if err != nil {
		return nil, fmt.Errorf("make the folder: %w", err)
	}
	c := &Cluster{bin: bin, dir: dir, templates: map[string]*template{}}
	if c.close, err = testproc.Afterwards(cleanUp, dir); err != nil {
		os.RemoveAll(dir)
		return nil, err
	}
	if err := c.initialise(o); err != nil {
		return nil, cmp.Or(err, c.close())
	}
	if err := c.start(); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// root is the folder for temporary folders. The path of a Unix socket may have 107 bytes (unix(7)), and user
// postgres must be able to walk there.
func root() string {
	if dir := os.TempDir(); len(dir) < 60 && !strings.HasPrefix(dir, "/root") {
		return dir
	}
	return "/tmp"
}

// programs finds the folder of the newest installed server.
func programs() (string, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	slices.SortFunc(found, func(a, b string) int { return cmp.Compare(version(b), version(a)) })
	if onPath, err := exec.LookPath("initdb"); err == nil {
		found = append(found, onPath)
	}
	for _, initdb := range found {
		bin := filepath.Dir(initdb)
		if _, err := os.Stat(filepath.Join(bin, "postgres")); err == nil {
			return bin, nil
		}
	}
	return "", errMissing
}

func version(initdb string) float64 {
	v, _ := strconv.ParseFloat(filepath.Base(filepath.Dir(filepath.Dir(initdb))), 64)
	return v
}

func (c *Cluster) data() string { return filepath.Join(c.dir, "data") }

// command prepares a server program, as user postgres when we are root (PostgreSQL refuses root).
func (c *Cluster) command(name string, args ...string) (*exec.Cmd, error) {
	cmd := exec.Command(filepath.Join(c.bin, name), args...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
	if os.Getuid() == 0 {
		return cmd, testproc.As(cmd, owner)
	}
	return cmd, nil
}

func (c *Cluster) initialise(o Options) error {
	// The socket's folder is open to all users: tests may run programs under another one.
	if err := os.Chmod(c.dir, 0o755); err != nil {
		return err
	}
	if os.Getuid() == 0 {
		uid, gid, err := testproc.IDs(owner)
		if err != nil {
			return err
		}
		if err := os.Chown(c.dir, uid, gid); err != nil {
			return err
		}
	}
	cmd, err := c.command("initdb", "--pgdata", c.data(), "--username", owner, "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync", "--no-instructions")
	if err != nil {
		return err
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, bytes.TrimSpace(out))
	}
	conf, err := os.OpenFile(filepath.Join(c.data(), "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = conf.WriteString(settings(c.dir, o))
	return cmp.Or(err, conf.Close())
}

func settings(dir string, o Options) string {
	values := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": dir,
		"max_connections":         "300",
		"shared_buffers":          "64MB",
		"timezone":                "UTC",
		"lc_messages":             "C",
		"log_checkpoints":         "off",
		"max_wal_size":            "2GB",
	}
	if !o.Fsync {
		values["fsync"] = "off"
		values["synchronous_commit"] = "off"
		values["full_page_writes"] = "off"
	}
	maps.Copy(values, o.Settings)
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&b, "%s = '%s'\n", name, strings.ReplaceAll(values[name], "'", "''"))
	}
	return b.String()
}

// start starts the server and returns when it takes connections.
func (c *Cluster) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd != nil {
		return nil
	}
	cmd, err := c.command("postgres", "-D", c.data())
	if err != nil {
		return err
	}
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return err
	}
	// SIGQUIT is PostgreSQL's immediate shutdown: it takes its own children along.
	if err := testproc.Start(cmd, syscall.SIGQUIT); err != nil {
		return err
	}
	ready, ended := make(chan struct{}), make(chan struct{})
	var last tail
	go func() {
		last.watch(stderr, ready)
		cmd.Wait()
		close(ended)
	}()
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	select {
	case <-ready:
		c.cmd, c.ended = cmd, ended
		return nil
	case <-ended:
		return fmt.Errorf("the server ended at once: %s", last.String())
	case <-limit.C:
		cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
		return fmt.Errorf("not ready after %v: %s", startLimit, last.String())
	}
}

// stop sends signal to the server and waits for its end. It does nothing when the server is stopped.
func (c *Cluster) stop(signal os.Signal) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cmd == nil {
		return nil
	}
	if err := c.cmd.Process.Signal(signal); err != nil {
		return fmt.Errorf("signal PostgreSQL: %w", err)
	}
	<-c.ended
	c.cmd = nil
	return nil
}

// tail keeps the last lines of the server's log.
type tail struct {
	mu    sync.Mutex
	lines []string
}

// watch reads the log to its end and closes ready at the line that says so.
func (t *tail) watch(log io.Reader, ready chan<- struct{}) {
	lines := bufio.NewReader(log)
	said := false
	for {
		line, err := lines.ReadString('\n')
		t.add(line)
		if !said && strings.Contains(line, "database system is ready to accept connections") {
			said = true
			close(ready)
		}
		if err != nil {
			return
		}
	}
}

func (t *tail) add(line string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lines = append(t.lines, line); len(t.lines) > 40 {
		t.lines = slices.Delete(t.lines, 0, 20)
	}
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return strings.TrimSpace(strings.Join(t.lines, ""))
}
