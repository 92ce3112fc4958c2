package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// Texts is the outbox as the delivery of text messages sees it: the same rows, states and rules as for mail, of the other
// channel.
type Texts struct{ *DB }

// Texts gives the text messages of the outbox.
func (db *DB) Texts() Texts { return Texts{db} }

// ClaimMail is DB.ClaimMail for text messages. Few installations send many of them, so it begins with a look that costs
// the writers nothing.
func (t Texts) ClaimMail(ctx context.Context, node string, limit int, gate func(*MailCandidate, time.Time) Verdict, _ ...ident.Mailbox) (pass []*MailCandidate, looked int, err error) {
	next, err := t.NextMail(ctx)
	if err != nil || next.IsZero() || next.After(t.now()) {
		return nil, 0, err
	}
	return t.claim(ctx, claimOrder{message.TextChannel, node, limit, nil}, gate)
}

// NextMail gives when the next queued text message's time comes; zero when none is queued. No text goes through a mailbox.
func (t Texts) NextMail(ctx context.Context, _ ...ident.Mailbox) (time.Time, error) {
	return t.nextMessage(ctx, message.TextChannel, nil)
}

// ReleaseMail is DB.ReleaseMail for text messages.
func (t Texts) ReleaseMail(ctx context.Context, node string, keep []ident.Message) (int64, error) {
	return t.release(ctx, message.TextChannel, node, keep)
}

// MailSignal is signalled after a commit that queued a text message.
func (t Texts) MailSignal() <-chan struct{} { return t.textWake }

// queued has the delivery of a channel woken after the commit.
func (tx *Tx) queued(c message.Channel) {
	tx.mail = tx.mail || c != message.TextChannel
	tx.text = tx.text || c == message.TextChannel
}

// textProviderSetting is the name of the setting.
const textProviderSetting = "text_provider"

// TextProvider is the service that takes text messages over HTTP. Secret is encrypted; see action.Vault.
type TextProvider struct {
	// URL is where a text message is handed over; "" while no provider is set up.
	URL    string
	Method string // POST or PUT
	// Format is what Body is: json or form.
	Format string
	// Body is the request's body, in which {{to}}, {{from}}, {{text}} and {{id}} stand for the message's values.
	Body string
	// Sender is the number or name that texts come from.
	Sender string
	// Header is the name of the header that carries the secret.
	Header string
	Secret []byte
	// CheckedAt is when a test text was sent last, CheckError why it failed; "" when it did not.
	CheckedAt  time.Time
	CheckError string
	Rev        int64
}

// Ready tells whether a provider is set up.
func (p TextProvider) Ready() bool { return p.URL != "" }

// textProviderShape is how a TextProvider is stored.
type textProviderShape struct {
	URL        string `json:"url"`
	Method     string `json:"method"`
	Format     string `json:"format"`
	Body       string `json:"body"`
	Sender     string `json:"sender"`
	Header     string `json:"header"`
	Secret     []byte `json:"secret"`
	CheckedAt  int64  `json:"checked_at"`
	CheckError string `json:"check_error"`
	Rev        int64  `json:"rev"`
}

// TextProvider gives the provider of text messages; one that is not Ready when none is set up.
func (tx *Tx) TextProvider() (TextProvider, error) {
	text, err := tx.setting(textProviderSetting)
	if err != nil || text == "" {
		return TextProvider{}, err
	}
	var s textProviderShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return TextProvider{}, fmt.Errorf("read text provider: %w", err)
	}
	p := TextProvider{
		URL: s.URL, Method: s.Method, Format: s.Format, Body: s.Body, Sender: s.Sender, Header: s.Header, Secret: s.Secret,
		CheckError: s.CheckError, Rev: s.Rev,
	}
	if s.CheckedAt != 0 {
		p.CheckedAt = time.UnixMicro(s.CheckedAt).UTC()
	}
	return p, nil
}

// SaveTextProvider replaces the provider; one without a URL takes it away.
func (tx *Tx) SaveTextProvider(p TextProvider) error {
	s := textProviderShape{
		URL: p.URL, Method: p.Method, Format: p.Format, Body: p.Body, Sender: p.Sender, Header: p.Header, Secret: p.Secret,
		CheckError: p.CheckError, Rev: p.Rev,
	}
	if !p.CheckedAt.IsZero() {
		s.CheckedAt = p.CheckedAt.UnixMicro()
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := tx.saveSetting(textProviderSetting, string(text)); err != nil {
		return err
	}
	return tx.lookAgain(`channel = 2`)
}

// providing gives every candidate the provider that it would go through, and the setting that knows our public address.
func (tx *Tx) providing(list []*MailCandidate) error {
	p, err := tx.TextProvider()
	if err != nil {
		return err
	}
	tracking, err := tx.Tracking()
	for i := range list {
		list[i].Provider, list[i].Tracking = p, tracking
	}
	return err
}
