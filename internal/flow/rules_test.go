package flow_test

import (
	"fmt"
	"maps"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// TestRules plays random events, stale and repeated ones among them, against random sequences of every kind of step and
// holds the seven rules after each.
func TestRules(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		def := drawDefinition(t)
		m := &model{now: monday, mails: map[step.Token]int{}, open: map[step.Token]bool{}, hands: map[step.Token]bool{}}
		m.snap = flow.Snapshot{Enrollment: 5, Version: flow.NewVersion(1, 1, 1, def), State: flow.Start(monday, 0)}
		m.snap.Facts = drawFacts(t, def)
		m.do(t, step.Connected{By: 1})
		for range rapid.IntRange(0, 40).Draw(t, "events") {
			if rapid.Bool().Draw(t, "timePasses") {
				m.now = m.now.Add(time.Duration(rapid.IntRange(0, 40*24*60).Draw(t, "minutes")) * time.Minute)
			}
			if rapid.IntRange(0, 9).Draw(t, "wish") == 0 {
				m.snap.Facts.DoNotEmail = true
				m.snap.Facts.DoNotText = m.snap.Facts.DoNotText || rapid.Bool().Draw(t, "wishText")
			}
			if rapid.IntRange(0, 4).Draw(t, "engaged") == 0 {
				m.engage(fmt.Sprintf("s%d", rapid.IntRange(0, 5).Draw(t, "mail")))
			}
			m.hear(t)
			m.do(t, drawEvent(t, m))
		}
	})
}

// model remembers what the rules speak of.
type model struct {
	snap  flow.Snapshot
	now   time.Time
	mails map[step.Token]int
	open  map[step.Token]bool
	// hands are the visits whose activity waits for a person.
	hands map[step.Token]bool
	past  []step.Token
	// moved tells that steps may be done again on another version.
	moved bool
}

// engage makes it known that the customer opened the email of a step.
func (m *model) engage(id string) {
	mail := maps.Clone(m.snap.Facts.Mail)
	if mail == nil {
		mail = map[string]step.Engagement{}
	}
	mail[id] = step.Engagement{step.Opened: m.now}
	m.snap.Facts.Mail = mail
}

// hear has a customer opt out, somebody suppress them, or their mail bounce, now and then: the list knows of it as soon as the enrollment does.
func (m *model) hear(t *rapid.T) {
	f, detail := &m.snap.Facts, "It is on the list."
	switch rapid.IntRange(0, 11).Draw(t, "heard") {
	case 0:
		f.EmailSuppression = step.Suppression{Reason: detail, Exit: step.ExitBounced}
		m.do(t, step.Bounced{Detail: detail})
	case 1:
		f.EmailSuppression = step.Suppression{Reason: detail, Exit: step.ExitOptedOut}
		m.do(t, step.OptedOut{Channel: message.EmailChannel, Detail: detail})
	case 2:
		f.TextSuppression = step.Suppression{Reason: detail, Exit: step.ExitOptedOut}
		m.do(t, step.OptedOut{Channel: message.TextChannel, Detail: detail})
	case 5:
		f.EmailSuppression = step.Suppression{Reason: detail, Exit: step.ExitSuppressed}
		m.do(t, step.Suppressed{Channel: message.EmailChannel, Detail: detail})
	case 3: // a domain
		f.EmailSuppression = step.Suppression{Reason: detail}
	case 4:
		f.Values = maps.Clone(f.Values)
		f.Values["stage"] = rapid.SampledFrom([]string{"new", "qualify"}).Draw(t, "new stage")
		m.do(t, step.FieldsChanged{})
	}
}

