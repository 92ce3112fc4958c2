package track_test

import (
	"bufio"
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/track"
)

// wishes counts the choices, at a clock that the test moves.
type wishes struct {
	shelf
	ahead  time.Duration
	chosen atomic.Int64
}

func (w *wishes) Now() time.Time { return w.shelf.Now().Add(w.ahead) }

func (w *wishes) OptOutState(context.Context, ident.Message) (store.OptOutState, error) {
	return store.OptOutState{Email: "sam@okafor.test", Channel: message.EmailChannel}, nil
}

func (w *wishes) ChooseOptOut(context.Context, ident.Message, store.OptOutChoice) (store.OptOutState, error) {
	w.chosen.Add(1)
	return store.OptOutState{}, nil
}

var _ track.Wishes = (*wishes)(nil)

const (
	byPage   = "do=save&emails=1"
	oneClick = "List-Unsubscribe=One-Click"
)

func newWishes() (*wishes, *track.Door) {
	w := &wishes{}
	return w, track.New(track.Config{Memory: w, Wishes: w, Signer: signer, Log: slog.New(slog.DiscardHandler)})
}

func wayOf(m ident.Message) string { return message.PublicPath + "u/" + signer.Token(m, hit.OptOut) }

// taken tells whether an answer is that of a choice that passed.
func taken(w *httptest.ResponseRecorder) bool {
	return w.Code == http.StatusOK || w.Code == http.StatusSeeOther
}

// choose posts a choice for a message from an address, and gives the answer.
func choose(t *testing.T, door http.Handler, from string, m ident.Message, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, wayOf(m), strings.NewReader(body))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = from
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

// TestOptOutLimits holds ADR 0025: a client may use the page so often and no more, one click is counted by its message alone.
func TestOptOutLimits(t *testing.T) {
	t.Parallel()
	w, door := newWishes()
	passed := func(from string, first, n int, body string) (count int, last *httptest.ResponseRecorder) {
		for i := range n {
			last = choose(t, door, from, ident.Message(first+i), body)
			if taken(last) {
				count++
			}
		}
		return count, last
	}
	count, last := passed("192.0.2.1:1000", 1, 100, byPage)
	if count != 60 || last.Code != http.StatusTooManyRequests || last.Header().Get("Retry-After") != "1" {
		t.Errorf("%d of 100 passed from one client, then %d, Retry-After %q", count, last.Code, last.Header().Get("Retry-After"))
	}
	if count, _ = passed("192.0.2.2:1000", 200, 1, byPage); count != 1 {
		t.Error("another client does not pass")
	}
	if count, _ = passed("192.0.2.1:1000", 300, 500, oneClick); count != 500 {
		t.Errorf("%d of 500 opt-outs in one click passed from one address, want all", count)
	}
	w.ahead = time.Minute
	if count, _ = passed("192.0.2.1:2000", 1000, 100, byPage); count != 60 {
		t.Errorf("%d passed a minute later, want 60", count)
	}
	// Who has one address of IPv6 has more of them than anybody could count.
	sum := 0
	for i := range 100 {
		count, _ = passed(fmt.Sprintf("[2001:db8::%x]:1000", i+1), 2000+i, 1, byPage)
		sum += count
	}
	if sum != 60 {
		t.Errorf("%d passed from one network of IPv6, want 60", sum)
	}
}

// TestOptOutLimitOfMessage wants one message to be chosen for ten times at once, and now and then later.
func TestOptOutLimitOfMessage(t *testing.T) {
	t.Parallel()
	for _, body := range []string{byPage, oneClick} {
		w, door := newWishes()
		for i := range 10 {
			if got := choose(t, door, fmt.Sprintf("192.0.2.%d:1", i), 1, body); !taken(got) {
				t.Errorf("%s: choice %d gives %d", body, i+1, got.Code)
			}
		}
		refused := choose(t, door, "192.0.2.99:1", 1, body)
		if refused.Code != http.StatusTooManyRequests || refused.Header().Get("Retry-After") != "30" {
			t.Errorf("%s: the eleventh gives %d, Retry-After %q", body, refused.Code, refused.Header().Get("Retry-After"))
		}
		w.ahead = 31 * time.Second
		if got := choose(t, door, "192.0.2.99:1", 1, body); !taken(got) || w.chosen.Load() != 11 {
			t.Errorf("%s: after that time it gives %d, and %d choices were made", body, got.Code, w.chosen.Load())
		}
	}
}

// TestSlowFormsHoldNobodyUp opens more connections than there are places and sends half a form on each.
func TestSlowFormsHoldNobodyUp(t *testing.T) {
	t.Parallel()
	_, door := newWishes()
	begun := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		door.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	post := func(m ident.Message, length int) net.Conn {
		c, err := net.Dial("tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s", wayOf(m), length, oneClick)
		<-begun
		return c
	}
	for i := range 60 {
		c := post(ident.Message(i+1), len(oneClick)+1)
		defer c.Close()
	}
	good := post(100, len(oneClick))
	defer good.Close()
	answer, err := http.ReadResponse(bufio.NewReader(good), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		t.Errorf("a good opt-out is answered with %d while others are slow", answer.StatusCode)
	}
}
