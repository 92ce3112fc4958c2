package flow_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

var update = flag.Bool("update", false, "write what happened into the stories")

// TestStories plays every story in testdata. A story has a sequence (JSON), where one is moved its next version, a list of
// events with their times, and what happened: each event with the moves that it caused.
func TestStories(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			checkStory(t, file)
		})
	}
}

func checkStory(t *testing.T, file string) {
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	parts := map[string]string{}
	for _, f := range archive.Files {
		parts[f.Name] = string(f.Data)
	}
	def, problems, err := flow.Decode([]byte(parts["sequence.json"]))
	if err != nil || len(problems) > 0 {
		t.Fatalf("the story's sequence: %v %v", problems, err)
	}
	next := def
	if text, ok := parts["next.json"]; ok {
		if next, problems, err = flow.Decode([]byte(text)); err != nil || len(problems) > 0 {
			t.Fatalf("the story's next version: %v %v", problems, err)
		}
	}
	got := play(t, def, next, parts["events"])
	if *update {
		for i, f := range archive.Files {
			if f.Name == "happened" {
				archive.Files[i].Data = []byte(got)
			}
		}
		if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != parts["happened"] {
		t.Errorf("got\n%s\nwant\n%s", got, parts["happened"])
	}
}

// monday is when every story begins: Monday 2 March 2026, 09:00 UTC.
var monday = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// play runs the events, one per line: "+2d4h event argument". Between two events the due times that pass are played,
// as the engine would.
func play(t *testing.T, def, next flow.Sequence, events string) string {
	t.Helper()
	p := &player{next: flow.NewVersion(2, 1, 2, next), snap: flow.Snapshot{Enrollment: ident.Enrollment(7), Version: flow.NewVersion(1, 1, 1, def), State: flow.Start(monday, 0)}, now: monday}
	p.snap.State.DueAt = time.Time{} // the engine's first look is the event "connect"
	p.snap.Facts.Working = def.Options.Waits == flow.WorkingTime
	p.snap.Facts.Kind, p.snap.Facts.Values = def.Record, record.Values{}
	p.snap.Facts.Calendar = calendar.Calendar{Week: calendar.DefaultWeek(time.UTC)}
	for line := range strings.Lines(events) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		span, err := calendar.ParseDuration(strings.TrimPrefix(words[0], "+"))
		if err != nil && words[0] != "+0m" {
			t.Fatalf("event %q: %v", line, err)
		}
		p.passTo(p.now.Add(span))
		p.event(t, words[1], strings.Join(words[2:], " "))
	}
	return p.out.String()
}

type player struct {
	snap flow.Snapshot
	now  time.Time
	out  strings.Builder
	// variant is that of the mail ordered last.
	variant step.Variant
	// old is the token of the visit before the present one, for stale events.
	old step.Token
	// next is the version to which the record is moved, before and was are where a move found it.
	next, before *flow.Version
	was          flow.State
}

// relocate plays "move STEP", "move_on_wire STEP" (while its message is being sent), "finish REASON" and "put_back".
func (p *player) relocate(name, arg string) bool {
	order := flow.Transfer{From: p.snap.Version, By: 3, OnWire: name == "move_on_wire", Destination: flow.Destination{Kind: flow.To, Step: arg}}
	var m flow.Move
	switch name {
	case "move", "move_on_wire":
		p.before, p.was = p.snap.Version, p.snap.State
		there := p.snap
		there.Version = p.next
		if m = flow.Relocate(there, order, p.now); !m.Ignored {
			p.snap = there
		}
	case "finish":
		order.Destination, order.Reason = flow.Destination{Kind: flow.Finish}, arg
		p.before, p.was = p.snap.Version, p.snap.State
		m = flow.Relocate(p.snap, order, p.now)
	case "put_back":
		p.snap.Version = p.before
		m = flow.Return(p.snap, order, p.was, p.now)
	default:
		return false
	}
	p.move(strings.TrimSpace(name+" "+arg), m)
	return true
}

