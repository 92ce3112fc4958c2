//go:build soak

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// diskLeads are connected before the disk is full: more than the nodes can send meanwhile.
const diskLeads = 4000

// diskFills fills the disk of a working node on SQLite to the last byte, database, journal and all, in the middle of its batches, and frees it again. The node lives, says
// why it saves nothing, and goes on by itself; everything goes out once.
func diskFills(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "disk")
	if err := os.Mkdir(disk, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=64m"); err != nil {
		t.Skipf("a small disk cannot be made: %v; run it as root", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, 0) })
	l := newLoad(t, site{database: database{DB: "sqlite:" + filepath.Join(disk, "c.db")}, KeyFile: filepath.Join(disk, "key"), DataDir: disk}, loopback, true)
	p := l.start()
	l.must(l.add(20))
	l.until("emails arrive", func() bool { return l.sink.Count() >= 20 })
	l.must(l.add(diskLeads))
	filling := filepath.Join(disk, "filling")
	fillDisk(t, filling)
	began, at, still := time.Now(), l.sink.Count(), time.Now()
	l.until("nothing goes out any more", func() bool {
		if n := l.sink.Count(); n != at {
			at, still = n, time.Now()
		}
		return time.Since(still) > 5*time.Second
	})
	if at >= 20+diskLeads {
		t.Errorf("all %d emails went out on a full disk", at)
	}
	if err := l.connectTo(l.sequence, l.anna, l.leads, 200); err == nil || !strings.Contains(err.Error(), "The disk is full, so nothing was saved") {
		t.Errorf("to connect leads on a full disk gives %v", err)
	}
	l.must(os.Remove(filling))
	t.Logf("%d emails had gone out when nothing more was saved, and the disk was full for %s", at, time.Since(began).Round(time.Second))
	free := time.Now()
	l.until("emails go out again", func() bool { return l.sink.Count() > at })
	t.Logf("they went on %s after some space was free", time.Since(free).Round(100*time.Millisecond))
	l.emptied()
	p.stop(t)
	if !strings.Contains(p.log.String(), "The disk is full") {
		t.Errorf("the node did not say that the disk was full:\n%s", tailOf(p.log.String(), 2000))
	}
	l.compare()
	l.settleRest(l.leads*loadMails, l.finish)
	l.everythingOnce()
}

// fillDisk writes a file until nothing more fits.
func fillDisk(t *testing.T, file string) {
	t.Helper()
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, size := range []int{1 << 20, 4096, 1} {
		for {
			if _, err = f.Write(make([]byte, size)); err != nil {
				break
			}
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(fmt.Errorf("fill the disk: %w", err))
		}
	}
}
