package action

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// Draft is an email that a person writes.
type Draft struct {
	To, CC, Subject, HTML string
	// BCC get it without the others knowing.
	BCC string
	// Follow lets its opens and clicks be seen, as far as nobody forbids it.
	Follow bool
	// Unfollowed says why it will not be followed whatever Follow says; empty when it can be.
	Unfollowed string
	// Missing are the merge fields without a value for this record.
	Missing []string
	// Template is the key of the template that it started from; empty for none.
	Template string
	// Files go with it. SendEmail takes those of the template when it is nil.
	Files []ident.File
	// Thread says whether it answers the emails before it; SendEmail takes what its step says when it is empty.
	Thread Thread
	// Before are the emails that it can answer, oldest first; none when nothing was sent or its step does not ask for it.
	Before []store.Message
	// Reply is what the customer wrote last and nobody has answered; zero for none. An email under its subject goes into its thread.
	Reply store.Received
	// From is the address that sends it; empty while there is no mailbox.
	From string
	// Signature is that of the mailbox, which goes below the text unless Unsigned says otherwise.
	Signature string
	Unsigned  bool
	// At is when it is to be sent; zero for at once.
	At time.Time
	// Gaps are the merge fields in it that somebody has to look at. Those without a value stand in the text as they are, and
	// are left out of the mail when EmptyFields says that this is meant.
	Gaps        []MergeGap
	EmptyFields bool
	// Rev is the revision of what is kept of it, and KeptAt when that was; zero when nothing is.
	Rev    int64
	KeptAt time.Time
	// Warning says why it cannot be sent as things stand; empty when it can.
	Warning string
}

// The limits of an email that a person writes.
const (
	maxMailHTML = 1 << 20 // bytes
	maxMailCC   = 20
)

// letter is what an email of an activity is made of.
type letter struct {
	activity store.Activity
	record   store.Record
	sender   store.User
	// mailbox is zero when the sender has none.
	mailbox store.Mailbox
	// reply is what it answers; see unanswered.
	reply store.Received
	// to is whom it is to: who wrote what it answers, or else the record.
	to string
	// before are the emails of its enrollment that it answers; see thread.
	before []store.Message
	// mailboxGone tells that the mailbox which has sent them does not exist any more.
	mailboxGone bool
}

// newLetter gathers what an activity's email needs. Its sender is the activity's assignee, so that a customer hears from
// one person whoever helps out (spec.md 13, decision 8).
func newLetter(tx *store.Tx, actor access.Actor, act store.Activity) (letter, error) {
	if act.Kind != "email" && act.Kind != "automated_email" {
		return letter{}, fault.New(fault.Conflict, "%q is no email.", act.Name).WithHint("Complete it or skip it.")
	}
	l := letter{activity: act, sender: store.User{ID: act.Assignee}}
	if l.sender.ID == 0 {
		l.sender.ID = actor.ID
	}
	var err error
	if l.record, err = tx.GetRecord(act.Record); err != nil {
		return letter{}, err
	}
	if l.sender, err = tx.GetUser(l.sender.ID); err != nil {
		return letter{}, err
	}
	if l.reply, err = unanswered(tx, act); err != nil {
		return letter{}, err
	}
	if l.to = l.record.Get("email"); act.Answers != 0 && l.reply.ID != 0 {
		l.to = l.reply.Sender
	}
	if l.mailbox, err = tx.MailboxOf(l.sender.ID); err != nil && !fault.Is(err, fault.NotFound) {
		return letter{}, err
	}
	return l, nil
}

// suppressed gives why the first of the addresses that must not be written to must not; "" when all may be.
func suppressed(tx *store.Tx, addresses ...string) (string, error) {
	found, err := tx.Suppressed(addresses)
	for _, a := range addresses {
		if s, ok := found[a]; ok {
			return s.Reason(), err
		}
	}
	return "", err
}

// refuseSuppressed is the fault of a field whose addresses must not be written to.
func refuseSuppressed(tx *store.Tx, field string, addresses ...string) error {
	found, err := tx.Suppressed(addresses)
	if err != nil {
		return err
	}
	var named []string
	for _, a := range addresses {
		if s, ok := found[a]; ok {
			named = append(named, a+": "+s.Reason())
		}
	}
	if len(named) == 0 {
		return nil
	}
	return fault.Field(field, "suppressed", strings.Join(named, " ")+" Take it out, or have it removed under Suppressions.")
}

