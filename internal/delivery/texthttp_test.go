package delivery_test

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"cadenza/internal/delivery"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// desk is a provider's server that answers as a test says, and keeps what it was sent.
type desk struct {
	*httptest.Server
	mu    sync.Mutex
	calls []call
}

type call struct {
	method, body, key, secret, kind string
}

func newDesk(t *testing.T, answer http.HandlerFunc) *desk {
	t.Helper()
	d := &desk{}
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		d.mu.Lock()
		d.calls = append(d.calls, call{r.Method, string(body), r.Header.Get("Idempotency-Key"), r.Header.Get("X-Secret"), r.Header.Get("Content-Type")})
		d.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(d.Close)
	return d
}

func (d *desk) got() []call {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.calls
}

const secret = "Bearer hush-hush"

func client(private bool) *delivery.HTTP { return hasty(private, 0) }

// hasty is a client with another limit than the usual one. A busy machine must be able to keep it.
func hasty(private bool, limit time.Duration) *delivery.HTTP {
	return delivery.NewHTTP(delivery.HTTPConfig{
		Secret: func(store.TextProvider) (string, error) { return secret, nil }, AllowPrivate: private, Limit: limit,
	})
}

func providerAt(url string) store.TextProvider {
	return store.TextProvider{URL: url, Method: "POST", Format: "json", Body: `{"to": "{{to}}", "from": "{{from}}", "text": "{{text}}"}`, Sender: "Cadenza", Header: "X-Secret"}
}

func aText() store.Message {
	return store.Message{ID: 1, RFCID: "cadenza.1.1.x@cadenza.invalid", Recipient: "+491701234567", Text: "Hello \"Marta\"\n👍"}
}

func status(code int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i+1 < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
	}
}

// TestProviderAnswers holds what each answer of a provider means, over real HTTP.
func TestProviderAnswers(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	elsewhere := newDesk(t, status(200))
	hang := make(chan struct{})
	t.Cleanup(func() { close(hang) }) // before the servers wait for their handlers
	for _, c := range []struct {
		name   string
		answer http.HandlerFunc
		kind   store.ResultKind
		reason string
		after  time.Duration
	}{
		{"taken", status(201), store.Delivered, "", 0},
		{"a yes with a body that breaks off", func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("ok"))
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		}, store.Delivered, "", 0},
		{"a yes with a huge body", func(w http.ResponseWriter, _ *http.Request) {
			for range 200 {
				_, _ = w.Write(make([]byte, 1<<20))
			}
		}, store.Delivered, "", 0},
		{"too many", status(429, "Retry-After", "120"), store.Retry, "The text provider answered 429 Too Many Requests", 2 * time.Minute},
		{"too many, until a time", status(429, "Retry-After", noon.Add(time.Hour).Format(http.TimeFormat), "Date", noon.Format(http.TimeFormat)), store.Retry, "The text provider answered 429", time.Hour},
		{"a pause beyond all reason", status(503, "Retry-After", "9999999"), store.Retry, "The text provider answered 503", 6 * time.Hour},
		{"a pause of nothing", status(503, "Retry-After", "0"), store.Retry, "The text provider answered 503", 10 * time.Second},
		{"a pause that nobody can read", status(503, "Retry-After", "soon"), store.Retry, "The text provider answered 503", 0},
		{"broken", status(500), store.Retry, "The text provider answered 500 Internal Server Error", 0},
		{"refused with words", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(400)
			_, _ = fmt.Fprintf(w, `{"error": {"code": 21211, "message": "The 'To' number is\n not valid, said %s"}}`, secret)
		}, store.Rejected, "The text provider answered 400 Bad Request: The 'To' number is not valid, said …", 0},
		{"refused with a page", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(404)
			_, _ = w.Write([]byte("<html>Not here</html>"))
		}, store.Rejected, "The text provider answered 404 Not Found", 0},
		{"who are you", status(401), store.Rejected, "The text provider answered 401 Unauthorized. Check the provider's secret under Settings.", 0},
		{"redirected", status(307, "Location", elsewhere.URL), store.Rejected, "The text provider answered 307, a redirect, which is not followed. An admin enters the final address under Settings.", 0},
		{"hangs", func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-hang:
			case <-r.Context().Done():
			}
		}, store.Unknown, "The text provider did not answer. Look there whether the text was sent, then say so.", 0},
		{"breaks off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, store.Unknown, "The text provider did not answer.", 0},
		{"no http", func(w http.ResponseWriter, _ *http.Request) {
			conn, _, _ := w.(http.Hijacker).Hijack()
			_, _ = conn.Write([]byte("220 mail.test ESMTP\r\n"))
			_ = conn.Close()
		}, store.Unknown, "The text provider did not answer.", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, c.answer)
			limit := time.Duration(0)
			if c.name == "hangs" {
				limit = 2 * time.Second
			}
			kind, reason, after := hasty(true, limit).Send(context.Background(), providerAt(d.URL), aText())
			if kind != c.kind || !strings.HasPrefix(reason, c.reason) || (c.reason == "") != (reason == "") || after != c.after {
				t.Errorf("got %d %q after %v, want %d %q after %v", kind, reason, after, c.kind, c.reason, c.after)
			}
			want := call{"POST", `{"to": "+491701234567", "from": "Cadenza", "text": "Hello \"Marta\"\n👍"}`, aText().RFCID, secret, "application/json"}
			if got := d.got(); len(got) != 1 || got[0] != want {
				t.Errorf("the provider got %q, want once %q", got, want)
			}
		})
	}
	if got := elsewhere.got(); len(got) != 0 {
		t.Errorf("a redirect took %q elsewhere", got)
	}
}

