package action

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// The limits of a provider of text messages.
const (
	maxProviderURL  = 2000
	maxProviderBody = 10_000
	maxTextSender   = 40
	maxSecret       = 4000
)

// Texter hands one text message to a provider and says how that went; see delivery.HTTP.
type Texter func(ctx context.Context, p store.TextProvider, m store.Message) (kind store.ResultKind, reason string, after time.Duration)

// TextProviderInput is the input for the provider of text messages.
type TextProviderInput struct {
	URL, Method string
	Format      message.TextFormat
	// Body is the body of the request, with {{to}}, {{from}}, {{text}} and {{id}}.
	Body string
	// Sender is the number or name that texts come from; it may be empty where the provider knows it.
	Sender string
	// Header carries the secret; "Authorization" when empty. An empty Secret keeps the old one, unless NoSecret.
	Header, Secret string
	NoSecret       bool
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// providerSecret ties the secret to where it is sent: whoever changes that must know it.
func providerSecret(p store.TextProvider) string {
	u, err := url.Parse(p.URL)
	if err != nil {
		return "text provider"
	}
	return fmt.Sprintf("text provider/%s/%s/%s", u.Scheme, strings.ToLower(u.Host), strings.ToLower(p.Header))
}

// ProviderSecret opens the secret of the provider of text messages; delivery asks.
func (v *Vault) ProviderSecret(p store.TextProvider) (string, error) {
	return v.Open(providerSecret(p), p.Secret)
}

// GetTextProvider gives the provider of text messages; one that is not Ready when none is set up. Its Secret is nil when it
// has none, and empty when it has one.
func (a *App) GetTextProvider(ctx context.Context, actor access.Actor) (store.TextProvider, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.TextProvider{}, err
	}
	p, err := look(ctx, a, func(tx *store.Tx) (store.TextProvider, error) { return tx.TextProvider() })
	return hideSecret(p), err
}

func hideSecret(p store.TextProvider) store.TextProvider {
	if len(p.Secret) > 0 {
		p.Secret = []byte{}
	} else {
		p.Secret = nil
	}
	return p
}

// SaveTextProvider sets the provider of text messages up, or changes it. Texts that are queued go through it from then on.
func (a *App) SaveTextProvider(ctx context.Context, actor access.Actor, in TextProviderInput) (store.TextProvider, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.TextProvider{}, err
	}
	next, err := in.provider()
	if err != nil {
		return store.TextProvider{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.TextProvider()
		if err != nil {
			return err
		}
		if in.Rev != 0 && in.Rev != old.Rev {
			return fault.New(fault.Stale, "Somebody else changed the text provider meanwhile.").WithHint("Load it again, then repeat your change.")
		}
		if err := a.sealProvider(&next, old, in); err != nil {
			return err
		}
		next.Rev = old.Rev + 1
		if err := tx.SaveTextProvider(next); err != nil {
			return err
		}
		verb := "update"
		if !old.Ready() {
			verb = "create"
		}
		return tx.Audit(actor.ID, verb, "text provider", 0, fmt.Sprintf("%s %s as %s, sender %q", next.Method, hostOf(next.URL), next.Format, next.Sender))
	})
	if err != nil {
		return store.TextProvider{}, err
	}
	return hideSecret(next), nil
}

func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// sealProvider encrypts a new secret, or keeps the old one as long as it goes to the same place in the same header.
func (a *App) sealProvider(next *store.TextProvider, old store.TextProvider, in TextProviderInput) error {
	switch {
	case in.Secret != "":
		sealed, err := a.vault.Seal(providerSecret(*next), in.Secret)
		next.Secret = sealed
		return err
	case in.NoSecret || len(old.Secret) == 0:
		return nil
	case providerSecret(*next) != providerSecret(old):
		return fault.Field("secret", "required", "The address or the header changed: enter the secret again.")
	}
	next.Secret = old.Secret
	return nil
}

