package step_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/step"
)

// friday is Friday 6 March 2026, 16:00 UTC: an hour before the week's end.
var friday = time.Date(2026, 3, 6, 16, 0, 0, 0, time.UTC)

func in(typ string, wait step.Wait, config step.Config) step.In {
	return step.In{
		Now: friday, Since: friday, Wait: wait, Step: step.Step{ID: "a", Type: typ, Config: config},
		Facts: step.Facts{Calendar: calendar.Calendar{Week: calendar.DefaultWeek(time.UTC)}},
	}
}

// working is in, of a sequence that counts working time.
func working(i step.In) step.In {
	i.Facts.Working = true
	return i
}

func TestEnter(t *testing.T) {
	t.Parallel()
	intro := step.Config{"template": "intro"}
	silent := in("automated_email", step.NoWait, intro)
	silent.Facts.DoNotEmail = true
	mute := in("automated_text", step.NoWait, intro)
	mute.Facts.DoNotText = true
	closed := in("advance", step.NoWait, step.Config{"to": "Nurture"})
	closed.Facts.Reachable = map[string]string{"Nurture": "It is not active.", "Other": ""}
	open := in("advance", step.NoWait, step.Config{"to": "Other"})
	open.Facts.Reachable = closed.Facts.Reachable
	monday := time.Date(2026, 3, 9, 8, 0, 0, 0, time.UTC) // when the week begins
	evening := in("task", step.NoWait, nil)
	evening.Now = friday.Add(2 * time.Hour)
	for _, c := range []struct {
		name string
		in   step.In
		want step.Out
	}{
		{"a task", in("task", step.NoWait, nil), step.Stay(step.ForPerson, time.Time{}, step.OpenActivity{Kind: "task", DueAt: friday})},
		{"a call", in("phone_call", step.NoWait, nil), step.Stay(step.ForPerson, time.Time{}, step.OpenActivity{Kind: "phone_call", DueAt: friday})},
		{
			"an email from a template", in("email", step.NoWait, intro),
			step.Stay(step.ForPerson, time.Time{}, step.OpenActivity{Kind: "email", Template: "intro", DueAt: friday}),
		},
		{"a task in the evening", evening, step.Stay(step.ForPerson, time.Time{}, step.OpenActivity{Kind: "task", DueAt: evening.Now})},
		{"a task in the evening, in working time", working(evening), step.Stay(step.ForPerson, time.Time{}, step.OpenActivity{Kind: "task", DueAt: monday})},
		{"an automated email", in("automated_email", step.NoWait, intro), step.Stay(step.ForMail, time.Time{}, step.SendMail{Template: "intro"})},
		{"an automated email that is not wanted", silent, step.Leave(step.Skipped, "The record must not be emailed.")},
		{"an automated text", in("automated_text", step.NoWait, intro), step.Stay(step.ForMail, time.Time{}, step.SendText{Template: "intro"})},
		{"an automated text that is not wanted", mute, step.Leave(step.Skipped, "The record must not be sent text messages.")},
		{"a wait", in("wait", step.NoWait, step.Config{"for": "1d2h"}), step.Stay(step.ForTime, friday.Add(26*time.Hour))},
		{"a wait in working time", working(in("wait", step.NoWait, step.Config{"for": "2h"})), step.Stay(step.ForTime, monday.Add(time.Hour))},
		{"a wait that nobody can read", in("wait", step.NoWait, step.Config{"for": 7}), step.Stay(step.ForTime, friday.Add(step.ShortestWait))},
		{"an advance", open, step.Finish(step.ExitAdvanced, step.Advanced, "Other", step.ConnectTo{Sequence: "Other"})},
		{"an advance to a closed sequence", closed, step.Out{
			Wait: step.ForPerson, Outcome: step.Handed, Detail: "It is not active.",
			Effects: []step.Effect{step.OpenActivity{Kind: "advance", DueAt: friday, Trouble: "It is not active."}},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			kind, ok := step.KindOf(c.in.Step.Type)
			if got := kind.Enter(c.in); !ok || !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// TestHandle gives every kind every event; what a case does not name is ignored.
func TestHandle(t *testing.T) {
	t.Parallel()
	done, skipped := step.Leave(step.Completed, "connected"), step.Leave(step.Skipped, "")
	again := step.Out{Again: true, Outcome: step.Retried, Effects: []step.Effect{step.CancelWork{}}}
	byHand := map[string]step.Out{"done": done, "skipped": skipped, "retry": again}
	human := map[string]step.Out{"done": done, "skipped": skipped}
	events := map[string]step.Event{
		"done": step.ActivityDone{Outcome: "connected", By: 1}, "skipped": step.ActivityDone{Skipped: true, By: 1}, "retry": step.Retry{By: 1},
		"timer": step.TimerFired{}, "wait skipped": step.WaitSkipped{By: 1}, "sent": step.MailSent{Variant: step.TestedB},
		"failed": step.MailFailed{Reason: "No such user."}, "refused": step.MailRefused{Reason: "No thanks."}, "connected": step.Connected{},
		"replied": step.Replied{}, "closed": step.RecordClosed{}, "stopped": step.Stopped{}, "paused": step.Paused{}, "resumed": step.Resumed{},
	}
	for _, c := range []struct {
		kind string
		wait step.Wait
		want map[string]step.Out
	}{
		{"task", step.ForPerson, human},
		{"phone_call", step.ForPerson, human},
		{"email", step.ForPerson, human},
		{"text_message", step.ForPerson, human},
		{"automated_text", step.ForPerson, byHand},
		{"automated_text", step.ForMail, map[string]step.Out{
			"sent": step.Leave(step.Sent, ""), "refused": step.Leave(step.Skipped, "No thanks."),
			"failed": {Wait: step.ForPerson, Outcome: step.Handed, Detail: "No such user.", Effects: []step.Effect{
				step.OpenActivity{Kind: "automated_text", Template: "intro", DueAt: friday, Trouble: "No such user."},
			}},
		}},
		{"wait", step.ForTime, map[string]step.Out{"timer": step.Leave(step.Waited, ""), "wait skipped": step.Leave(step.Skipped, "")}},
		{"advance", step.ForPerson, byHand},
		{"automated_email", step.ForPerson, byHand},
		{"automated_email", step.ForMail, map[string]step.Out{
			"sent": step.Leave(step.Sent, ""), "refused": step.Leave(step.Skipped, "No thanks."),
			"failed": {Wait: step.ForPerson, Outcome: step.Handed, Detail: "No such user.", Effects: []step.Effect{
				step.OpenActivity{Kind: "automated_email", Template: "intro", DueAt: friday, Trouble: "No such user."},
			}},
		}},
		{"ab_test", step.ForPerson, byHand},
		{"ab_test", step.ForMail, map[string]step.Out{
			"sent": step.Leave(step.Sent, "Variant B, Fact"), "refused": step.Leave(step.Skipped, "No thanks."),
			"failed": {Wait: step.ForPerson, Outcome: step.Handed, Detail: "No such user.", Effects: []step.Effect{
				step.OpenActivity{Kind: "automated_email", Template: "tell", DueAt: friday, Trouble: "No such user."},
			}},
		}},
	} {
		kind, _ := step.KindOf(c.kind)
		for name, ev := range events {
			want, ok := c.want[name]
			if !ok {
				want = step.Ignore()
			}
			if got := kind.Handle(in(c.kind, c.wait, step.Config{"template": "intro", "template_a": "ask", "template_b": "tell", "name_b": "Fact", "share_a": 0.0}), ev); !reflect.DeepEqual(got, want) {
				t.Errorf("%s that waits for %s, %s: got %+v, want %+v", c.kind, c.wait, name, got, want)
			}
		}
	}
}

// TestTokens holds that each event of a visit says of which one.
func TestTokens(t *testing.T) {
	t.Parallel()
	at := step.Token{Enrollment: 7, Step: "a", Visit: 3}
	for _, ev := range []step.Visited{
		step.MailSent{Token: at},
		step.MailFailed{Token: at},
		step.MailRefused{Token: at},
		step.ActivityDone{Token: at},
		step.Retry{Token: at},
		step.WaitSkipped{Token: at},
	} {
		if ev.At() != at {
			t.Errorf("%T is at %+v, want %+v", ev, ev.At(), at)
		}
	}
}

func TestConfigText(t *testing.T) {
	t.Parallel()
	c := step.Config{"for": "2d", "count": 3.0, "empty": nil}
	for key, want := range map[string]string{"for": "2d", "count": "", "empty": "", "missing": ""} {
		if got := c.Text(key); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	if got := step.Config(nil).Text("for"); got != "" {
		t.Errorf("nothing has the text %q", got)
	}
}

// TestExitsDescribe holds that people read words for every exit.
func TestExitsDescribe(t *testing.T) {
	t.Parallel()
	for _, name := range constants(t, "exit.go", "Exit") {
		e := step.Exit(name)
		if got := e.Describe(); (got == "") != (e == step.NoExit) || (got != "" && got == name) {
			t.Errorf("exit %q reads %q", name, got)
		}
	}
	if got := step.Exit("unheard_of").Describe(); got != "unheard_of" {
		t.Errorf("an exit of a newer version reads %q", got)
	}
}

// TestEffectsAreListed reads the source, because a new effect that is not listed escapes the tests of the store.
func TestEffectsAreListed(t *testing.T) {
	t.Parallel()
	var listed, declared []string
	for _, e := range step.Effects() {
		listed = append(listed, strings.TrimPrefix(fmt.Sprintf("%T", e), "step."))
	}
	for _, d := range parse(t, "event.go").Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Name.Name == "effect" && f.Recv != nil {
			declared = append(declared, f.Recv.List[0].Type.(*ast.Ident).Name)
		}
	}
	slices.Sort(listed)
	slices.Sort(declared)
	if len(declared) == 0 || !slices.Equal(listed, declared) {
		t.Errorf("Effects lists %v, the source declares %v", listed, declared)
	}
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// constants gives the values of a file's constants of a text type.
func constants(t *testing.T, file, typ string) []string {
	t.Helper()
	var values []string
	ast.Inspect(parse(t, file), func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if name, ok := v.Type.(*ast.Ident); ok && name.Name == typ {
				values = append(values, strings.Trim(v.Values[0].(*ast.BasicLit).Value, `"`))
			}
		}
		return true
	})
	if len(values) == 0 {
		t.Fatalf("no constants of type %s in %s", typ, file)
	}
	return values
}

func TestKinds(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, k := range step.Kinds() {
		if seen[k.Type] {
			t.Errorf("two kinds have the type %q", k.Type)
		}
		seen[k.Type] = true
		if found, ok := step.KindOf(k.Type); !ok || found.Label != k.Label {
			t.Errorf("the kind of %q is %q, %v", k.Type, found.Label, ok)
		}
	}
	if _, ok := step.KindOf("fax"); ok {
		t.Error("there is a fax")
	}
	for _, o := range step.ShippedOutcomes() {
		if o.Key == "" || o.Label == "" {
			t.Errorf("an outcome of calls lacks a word: %+v", o)
		}
	}
}
