package testproc

import (
	"os/exec"
	"testing"
)

// Chromium gives the path of the browser for tests; without one it ends the test like Missing. The shell without windows does all
// that tests ask for with a third less of computing, so it goes before the whole browser.
func Chromium(tb testing.TB) string {
	tb.Helper()
	for _, name := range []string{"chromium-headless-shell", "chromium"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(tb, "Chromium", "apt-get install chromium-headless-shell")
	return ""
}
