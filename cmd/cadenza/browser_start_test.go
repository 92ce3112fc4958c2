//go:build browser

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/chromedp/chromedp"

	"cadenza/internal/testproc"
	"cadenza/internal/web/static"
)

// startBrowser starts one Chromium; every person who uses it has windows and cookies of her own.
func startBrowser(t *testing.T, more ...chromedp.ExecAllocatorOption) context.Context {
	t.Helper()
	path := testproc.Chromium(t)
	if missing := static.Missing(); len(missing) > 0 {
		testproc.Missing(t, missing[0], "scripts/assets")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true))
	options = append(options, more...)
	alloc, stop := chromedp.NewExecAllocator(context.WithoutCancel(t.Context()), options...)
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(alloc)
	t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// startDemo runs `cadenza demo` in a fresh folder as a process of its own, and gives the address it prints.
func startDemo(t *testing.T) string {
	t.Helper()
	cmd := exec.Command(os.Args[0], "demo", "--dir", t.TempDir()+"/demo", "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := &logText{}
	cmd.Stderr = log
	if err := testproc.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatalf("start cadenza demo: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
		if strings.Contains(log.String(), "level=ERROR") {
			t.Errorf("the demo logged errors:\n%s", log)
		}
	})
	address := ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.HasPrefix(line, "http://") {
			address = line
		}
		if strings.Contains(line, "Stop with Ctrl+C") && address != "" {
			return address
		}
	}
	t.Fatalf("cadenza demo ended without printing its address:\n%s", log)
	return ""
}

// logText keeps what a process logs; it is written by one goroutine and read by another.
type logText struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logText) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logText) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