// provider checks the input and gives the provider.
func (in TextProviderInput) provider() (store.TextProvider, error) {
	p := store.TextProvider{
		URL: strings.TrimSpace(in.URL), Method: strings.ToUpper(strings.TrimSpace(in.Method)), Format: string(in.Format),
		Body: strings.TrimSpace(strings.ReplaceAll(in.Body, "\r\n", "\n")), Sender: strings.Join(strings.Fields(in.Sender), " "), Header: strings.TrimSpace(in.Header),
	}
	if p.Header == "" {
		p.Header = "Authorization"
	}
	var problems []fault.Problem
	add := func(field, code, text string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: text})
	}
	u, err := url.Parse(p.URL)
	switch {
	case p.URL == "":
		add("url", "required", "The address of the provider is missing.")
	case err != nil || len(p.URL) > maxProviderURL || (u.Scheme != "https" && u.Scheme != "http") || u.Hostname() == "":
		add("url", "invalid", "The address must be one such as https://api.example.com/messages.")
	case u.User != nil:
		add("url", "credentials", "The address must hold no password. Enter it as the secret.")
	}
	if p.Method != "POST" && p.Method != "PUT" {
		add("method", "unknown", "The method is POST or PUT.")
	}
	if !in.Format.Known() {
		add("format", "unknown", "The form of the request is json or form.")
	} else if len(p.Body) > maxProviderBody || clean(p.Body) != p.Body {
		add("body", "too_long", fmt.Sprintf("The body must be text of at most %d bytes.", maxProviderBody))
	} else if wrong := in.Format.Check(p.Body); wrong != "" {
		add("body", "invalid", wrong)
	}
	if clean(p.Sender) != p.Sender || utf8.RuneCountInString(p.Sender) > maxTextSender {
		add("sender", "too_long", fmt.Sprintf("The sender must be a number or name of at most %d characters.", maxTextSender))
	}
	if strings.ContainsFunc(p.Header, func(r rune) bool {
		return r != '-' && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9')
	}) || len(p.Header) > 60 {
		add("header", "invalid", "The header must be a name such as Authorization or X-API-Key.")
	}
	switch strings.ToLower(p.Header) {
	case "content-type", "idempotency-key", "host", "content-length", "transfer-encoding", "connection", "user-agent":
		add("header", "taken", "This header is set by Cadenza itself. Name the one that carries the secret.")
	}
	if len(in.Secret) > maxSecret || strings.ContainsFunc(in.Secret, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsPrint(r) }) {
		add("secret", "invalid", fmt.Sprintf("The secret must be at most %d printable ASCII characters.", maxSecret))
	}
	return p, fault.Of(problems...)
}

// DeleteTextProvider takes the provider away with its secret. Text steps become activities from then on.
func (a *App) DeleteTextProvider(ctx context.Context, actor access.Actor) error {
	if err := may(actor, access.ManageSettings); err != nil {
		return err
	}
	return a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.TextProvider()
		if err != nil || !old.Ready() {
			return err
		}
		if err := tx.SaveTextProvider(store.TextProvider{Rev: old.Rev + 1}); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "text provider", 0, hostOf(old.URL))
	})
}

// testTextLimit bounds the sending of a test text.
const testTextLimit = 40 * time.Second

// TestText sends a text message through the saved provider at once, and keeps how that went. That the provider refuses is a
// result too, and no fault: see CheckError.
func (a *App) TestText(ctx context.Context, actor access.Actor, to, text string) (store.TextProvider, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.TextProvider{}, err
	}
	m, err := TextDraft{To: to, Text: text}.message()
	if err != nil {
		return store.TextProvider{}, err
	}
	if a.config.Text == nil {
		return store.TextProvider{}, fault.New(fault.Unavailable, "Text messages cannot be tested here.").WithHint("Test them on the running server.")
	}
	p, err := look(ctx, a, func(tx *store.Tx) (store.TextProvider, error) { return tx.TextProvider() })
	if err != nil {
		return store.TextProvider{}, err
	}
	if !p.Ready() {
		return store.TextProvider{}, fault.New(fault.Conflict, "No provider of text messages is set up.").WithHint("Save its settings first.")
	}
	var b [12]byte
	_, _ = rand.Read(b[:])
	m.RFCID, m.Sender = message.NewMessageID("test."+hex.EncodeToString(b[:]), ""), p.Sender
	// The network is never touched inside of a transaction.
	sending, cancel := context.WithTimeout(ctx, testTextLimit)
	kind, reason, _ := a.config.Text(sending, p, m)
	cancel()
	if ctx.Err() != nil {
		return store.TextProvider{}, ctx.Err()
	}
	if kind == store.Delivered {
		reason = ""
	}
	return change(ctx, a, func(tx *store.Tx) (store.TextProvider, error) {
		now, err := tx.TextProvider()
		if err != nil {
			return store.TextProvider{}, err
		}
		if now.Rev != p.Rev {
			return store.TextProvider{}, fault.New(fault.Stale, "The text provider was changed during the test.").WithHint("Test it again.")
		}
		p.CheckedAt, p.CheckError = tx.Now, reason
		if err := tx.SaveTextProvider(p); err != nil {
			return store.TextProvider{}, err
		}
		return hideSecret(p), tx.Audit(actor.ID, "test", "text provider", 0, hostOf(p.URL))
	})
}

// TextState says for operators whether text messages can be sent; the error says why not.
func (a *App) TextState(ctx context.Context) (string, error) {
	p, err := look(ctx, a, func(tx *store.Tx) (store.TextProvider, error) { return tx.TextProvider() })
	if err != nil {
		return "", err
	}
	if !p.Ready() {
		return "no provider is set up; automated texts become activities", nil
	}
	if _, err := a.vault.ProviderSecret(p); err != nil {
		return "", fault.New(fault.Unavailable, "The secret of the text provider cannot be read.").WithHint("Enter it again under Settings.")
	}
	if p.CheckError != "" {
		return "", fault.New(fault.Unavailable, "The last test text failed: %s", p.CheckError)
	}
	if p.CheckedAt.IsZero() {
		return "sent by " + hostOf(p.URL) + ", never tested", nil
	}
	return "sent by " + hostOf(p.URL), nil
}
