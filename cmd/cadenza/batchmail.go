package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

type batchEmailCommand struct {
	site
	output
	User        string  `arg:"" help:"The email address of the user whose work it is."`
	Sequence    string  `help:"Name of the sequence; needed when the emails are of several." placeholder:"NAME"`
	Step        string  `help:"Id of its step; needed when the emails are of several." placeholder:"ID"`
	All         bool    `help:"Also what is due after today."`
	Template    string  `help:"Key of another template than that of the step." placeholder:"KEY"`
	Subject     *string `help:"Another subject; merge fields are filled for each person."`
	HTML        string  `name:"html" help:"File with another text as HTML, or - for standard input; merge fields are filled for each person." placeholder:"FILE"`
	At          string  `help:"When it is sent, as 2006-01-02 15:04, in the zone of the user; at once without it." placeholder:"TIME"`
	EmptyFields bool    `help:"Leave merge fields without a value out, instead of leaving these people out."`
	Unfollowed  bool    `help:"Do not look for opens and clicks."`
	DryRun      bool    `help:"Send nothing; show what each person would get."`
}

// Run sends one email to the people of a step, with the rights of the user, or shows what each would get.
func (c *batchEmailCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		user, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		in, err := c.bulk(env, h, user)
		if err != nil {
			return err
		}
		previews, err := h.app.PreviewBulkMail(env.ctx, actorOf(user), in)
		if err != nil {
			return byFlag(err, nil)
		}
		if c.DryRun {
			return c.show(env, shapes(previews, api.BulkPreview), func() { sayPreviews(env, previews) })
		}
		return c.send(env, h, user, in, previews)
	})
}

// send begins the batch for those whom nothing is in the way of.
func (c *batchEmailCommand) send(env *environment, h *house, user store.User, in action.Bulk, previews []action.MailPreview) error {
	in.Activities = nil
	for _, p := range previews {
		if p.Warning == "" || p.InText { // what is wrong with the text is refused as a whole
			in.Activities = append(in.Activities, p.ID)
		}
	}
	if len(in.Activities) == 0 {
		sayPreviews(env, previews)
		return fault.New(fault.Conflict, "Nobody can be written to; each line says why.")
	}
	b, err := h.app.StartBatch(env.ctx, actorOf(user), in)
	if err != nil {
		return byFlag(err, nil)
	}
	return c.show(env, api.StartedBatch(b, nil, h.db.Now()), func() {
		when := "at once"
		if !in.At.IsZero() {
			when = in.At.In(zoneOf(user)).Format("on 2006-01-02 at 15:04")
		}
		env.say("%s sends %d emails %s, and begins at %s; cadenza batch undo %s takes it back", b.ID, len(in.Activities), when, b.RunAt.In(zoneOf(user)).Format(time.TimeOnly), b.ID)
		for _, p := range previews {
			if p.Warning != "" && !p.InText {
				env.say("left out  %-28s  %s", cut(p.RecordName, 28), p.Warning)
			}
		}
	})
}

// bulk gives what the flags say, for the emails of the one step that they mean.
func (c *batchEmailCommand) bulk(env *environment, h *house, user store.User) (action.Bulk, error) {
	in := action.Bulk{Verb: action.BulkEmail}
	var err error
	if in.At, err = readMoment("--at", c.At, zoneOf(user)); err != nil {
		return in, err
	}
	if in.Activities, err = c.find(env, h, user); err != nil {
		return in, err
	}
	if in.Mail, err = h.app.BulkMailOf(env.ctx, actorOf(user), in.Activities, c.Template); err != nil {
		return in, byFlag(err, map[string]string{"template": "--template"})
	}
	in.Mail.Follow, in.Mail.EmptyFields = !c.Unfollowed, c.EmptyFields
	given(&in.Mail.Subject, c.Subject)
	if c.HTML != "" {
		if in.Mail.HTML, err = readText(env, c.HTML); err != nil {
			return in, err
		}
	}
	return in, nil
}

// find gives the due emails of the step that the flags mean; they must mean one.
func (c *batchEmailCommand) find(env *environment, h *house, user store.User) ([]ident.Activity, error) {
	y, m, d := h.app.DB().Now().In(zoneOf(user)).Date()
	q := store.WorkQuery{
		Assignee: user.ID, Until: time.Date(y, m, d+1, 0, 0, 0, 0, zoneOf(user)), Kinds: []string{"email", "automated_email"}, Limit: store.MaxPageSize,
	}
	if c.All {
		q.Until = time.Time{}
	}
	steps := map[string][]ident.Activity{}
	for {
		page, err := h.app.WorkList(env.ctx, actorOf(user), q)
		if err != nil {
			return nil, err
		}
		for _, a := range page.Rows {
			if a.State == store.ActivityOpen && a.Enrollment != 0 && (c.Sequence == "" || strings.EqualFold(c.Sequence, a.SequenceName)) && (c.Step == "" || c.Step == a.Token.Step) {
				name := fmt.Sprintf("--sequence %q --step %s", a.SequenceName, a.Token.Step)
				steps[name] = append(steps[name], a.ID)
			}
		}
		if q.Cursor = page.Next; q.Cursor == "" {
			return oneStep(env, h.app, actorOf(user), steps)
		}
	}
}

func oneStep(env *environment, app *action.App, actor access.Actor, steps map[string][]ident.Activity) ([]ident.Activity, error) {
	names := slices.Sorted(maps.Keys(steps))
	switch len(names) {
	case 1:
		return steps[names[0]], nil
	case 0:
		return nil, fault.New(fault.NotFound, "%s has no email of such a step to write.", actor.Name).WithHint("See cadenza work list " + actor.Email + "; --all takes what is due later, too.")
	}
	for _, name := range names {
		env.say("%4d  %s", len(steps[name]), name)
	}
	return nil, fault.New(fault.Invalid, "The emails are of %d steps, and one text goes to the people of one.", len(names)).WithHint("Choose one of those above.")
}

// readText reads a file, or standard input for -.
func readText(env *environment, name string) (string, error) {
	if name == "-" {
		return typed(env, name)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", unreadable(name, err)
	}
	return string(text), nil
}

// sayPreviews tells what each person would get, and shows the email to the first whom nothing is in the way of.
func sayPreviews(env *environment, previews []action.MailPreview) {
	for _, p := range previews {
		if p.Warning != "" {
			env.say("left out  %-28s  %s", cut(p.RecordName, 28), p.Warning)
			continue
		}
		env.say("to        %-28s  %-32s  %s", cut(p.RecordName, 28), p.To, p.Subject)
	}
	if i := slices.IndexFunc(previews, func(p action.MailPreview) bool { return p.Warning == "" }); i >= 0 {
		env.say("")
		env.say("%s would get:", previews[i].RecordName)
		env.say("%s", indent(message.PlainText(previews[i].HTML)))
	}
}
