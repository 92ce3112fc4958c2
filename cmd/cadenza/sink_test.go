package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSinkKeepsWholeMail holds that the demo keeps what came whole, and nothing of a message that was cut off, in one chunk
// (RFC 3030) as well as by DATA.
func TestSinkKeepsWholeMail(t *testing.T) {
	t.Parallel()
	const hello = "EHLO test\r\nMAIL FROM:<a@test>\r\nRCPT TO:<b@test>\r\n"
	for _, c := range []struct {
		name, says, answer string
		kept               int
	}{
		{"chunk", hello + "BDAT 19 LAST\r\nSubject: Hi\r\n\r\nHi\r\nQUIT\r\n", "250", 1},
		{"half a chunk", hello + "BDAT 1000 LAST\r\nSubject: Hi\r\n\r\nHi\r\n", "451", 0},
		{"first chunk only", hello + "BDAT 19\r\nSubject: Hi\r\n\r\nHi\r\n", "250", 0},
		{"data", hello + "DATA\r\nSubject: Hi\r\n\r\nHi\r\n.\r\nQUIT\r\n", "250", 1},
		{"half of data", hello + "DATA\r\nSubject: Hi\r\n\r\nHi\r\n", "", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s, err := startSink(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer s.close()
			conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", net.JoinHostPort(s.host, strconv.Itoa(s.port)))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := io.WriteString(conn, c.says); err != nil {
				t.Fatal(err)
			}
			if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			said, err := io.ReadAll(conn) // until the server is done with it
			if err != nil || !strings.Contains(string(said), "\n"+c.answer) {
				t.Errorf("%v; the sink answers\n%s", err, said)
			}
			files, err := filepath.Glob(filepath.Join(dir, "*"))
			if err != nil || len(files) != c.kept {
				t.Errorf("%d files are kept, want %d (%v)", len(files), c.kept, err)
			}
			for _, f := range files {
				if text, err := os.ReadFile(f); err != nil || string(text) != "Subject: Hi\r\n\r\nHi\r\n" {
					t.Errorf("kept %q, %v", text, err)
				}
			}
		})
	}
}