func (p *player) passTo(until time.Time) {
	for st := p.snap.State; st.Status == flow.Active && !st.DueAt.IsZero() && !st.DueAt.After(until); st = p.snap.State {
		if st.DueAt.After(p.now) {
			p.now = st.DueAt
		}
		p.move("timer", flow.DecideAll(p.snap, p.now))
	}
	p.now = until
}

func (p *player) event(t *testing.T, name, arg string) {
	t.Helper()
	token := step.Token{Enrollment: p.snap.Enrollment, Step: p.snap.State.Step, Visit: p.snap.State.Visit}
	if strings.HasPrefix(arg, "stale") {
		token, arg = p.old, strings.TrimSpace(strings.TrimPrefix(arg, "stale"))
	}
	events := map[string]step.Event{
		"connect": step.Connected{By: 3}, "sent": step.MailSent{Token: token, Variant: p.variant}, "failed": step.MailFailed{Token: token, Reason: arg},
		"refused": step.MailRefused{Token: token, Reason: arg}, "done": step.ActivityDone{Token: token, Outcome: arg, By: 3},
		"skip": step.ActivityDone{Token: token, Skipped: true, By: 3}, "retry": step.Retry{Token: token, By: 3},
		"skip_wait": step.WaitSkipped{Token: token, By: 3}, "reply": step.Replied{Owner: 4, Mail: 5}, "reported_reply": step.Replied{By: 3},
		"colleague_reply": step.Replied{Colleague: true, Owner: 4, Mail: 5}, "other_reply": step.Replied{Other: true, Owner: 4, Mail: 5},
		"bounce": step.Bounced{Detail: arg}, "opt_out": step.OptedOut{Channel: message.Channel(arg), Detail: "The customer opted out."},
		"suppress": step.Suppressed{Channel: message.Channel(arg), Detail: "Added by a person: Competitor", By: 3},
		"meeting":  step.MeetingBooked{By: 3}, "changed": step.FieldsChanged{By: 3},
		"close":      step.RecordClosed{By: 3},
		"disconnect": step.Stopped{Exit: step.ExitDisconnected, By: 3}, "pause": step.Paused{By: 3}, "resume": step.Resumed{By: 3},
		"timer": step.TimerFired{},
	}
	if p.relocate(name, arg) {
		return
	}
	switch name {
	case "do_not_email":
		p.snap.Facts.DoNotEmail = true
		return
	case "suppressed":
		s := step.Suppression{Reason: "An earlier email to the address bounced.", Exit: step.Exit(arg)}
		if s.Exit == step.NoExit {
			s.Reason = "The domain of the address is suppressed."
		}
		p.snap.Facts.EmailSuppression = s
		return
	case "do_not_text":
		p.snap.Facts.DoNotText = true
		return
	case "unreachable":
		p.snap.Facts.Reachable = map[string]string{arg: fmt.Sprintf("The sequence %q is not active.", arg)}
		return
	case "reachable":
		p.snap.Facts.Reachable = nil
		return
	case "decided":
		id, letter, _ := strings.Cut(arg, " ")
		p.snap.Facts.Chosen = map[string]string{id: letter}
		return
	case "outcome": // one of the organisation's own
		key, label, _ := strings.Cut(arg, " ")
		p.snap.Facts.Outcomes.Calls = append(p.snap.Facts.Outcomes.Calls, step.CallOutcome{Key: key, Label: label, Retired: true})
		return
	case "met": // a meeting that is over, with its outcome
		key, label, _ := strings.Cut(arg, " ")
		p.snap.Facts.Outcomes.Meetings = append(p.snap.Facts.Outcomes.Meetings, step.CallOutcome{Key: key, Label: label})
		p.snap.Facts.MeetingEnded = key
		return
	case "value":
		field, value, _ := strings.Cut(arg, " ")
		p.snap.Facts.Values = maps.Clone(p.snap.Facts.Values)
		p.snap.Facts.Values[field] = value
		return
	}
	if result := step.Result(name); result.Known() {
		p.engage(arg, result)
		events[name] = step.Engaged{Step: arg, Result: result}
	}
	ev, ok := events[name]
	if !ok {
		t.Fatalf("unknown event %q", name)
	}
	p.move(strings.TrimSpace(name+" "+arg), flow.Decide(p.snap, ev, p.now))
}

