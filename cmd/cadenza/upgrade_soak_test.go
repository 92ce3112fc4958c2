//go:build soak

package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/testpg"
	"cadenza/internal/testproc"
)

// endsWithin is how long an older node may go on after a newer one has upgraded the database, on a busy machine.
const endsWithin = 30 * time.Second

// upgradeUnderLoad runs two nodes of the program as it was before the newest migration, starts a node of today's beside them, and wants them to end by
// themselves and everything to go out once. What is new in the schema is added to it, so leads are connected by today's code all the time.
func upgradeUnderLoad(t *testing.T) {
	old, dir := olderProgram(t), t.TempDir()
	server := testpg.Start(t, testpg.Options{Fsync: true})
	c := &cluster{server: server, address: server.Database(t), limit: time.Minute}
	s := site{database: database{DB: c.address}, KeyFile: filepath.Join(dir, "key"), DataDir: filepath.Join(dir, "test")}
	c.load = newLoadOn(t, s, true, func(*house) error {
		if out, err := exec.Command(old, "migrate", "--db="+c.address, "--key-file="+s.KeyFile, "--data-dir="+s.DataDir).CombinedOutput(); err != nil {
			return fmt.Errorf("migrate by the older program: %w: %s", err, out)
		}
		return nil
	})
	serve := func(program, name string) *process {
		return startProgram(t, program, "listens on", "serve", "--listen=127.0.0.1:0", "--db="+c.address, "--key-file="+s.KeyFile,
			"--data-dir="+filepath.Join(dir, name), fmt.Sprint("--mailbox-workers=", crashConnections))
	}
	more := func() {
		until := c.sink.Count() + 200
		c.within(time.Minute, "more emails arrived", func() bool { return c.sink.Count() >= until })
	}
	olds := []*process{serve(old, "old1"), serve(old, "old2")}
	stop := c.feed(20, 100*time.Millisecond)
	defer stop()
	more()
	began := time.Now()
	news := []*process{serve(os.Args[0], "new1")}
	for i, p := range olds {
		endsByItself(t, p, fmt.Sprint("older node ", i+1))
	}
	t.Logf("the older nodes had ended %s after the newer one was started", time.Since(began).Round(100*time.Millisecond))
	more()
	news = append(news, serve(os.Args[0], "new2"))
	more()
	stop()
	c.drained()
	for _, p := range news {
		p.stop(t)
	}
	c.compare()
	c.settleRest(c.leads*loadMails, func() {
		p := serve(os.Args[0], "new1")
		c.drained()
		p.stop(t)
	})
	c.everythingOnce()
	if load, err := c.house.app.SendingHeld(context.Background(), access.System()); err != nil || !load.IsZero() {
		t.Errorf("sending is held since %v, %v", load, err)
	}
}

// endsByItself wants a node to end soon, because the schema is newer than it knows.
func endsByItself(t *testing.T, p *process, name string) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(p.log.String(), "a newer Cadenza upgraded it") {
			t.Errorf("%s ended with %v and said:\n%s", name, err, tailOf(p.log.String(), 2000))
		}
	case <-time.After(endsWithin):
		t.Errorf("%s still runs %s after the upgrade", name, endsWithin)
		_ = p.cmd.Process.Kill()
		<-ended
	}
}

// startProgram is start for a program of another version.
func startProgram(t *testing.T, program, ready string, args ...string) *process {
	t.Helper()
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: cmd, log: &strings.Builder{}}
	cmd.Stderr = p.log
	if err := testproc.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatalf("start %s %v: %v", program, args, err)
	}
	if p.ready = awaitLine(out, ready); p.ready == "" {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		t.Fatalf("%s %v ended without saying %q:\n%s", program, args, ready, p.log)
	}
	return p
}

// olderProgram is the one that SOAK_OLDER names, or builds the program of the commit before the one that added the newest migration. Without the history of the
// repository, as in a shallow clone, the test is left out.
func olderProgram(t *testing.T) string {
	t.Helper()
	if named := os.Getenv("SOAK_OLDER"); named != "" {
		return named
	}
	git := func(args ...string) string {
		out, err := exec.Command("git", args...).Output()
		if err != nil {
			t.Skipf("there is no history to build an older program from: git %s: %v", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out))
	}
	root := git("rev-parse", "--show-toplevel")
	migrations, err := filepath.Glob(filepath.Join(root, "internal/store/migrations/*.sql"))
	if err != nil || len(migrations) == 0 {
		t.Fatalf("no migrations in %s: %v", root, err)
	}
	newest, _ := filepath.Rel(root, slices.Max(migrations))
	added := git("-C", root, "log", "-1", "--diff-filter=A", "--format=%H", "--", newest)
	if added == "" {
		t.Skipf("%s is not committed yet", newest)
	}
	before := git("-C", root, "rev-parse", "--verify", added+"^")
	dir := t.TempDir()
	for _, script := range []string{
		`git -C "$1" archive "$2" | tar -x -C "$3"`,
		`cp -r "$1"/internal/web/static/vendor/. "$3"/internal/web/static/vendor/`,
		`cd "$3" && go build -o older ./cmd/cadenza`,
	} {
		if out, err := exec.Command("sh", "-ec", script, "sh", root, before, dir).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	t.Logf("the older program is of %s, before %s", before[:12], newest)
	return filepath.Join(dir, "older")
}
