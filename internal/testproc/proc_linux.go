package testproc

import (
	"fmt"
	"os/exec"
	"os/user"
	"runtime"
	"strconv"
	"sync"
	"syscall"
)

// Start starts cmd so that the kernel sends it death when this process ends.
//
// PR_SET_PDEATHSIG follows the thread that started the child, not the process (prctl(2)). So all children are
// started from one goroutine which is locked to its thread and lives as long as the process.
func Start(cmd *exec.Cmd, death syscall.Signal) error {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Pdeathsig = death
	started := make(chan error, 1)
	launcher() <- launch{cmd, started}
	return <-started
}

type launch struct {
	cmd     *exec.Cmd
	started chan<- error
}

var launcher = sync.OnceValue(func() chan<- launch {
	ch := make(chan launch)
	go func() {
		runtime.LockOSThread()
		for l := range ch {
			l.started <- l.cmd.Start()
		}
	}()
	return ch
})

// As makes cmd run as the named user.
func As(cmd *exec.Cmd, name string) error {
	uid, gid, err := IDs(name)
	if err != nil {
		return err
	}
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return nil
}

// IDs returns the user and group id of the named user.
func IDs(name string) (uid, gid int, err error) {
	u, err := user.Lookup(name)
	if err != nil {
		return 0, 0, fmt.Errorf("look up user %s: %w", name, err)
	}
	if uid, err = strconv.Atoi(u.Uid); err != nil {
		return 0, 0, fmt.Errorf("read the id of user %s: %w", name, err)
	}
	if gid, err = strconv.Atoi(u.Gid); err != nil {
		return 0, 0, fmt.Errorf("read the group of user %s: %w", name, err)
	}
	return uid, gid, nil
}

// apart gives cmd a session of its own, so that Ctrl-C at the terminal does not end it before it has cleaned up.
func apart(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setsid = true
}
