package testmail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"cadenza/internal/testproc"
)

const installPostfix = `echo "postfix postfix/main_mailer_type select No configuration" | sudo debconf-set-selections; ` +
	`sudo apt-get install postfix dovecot-imapd dovecot-lmtpd`

// The users that every pair has. Anna and Bob are ours, the buyer is at another company.
const (
	Anna  = "anna@test.local"
	Bob   = "bob@test.local"
	Buyer = "buyer@buyer.test"
	// Full and Crammed have mailboxes that hold nothing: mail to Full is refused for good (5.2.2), mail to Crammed for now (4.2.2),
	// and Postfix does not try again.
	Full    = "full@buyer.test"
	Crammed = "crammed@buyer.test"
)

//go:embed etc
var etc embed.FS

// stopPair ends both servers of folder $1 and removes it. `postfix stop` would do, but it waits in whole seconds.
// The working folder is compared, so a process that was given an old id is never hit.
const stopPair = `
end() {
	id=$(tr -d ' ' <"$1" 2>/dev/null | head -n 1)
	[ -n "$id" ] && [ "$(readlink "/proc/$id/cwd")" = "$2" ] || return 0
	kill -TERM "$id"
	n=0
	while [ "$(readlink "/proc/$id/cwd")" = "$2" ]; do
		n=$((n+1)); [ $n -lt 200 ] || { kill -KILL "$id"; break; }
		sleep 0.05
	done
}
end "$1/queue/pid/master.pid" "$1/queue"
end "$1/run/dovecot/master.pid" "$1/run/dovecot"
rm -rf "$1"
`

// PostfixOptions are the choices for a pair. The zero value is what Debian does.
type PostfixOptions struct {
	// ClassicBounces turns SMTPUTF8 off, so that bounces are RFC 3464 reports in place of RFC 6533 ones.
	ClassicBounces bool
	// Certificate lets both servers offer STARTTLS with it.
	Certificate testproc.Certificate
	// Provider lets users sign in by XOAUTH2, too, with the access tokens of this one.
	Provider *Provider
	// Hold lets Postfix wait after the final dot of signed-in users until it says go on.
	Hold *Hold
}

// Postfix is a running Postfix and Dovecot pair with the users Anna, Bob and Buyer, and two whose mailboxes are full. Mail to any other address
// of test.local and buyer.test bounces with 5.1.1, mail to other domains with 5.1.2.
type Postfix struct {
	// SubmissionAddr takes mail from users who sign in (AUTH PLAIN or LOGIN, no TLS).
	SubmissionAddr string
	// IncomingAddr takes mail from outside, without signing in, for the two domains only.
	IncomingAddr string
	// IMAPAddr reads the mailboxes (LOGIN, no TLS).
	IMAPAddr string

	dir string
}

// NewPostfix starts a pair which stops when the test ends. It needs root, Postfix and Dovecot: without them the
// test is skipped, or fails when CI=true.
func NewPostfix(tb testing.TB) *Postfix {
	tb.Helper()
	return StartPostfix(tb, PostfixOptions{})
}

// StartPostfix starts a pair with options. See NewPostfix.
func StartPostfix(tb testing.TB, o PostfixOptions) *Postfix {
	tb.Helper()
	for _, program := range []string{"/usr/sbin/postfix", "/usr/sbin/dovecot", "/usr/lib/dovecot/lmtp", "/usr/lib/dovecot/imap"} {
		if _, err := os.Stat(program); err != nil {
			testproc.Missing(tb, "Postfix or Dovecot ("+program+")", installPostfix)
		}
	}
	if os.Getuid() != 0 {
		testproc.Missing(tb, "root, which Postfix needs to start,", "run the tests as root")
	}
	var failures []error
	// A free port may be taken by another process before the server has it.
	for range 3 {
		p, stop, err := startPair(o)
		if err == nil {
			tb.Cleanup(func() {
				if tb.Failed() {
					tb.Log(p.log())
				}
				if err := stop(); err != nil {
					tb.Errorf("stop Postfix and Dovecot: %v", err)
				}
			})
			return p
		}
		failures = append(failures, err)
	}
	tb.Fatalf("start Postfix and Dovecot: %v", errors.Join(failures...))
	return nil
}

// Password returns the password of one of the users.
func Password(user string) string {
	name, _, _ := strings.Cut(user, "@")
	return "pw-" + name
}

func startPair(o PostfixOptions) (*Postfix, func() error, error) {
	dir, err := os.MkdirTemp(pairRoot(), "cadenza-mail-")
	if err != nil {
		return nil, nil, err
	}
	stop, err := testproc.Afterwards(stopPair, dir)
	if err != nil {
		os.RemoveAll(dir)
		return nil, nil, err
	}
	p := &Postfix{dir: dir}
	if err := p.start(o); err != nil {
		err = fmt.Errorf("%w\n%s", err, p.log())
		stop() // its complaints about a half-started pair say nothing new
		return nil, nil, err
	}
	return p, stop, nil
}

