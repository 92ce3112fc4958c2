package store

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"strings"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// optOutSetting is the name of the setting.
const optOutSetting = "opt_out"

// OptOut is how customers get out of our mail: the line in it, and the words of the page, in the organisation's language.
type OptOut struct {
	// Footer adds Line and a link called Link to automated emails whose template has no such link of its own.
	Footer     bool
	Line, Link string
	// ByHand has the emails that sellers write in a sequence carry the line, too, and be left by one click in the reader.
	ByHand bool
	Words  OptOutWords
	// Rev grows with every change of the setting.
	Rev int64
}

// OptOutWords are the texts of the public page.
type OptOutWords struct {
	// Language is its code for readers of screens: en, de, pt-BR.
	Language                       string
	Title, Intro                   string
	NoEmails, NoTexts, NoFollowing string
	Button                         string
	// Done and Back say what happened, Unfollowed that what they do is not recorded; Resume is the button that takes an opt-out back.
	Done, Back, Unfollowed, Resume string
	// Held and HeldTexts are for an address and a number that are kept from messages for another reason.
	Held, HeldTexts string
}

// DefaultOptOut is in force until somebody saves another.
func DefaultOptOut() OptOut {
	return OptOut{
		Rev: 1, Footer: true, Line: "You do not want such emails?", Link: "Unsubscribe",
		Words: OptOutWords{
			Language: "en",
			Title:    "Emails from us", Intro: "Choose what you do not want any more. It takes effect at once.",
			NoEmails: "No more emails", NoTexts: "No more text messages", NoFollowing: "Do not record whether I open emails or follow their links",
			Button: "Save", Done: "Done. You get no more messages of the kind that you chose.", Back: "Done. You get our messages again.",
			Unfollowed: "We do not record whether you open our emails or follow their links.",
			Resume:     "I want them again", Held: "We write no emails to this address at present. Answer one of our emails if you want that changed.",
			HeldTexts: "We send no text messages to this number at present.",
		},
	}
}

// OptOutFields lists the texts of the setting, with the name and the label of each, in the order of forms.
func (o *OptOut) OptOutFields() []OptOutField {
	w := &o.Words
	return []OptOutField{
		{"line", "Line under emails", &o.Line},
		{"link", "Text of the link", &o.Link},
		{"language", "Language of these texts, as a code such as en or de", &w.Language},
		{"title", "Title", &w.Title},
		{"intro", "Text under the title", &w.Intro},
		{"no_emails", "Choice: emails", &w.NoEmails},
		{"no_texts", "Choice: text messages", &w.NoTexts},
		{"no_following", "Choice: do not follow", &w.NoFollowing},
		{"button", "Button", &w.Button},
		{"done", "Answer to an opt-out", &w.Done},
		{"back", "Answer to taking it back", &w.Back},
		{"unfollowed", "Answer to do not follow", &w.Unfollowed},
		{"resume", "Button that takes it back", &w.Resume},
		{"held", "Answer where the address is kept from mail for another reason", &w.Held},
		{"held_texts", "Answer where the number is kept from text messages for another reason", &w.HeldTexts},
	}
}

// OptOutField is one text of the setting.
type OptOutField struct {
	Key, Label string
	Text       *string
}

// OptOut gives the setting. A text that is empty stands for the usual one.
func (tx *Tx) OptOut() (OptOut, error) {
	o := DefaultOptOut()
	stored, err := tx.setting(optOutSetting)
	if err != nil || stored == "" {
		return o, err
	}
	var shape struct {
		Rev    int64             `json:"rev"`
		Footer bool              `json:"footer"`
		ByHand bool              `json:"by_hand"`
		Texts  map[string]string `json:"texts"`
	}
	if err := json.Unmarshal([]byte(stored), &shape); err != nil {
		return o, fmt.Errorf("read opt-out: %w", err)
	}
	o.Footer, o.ByHand, o.Rev = shape.Footer, shape.ByHand, max(1, shape.Rev)
	for _, f := range o.OptOutFields() {
		if t := shape.Texts[f.Key]; t != "" {
			*f.Text = t
		}
	}
	return o, nil
}

// SaveOptOut replaces the setting, as revision o.Rev.
func (tx *Tx) SaveOptOut(o OptOut) error {
	texts := map[string]string{}
	for _, f := range o.OptOutFields() {
		texts[f.Key] = *f.Text
	}
	text, err := json.Marshal(map[string]any{"rev": o.Rev, "footer": o.Footer, "by_hand": o.ByHand, "texts": texts})
	if err != nil {
		return err
	}
	return tx.saveSetting(optOutSetting, string(text))
}

// OptOutState is what the public page knows of whoever a message went to.
type OptOutState struct {
	Organisation string
	Words        OptOutWords
	// Channel is that of the message.
	Channel message.Channel
	// Email and Number are where they can be reached, "" where they cannot.
	Email, Number string
	// NoEmails and NoTexts tell that they want nothing there; HeldEmails and HeldTexts that nothing is sent there for a reason
	// that is not theirs, whatever they want.
	NoEmails, NoTexts, HeldEmails, HeldTexts bool
	// NoFollowing tells that what they do with emails is not recorded.
	NoFollowing bool
	record      ident.Record
}