func (m *model) do(t *rapid.T, ev step.Event) {
	before := m.snap.State
	move := flow.Decide(m.snap, ev, m.now)
	if again := flow.Decide(m.snap, ev, m.now); !reflect.DeepEqual(move, again) {
		t.Fatalf("rule 5, same input, same output: %+v and %+v", move, again)
	}
	if before.Status == flow.Finished && !move.Ignored && (!leavesAlone(ev, move) || !reflect.DeepEqual(move.State, before)) {
		t.Fatalf("rule 1, a finished enrollment never moves, and a reply to it at most leaves an activity: %T gave %+v", ev, move)
	}
	if v, ok := ev.(step.Visited); ok && v.At() != m.token() && !move.Ignored {
		t.Fatalf("rule 3, a stale token changes nothing: %+v at %+v gave %+v", ev, before, move)
	}
	if move.Ignored && !reflect.DeepEqual(move.State, before) {
		t.Fatalf("an ignored event changed the state: %+v to %+v", before, move.State)
	}
	if done, ok := ev.(step.ActivityDone); ok && !move.Ignored {
		delete(m.hands, done.Token)
	}
	m.endings(t, ev, move)
	m.effects(t, move)
	m.snap = m.snap.After(move)
	m.past = append(m.past, m.token())
	m.check(t, ev, move)
}

// endings holds that an event which the options name ends the enrollment in this very decision, and no other does.
func (m *model) endings(t *rapid.T, ev step.Event, move flow.Move) {
	o, exit, ends := m.snap.Version.Def.Options, step.NoExit, false
	switch e := ev.(type) {
	case step.Replied:
		exit, ends = step.ExitReplied, o.ExitOnReply && (o.ColleagueReplies || !e.Colleague) && (o.OtherReplies || !e.Other)
	case step.Bounced:
		exit, ends = step.ExitBounced, o.ExitOnBounce
	case step.MeetingBooked:
		exit, ends = step.ExitMeetingBooked, o.ExitOnMeeting
	default:
		return
	}
	if m.snap.State.Status != flow.Finished && (move.State.Exit == exit) != ends {
		t.Fatalf("an exit ends everything in one decision, if its option says so: %T with %+v gave %+v", ev, o.Exits, move.State)
	}
	for _, p := range move.Effects {
		e, replied := ev.(step.Replied)
		if _, leaves := p.Effect.(step.LeaveActivity); leaves && (!o.AnswerReplies || !replied || e.By != 0 || move.State.Status != flow.Finished) {
			t.Fatalf("only a reply leaves an activity, and only where no sequence goes on: %+v", move)
		}
	}
}

// leavesAlone tells whether the event is a reply, and all that the move does is to leave an activity.
func leavesAlone(ev step.Event, move flow.Move) bool {
	_, replied := ev.(step.Replied)
	if !replied || len(move.Effects) != 1 || len(move.Lines) > 0 {
		return false
	}
	_, leaves := move.Effects[0].Effect.(step.LeaveActivity)
	return leaves
}

func (m *model) token() step.Token {
	return step.Token{Enrollment: m.snap.Enrollment, Step: m.snap.State.Step, Visit: m.snap.State.Visit}
}

func (m *model) effects(t *rapid.T, move flow.Move) {
	for _, p := range move.Effects {
		switch p.Effect.(type) {
		case step.SendMail:
			if m.mails[p.Token]++; m.mails[p.Token] > 1 {
				t.Fatalf("rule 6, at most one mail per visit: %+v", p.Token)
			}
			if m.snap.Facts.NoEmail() != "" {
				t.Fatalf("rule 7, never a mail after opt-out, bounce or against the record's wish: %+v", p.Token)
			}
			m.open[p.Token] = true
		case step.SendText:
			if m.mails[p.Token]++; m.mails[p.Token] > 1 {
				t.Fatalf("rule 6, at most one message per visit: %+v", p.Token)
			}
			if m.snap.Facts.NoText() != "" {
				t.Fatalf("rule 7, never a text message after opt-out or against the record's wish: %+v", p.Token)
			}
			m.open[p.Token] = true
		case step.OpenActivity:
			if m.hands[p.Token] {
				t.Fatalf("a visit has one activity: %+v", p.Token)
			}
			m.open[p.Token], m.hands[p.Token] = true, true
		case step.SetField:
			if set := p.Effect.(step.SetField); set.Field == "status" && set.Value != "open" && move.State.Exit != step.ExitRecordClosed {
				t.Fatalf("a step that closes the record ends its enrollment at once: %+v", move)
			}
		case step.CancelWork:
			m.open, m.hands = map[step.Token]bool{}, map[step.Token]bool{}
		}
	}
}

