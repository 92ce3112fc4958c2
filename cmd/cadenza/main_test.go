package main

import (
	"bufio"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"cadenza/internal/testpg"
	"cadenza/internal/testproc"
)

// asCommand makes the test binary behave as cadenza, so that tests start real processes of the code under test.
const asCommand = "CADENZA_TEST_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	testscript.Main(m, map[string]func(){"cadenza": main})
}

// TestScripts plays the command-line stories in testdata/script. $DB is a fresh database of each kind.
func TestScripts(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			testscript.Run(t, testscript.Params{Dir: "testdata/script", Setup: func(e *testscript.Env) error {
				e.Setenv("DB", address(t, e.WorkDir))
				e.Setenv("CADENZA_DB", e.Getenv("DB"))
				return nil
			}})
		})
	}
}

// databases gives for each kind of database how to get the address of a fresh one.
func databases(t *testing.T) map[string]func(t *testing.T, dir string) string {
	t.Helper()
	return map[string]func(t *testing.T, dir string) string{
		"sqlite":   func(_ *testing.T, dir string) string { return "sqlite:" + filepath.Join(dir, "test.db") },
		"postgres": func(t *testing.T, _ string) string { return testpg.Database(t) },
	}
}

// number is a size that the environment may set.
func number(name string, otherwise int) int {
	n, err := strconv.Atoi(os.Getenv(name))
	if err != nil {
		return otherwise
	}
	return n
}

// process is a running cadenza.
type process struct {
	cmd *exec.Cmd
	log *strings.Builder
	// ready is the line that it printed when it was ready.
	ready string
}

// start runs cadenza as a process of its own, and gives it once it has printed a line that holds ready.
func start(t *testing.T, ready string, args ...string) *process {
	t.Helper()
	return startProgram(t, os.Args[0], ready, args...)
}

// startProgram is start for a program of another version, or one that runs cadenza.
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
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return p
}

// awaitLine reads until a line holds the text, and gives that line; "" when there is none.
func awaitLine(r io.Reader, text string) string {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if strings.Contains(lines.Text(), text) {
			return lines.Text()
		}
	}
	return ""
}

// kill ends the process as a power cut would.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// stop asks the process to end and waits for it.
func (p *process) stop(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Fatalf("cadenza did not stop cleanly: %v\n%s", err, p.log)
	}
}