// pairRoot is the folder for temporary folders: the mail users must be able to walk there, and the path of a
// Unix socket may have 107 bytes (unix(7)).
func pairRoot() string {
	if dir := os.TempDir(); len(dir) < 40 && !strings.HasPrefix(dir, "/root") {
		return dir
	}
	return "/tmp"
}

func (p *Postfix) start(o PostfixOptions) error {
	if err := p.layOut(o); err != nil {
		return fmt.Errorf("lay out the folder: %w", err)
	}
	// Both commands return once their server listens; the server goes on in the background.
	conf := filepath.Join(p.dir, "etc")
	if err := p.run("dovecot", "-c", filepath.Join(conf, "dovecot.conf")); err != nil {
		return err
	}
	return p.run("postfix", "-c", conf, "start")
}

func (p *Postfix) layOut(o PostfixOptions) error {
	uid, gid, err := testproc.IDs("postfix")
	if err != nil {
		return err
	}
	if err := os.Chmod(p.dir, 0o755); err != nil {
		return err
	}
	for _, sub := range []string{"queue", "data", "run", "home", "dstate", "etc"} {
		if err := os.Mkdir(filepath.Join(p.dir, sub), 0o755); err != nil {
			return err
		}
	}
	for _, sub := range []string{"data", "home"} {
		if err := os.Chown(filepath.Join(p.dir, sub), uid, gid); err != nil {
			return err
		}
	}
	ports, err := freePorts(3)
	if err != nil {
		return err
	}
	p.SubmissionAddr, p.IncomingAddr, p.IMAPAddr = loopback(ports[0]), loopback(ports[1]), loopback(ports[2])
	return p.configure(o, ports)
}

// configure fills the templates of folder etc.
func (p *Postfix) configure(o PostfixOptions, ports []string) error {
	files, err := template.ParseFS(etc, "etc/*")
	if err != nil {
		return err
	}
	values := struct {
		Dir, Submission, Incoming, IMAP string
		Users                           map[string]string
		SMTPUTF8, TLS                   bool
		Provider, Hold                  string
	}{
		p.dir, ports[0], ports[1], ports[2],
		map[string]string{Anna: Password(Anna), Bob: Password(Bob), Buyer: Password(Buyer), Full: Password(Full), Crammed: Password(Crammed)},
		!o.ClassicBounces, len(o.Certificate.Cert) > 0, "", "",
	}
	if o.Hold != nil {
		values.Hold = o.Hold.Addr
	}
	if o.Provider != nil {
		values.Provider = o.Provider.URL
	}
	for name, text := range map[string][]byte{"cert.pem": o.Certificate.Cert, "key.pem": o.Certificate.Key} {
		if err := os.WriteFile(filepath.Join(p.dir, "etc", name), text, 0o600); err != nil {
			return err
		}
	}
	for _, f := range files.Templates() {
		var text bytes.Buffer
		if err := f.Execute(&text, values); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(p.dir, "etc", f.Name()), text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// run runs a command that leaves a server behind. Its output goes to a file: the server would hold a pipe open.
func (p *Postfix) run(name string, args ...string) error {
	out, err := os.Create(filepath.Join(p.dir, name+".out"))
	if err != nil {
		return err
	}
	defer out.Close()
	cmd := exec.Command("/usr/sbin/"+name, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.dir, out, out
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("run %s: %w", name, err)
	}
	return nil
}

// log returns the ends of all logs, for the message of a failed test.
func (p *Postfix) log() string {
	var b strings.Builder
	for _, name := range []string{"dovecot.out", "dovecot.log", "postfix.out", "postfix.log"} {
		text, err := os.ReadFile(filepath.Join(p.dir, name))
		if err == nil && len(text) > 0 {
			fmt.Fprintf(&b, "== %s\n%s", name, text[max(0, len(text)-8<<10):])
		}
	}
	return b.String()
}

func loopback(port string) string { return net.JoinHostPort("127.0.0.1", port) }

// freePorts finds n ports that nobody listens on.
func freePorts(n int) ([]string, error) {
	var ports []string
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer l.Close() // all are held until all are found, so none is found twice
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			return nil, err
		}
		ports = append(ports, port)
	}
	return ports, nil
}

// Submit sends a message as a signed-in user. raw has CRLF or LF line ends.
func (p *Postfix) Submit(tb testing.TB, user string, to []string, raw string) {
	tb.Helper()
	host, _, _ := net.SplitHostPort(p.SubmissionAddr)
	auth := smtp.PlainAuth("", user, Password(user), host)
	if err := smtp.SendMail(p.SubmissionAddr, auth, user, to, crlf(raw)); err != nil {
		tb.Fatalf("submit mail from %s to %v: %v", user, to, err)
	}
}

// Deliver brings a message from outside, as the buyer's server would. An empty from makes it a bounce.
func (p *Postfix) Deliver(tb testing.TB, from string, to []string, raw string) {
	tb.Helper()
	if err := smtp.SendMail(p.IncomingAddr, nil, from, to, crlf(raw)); err != nil {
		tb.Fatalf("deliver mail from %q to %v: %v", from, to, err)
	}
}

func crlf(s string) []byte {
	return []byte(strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\n", "\r\n"))
}