// obstacle gives what keeps the email from being sent whatever is written in it; nil when nothing does.
func (l letter) obstacle() *fault.Error {
	switch {
	case l.record.Get("do_not_email") == "true":
		return fault.New(fault.Conflict, "%s must not be emailed.", l.record.Name()).WithHint("Skip this step, or reach them in another way.")
	case l.mailboxGone:
		return fault.New(fault.Conflict, "The mailbox that began this thread does not exist any more.").WithHint("Start a new thread instead.")
	case l.mailbox.ID == 0:
		return fault.New(fault.Conflict, "%s has no mailbox to send from.", l.sender.Name).WithHint("Set one up under Mailboxes, or hand the activity to a user who has one.")
	case l.mailbox.Paused:
		return fault.New(fault.Conflict, "The mailbox of %s is paused.", l.sender.Name).WithHint("Let it send again under Mailboxes.")
	}
	return nil
}

// ComposeDraft starts the email of an activity from a template; an empty key takes that of the step, and an empty thread
// what the step says.
func (a *App) ComposeDraft(ctx context.Context, actor access.Actor, activity ident.Activity, templateKey string, thread Thread) (Draft, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return Draft{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (Draft, error) {
		d, _, err := a.compose(tx, actor, activity, templateKey, thread)
		return d, err
	})
}

func (a *App) compose(tx *store.Tx, actor access.Actor, activity ident.Activity, templateKey string, thread Thread) (d Draft, l letter, err error) {
	act, err := tx.GetActivity(activity)
	if err != nil {
		return d, l, err
	}
	if l, err = newLetter(tx, actor, act); err != nil {
		return d, l, err
	}
	before, err := l.answer(tx, thread)
	if err != nil {
		return d, l, err
	}
	d = Draft{From: l.mailbox.Address, Signature: l.mailbox.Signature, Follow: true, Thread: l.thread(before), Before: before, Reply: l.reply}
	if d.Unfollowed, err = a.unfollowed(tx, l.record); err != nil {
		return d, l, err
	}
	if err := l.fill(tx, &d, clean(templateKey)); err != nil {
		return d, l, err
	}
	if d.Subject == "" && d.Reply.ID != 0 {
		d.Subject = message.ReplySubject(d.Reply.Subject)
	}
	d.Subject = l.subject(d.Subject)
	if answers(d.Subject, l.reply) {
		l.to = l.reply.Sender
	}
	d.To = l.to
	return d, l, l.lookOver(tx, &d)
}

// lookOver says how things stand with a draft: what keeps it from being sent, and which merge fields somebody has to look at.
func (l letter) lookOver(tx *store.Tx, d *Draft) error {
	obstacle := l.obstacle()
	why, err := suppressed(tx, l.to)
	if err != nil {
		return err
	}
	switch d.Warning = ""; {
	case obstacle != nil:
		d.Warning = obstacle.Message + " " + obstacle.Hint
	case why != "":
		d.Warning = why + " Skip this step, or reach them in another way."
	case d.To == "":
		d.Warning = fmt.Sprintf("%s has no email address. Write one into the field To, or add it to the record.", l.record.Name())
	}
	merged, err := l.merge(tx, *d, true)
	d.Gaps, d.Missing = merged.Gaps, namesOf(merged.Gaps)
	return err
}

// merge puts the record's values into what stands in a draft.
func (l letter) merge(tx *store.Tx, d Draft, keep bool) (MergedMail, error) {
	subject := d.Subject
	if len(l.before) > 0 {
		subject = "" // the thread has one that was sent already
	}
	if !unfilled(subject) && !unfilled(d.HTML) {
		return MergedMail{Subject: subject, HTML: d.HTML}, nil
	}
	related, err := tx.Related(l.record.Record)
	if err != nil {
		return MergedMail{}, err
	}
	values := store.MergeValues(l.record.Record, related, l.sender, l.mailbox.Address, l.activity.SequenceName)
	return mergeMail(l.record.Record, subject, d.HTML, values, keep), nil
}

