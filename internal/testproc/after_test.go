package testproc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestMain turns the test binary into the process that dies, when a test asks for it.
func TestMain(m *testing.M) {
	if fifo := os.Getenv("TESTPROC_DIE"); fifo != "" {
		die(fifo)
	}
	os.Exit(m.Run())
}

func die(fifo string) {
	if _, err := Afterwards(`printf gone > "$1"`, fifo); err != nil {
		os.Exit(2)
	}
	sleeper := exec.Command("sleep", "600")
	sleeper.Stdout = os.Stdout // held open for as long as the sleeper lives
	if err := Start(sleeper, syscall.SIGKILL); err != nil {
		os.Exit(3)
	}
	os.Stdout.WriteString("ready\n")
	select {}
}

func TestNothingOutlivesAKilledProcess(t *testing.T) {
	t.Parallel()
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := syscall.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), "TESTPROC_DIE="+fifo)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if line, err := lines.ReadString('\n'); line != "ready\n" {
		t.Fatalf("child said %q, %v", line, err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	// The sleeper holds the same stdout: its end is only seen once the kernel has ended the sleeper too.
	if rest, err := io.ReadAll(lines); len(rest) > 0 || err != nil {
		t.Errorf("after the kill: read %q, %v", rest, err)
	}
	// Opening a fifo waits for its writer, which is the clean-up.
	got, err := os.ReadFile(fifo)
	if string(got) != "gone" || err != nil {
		t.Errorf("clean-up wrote %q, %v; want \"gone\"", got, err)
	}
	cmd.Wait()
}

func TestAfterwardsNow(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "made")
	now, err := Afterwards(`printf x >> "$1"`, file)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := now(); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := os.ReadFile(file); string(got) != "x" || err != nil {
		t.Errorf("file holds %q, %v; want one run of the script", got, err)
	}
	now, err = Afterwards(`echo broken >&2; exit 3`)
	if err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := now(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("a failing script gave %v", err)
	}
}

// verdict stands for a test that is ended by Missing.
type verdict struct {
	testing.TB
	said string
}

func (*verdict) Helper() {}

func (v *verdict) Fatalf(format string, args ...any) {
	v.said = "fatal: " + fmt.Sprintf(format, args...)
}

func (v *verdict) Skipf(format string, args ...any) {
	v.said += "skip: " + fmt.Sprintf(format, args...)
}

func TestMissing(t *testing.T) {
	for ci, want := range map[string]string{
		"":     "skip: Postfix is missing; to run this test: apt-get install postfix",
		"true": "fatal: Postfix is missing; do this: apt-get install postfix",
	} {
		t.Setenv("CI", ci)
		v := &verdict{}
		Missing(v, "Postfix", "apt-get install postfix")
		if !strings.HasPrefix(v.said, want) {
			t.Errorf("CI=%q: %q, want %q", ci, v.said, want)
		}
	}
}