func (m *model) check(t *rapid.T, ev step.Event, move flow.Move) {
	st := m.snap.State
	switch st.Status {
	case flow.Active:
		if st.Wait == step.NoWait {
			t.Fatalf("rule 2, an active enrollment always waits for something: %+v after %T", st, ev)
		}
		if (st.Wait == step.ForTime) == st.DueAt.IsZero() {
			t.Fatalf("what waits for time is due, and nothing else: %+v after %T", st, ev)
		}
	case flow.Finished:
		if st.Exit == step.NoExit || st.Wait != step.NoWait || !st.DueAt.IsZero() {
			t.Fatalf("a finished enrollment has an exit and waits for nothing: %+v", st)
		}
		for token := range m.open {
			// What the last event itself ended is not open any more.
			if v, ok := ev.(step.Visited); !ok || v.At() != token {
				t.Fatalf("rule 4, an exit cancels everything: %+v is open after %T and %+v", token, ev, move)
			}
		}
	case flow.Paused:
	default:
		t.Fatalf("unknown status %q", st.Status)
	}
	for token := range m.hands {
		if token != m.token() {
			t.Fatalf("what a person has to do is left behind: %+v is open after %T and %+v", token, ev, move)
		}
	}
	if st.Done > m.snap.Version.Def.Count() && !m.moved {
		t.Fatalf("more steps done than there are: %+v", st)
	}
}

func drawEvent(t *rapid.T, m *model) step.Event {
	token := m.token()
	if len(m.past) > 0 && rapid.IntRange(0, 3).Draw(t, "stale") == 0 {
		token = rapid.SampledFrom(m.past).Draw(t, "token")
	}
	return rapid.SampledFrom([]step.Event{
		step.TimerFired{},
		step.TimerFired{},
		step.Connected{By: 1},
		step.MailSent{Token: token},
		step.MailSent{Token: token},
		step.MailFailed{Token: token, Reason: "no"},
		step.MailRefused{Token: token, Reason: "no"},
		step.ActivityDone{Token: token, By: 1},
		step.ActivityDone{Token: token, By: 1},
		step.ActivityDone{Token: token, Skipped: true, By: 1},
		step.Retry{Token: token, By: 1},
		step.WaitSkipped{Token: token, By: 1},
		step.Replied{
			Colleague: rapid.Bool().Draw(t, "colleague"), Other: rapid.Bool().Draw(t, "other"),
			By: ident.User(rapid.IntRange(0, 1).Draw(t, "by")), Mail: ident.Received(rapid.IntRange(0, 1).Draw(t, "mail")),
		},
		step.MeetingBooked{By: 1},
		step.Engaged{Step: token.Step, Result: step.Opened},
		step.RecordClosed{By: 1},
		step.Stopped{Exit: step.ExitDisconnected, By: 1},
		step.Paused{By: 1},
		step.Resumed{By: 1},
	}).Draw(t, "event")
}

func drawFacts(t *rapid.T, def flow.Sequence) step.Facts {
	f := step.Facts{
		DoNotEmail: rapid.Bool().Draw(t, "doNotEmail"), DoNotText: rapid.Bool().Draw(t, "doNotText"), Working: def.Options.Waits == flow.WorkingTime,
		Calendar: calendar.Calendar{Week: calendar.DefaultWeek(time.UTC)},
		Kind:     record.Lead, Values: record.Values{"stage": rapid.SampledFrom([]string{"new", "qualify"}).Draw(t, "stage")},
	}
	if rapid.Bool().Draw(t, "account") {
		f.Values.Relate("account", record.Values{"country": rapid.SampledFrom([]string{"", "qualify"}).Draw(t, "country")})
	}
	for _, s := range def.Each() {
		if kind, _ := step.KindOf(s.Type); kind.Tests && rapid.Bool().Draw(t, "decided") {
			f.Chosen = map[string]string{s.ID: rapid.SampledFrom([]string{step.VariantA, step.VariantB}).Draw(t, "winner")}
		}
	}
	if rapid.Bool().Draw(t, "unreachable") {
		f.Reachable = map[string]string{"Other": "It is not active."}
	}
	return f
}