// TestProviderForm sends a form by PUT.
func TestProviderForm(t *testing.T) {
	t.Parallel()
	d := newDesk(t, status(200))
	p := providerAt(d.URL)
	p.Method, p.Format, p.Body = "PUT", "form", "To={{to}}&Body={{text}}"
	m := aText()
	m.Text = "a&b=c"
	if kind, reason, _ := client(true).Send(context.Background(), p, m); kind != store.Delivered {
		t.Fatalf("got %d %q", kind, reason)
	}
	if got := d.got()[0]; got.method != "PUT" || got.body != "To=%2B491701234567&Body=a%26b%3Dc" || got.kind != "application/x-www-form-urlencoded" {
		t.Errorf("the provider got %q", got)
	}
}

// TestProviderOutOfReach holds attempts of which nothing has left: they may be made again, or are refused for good.
func TestProviderOutOfReach(t *testing.T) {
	t.Parallel()
	d := newDesk(t, status(200))
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	nobody := "http://" + closed.Addr().String()
	_ = closed.Close()
	strange := httptest.NewTLSServer(status(200))
	t.Cleanup(strange.Close)
	strange.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	port := d.URL[strings.LastIndexByte(d.URL, ':'):]
	for _, c := range []struct {
		name, url string
		private   bool
		kind      store.ResultKind
		reason    string
	}{
		{"nobody listens", nobody, true, store.Retry, "The text provider cannot be reached: nothing listens at its address."},
		{"an untrusted certificate", strange.URL, true, store.Retry, "The certificate of the text provider cannot be trusted."},
		{"this machine", "https://127.0.0.1" + port, false, store.Rejected, "The address of the text provider is on a private network."},
		{"this machine by name", "https://localhost" + port, false, store.Rejected, "The address of the text provider is on a private network."},
		{"this machine by IPv6", "https://[::1]" + port, false, store.Rejected, "The address of the text provider is on a private network."},
		{"this machine in disguise", "https://[::ffff:127.0.0.1]" + port, false, store.Rejected, "The address of the text provider is on a private network."},
		{"without TLS", d.URL, false, store.Rejected, "The text provider is reached without TLS."},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kind, reason, _ := client(c.private).Send(context.Background(), providerAt(c.url), aText())
			if kind != c.kind || !strings.HasPrefix(reason, c.reason) {
				t.Errorf("got %d %q, want %d %q", kind, reason, c.kind, c.reason)
			}
		})
	}
	if got := d.got(); len(got) != 0 {
		t.Errorf("the provider got %q", got)
	}
	locked := delivery.NewHTTP(delivery.HTTPConfig{Secret: func(store.TextProvider) (string, error) { return "", errors.New("wrong key") }, AllowPrivate: true})
	if kind, reason, _ := locked.Send(context.Background(), providerAt(d.URL), aText()); kind != store.Rejected || !strings.HasPrefix(reason, "The secret of the text provider cannot be read.") {
		t.Errorf("without the secret: %d %q", kind, reason)
	}
}

