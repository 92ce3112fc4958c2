package testphone

import (
	"bufio"
	"bytes"
	"crypto/x509"
	"embed"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"text/template"
	"time"

	"cadenza/internal/testproc"
)

// What everybody knows: our user at the trunk, its password, and the number from which the telephone calls.
const (
	User     = "cadenza"
	Password = "s3cret of the trunk"
	Caller   = "+4930901820"
)

// The numbers that the trunk treats in ways of their own; every other one is answered at once by a telephone that plays 440 Hz.
const (
	Busy    = "+4930000486"
	Unknown = "+4930000404"
	Broken  = "+4930000503"
	Rings   = "+4930000180" // and nobody answers
)

//go:embed etc
var etc embed.FS

// Trunk is a running trunk with its telephones.
type Trunk struct {
	tb testing.TB
	// Port is where the trunk listens, by UDP and TCP; TLSPort is where it listens by TLS, with a certificate of Authority.
	Port, TLSPort, Phones, Control int
	Authority                      *x509.CertPool
	Dir                            string
	Low, High                      int
	Password, Caller               string
	Recordings                     string
	kamailio, baresip              *program
}

// Start starts a trunk that ends with the test.
func Start(tb testing.TB) *Trunk {
	tb.Helper()
	needParts(tb)
	dir, err := os.MkdirTemp("", "cadenza-phone")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	t := &Trunk{tb: tb, Password: Password, Caller: Caller, Dir: dir, Recordings: filepath.Join(dir, "rec")}
	t.Port, t.TLSPort, t.Phones, t.Control = freePort(tb), freePort(tb), freePort(tb), freePort(tb)
	t.Low = freePort(tb) &^ 1
	t.High = t.Low + 200
	for _, d := range []string{t.Recordings, filepath.Join(dir, "kam")} {
		if err := os.Mkdir(d, 0o755); err != nil {
			tb.Fatal(err)
		}
	}
	t.write("kamailio.cfg", "config", "accounts")
	t.certify()
	if err := os.WriteFile(filepath.Join(dir, "contacts"), nil, 0o600); err != nil {
		tb.Fatal(err)
	}
	t.startTrunk()
	t.baresip = start(tb, "baresip", "-f", dir, "-4", "-v")
	t.baresip.await("ctrl_tcp: TCP socket listening")
	t.baresip.await("baresip is ready")
	return t
}

// needParts ends or skips the test where a part of it is not installed.
func needParts(tb testing.TB) {
	tb.Helper()
	const how = "sudo apt-get install --no-install-recommends kamailio kamailio-tls-modules baresip-core"
	for _, p := range []string{"kamailio", "baresip"} {
		if _, err := exec.LookPath(p); err != nil {
			testproc.Missing(tb, p, how)
		}
	}
	if found, err := filepath.Glob("/usr/lib/*/kamailio/modules/tls.so"); err != nil || len(found) == 0 {
		testproc.Missing(tb, "kamailio's TLS", how)
	}
}

// certify gives the trunk a certificate.
func (t *Trunk) certify() {
	c := testproc.NewCertificate(t.tb, "127.0.0.1")
	t.Authority = c.Authority
	for name, text := range map[string][]byte{"cert.pem": c.Cert, "key.pem": c.Key} {
		if err := os.WriteFile(filepath.Join(t.Dir, name), text, 0o600); err != nil {
			t.tb.Fatal(err)
		}
	}
}

func (t *Trunk) startTrunk() {
	t.kamailio = start(t.tb, "kamailio", "-f", filepath.Join(t.Dir, "kamailio.cfg"), "-DD", "-E", "-Y", filepath.Join(t.Dir, "kam"), "-m", "32", "-M", "4")
	until(t.tb, "the trunk listens", func() bool {
		conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", t.Port))
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	})
}

// Stop takes the trunk down; the telephones stay.
func (t *Trunk) Stop() { t.kamailio.stop() }

func (t *Trunk) write(names ...string) {
	for _, name := range names {
		text, err := template.ParseFS(etc, "etc/"+name)
		if err != nil {
			t.tb.Fatal(err)
		}
		var b bytes.Buffer
		if err := text.Execute(&b, t); err != nil {
			t.tb.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(t.Dir, name), b.Bytes(), 0o600); err != nil {
			t.tb.Fatal(err)
		}
	}
}

// Dial has a telephone call us.
func (t *Trunk) Dial() {
	t.tb.Helper()
	t.command("uafind", fmt.Sprintf("sip:%s@127.0.0.1", Caller))
	t.command("dial", fmt.Sprintf("sip:%s@127.0.0.1:%d", User, t.Port))
}

