package delivery

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// recheck is when a message that a paused mailbox holds up is looked at again.
const recheck = 5 * time.Minute

// emails is the channel of emails.
type emails struct {
	c     Config
	fills *fills
	// skeletons are shared with nobody: they hold what customers' values stand in, not the values.
	skeletons *skeletons
}

var _ channel = (*emails)(nil)

func (e *emails) attempt() string { return "mail attempt" }

func (e *emails) close() { e.c.Transport.Close() }

// send builds one message and hands it over.
func (e *emails) send(ctx context.Context, c store.MailCandidate) handover {
	files, h := e.carried(ctx, c)
	if h.kind != store.Delivered {
		return h
	}
	raw, to, err := build(c, e.c.Tracking, files)
	if err != nil {
		return handover{kind: store.Rejected, reason: "The email cannot be built: " + err.Error() + "."}
	}
	if raw, err = sign(raw, c.DKIM, e.c.Signer); err != nil {
		return handover{kind: store.Retry, reason: "The email cannot be signed: " + err.Error() + "."}
	}
	h.kind, h.reason = e.c.Transport.Send(ctx, c.Mailbox, c.Mailbox.Address, to, raw)
	return h
}

// gate gives the first thing that keeps a queued message from being sent, or passes it with its final content. Its
// answer is the reason on the screen, in the API and in the log.
func (e *emails) gate(c store.MailCandidate, now time.Time) store.Verdict {
	who := c.User.Name
	if who == "" {
		who = "The assignee"
	}
	switch {
	case !c.Live:
		return store.Verdict{Kind: store.Withdraw, Reason: "Its enrollment has finished."}
	case !c.RecordFound && !c.Message.Test:
		return store.Verdict{Kind: store.Withdraw, Reason: "The record was deleted."}
	case c.Record.Get("do_not_email") == "true":
		return store.Verdict{Kind: store.Refuse, Reason: "The record must not be emailed."}
	case c.Suppressed != "":
		return store.Verdict{Kind: store.Refuse, Reason: c.Suppressed}
	case c.Message.User == 0:
		return store.Verdict{Kind: store.Fail, Reason: "The record has no owner, so there is no mailbox to send from. Give it an owner."}
	case c.Mailbox.ID == 0:
		return store.Verdict{Kind: store.Fail, Reason: who + " has no mailbox. Set one up under Mailboxes."}
	case c.Mailbox.Paused:
		return store.Verdict{Kind: store.Later, Reason: "The mailbox of " + who + " is paused.", At: now.Add(recheck)}
	case !c.Back.IsZero():
		return away(c)
	case c.Mailbox.GrantError != "":
		return store.Verdict{Kind: store.Later, Reason: "The mailbox of " + who + " has to be connected again: its sign-in has ended.", At: now.Add(recheck)}
	}
	c.Message.AttemptAt = now
	return e.c.Tracking.follow(c, accompany(c, e.c.Tracking.letOut(c, e.content(c))))
}

// away keeps an automated message back until its user returns.
func away(c store.MailCandidate) store.Verdict {
	return store.Verdict{Kind: store.Later, Reason: c.User.Name + " is away, and automated messages wait for the return.", At: c.Back}
}

// content gives the message its final text. A message that a person wrote has it already.
func (e *emails) content(c store.MailCandidate) store.Verdict {
	m := c.Message
	m.Sender = c.Mailbox.Address
	if m.Activity != 0 || m.Test {
		return store.Verdict{Kind: store.Pass, Message: m}
	}
	m.Recipient = c.Record.Get("email")
	if !message.ValidEmail(m.Recipient) {
		return store.Verdict{Kind: store.Fail, Reason: "The record has no valid email address. Add one and try again."}
	}
	if !c.TemplateFound || c.Template.Channel == message.TextChannel {
		return store.Verdict{Kind: store.Fail, Reason: fmt.Sprintf("The template %q does not exist any more.", m.Template)}
	}
	f, err := e.fills.of(c.Template)
	if err != nil {
		return store.Verdict{Kind: store.Fail, Reason: "The template cannot be read: " + err.Error() + "."}
	}
	values := store.MergeValues(c.Record, c.Related, c.User, c.Mailbox.Address, c.SequenceName)
	subject, missingSubject := f.subject.FillLine(values)
	html, marked, put, missingHTML := f.html.FillMarked(values, merge.HTML)
	if missing := union(missingSubject, missingHTML); len(missing) > 0 {
		return store.Verdict{Kind: store.Fail, Reason: "The record has no value for " + strings.Join(missing, ", ") +
			". Add it, or give the template a fallback."}
	}
	m.TemplateVersion = c.Template.Version
	whole := func(html string) string { return e.c.Tracking.footed(c, store.WithSignature(html, c.Mailbox.Signature)) }
	m.Subject, m.HTML = subject, whole(html)
	m.Text = e.skeletons.plainText(m.HTML, whole(marked), put)
	return store.Verdict{Kind: store.Pass, Message: m}
}