// TestProviderOverTLS speaks to a server whose certificate is trusted.
func TestProviderOverTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(status(200))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	c := delivery.NewHTTP(delivery.HTTPConfig{Secret: func(store.TextProvider) (string, error) { return "", nil }, AllowPrivate: true, RootCAs: roots})
	if kind, reason, _ := c.Send(context.Background(), providerAt(s.URL), aText()); kind != store.Delivered {
		t.Errorf("got %d %q", kind, reason)
	}
}

// TestTextLoop sends queued text messages through a real database and a real server, beside an email that nobody sends: what
// is refused becomes a person's, what hangs holds up nothing else, and the log tells nothing.
func TestTextLoop(t *testing.T) {
	t.Parallel()
	d := newDesk(t, nil)
	d.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case strings.Contains(string(body), `Lead0"`):
			<-r.Context().Done()
		case strings.Contains(string(body), `Lead1"`):
			w.WriteHeader(400)
		default:
			d.mu.Lock()
			d.calls = append(d.calls, call{body: string(body), key: r.Header.Get("Idempotency-Key")})
			d.mu.Unlock()
		}
	})
	o := newOffice(t, 1)
	if err := o.db.Write(context.Background(), func(tx *store.Tx) error { return queueTexts(tx, d.URL, 12) }); err != nil {
		t.Fatal(err)
	}
	if _, err := o.db.Due(context.Background(), 100); err != nil {
		t.Fatal(err)
	}
	finished := make(chan store.MailResult, 20)
	loop := delivery.NewTexts(delivery.Config{
		Outbox: told{o.db.Texts(), finished}, Node: "test", Provider: hasty(true, 2*time.Second), Log: slog.New(slog.NewTextHandler(o.text, nil)),
	})
	ctx, cancel := context.WithCancel(context.Background())
	var done sync.WaitGroup
	done.Go(func() { loop.Run(ctx) })
	keys := map[string]bool{}
	for range 12 {
		keys[(<-finished).Message.RFCID] = true
	}
	cancel()
	done.Wait()
	o.sink = nil
	load, err := o.db.Load(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if load.Messages[store.MessageSent] != 10 || load.Messages[store.MessageFailed] != 1 || load.Messages[store.MessageUnknown] != 1 || load.Messages[store.MessageQueued] != 1 {
		t.Errorf("the outbox holds %v, want 10 sent, 1 failed, 1 unknown and the email queued", load.Messages)
	}
	if len(keys) != 12 || len(d.got()) != 10 {
		t.Errorf("%d texts had ids of their own, %d arrived", len(keys), len(d.got()))
	}
	for _, word := range []string{"+49", "Hello", "Lead7", "hush"} {
		if strings.Contains(o.text.String(), word) {
			t.Errorf("the log tells %q", word)
		}
	}
}

// told says of each result that it was written.
type told struct {
	store.Texts
	results chan<- store.MailResult
}

func (d told) FinishMail(ctx context.Context, results []store.MailResult) error {
	err := d.Texts.FinishMail(ctx, results)
	for _, r := range results {
		d.results <- r
	}
	return err
}

// queueTexts connects n leads to a sequence that begins with a text message.
func queueTexts(tx *store.Tx, url string, n int) error {
	if err := tx.SaveTextProvider(providerAt(url)); err != nil {
		return err
	}
	if _, err := tx.InsertTemplate(store.Template{Key: "ping", Name: "Ping", Channel: message.TextChannel, TemplateContent: store.TemplateContent{Text: "Hello {{ last_name }}"}}, 0); err != nil {
		return err
	}
	return connectLeads(tx, "Text", step.Step{ID: "ping", Type: "automated_text", Name: "Ping", Config: step.Config{"template": "ping"}}, 1, n)
}