// drawDefinition gives a sequence of any kinds of steps in any order: Decide must hold its rules for those that
// activation would refuse, too.
func drawDefinition(t *rapid.T) flow.Sequence {
	def := flow.Sequence{Name: "Drawn", Record: record.Lead, Options: flow.DefaultOptions()}
	def.Options.Exits = drawExits(t)
	def.Options.Waits = rapid.SampledFrom([]flow.Waits{flow.Elapsed, flow.WorkingTime}).Draw(t, "waits")
	count := 0
	def.Steps = drawSteps(t, &count, rapid.IntRange(1, 8).Draw(t, "steps"), 3)
	return def
}

func drawExits(t *rapid.T) flow.Exits {
	e := flow.Exits{
		ExitOnReply: rapid.Bool().Draw(t, "exitOnReply"), ColleagueReplies: rapid.Bool().Draw(t, "colleagueReplies"),
		OtherReplies: rapid.Bool().Draw(t, "otherReplies"), AnswerReplies: rapid.Bool().Draw(t, "answerReplies"),
		ExitOnBounce: rapid.Bool().Draw(t, "exitOnBounce"), ExitOnOptOut: rapid.Bool().Draw(t, "exitOnOptOut"),
		ExitOnMeeting: rapid.Bool().Draw(t, "exitOnMeeting"),
	}
	if rapid.IntRange(0, 3).Draw(t, "exitWhen") == 0 {
		e.ExitWhen = &record.Condition{Field: rapid.SampledFrom([]string{"stage", "colour"}).Draw(t, "exit field"), Op: record.Equals, Values: []string{"qualify"}}
	}
	return e
}

// drawSteps gives a list of steps whose conditions have lanes of their own, at most that deep; count names the steps.
func drawSteps(t *rapid.T, count *int, length, depth int) []step.Step {
	var steps []step.Step
	for range length {
		kind := rapid.SampledFrom(step.Kinds()).Draw(t, "kind")
		s := step.Step{ID: fmt.Sprintf("s%d", *count), Type: kind.Type, Name: kind.Label, Config: step.Config{}}
		*count++
		if kind.Branches && depth > 0 {
			s.When = drawWhen(t, *count)
			s.Yes = drawSteps(t, count, rapid.IntRange(0, 2).Draw(t, "yes"), depth-1)
			s.No = drawSteps(t, count, rapid.IntRange(0, 2).Draw(t, "no"), depth-1)
		}
		for _, f := range kind.Fields {
			switch f.Type {
			case step.DurationField:
				s.Config[f.Key] = rapid.SampledFrom([]string{"1m", "3h", "2d4h", "30d", "nonsense"}).Draw(t, "for")
			case step.SequenceField:
				s.Config[f.Key] = "Other"
			case step.TemplateField, step.TextTemplateField:
				s.Config[f.Key] = "intro"
			case step.RecordField:
				s.Config[f.Key] = rapid.SampledFrom([]string{"stage", "value", "colour", "status"}).Draw(t, "field")
			case step.PercentField:
				s.Config[f.Key] = float64(rapid.IntRange(f.Low, f.High).Draw(t, "percent"))
			case step.ChoiceField:
				s.Config[f.Key] = rapid.SampledFrom(f.Options).Draw(t, "choice").Value
			case step.ValueField:
				s.Config[f.Key] = rapid.SampledFrom([]string{"qualify", "12", "", "qualified", "open"}).Draw(t, "value")
			}
		}
		steps = append(steps, s)
	}
	return steps
}

