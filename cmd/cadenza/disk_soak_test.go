//go:build soak

package main

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"cadenza/internal/testpg"
)

// diskLeads are connected before the disk is full: more than the nodes can send meanwhile.
const diskLeads = 4000

// diskFillsSQLite fills the disk of a working node on SQLite: database, journal and all.
func diskFillsSQLite(t *testing.T) {
	disk := smallDisk(t)
	diskFills(t, disk, "sqlite:"+filepath.Join(disk, "c.db"), "The disk is full")
}

// diskFillsPostgres fills the disk on which PostgreSQL keeps the database. Its log is elsewhere, as without a place for that PostgreSQL itself ends, and waits for an operator.
func diskFillsPostgres(t *testing.T) {
	disk := smallDisk(t)
	space := filepath.Join(disk, "space")
	if err := os.Mkdir(space, 0o700); err != nil {
		t.Fatal(err)
	}
	if owner, err := user.Lookup("postgres"); err == nil { // as whom the server of a test runs, where the test is root
		uid, _ := strconv.Atoi(owner.Uid)
		gid, _ := strconv.Atoi(owner.Gid)
		if err := os.Chown(space, uid, gid); err != nil {
			t.Fatal(err)
		}
	}
	address := testpg.Start(t, testpg.Options{Fsync: true}).Database(t)
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, command := range []string{"create tablespace small location '" + space + "'", "create database small tablespace small"} {
		if _, err := db.Exec(command); err != nil {
			t.Fatalf("%s: %v", command, err)
		}
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/small"
	diskFills(t, disk, u.String(), "The database does not take changes at this moment")
}

// smallDisk makes a disk of 64 MiB and gives its folder.
func smallDisk(t *testing.T) string {
	t.Helper()
	disk, err := os.MkdirTemp("", "disk")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(disk) })
	if err := syscall.Mount("none", disk, "tmpfs", 0, "size=64m,mode=755"); err != nil {
		t.Skipf("a small disk cannot be made: %v; run it as root", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(disk, 0) })
	return disk
}

// diskFills fills the disk below a working node to the last byte in the middle of its batches, and frees it again. The node lives, says why it saves
// nothing, and goes on by itself; everything goes out once.
func diskFills(t *testing.T, disk, address, why string) {
	dir := t.TempDir()
	l := newLoad(t, site{database: database{DB: address}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}, loopback, true)
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
	if err := l.connectTo(l.sequence, l.anna, l.leads, 200); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("to connect leads on a full disk gives %v", err)
	}
	l.must(os.Remove(filling))
	t.Logf("%d emails had gone out when nothing more was saved, and the disk was full for %s", at, time.Since(began).Round(time.Second))
	free := time.Now()
	l.until("emails go out again", func() bool { return l.sink.Count() > at })
	t.Logf("they went on %s after some space was free", time.Since(free).Round(100*time.Millisecond))
	l.emptied()
	p.stop(t)
	if !strings.Contains(p.log.String(), why) {
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