// OptOutState gives what the public page shows to whoever got the message; a not-found fault when it was sent to nobody.
func (db *DB) OptOutState(ctx context.Context, m ident.Message) (s OptOutState, err error) {
	err = db.Read(ctx, func(tx *Tx) error {
		s, err = tx.optOutState(m)
		return err
	})
	return s, err
}

func (tx *Tx) optOutState(id ident.Message) (s OptOutState, err error) {
	m, err := tx.GetMessage(id)
	if err != nil {
		return s, err
	}
	if m.Test || m.Recipient == "" {
		return s, fault.New(fault.NotFound, "The message was sent to no customer.")
	}
	org, err := tx.Organisation()
	if err != nil {
		return s, err
	}
	setting, err := tx.OptOut()
	if err != nil {
		return s, err
	}
	s = OptOutState{Organisation: org.Name, Words: setting.Words, Channel: m.Channel, record: m.Record}
	r, err := tx.GetRecord(m.Record)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return s, err
	}
	s.Email, s.NoFollowing = r.Get("email"), r.Get("do_not_track") == "true"
	s.Number, _ = r.TextNumber()
	if m.Channel == message.TextChannel {
		s.Number = m.Recipient
	} else {
		s.Email = m.Recipient
	}
	domain := message.DomainOf(s.Email) // looked up beside the address, whose own entry would hide it
	found, err := tx.Suppressed([]string{s.Email, domain, s.Number})
	if err != nil {
		return s, err
	}
	s.NoEmails, s.HeldEmails = found[s.Email].wished()
	if _, held := found[domain]; held {
		s.HeldEmails = true
	}
	s.NoTexts, s.HeldTexts = found[s.Number].wished()
	s.HeldEmails, s.HeldTexts = s.HeldEmails || r.Get("do_not_email") == "true", s.HeldTexts || r.Get("do_not_text") == "true"
	return s, nil
}

// wished tells whether the customer wants nothing, and whether somebody or something else keeps the address from messages, too. The
// zero Suppression is no entry.
func (s Suppression) wished() (wish, held bool) {
	return s.Wish(), s.HeldBy != "" || s.Source != "" && !s.Wish()
}

// OptOutChoice is what the one whom a message went to chose: true for no more of it, false for taking that back, nil for
// leaving it as it is.
type OptOutChoice struct {
	Emails, Texts, Following *bool
	Source                   SuppressionSource
}

// ChooseOptOut does what whoever got a message wants. Done again it changes nothing.
func (db *DB) ChooseOptOut(ctx context.Context, m ident.Message, c OptOutChoice) (s OptOutState, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		before, err := tx.optOutState(m)
		if err != nil {
			return err
		}
		for _, one := range []struct {
			wish    *bool
			address string
		}{{c.Emails, before.Email}, {c.Texts, before.Number}} {
			if one.wish == nil || one.address == "" {
				continue
			}
			if err := tx.choose(m, before, one.address, *one.wish, c.Source); err != nil {
				return err
			}
		}
		if c.Following != nil && *c.Following != before.NoFollowing {
			if err := tx.setFollowing(before, *c.Following); err != nil {
				return err
			}
		}
		s, err = tx.optOutState(m)
		return err
	})
	return s, err
}

func (tx *Tx) choose(m ident.Message, s OptOutState, address string, out bool, source SuppressionSource) error {
	if out {
		_, err := tx.RecordOptOut(OptOutFacts{Message: m, Record: s.record, Address: address, Source: source})
		return err
	}
	key, channel, ok := SuppressionKey(address)
	if !ok {
		return nil
	}
	if taken, err := tx.takeBack(channel, key); err != nil || !taken {
		return err
	}
	if err := tx.suppressionChanged(Suppression{Channel: channel, Address: key}); err != nil {
		return err
	}
	return tx.Audit(0, "resubscribe", "record", int64(s.record), channel.Label()+", by the customer")
}

// setFollowing writes the wish not to be followed onto the records of the one whom a message went to.
func (tx *Tx) setFollowing(s OptOutState, no bool) error {
	key, _, ok := SuppressionKey(s.Email)
	ids := []ident.Record{s.record}
	if ok {
		more, err := tx.recordsAt([]string{key})
		if err != nil {
			return err
		}
		ids = append(ids, more...)
	}
	var rows []setRow
	value := ""
	if no {
		value = "true"
	}
	for _, id := range ids {
		rows = append(rows, setRow{record: id, field: "do_not_track", value: value})
	}
	_, changed, err := tx.setFields(rows)
	if err != nil {
		return err
	}
	return tx.NoteChanges(changed, 0)
}

// WithFooter gives an email with the line that lets its reader out, unless it has such a link already.
func (o OptOut) WithFooter(body string) string {
	if strings.Contains(body, message.OptOutLink) {
		return body
	}
	return body + `<p><small>` + html.EscapeString(o.Line) + ` <a href="` + message.OptOutLink + `">` + html.EscapeString(o.Link) + `</a></small></p>`
}
