//go:build !linux

package testproc

import (
	"errors"
	"os/exec"
	"syscall"
)

// Start starts cmd. Only Linux can tie its end to ours; elsewhere the script given to Afterwards must end it.
func Start(cmd *exec.Cmd, _ syscall.Signal) error { return cmd.Start() }

// As refuses: running a server as another user is supported on Linux only.
func As(*exec.Cmd, string) error { return errors.New("running as another user needs Linux") }

// IDs refuses: see As.
func IDs(string) (uid, gid int, err error) {
	return 0, 0, errors.New("running as another user needs Linux")
}

func apart(*exec.Cmd) {}
