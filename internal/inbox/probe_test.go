package inbox_test

import (
	"context"
	"io"
	"net"
	"testing"

	"cadenza/internal/inbox"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// TestStrangeServer says that no IMAP server answers where another kind of server does, before any TLS.
func TestStrangeServer(t *testing.T) {
	t.Parallel()
	for _, security := range []store.Security{store.NoTLS, store.StartTLS} {
		for _, greeting := range []string{"220 mail.test ESMTP\r\n", "HTTP/1.1 400 Bad Request\r\n\r\n"} {
			server := inbox.Server{Dial: func(context.Context, string, string) (net.Conn, error) {
				ours, theirs := net.Pipe()
				go func() {
					_, _ = io.WriteString(theirs, greeting)
					_, _ = io.Copy(io.Discard, theirs)
				}()
				return ours, nil
			}}
			box := store.Mailbox{IMAPHost: "mail.test", IMAPPort: 25, IMAPSecurity: security}
			const want = "What answers at this port is no IMAP server. Check host and port."
			if err := server.Probe(t.Context(), box, signin.Credentials{Username: "anna", Password: "secret"}); err == nil || err.Error() != want {
				t.Errorf("%s, %q: got %v, want %s", security, greeting, err, want)
			}
		}
	}
}