// HangUp has the telephones end their calls.
func (t *Trunk) HangUp() {
	t.tb.Helper()
	for _, who := range []string{"callee", Caller} {
		t.command("uafind", fmt.Sprintf("sip:%s@127.0.0.1", who))
		t.command("hangup", "")
	}
}

// command speaks to baresip's ctrl_tcp: JSON in netstrings.
func (t *Trunk) command(name, params string) {
	t.tb.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", t.Control))
	if err != nil {
		t.tb.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	text, err := json.Marshal(map[string]string{"command": name, "params": params, "token": "t"})
	if err != nil {
		t.tb.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "%d:%s,", len(text), text); err != nil {
		t.tb.Fatal(err)
	}
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	answer := bufio.NewReader(conn)
	for { // events come on the same line
		size, err := answer.ReadString(':')
		if err != nil {
			t.tb.Fatalf("baresip does not answer %s: %v", name, err)
		}
		var n int
		_, _ = fmt.Sscanf(size, "%d:", &n)
		body := make([]byte, n+1)
		if _, err := io.ReadFull(answer, body); err != nil {
			t.tb.Fatal(err)
		}
		if bytes.Contains(body, []byte(`"response":true`)) {
			return
		}
	}
}

// AwaitSaid waits until the telephones have printed a text.
func (t *Trunk) AwaitSaid(text string) {
	t.tb.Helper()
	t.baresip.await(text)
}

// Said is all that the telephones have printed.
func (t *Trunk) Said() string { return t.baresip.said() }

// Heard gives what a telephone has heard in its newest call so far, as samples at 8 kHz.
func (t *Trunk) Heard() []int16 {
	files, err := filepath.Glob(filepath.Join(t.Recordings, "*dec.wav"))
	if err != nil || len(files) == 0 {
		return nil
	}
	b, err := os.ReadFile(files[len(files)-1])
	if err != nil {
		t.tb.Fatal(err)
	}
	at := bytes.Index(b, []byte("data"))
	if at < 0 {
		return nil
	}
	b = b[at+8:]
	samples := make([]int16, len(b)/2)
	for i := range samples {
		samples[i] = int16(binary.LittleEndian.Uint16(b[2*i:]))
	}
	return samples
}

// program is a running process of which the output is kept.
type program struct {
	tb   testing.TB
	name string
	cmd  *exec.Cmd
	mu   sync.Mutex
	out  bytes.Buffer
	more chan struct{}
	once sync.Once
}

func (p *program) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	select {
	case p.more <- struct{}{}:
	default:
	}
	return p.out.Write(b)
}

func (p *program) said() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.out.String()
}

func start(tb testing.TB, name string, args ...string) *program {
	tb.Helper()
	p := &program{tb: tb, name: name, cmd: exec.Command(name, args...), more: make(chan struct{}, 1)}
	p.cmd.Stdout, p.cmd.Stderr = p, p
	if err := testproc.Start(p.cmd, syscall.SIGKILL); err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		p.stop()
		if tb.Failed() {
			tb.Logf("%s said:\n%s", name, tail(p.said(), 6000))
		}
	})
	return p
}

func tail(s string, n int) string { return s[max(0, len(s)-n):] }

func (p *program) stop() {
	p.once.Do(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		hard := time.AfterFunc(3*time.Second, func() { _ = p.cmd.Process.Kill() })
		_ = p.cmd.Wait() // how it ended does not matter
		hard.Stop()
	})
}

func (p *program) await(text string) {
	p.tb.Helper()
	limit := time.After(8 * time.Second)
	for !strings.Contains(p.said(), text) {
		select {
		case <-p.more:
		case <-limit:
			p.tb.Fatalf("%s did not say %q", p.name, text)
		}
	}
}

func until(tb testing.TB, what string, done func() bool) {
	tb.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	for limit := time.After(8 * time.Second); !done(); {
		select {
		case <-ticker.C:
		case <-limit:
			tb.Fatalf("waited in vain until %s", what)
		}
	}
}

// freePort gives a port that is free now, by UDP and TCP.
func freePort(tb testing.TB) int {
	tb.Helper()
	for range 50 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			tb.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		u, err := net.ListenPacket("udp", fmt.Sprintf("127.0.0.1:%d", port))
		_ = l.Close()
		if err != nil {
			continue
		}
		_ = u.Close()
		return port
	}
	tb.Fatal("there is no free port")
	return 0
}