// fill writes the template's text, in the version that the enrollment's emails are made of, with the record's values into
// the draft. The step's own template may have been deleted
// meanwhile: then the draft is empty.
func (l letter) fill(tx *store.Tx, d *Draft, key string) error {
	chosen := key != ""
	if !chosen {
		key = l.activity.Template
	}
	if key == "" {
		return nil
	}
	t, err := tx.TemplateFor(key, l.activity.Enrollment)
	if fault.Is(err, fault.NotFound) && !chosen {
		return nil
	}
	if err != nil {
		return err
	}
	if t.Channel == message.TextChannel {
		return fault.Field("template", "channel", "This is a template of text messages. Choose one for emails.")
	}
	d.Subject, d.HTML, d.Template = t.Subject, t.HTML, t.Key
	merged, err := l.merge(tx, *d, true)
	if err != nil {
		return err
	}
	d.Subject, d.HTML = subjectOf(merged.Subject), merged.HTML
	files, err := presentFiles(tx, t.Files.IDs())
	d.Files = idsOfFiles(files)
	return err
}

// version gives the version of the template that the email started from, for the figures; 0 when it has gone.
func (l letter) version(tx *store.Tx, key string) (int, error) {
	t, err := tx.TemplateFor(key, l.activity.Enrollment)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return t.Version, err
}

// SendEmail queues the email of an activity. The activity is being sent until a server has taken the mail; then it is
// completed. When the mail cannot be delivered the activity opens again and says why.
func (a *App) SendEmail(ctx context.Context, actor access.Actor, activity ident.Activity, d Draft) (store.Message, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Message{}, err
	}
	var sent ident.Message
	if _, err := a.changeActivity(ctx, actor, activity, mailing(actor, d, &sent)); err != nil {
		return store.Message{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Message, error) { return tx.GetMessage(sent) })
}

// mailing queues the email of an activity.
func mailing(actor access.Actor, d Draft, sent *ident.Message) alteration {
	return func(tx *store.Tx, act *store.Activity) (step.Event, error) {
		m, err := prepareMail(tx, actor, *act, d)
		if err != nil {
			return nil, err
		}
		schedule(&m, act, d.At)
		if *sent, err = tx.InsertMessage(m); err != nil {
			return nil, err
		}
		act.State, act.Message, act.Trouble = store.ActivitySending, *sent, ""
		return nil, tx.DropMailDraft(act.ID, actor.ID)
	}
}

// prepareMail gives the message that a draft makes of an activity, or says why it cannot be sent. It changes nothing.
func prepareMail(tx *store.Tx, actor access.Actor, act store.Activity, d Draft) (store.Message, error) {
	l, err := newLetter(tx, actor, act)
	if err != nil {
		return store.Message{}, err
	}
	if _, err := l.answer(tx, d.Thread); err != nil {
		return store.Message{}, err
	}
	m, err := l.written(tx, d)
	if err != nil {
		return m, err
	}
	m.Thread = len(l.before) > 0
	if answers(m.Subject, l.reply) {
		m.Answers = l.reply.ID
	}
	if err := l.refuse(tx, m); err != nil {
		return m, err
	}
	if err := checkSendTime(d.At, tx.Now); err != nil {
		return m, err
	}
	if m.TemplateVersion, err = l.version(tx, m.Template); err != nil {
		return m, err
	}
	if m.Files, err = l.files(tx, d); err != nil {
		return m, err
	}
	m.Activity, m.Record, m.User, m.Mailbox, m.Sender = act.ID, act.Record, l.sender.ID, l.mailbox.ID, l.mailbox.Address
	// The activity's revision tells its attempts apart: one that failed is never repeated under the same id.
	m.RFCID = message.NewMessageID(fmt.Sprintf("%s.%d", act.ID, act.Rev), message.DomainOf(l.mailbox.Address))
	return m, nil
}

