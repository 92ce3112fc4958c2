package delivery

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"cadenza/internal/mailnet"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// The limits of one attempt at a provider: until the connection stands, of all together, and of what is read of the answer.
const (
	textDialLimit   = 10 * time.Second
	textLimit       = 30 * time.Second
	textAnswerLimit = 8 << 10
	// shortestRetry and longestRetry bound what a provider asks for by Retry-After.
	shortestRetry = 10 * time.Second
	longestRetry  = 6 * time.Hour
)

// HTTPConfig is what NewHTTP needs.
type HTTPConfig struct {
	// Secret gives the value of the provider's header.
	Secret func(store.TextProvider) (string, error)
	// AllowPrivate lets calls go to machines of this network, and without TLS.
	AllowPrivate bool
	// RootCAs are the authorities whose certificates are trusted; those of the machine when nil.
	RootCAs *x509.CertPool
	// Limit bounds one attempt; 30 seconds when zero.
	Limit time.Duration
}

// HTTP is the provider of text messages that is spoken to over HTTP, as its settings say.
type HTTP struct {
	c      HTTPConfig
	client *http.Client
}

var _ Provider = (*HTTP)(nil)

// NewHTTP builds the provider.
func NewHTTP(c HTTPConfig) *HTTP {
	if c.Limit <= 0 {
		c.Limit = textLimit
	}
	return &HTTP{c: c, client: &http.Client{
		// A redirect would take the secret and the text to where nobody sent them.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         outsideDialer(c.AllowPrivate, textDialLimit).DialContext,
			TLSHandshakeTimeout: textDialLimit,
			TLSClientConfig:     &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: c.RootCAs},
			// A kept connection may be closed by the other side at the very moment of use: then nobody could tell whether
			// the text was taken, and net/http would send a request with an Idempotency-Key again by itself.
			DisableKeepAlives: true, DisableCompression: true, MaxResponseHeaderBytes: 32 << 10,
		},
	}}
}

// Send hands one text message over. What the answer means is a matter of its status alone: 2xx is a yes, 408, 425, 429 and
// 5xx ask for another attempt (RFC 9110, section 15; RFC 6585, section 4), everything else is a no.
func (h *HTTP) Send(ctx context.Context, p store.TextProvider, m store.Message) (store.ResultKind, string, time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, h.c.Limit)
	defer cancel()
	secret, err := h.c.Secret(p)
	if err != nil {
		return store.Rejected, "The secret of the text provider cannot be read. An admin enters it again under Settings.", 0
	}
	var written atomic.Bool
	// It is called before the last bytes leave, never after them, so that what it has not seen cannot have arrived.
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteRequest: func(i httptrace.WroteRequestInfo) {
		if i.Err == nil {
			written.Store(true)
		}
	}})
	r, err := h.request(ctx, p, m, secret)
	if err != nil {
		return store.Rejected, err.Error(), 0
	}
	answer, err := h.client.Do(r)
	if err != nil {
		kind, reason := judgeText(err, written.Load())
		return kind, reason, 0
	}
	defer func() { _ = answer.Body.Close() }()
	said, _ := io.ReadAll(io.LimitReader(answer.Body, textAnswerLimit)) // the status counts, whatever becomes of the rest
	return judgeAnswer(answer, said, secret)
}

// request builds what the provider is sent. Its errors are sentences for people.
func (h *HTTP) request(ctx context.Context, p store.TextProvider, m store.Message, secret string) (*http.Request, error) {
	to, err := url.Parse(p.URL)
	if err != nil || to.Host == "" {
		return nil, &setupError{"The address of the text provider is not valid. An admin enters it again under Settings."}
	}
	if to.Scheme != "https" && !h.c.AllowPrivate {
		return nil, &setupError{"The text provider is reached without TLS. Use an https:// address, or let the server make private calls."}
	}
	format := message.TextFormat(p.Format)
	body := format.Body(p.Body, message.TextOrder{To: m.Recipient, From: p.Sender, Text: m.Text, ID: m.RFCID})
	r, err := http.NewRequestWithContext(ctx, p.Method, p.URL, strings.NewReader(body))
	if err != nil {
		return nil, &setupError{"The settings of the text provider are not valid. An admin looks at them under Settings."}
	}
	r.Header.Set("Content-Type", format.ContentType())
	r.Header.Set("User-Agent", "Cadenza")
	r.Header.Set("Idempotency-Key", m.RFCID)
	if secret != "" {
		r.Header.Set(p.Header, secret)
	}
	return r, nil
}

