package delivery

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// emails is the channel of emails.
type emails struct {
	c     Config
	fills *fills
	// skeletons are shared with nobody: they hold what customers' values stand in, not the values.
	skeletons *skeletons
	// rooms are memory in which messages are built.
	rooms sync.Pool
}

var _ channel = (*emails)(nil)

func (e *emails) attempt() string { return "mail attempt" }

func (e *emails) close() { e.c.Transport.Close() }

// send builds messages and hands them over.
func (e *emails) send(ctx context.Context, box store.Mailbox, o sending) {
	e.c.Transport.SendAll(ctx, box, func() (Parcel, bool) {
		for c, ok := o.next(); ok; c, ok = o.next() {
			p, h := e.parcel(ctx, c, o)
			if h.kind == store.Delivered {
				return p, true
			}
			o.landed(c, h)
		}
		return Parcel{}, false
	})
}

// parcel builds a message, and says why that cannot be done unless the result is Delivered so far.
func (e *emails) parcel(ctx context.Context, c *store.MailCandidate, o sending) (Parcel, handover) {
	files, h := e.carried(ctx, c)
	if h.kind != store.Delivered {
		return Parcel{}, h
	}
	room, _ := e.rooms.Get().(*[]byte)
	if room == nil {
		room = new([]byte)
	}
	raw, names, h := e.made((*room)[:0], c, files, false)
	return Parcel{
		From: names.from, To: names.to, Raw: raw,
		Leaving: func() error { return o.leaving(c) },
		Landed: func(kind store.ResultKind, reason string) {
			if cap(raw) <= keepBuffer {
				*room = raw
				e.rooms.Put(room)
			}
			o.landed(c, handover{kind: kind, reason: reason, stood: !beforeMail(kind)})
		},
	}, h
}

// made builds and signs a message, in a room that it may use; own is for the sender's own copy.
func (e *emails) made(room []byte, c *store.MailCandidate, files []message.Attachment, own bool) (raw []byte, names envelope, h handover) {
	raw, names, err := build(room, c, e.c.Tracking, files, own)
	if err != nil {
		return nil, names, handover{kind: store.Rejected, reason: "The email cannot be built: " + err.Error() + "."}
	}
	if raw, err = sign(raw, c.DKIM, e.c.Signer); err != nil {
		return nil, names, handover{kind: store.Retry, reason: "The email cannot be signed: " + err.Error() + "."}
	}
	return raw, names, handover{kind: store.Delivered}
}

// gate is the gate for emails.
func (e *emails) gate(c *store.MailCandidate, now time.Time) store.Verdict {
	return gate(c, now, func(c *store.MailCandidate) store.Verdict {
		return e.c.Tracking.follow(c, accompany(c, e.c.Tracking.letOut(c, e.content(c))))
	})
}

// content gives the message its final text. A message that a person wrote has it already.
func (e *emails) content(c *store.MailCandidate) store.Verdict {
	m := c.Message
	m.Sender = c.Mailbox.Address
	if m.Activity != 0 || m.Test {
		return store.Verdict{Kind: store.Pass, Message: m}
	}
	m.Recipient = c.Record.Get("email")
	if !message.ValidEmail(m.Recipient) {
		return blocked(store.Fail, store.BlockAddress, "The record has no valid email address. Add one and try again.")
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
	whole := func(html string) string {
		return e.c.Tracking.footed(c, store.WithSignature(html, c.Mailbox.Signature))
	}
	m.Subject, m.HTML = inThread(c, subject), whole(html)
	read := e.skeletons.read(m.HTML, whole(marked), put)
	m.Text = read.plain
	return store.Verdict{Kind: store.Pass, Message: m, Places: &read.links}
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

// envelope is whom a message comes from and who gets it, as SMTP is told: domains in ASCII.
type envelope struct {
	from string
	to   []string
}

// build makes the bytes of a message, followed where it may be, with the files that it carries, and its envelope. Those in BCC get it
// and stand in no header; in the sender's own copy they do, as mail programs do it.
func build(room []byte, c *store.MailCandidate, t Tracking, files []message.Attachment, own bool) (raw []byte, names envelope, err error) {
	m := c.Message
	out := message.Outgoing{
		From:        message.Address{Name: firstOf(c.Mailbox.SenderName, c.User.Name), Email: c.Mailbox.Address},
		Subject:     m.Subject,
		MessageID:   m.RFCID,
		Date:        m.AttemptAt,
		Attachments: files,
	}
	out.InReplyTo, out.References = references(c)
	out.HTML, out.Text = t.followed(c)
	t.withOptOut(c, &out)
	if out.To, err = message.ParseAddress(m.Recipient); err != nil {
		return nil, names, err
	}
	if out.CC, err = addresses(m.CC); err != nil {
		return nil, names, err
	}
	hidden, err := addresses(m.BCC)
	if err != nil {
		return nil, names, err
	}
	if names.from, err = message.WireEmail(out.From.Email); err != nil {
		return nil, names, err
	}
	for _, a := range slices.Concat([]message.Address{out.To}, out.CC, hidden) {
		wire, err := message.WireEmail(a.Email)
		if err != nil {
			return nil, names, err
		}
		names.to = append(names.to, wire)
	}
	if own {
		out.BCC = hidden
	}
	raw, err = message.Append(room, out)
	return raw, names, err
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