// engage writes down what the customer did with the email of a step, as the store does.
func (p *player) engage(id string, result step.Result) {
	mail := maps.Clone(p.snap.Facts.Mail)
	if mail == nil {
		mail = map[string]step.Engagement{}
	}
	done := maps.Clone(mail[id])
	if done == nil {
		done = step.Engagement{}
	}
	if _, before := done[result]; !before {
		done[result] = p.now
	}
	mail[id] = done
	p.snap.Facts.Mail = mail
}

func (p *player) move(title string, m flow.Move) {
	fmt.Fprintf(&p.out, "%s %s\n", p.now.Format("Mon 2 Jan 15:04"), title)
	if m.Ignored {
		p.out.WriteString("  nothing\n")
		return
	}
	if m.State.Visit != p.snap.State.Visit {
		p.old = step.Token{Enrollment: p.snap.Enrollment, Step: p.snap.State.Step, Visit: p.snap.State.Visit}
	}
	for _, l := range m.Lines {
		fmt.Fprintf(&p.out, "  history %s %s\n", l.Kind, strings.Join(strings.Fields(fmt.Sprint(l.Step, " ", l.Outcome, " ", l.Detail)), " "))
	}
	for _, e := range m.Effects {
		if mail, ok := e.Effect.(step.SendMail); ok {
			p.variant = mail.Variant
		}
		fmt.Fprintf(&p.out, "  %s\n", describe(e))
	}
	fmt.Fprintf(&p.out, "  -> %s\n", describeState(m.State))
	p.snap = p.snap.After(m)
}

func describe(p flow.Placed) string {
	at := fmt.Sprintf("%s#%d", p.Token.Step, p.Token.Visit)
	switch e := p.Effect.(type) {
	case step.SendMail:
		if e.Variant != step.NoVariant {
			at += fmt.Sprintf(" as %s (%d)", e.Variant.Label(), e.Variant)
		}
		return fmt.Sprintf("send mail %s from template %s", at, e.Template)
	case step.SendText:
		return fmt.Sprintf("send text %s from template %s", at, e.Template)
	case step.OpenActivity:
		return strings.TrimSpace(fmt.Sprintf("open %s %s due %s %s", e.Kind, at, e.DueAt.Format("Mon 2 Jan 15:04"), e.Trouble))
	case step.LeaveActivity:
		return fmt.Sprintf("leave %s %q to user %d, due %s", e.Kind, e.Name, e.For, e.DueAt.Format("Mon 2 Jan 15:04"))
	case step.SetField:
		return fmt.Sprintf("set %s to %q", e.Field, e.Value)
	case step.ConnectTo:
		return fmt.Sprintf("connect to %s after %d automatic moves", e.Sequence, e.AutoMoves)
	}
	return strings.ToLower(strings.TrimPrefix(fmt.Sprintf("%T", p.Effect), "step."))
}

func describeState(s flow.State) string {
	words := []string{string(s.Status)}
	if s.Step != "" {
		words = append(words, fmt.Sprintf("in %s#%d", s.Step, s.Visit))
	}
	if s.Wait != step.NoWait {
		words = append(words, "waits for "+string(s.Wait))
	}
	if !s.DueAt.IsZero() {
		words = append(words, "due "+s.DueAt.Format("Mon 2 Jan 15:04"))
	}
	if s.Exit != step.NoExit {
		words = append(words, "exit "+string(s.Exit))
	}
	return strings.Join(append(words, fmt.Sprintf("done %d", s.Done)), ", ")
}
