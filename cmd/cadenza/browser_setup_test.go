//go:build browser

package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/chromedp/cdproto/emulation"

	"cadenza/internal/testproc"
)

// testSetUp makes the first user of a new installation by the link that the server prints. The form knows the time zone.
func testSetUp(t *testing.T, chrome context.Context, _ string) {
	link := startEmpty(t)
	address, path, _ := strings.Cut(link, "/setup")
	p := newPerson(t, chrome, address)
	must(t, p, emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Tokyo"})
	p.seen.allow("status of 403")
	p.open("/setup?key=wrong")
	p.has("heading", "This set-up link does not work")
	p.open("/setup" + path)
	p.holds("Time zone", "Asia/Tokyo")
	p.seen.allow("status of 422")
	p.fills("Your name", "Ada Lindgren", "Email", "ada@example.test", "Password", "short", "Time zone", "Europe/Oslo")
	p.clicks("button", "Create admin and sign in")
	p.sees("10 characters")
	p.holds("Time zone", "Europe/Oslo")
	p.fills("Password", "a long password")
	p.clicks("button", "Create admin and sign in")
	p.at("/sequences")
	p.sees("Cadenza is set up.", "Design your first sequence")
	p.open("/profile")
	p.holds("Time zone", "Europe/Oslo")
}

// startEmpty runs `cadenza serve` on an empty database as a process of its own, and gives the set-up link it prints.
func startEmpty(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], "serve", "--db", "sqlite:"+dir+"/cadenza.db", "--key-file", dir+"/key", "--data-dir", dir+"/data", "--listen", "127.0.0.1:0")
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	log := &logText{}
	cmd.Stderr = log
	if err := testproc.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatalf("start cadenza serve: %v", err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	})
	link := ""
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		line := strings.TrimSpace(lines.Text())
		if strings.Contains(line, "/setup?key=") {
			link = line
		}
		if strings.HasPrefix(line, "Cadenza listens on ") && link != "" {
			return link
		}
	}
	t.Fatalf("cadenza serve ended without printing a link:\n%s", log)
	return ""
}
