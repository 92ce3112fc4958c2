package delivery_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"cadenza/internal/delivery"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// listening is a connection that keeps what this side says.
type listening struct {
	net.Conn
	said *bytes.Buffer
	mu   *sync.Mutex
}

// Write says something.
func (l listening) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.said.Write(p)
	return l.Conn.Write(p)
}

// TestPostfixTakesChunks holds that a real server takes texts as chunks, with the commands of the next mail behind them, and that they
// arrive as they left.
func TestPostfixTakesChunks(t *testing.T) {
	t.Parallel()
	postfix := testmail.NewPostfix(t)
	var said bytes.Buffer
	var mu sync.Mutex
	smtp := delivery.NewSMTP(delivery.Server{
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
			return listening{conn, &said, &mu}, err
		},
		Credentials: func(context.Context, store.Mailbox) (signin.Credentials, error) {
			return signin.Credentials{Username: testmail.Anna, Password: testmail.Password(testmail.Anna)}, nil
		},
	})
	t.Cleanup(smtp.Close)
	box := mailboxAt(t, postfix.SubmissionAddr, store.NoTLS)
	box.Address = testmail.Anna
	const body = ".\r\n..\r\nBDAT 3 LAST\r\n.a\r\n.\r\nQUIT\r\n"
	var list []delivery.Parcel
	for i := range 5 {
		list = append(list, delivery.Parcel{
			From: testmail.Anna, To: []string{testmail.Buyer}, Raw: fmt.Appendf(nil, "Subject: %d\r\n\r\n%s", i, body),
			Landed: func(kind store.ResultKind, reason string) {
				if kind != store.Delivered {
					t.Errorf("message %d ended as %d %q", i, kind, reason)
				}
			},
		})
	}
	smtp.SendEach(t.Context(), box, list...)
	for _, m := range postfix.Messages(t, testmail.Buyer, len(list)) {
		if !bytes.HasSuffix(m.Raw, []byte("\r\n\r\n"+body)) {
			t.Errorf("arrived: %q", m.Raw)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	// The second goes by DATA, because the first chunk is on trial. A body has a BDAT of its own.
	if got := strings.Count(said.String(), "BDAT ") - strings.Count(said.String(), "BDAT 3 "); got != 4 || strings.Count(said.String(), "EHLO ") != 1 {
		t.Errorf("%d chunks, want 4 over one session: %q", got, said.String())
	}
}