// written gives the message that a draft makes: the record's values in it, and the signature below it.
func (l letter) written(tx *store.Tx, d Draft) (store.Message, error) {
	merged, err := l.merge(tx, d, false)
	if err != nil {
		return store.Message{}, err
	}
	problems := refuseGaps(merged.Gaps, d.EmptyFields)
	if len(problems) == 0 {
		d.Subject, d.HTML = l.subject(merged.Subject), merged.HTML
	}
	if d.Unsigned {
		l.mailbox.Signature = ""
	}
	m, more := d.message(l.mailbox.Signature)
	m.Subject = subjectOf(l.subject(d.Subject))
	if len(problems) == 0 {
		problems = append(checkSubject(m.Subject), more...)
	}
	return m, fault.Of(problems...)
}

// refuse gives what keeps a message from being sent to its recipients.
func (l letter) refuse(tx *store.Tx, m store.Message) error {
	if obstacle := l.obstacle(); obstacle != nil {
		return obstacle
	}
	if err := refuseSuppressed(tx, "to", m.Recipient); err != nil {
		return err
	}
	if err := refuseSuppressed(tx, "cc", splitList(m.CC)...); err != nil {
		return err
	}
	return refuseSuppressed(tx, "bcc", splitList(m.BCC)...)
}

// files gives the files that go with the draft.
func (l letter) files(tx *store.Tx, d Draft) ([]store.File, error) {
	if d.Files == nil && d.Template != "" {
		t, err := tx.TemplateFor(clean(d.Template), l.activity.Enrollment)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		d.Files = t.Files.IDs()
	}
	return checkFiles(tx, d.Files)
}

// subjectOf gives a subject that stands on one line.
func subjectOf(text string) string { return strings.Join(strings.Fields(clean(text)), " ") }

func checkSubject(subject string) []fault.Problem {
	problem := func(code, message string) []fault.Problem {
		return []fault.Problem{{Field: "subject", Code: code, Message: message}}
	}
	switch {
	case subject == "":
		return problem("required", "The email needs a subject.")
	case utf8.RuneCountInString(subject) > maxSubject:
		return problem("too_long", fmt.Sprintf("The subject is longer than %d characters.", maxSubject))
	case unfilled(subject):
		return problem("unfilled", "The subject still has a merge field in it. Write the value, or take the field out.")
	}
	return nil
}

// message checks what a person wrote, but for the subject, and gives it as a message with the signature below it.
func (d Draft) message(signature string) (store.Message, []fault.Problem) {
	m := store.Message{Template: clean(d.Template), Follow: d.Follow}
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if to, err := message.ParseAddress(d.To); err != nil {
		add("to", "invalid", "To needs one email address, for instance anna@example.com.")
	} else {
		m.Recipient = to.Email
	}
	cc, ok := addressList(d.CC)
	if m.CC = strings.Join(cc, ", "); !ok {
		add("cc", "invalid", wrongCopies("CC", d.CC))
	}
	bcc, ok := addressList(d.BCC)
	if m.BCC = strings.Join(bcc, ", "); !ok {
		add("bcc", "invalid", wrongCopies("BCC", d.BCC))
	}
	var wrong *fault.Problem
	if m.HTML, m.Text, wrong = d.body(signature); wrong != nil {
		problems = append(problems, *wrong)
	}
	return m, problems
}

// body gives what a person wrote with the signature below it, as HTML and as plain text. What is too long is refused unread:
// turning megabytes into plain text takes seconds.
func (d Draft) body(signature string) (html, text string, wrong *fault.Problem) {
	if len(d.HTML) > maxMailHTML {
		return "", "", &fault.Problem{Field: "html", Code: "too_long", Message: "The email is longer than 1 MiB."}
	}
	html = sanitizeMail(clean(d.HTML))
	switch written := message.PlainText(html); {
	case strings.TrimSpace(written) == "" && !strings.Contains(html, "<img"):
		wrong = &fault.Problem{Field: "html", Code: "required", Message: "The email is empty."}
	case unfilled(written):
		wrong = &fault.Problem{Field: "html", Code: "unfilled", Message: "The email still has a merge field in it. Write the value, or take the field out."}
	}
	html = store.WithSignature(html, signature)
	return html, message.PlainText(html), wrong
}

// unfilled tells whether a text holds a merge field, which would look to its reader like a mistake.
func unfilled(text string) bool { return strings.Contains(text, "{{") || strings.Contains(text, "{%") }