// drawWhen gives what a condition asks: about any of the steps so far, the record, or nothing.
func drawWhen(t *rapid.T, count int) *step.When {
	fed := fmt.Sprintf("s%d", rapid.IntRange(0, count).Draw(t, "fed"))
	switch rapid.IntRange(0, 4).Draw(t, "asks") {
	case 0:
		return nil
	case 1:
		return &step.When{Email: &step.EmailTest{
			Step: fed, Results: rapid.SliceOfN(rapid.SampledFrom(step.Results()), 1, 3).Draw(t, "results"),
			All: rapid.Bool().Draw(t, "all"), AtOnce: rapid.Bool().Draw(t, "at once"), Within: rapid.SampledFrom([]string{"1m", "2d", "30d"}).Draw(t, "within"),
		}}
	case 2:
		return &step.When{Call: &step.CallTest{Step: fed, Outcomes: []string{"connected"}}}
	case 3:
		return &step.When{Meeting: &step.MeetingTest{Outcomes: []string{"held"}}}
	}
	return &step.When{Field: &record.Condition{Field: rapid.SampledFrom([]string{"stage", "colour", "status", "account.stage", "account.country", "account"}).Draw(t, "row"), Op: record.Equals, Values: []string{"qualify"}}}
}

// TestAutomaticMovesEnd holds decision 10: sequences that hand a record on without a pause are stopped with a reason.
func TestAutomaticMovesEnd(t *testing.T) {
	t.Parallel()
	v := flow.NewVersion(1, 1, 1, flow.Sequence{
		Name: "A", Record: record.Lead, Options: flow.DefaultOptions(),
		Steps: []step.Step{{ID: "go", Type: "advance", Config: step.Config{"to": "A"}}},
	})
	auto := 0
	for range flow.MaxAutoMoves + 2 {
		m := flow.Decide(flow.Snapshot{Enrollment: 1, Version: v, State: flow.Start(monday, auto)}, step.Connected{}, monday)
		if m.State.Exit == step.ExitFailed {
			if last := m.Lines[len(m.Lines)-1]; last.Detail == "" {
				t.Error("it was stopped without a reason")
			}
			return
		}
		auto = m.Effects[len(m.Effects)-1].Effect.(step.ConnectTo).AutoMoves
	}
	t.Errorf("still moving after %d automatic moves", auto)
}

func TestProblems(t *testing.T) {
	t.Parallel()
	mail := func(template string) step.Step {
		return step.Step{ID: "mail", Type: "automated_email", Config: step.Config{"template": template}}
	}
	text := func(template string) step.Step {
		return step.Step{ID: "text", Type: "automated_text", Config: step.Config{"template": template}}
	}
	wait := func(d string) step.Step { return step.Step{ID: "wait", Type: "wait", Config: step.Config{"for": d}} }
	task := step.Step{ID: "task", Type: "task", Name: "Do it", Config: step.Config{}}
	advance := func(to string) step.Step {
		return step.Step{ID: "next", Type: "advance", Config: step.Config{"to": to}}
	}
	env := flow.Env{
		Template: func(key string) *flow.TemplateFacts {
			return map[string]*flow.TemplateFacts{
				"intro": {Name: "Intro", Channel: message.EmailChannel}, "ping": {Name: "Ping", Channel: message.TextChannel},
				"bad": {Name: "Bad", Channel: message.EmailChannel, Unknown: []string{"renewal_date"}},
			}[key]
		},
		Sequence: func(name string) *flow.SequenceFacts {
			lead := func(active bool, steps ...step.Step) *flow.SequenceFacts {
				return &flow.SequenceFacts{Active: active, Def: flow.Sequence{Name: name, Record: record.Lead, Steps: steps}}
			}
			return map[string]*flow.SequenceFacts{
				"Nurture": lead(true, task), "Asleep": lead(false, task),
				"Mirror": lead(true, mail("intro"), advance("Me")), "Account care": {Active: true, Def: flow.Sequence{Record: record.Account}},
			}[name]
		},
	}
	for _, c := range []struct {
		name, step, code string
		steps            []step.Step
	}{
		{"fine", "", "", []step.Step{mail("intro"), wait("1m"), task, advance("Nurture")}},
		{"empty", "", "empty", nil},
		{"wait at the end", "wait", "last", []step.Step{task, wait("1d")}},
		{"leading wait is legal", "", "", []step.Step{wait("30d"), task}},
		{"wait too short", "wait", "invalid", []step.Step{wait("30s"), task}},
		{"wait of zero", "wait", "range", []step.Step{wait("0m"), task}},
		{"wait too long", "wait", "range", []step.Step{wait("31d"), task}},
		{"wait without a span", "wait", "required", []step.Step{wait(""), task}},
		{"advance first", "next", "first", []step.Step{advance("Nurture")}},
		{"something after advance", "task", "unreachable", []step.Step{mail("intro"), advance("Nurture"), task}},
		{"no template", "mail", "required", []step.Step{mail("")}},
		{"no such template", "mail", "not_found", []step.Step{mail("gone")}},
		{"template with a strange field", "mail", "unknown_fields", []step.Step{mail("bad")}},
		{"text messages", "", "", []step.Step{text("ping"), task}},
		{"an email template for a text message", "text", "wrong_channel", []step.Step{text("intro")}},
		{"a text template for an email", "mail", "wrong_channel", []step.Step{mail("ping")}},
		{"text message without a template", "text", "required", []step.Step{text("")}},
		{"inactive next sequence", "next", "inactive", []step.Step{task, advance("Asleep")}},
		{"deleted next sequence", "next", "not_found", []step.Step{task, advance("Gone")}},
		{"next sequence of another kind", "next", "record_kind", []step.Step{task, advance("Account care")}},
		{"circle without a pause", "next", "cycle", []step.Step{mail("intro"), advance("Mirror")}},
		{"circle with a pause", "", "", []step.Step{mail("intro"), wait("1d"), advance("Mirror")}},
		{"itself without a pause", "next", "cycle", []step.Step{mail("intro"), advance("Me")}},
		{"itself with a person", "", "", []step.Step{task, advance("Me")}},
		{"task without a name", "task", "required", []step.Step{{ID: "task", Type: "task", Config: step.Config{}}}},
		{"unknown type", "x", "unknown", []step.Step{{ID: "x", Type: "fax", Config: step.Config{}}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			checkProblem(t, flow.Problems(flow.Sequence{Name: "Me", Record: record.Lead, Options: flow.DefaultOptions(), Steps: c.steps}, env), c.step, c.code)
		})
	}
}