// judgeText turns an error without an answer into a result. written tells that the whole request may have left, so that
// silence leaves it open whether the provider took the text.
func judgeText(err error, written bool) (store.ResultKind, string) {
	var certificate *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	switch {
	case errors.Is(err, errPrivate):
		return store.Rejected, "The address of the text provider is on a private network. Use a public one, or start the server with --allow-private-calls."
	case written:
		return store.Unknown, "The text provider did not answer. Look there whether the text was sent, then say so."
	case errors.As(err, &certificate):
		return store.Retry, "The certificate of the text provider cannot be trusted."
	case errors.As(err, &record):
		return store.Rejected, "What answers at the address of the text provider does not speak TLS."
	}
	return store.Retry, "The text provider cannot be reached: " + mailnet.Trouble(err) + "."
}

// judgeAnswer turns an answer into a result.
func judgeAnswer(answer *http.Response, said []byte, secret string) (store.ResultKind, string, time.Duration) {
	code := answer.StatusCode
	reason := fmt.Sprintf("The text provider answered %d", code)
	if name := http.StatusText(code); name != "" {
		reason += " " + name
	}
	if words := excerpt(said, secret); words != "" {
		reason += ": " + words
	}
	switch {
	case code >= 200 && code < 300:
		return store.Delivered, "", 0
	case code >= 300 && code < 400:
		return store.Rejected, fmt.Sprintf("The text provider answered %d, a redirect, which is not followed. An admin enters the final address under Settings.", code), 0
	case code >= 500, code == http.StatusRequestTimeout, code == http.StatusTooEarly, code == http.StatusTooManyRequests:
		return store.Retry, reason, retryAfterHeader(answer.Header)
	case code == http.StatusUnauthorized, code == http.StatusForbidden:
		return store.Rejected, reason + ". Check the provider's secret under Settings.", 0
	}
	return store.Rejected, reason, 0
}

// retryAfterHeader reads how long a provider wants to be left alone (RFC 9110, section 10.2.3), within our limits.
func retryAfterHeader(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if value == "" {
		return 0
	}
	var pause time.Duration
	if seconds, err := strconv.ParseUint(value, 10, 31); err == nil {
		pause = time.Duration(seconds) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		now, err := http.ParseTime(h.Get("Date")) // by the provider's own clock
		if err != nil {
			return 0
		}
		pause = at.Sub(now)
	} else {
		return 0
	}
	return min(max(pause, shortestRetry), longestRetry)
}

// excerpt gives the words of an answer that tell people what is wrong: a short piece, without what acts and without the
// secret.
func excerpt(said []byte, secret string) string {
	text := string(said)
	var object map[string]any
	if json.Unmarshal(said, &object) == nil {
		text = firstWords(object)
	}
	if secret != "" {
		text = strings.ReplaceAll(text, secret, "…")
	}
	text = strings.Join(strings.FieldsFunc(strings.ToValidUTF8(text, ""), func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }), " ")
	if strings.HasPrefix(text, "<") {
		return "" // a page for browsers
	}
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "…"
	}
	return text
}

// firstWords finds the message in an answer in JSON, one object deep.
func firstWords(object map[string]any) string {
	for _, key := range []string{"message", "detail", "error_description", "description", "title", "error"} {
		switch v := object[key].(type) {
		case string:
			return v
		case map[string]any:
			if words := firstWords(v); words != "" {
				return words
			}
		}
	}
	return ""
}
