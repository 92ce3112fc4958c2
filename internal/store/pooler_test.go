package store_test

import (
	"bufio"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/testpg"
	"cadenza/internal/testproc"
)

// pgBouncer gives the address of a database through a real PgBouncer.
func pgBouncer(t *testing.T, address, mode string) string {
	t.Helper()
	const program = "/usr/sbin/pgbouncer"
	if _, err := os.Stat(program); err != nil {
		testproc.Missing(t, "PgBouncer", "sudo apt-get install pgbouncer")
	}
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("/tmp", "cadenza-pooler-") // the path of a socket is short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	config := filepath.Join(dir, "pgbouncer.ini")
	text := fmt.Sprintf("[databases]\n* = host=%s user=postgres\n[pgbouncer]\nlisten_addr =\nlisten_port = 5432\nunix_socket_dir = %s\nauth_type = any\npool_mode = %s\n",
		u.Query().Get("host"), dir, mode)
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, config)
	if os.Geteuid() == 0 { // it refuses to run as root
		if err := testproc.As(cmd, "postgres"); err != nil {
			t.Fatal(err)
		}
	}
	log, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := testproc.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var said strings.Builder
	for lines := bufio.NewScanner(log); ; {
		if !lines.Scan() {
			t.Fatalf("PgBouncer ended:\n%s", said.String())
		}
		said.WriteString(lines.Text() + "\n")
		if strings.Contains(lines.Text(), "process up") {
			break
		}
	}
	u.RawQuery = url.Values{"host": {dir}, "sslmode": {"disable"}}.Encode()
	return u.String()
}

// TestPgBouncer holds that a pooler which shares connections is refused with words that help, and one that does not is used.
func TestPgBouncer(t *testing.T) {
	t.Parallel()
	for _, mode := range []string{"transaction", "statement", "session"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			db, err := store.Open(t.Context(), pgBouncer(t, testpg.Database(t), mode), store.Options{})
			if mode != "session" {
				if fault.CodeOf(err) != fault.Unavailable || !strings.Contains(err.Error(), "pool_mode = session") {
					t.Errorf("the answer is %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = db.Close() }()
			if _, err := db.Migrate(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