// checkProblem wants no problem for an empty code, and otherwise one with the code on the step, that says what to do.
func checkProblem(t *testing.T, got []fault.Problem, stepID, code string) {
	t.Helper()
	if code == "" {
		if len(got) > 0 {
			t.Errorf("got %v, want no problems", got)
		}
		return
	}
	for _, p := range got {
		if p.Code == code && p.Step == stepID && p.Message != "" && p.Hint != "" {
			return
		}
	}
	t.Errorf("got %v, want %q on step %q with a hint", got, code, stepID)
}

func TestReplyExitNeedsAMessage(t *testing.T) {
	t.Parallel()
	s := flow.Sequence{Name: "S", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{{ID: "a", Type: "task", Name: "A", Config: step.Config{}}}}
	s.Options.ExitOnReply = true
	checkProblem(t, flow.Problems(s, flow.Env{}), "", "no_email")
	s.Options.OtherReplies = true // then it ends on the replies to mail of others
	for _, p := range flow.Problems(s, flow.Env{}) {
		if p.Code == "no_email" {
			t.Errorf("%q is refused though other replies count", p.Message)
		}
	}
	s.Steps = append(s.Steps, step.Step{ID: "b", Type: "text_message", Name: "B", Config: step.Config{}})
	checkProblem(t, flow.Problems(s, flow.Env{}), "", "")
}

// TestEveryKindIsComplete holds what the designer, the files and the docs read of a kind.
func TestEveryKindIsComplete(t *testing.T) {
	t.Parallel()
	for _, k := range step.Kinds() {
		if k.Type == "" || k.Label == "" || k.Help == "" || k.Group == "" || k.Enter == nil || k.Handle == nil {
			t.Errorf("kind %q lacks something: %+v", k.Type, k)
		}
		out := k.Enter(step.In{Now: monday, Step: step.Step{ID: "x", Type: k.Type, Config: step.Config{}}})
		if out.Ignored || (!out.Left && out.Wait == step.NoWait) {
			t.Errorf("entering %q neither waits nor goes on: %+v", k.Type, out)
		}
	}
}