func union(a, b []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range append(a[:len(a):len(a)], b...) {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// fills keeps parsed templates, because one template makes many messages. A version of a template never changes.
type fills struct {
	mu   sync.Mutex
	kept map[fillKey]fill
}

type fillKey struct {
	template ident.Template
	version  int
}

type fill struct{ subject, html, text *merge.Template }

// maxFills bounds what is kept; sequences use a few hundred versions of templates at a time.
const maxFills = 1000

func newFills() *fills { return &fills{kept: map[fillKey]fill{}} }

func (f *fills) of(t store.Template) (fill, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	at := fillKey{t.ID, t.Version}
	if k, ok := f.kept[at]; ok {
		return k, nil
	}
	subject, err := merge.Parse(t.Subject)
	if err != nil {
		return fill{}, err
	}
	html, err := merge.Parse(t.HTML)
	if err != nil {
		return fill{}, err
	}
	text, err := merge.Parse(t.Text)
	if err != nil {
		return fill{}, err
	}
	k := fill{subject: subject, html: html, text: text}
	if len(f.kept) >= maxFills {
		clear(f.kept)
	}
	f.kept[at] = k
	return k, nil
}

// build makes the bytes of a message, followed where it may be, with the files that it carries, and lists who gets it.
func build(c store.MailCandidate, t Tracking, files []message.Attachment) (raw []byte, to []string, err error) {
	m := c.Message
	out := message.Outgoing{
		From:        message.Address{Name: firstOf(c.Mailbox.SenderName, c.User.Name), Email: c.Mailbox.Address},
		Subject:     m.Subject,
		MessageID:   m.RFCID,
		Date:        m.AttemptAt,
		Attachments: files,
	}
	out.HTML, out.Text = t.followed(c)
	t.withOptOut(c, &out)
	if out.To, err = message.ParseAddress(m.Recipient); err != nil {
		return nil, nil, err
	}
	if out.CC, err = addresses(m.CC); err != nil {
		return nil, nil, err
	}
	for _, a := range append([]message.Address{out.To}, out.CC...) {
		wire, err := message.WireEmail(a.Email)
		if err != nil {
			return nil, nil, err
		}
		to = append(to, wire)
	}
	raw, err = message.Build(out)
	return raw, to, err
}

func addresses(list string) ([]message.Address, error) {
	var out []message.Address
	for part := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		a, err := message.ParseAddress(part)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, nil
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// The ladder of retries after a temporary refusal (design, section 3).
var ladder = []time.Duration{15 * time.Minute, time.Hour, 4 * time.Hour}

// greylisted is the first pause when the server says that it only wants to see the message again (RFC 6647).
const greylisted = 5 * time.Minute

// retryAfter gives the pause after the nth attempt failed for now; ok is false when it was the last.
func retryAfter(attempt int, reason string) (pause time.Duration, ok bool) {
	if attempt > len(ladder) {
		return 0, false
	}
	if attempt == 1 && strings.Contains(strings.ToLower(reason), "greylist") {
		return greylisted, true
	}
	return ladder[attempt-1], true
}

// leastPause is the shortest pause after the nth attempt where the other side named one: what it says counts the first time,
// and whoever says it again and again is given more time each time.
func leastPause(attempt int) time.Duration {
	if attempt < 2 || attempt-2 >= len(ladder) {
		return 0
	}
	return ladder[attempt-2]
}
