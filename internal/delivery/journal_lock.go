//go:build linux

package delivery

import (
	"os"
	"syscall"
)

// lock takes a journal for this process, tryLock one whose process has ended. The system gives a lock back when its process
// ends, however it ends.
func lock(file *os.File) error { return syscall.Flock(int(file.Fd()), syscall.LOCK_EX) }

func tryLock(file *os.File) error {
	return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
}
