package testproc

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"testing"
)

// Afterwards arranges for script (POSIX shell, with args as $1, $2, …) to run once this process has ended,
// however it ended. The returned function runs it at once instead and waits for it; calling it again returns
// the same result.
//
// The shell waits for the end of a pipe whose other end only this process holds. The kernel closes that end
// when the process is gone, so no signal handler and no TestMain is needed.
func Afterwards(script string, args ...string) (now func() error, err error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("open the pipe of the clean-up: %w", err)
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", "read -r _\n" + script, "afterwards"}, args...)...)
	cmd.Stdin = read
	// Files only: a pipe to us would keep `go test` waiting, and break when we are gone.
	log, err := os.CreateTemp("", "afterwards-*.log")
	if err != nil {
		return nil, fmt.Errorf("open the log of the clean-up: %w", err)
	}
	os.Remove(log.Name())
	cmd.Stdout, cmd.Stderr = log, log
	apart(cmd)
	err = cmd.Start()
	read.Close()
	if err != nil {
		write.Close()
		log.Close()
		return nil, fmt.Errorf("start the clean-up: %w", err)
	}
	return sync.OnceValue(func() error {
		defer log.Close()
		write.Close()
		if err := cmd.Wait(); err != nil {
			var out bytes.Buffer
			if _, seekErr := log.Seek(0, 0); seekErr == nil {
				out.ReadFrom(log)
			}
			return fmt.Errorf("clean up: %w: %s", err, bytes.TrimSpace(out.Bytes()))
		}
		return nil
	}), nil
}

// Missing ends the test because what is not installed. In CI (CI=true) that is a failure, elsewhere a skip;
// both say what to do, mostly a command that installs it.
func Missing(tb testing.TB, what, remedy string) {
	tb.Helper()
	if os.Getenv("CI") == "true" {
		tb.Fatalf("%s is missing; do this: %s", what, remedy)
	}
	tb.Skipf("%s is missing; to run this test: %s", what, remedy)
}
