package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

// foresight is the preview of a sequence: what its draft would do with a record, and when.
type foresight struct {
	View view
	Seq  action.SequenceView
	action.Foresight
	// Choice is the record, and those to choose from.
	Choice templatePreview
	// No are the conditions that shall go No.
	No []string
}

// showForesight shows the preview of a sequence.
func (s *Server) showForesight(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	f := foresight{View: s.view(r), Seq: seq, Choice: templatePreview{Kind: seq.RecordKind, Search: text(r, "find")}}
	var chosen ident.Record
	_ = readID(text(r, "record"), &chosen) // without one, the first record is shown
	if err := s.previewRecords(r, &f.Choice, chosen); err != nil {
		return err
	}
	if no := text(r, "no"); no != "" {
		f.No = strings.Split(no, ",")
	}
	if f.Foresight, err = s.app.Foresee(r.Context(), actorOf(r), seq.ID, f.Choice.Record, f.No); err != nil {
		return err
	}
	return s.render(w, r, page{Title: seq.Name + ": preview"}, foresightPage(f))
}

// toolbar chooses the record.
func (f foresight) toolbar() ui.ToolbarProps {
	var options []ui.Option
	for _, o := range f.Choice.options() {
		options = append(options, ui.Option{Value: o.Value, Label: o.Label})
	}
	return ui.ToolbarProps{
		Action: sequencePath(f.Seq.ID) + "/preview", Label: "Choose a record",
		Search:  &ui.SearchBox{Name: "find", Value: f.Choice.Search, Label: "Find a record", Placeholder: "Find a record"},
		Filters: []ui.Filter{{Name: "record", Label: "Played with", Value: f.Choice.Record.String(), Options: options}},
		Carry:   []ui.Hidden{{Name: "no", Value: strings.Join(f.No, ",")}},
	}
}

// turned gives the address of this preview with a condition going a way.
func (f foresight) turned(id string, yes bool) string {
	no := slices.DeleteFunc(slices.Clone(f.No), func(other string) bool { return other == id })
	if !yes {
		no = append(no, id)
	}
	q := url.Values{"record": {f.Choice.Record.String()}}
	if len(no) > 0 {
		q.Set("no", strings.Join(no, ","))
	}
	return sequencePath(f.Seq.ID) + "/preview?" + q.Encode()
}

// day heads the visits of one day; it is empty for a visit on the same day as the one before.
func (f foresight) day(i int) string {
	format := func(t time.Time) string { return t.In(f.View.Zone).Format("Monday 2 January") }
	if i > 0 && format(f.Visits[i-1].At) == format(f.Visits[i].At) {
		return ""
	}
	return format(f.Visits[i].At)
}

func (f foresight) clock(t time.Time) string { return t.In(f.View.Zone).Format("15:04") }

// says tells what happens in a visit.
func (f foresight) says(v flow.Visit) string { return visitText(f.View, v, f.assignee()) }

// visitText tells what happens in a foreseen visit; assignee is who gets the activities.
func visitText(w view, v flow.Visit, assignee string) string {
	kind, _ := step.KindOf(v.Step.Type)
	switch {
	case v.Step.When != nil && v.Step.When.Field != nil:
		return strings.ToUpper(string(v.Outcome[:1])) + string(v.Outcome[1:]) + ", as the record stands now"
	case v.Step.When != nil:
		return v.Detail
	case v.Outcome == step.Sent && v.Held != "":
		return what(kind) + " waits until " + v.LeftAt.In(w.Zone).Format("Mon 2 Jan, 15:04") + ", then it is sent by itself. " + v.Held
	case v.Outcome == step.Sent:
		return what(kind) + " is sent by itself"
	case v.Outcome == step.Skipped && v.ByHand:
		return "For " + assignee + " to mend or skip: " + v.Detail
	case v.Outcome == step.Skipped:
		return joined(" · ", "Skipped", v.Detail)
	case v.Outcome == step.Waited:
		return "Until " + v.LeftAt.In(w.Zone).Format("Mon 2 Jan, 15:04")
	case kind.Human:
		return kind.Label + " for " + assignee
	}
	return kind.Label
}

// what names the message of a step.
func what(kind step.Kind) string {
	if kind.Texts {
		return "The text message"
	}
	return "The email"
}

// assignee is who would get the activities.
func (f foresight) assignee() string {
	if f.Seq.Draft.Options.Assignee == flow.RecordOwner && f.Record.OwnerName != "" {
		return f.Record.OwnerName
	}
	return f.View.Actor.Name
}

// turnText says where the other side of a condition leads.
func (f foresight) turnText(v flow.Visit) string {
	turn, other := f.Turns[v.Step.ID], "No"
	if v.Step.When == nil {
		return ""
	}
	if v.Outcome == step.No {
		other = "Yes"
	}
	switch {
	case !turn.Possible:
		return ""
	case turn.Next == nil:
		return other + " would end the sequence."
	}
	return other + " would lead to “" + f.Def.Title(turn.Next.Step, f.Outcomes) + "” on " + turn.Next.At.In(f.View.Zone).Format("Mon 2 Jan, 15:04") + "."
}

// ending says how the way ends.
func (f foresight) ending() string {
	if f.Stuck != "" {
		return "It waits here, and no moment comes within a year: " + f.Stuck
	}
	if f.Exit == step.NoExit {
		return "It waits here for something that nobody can foresee."
	}
	return f.Exit.Describe() + ", " + f.EndAt.In(f.View.Zone).Format("Monday 2 January, 15:04")
}

// length says how long the whole way takes.
func (f foresight) length() string {
	if len(f.Visits) == 0 {
		return ""
	}
	from, to := f.Visits[0].At, f.Visits[len(f.Visits)-1].LeftAt
	days := int(to.Sub(from)/(24*time.Hour)) + 1
	return plural(len(f.Visits), "step", "steps") + " over " + plural(days, "day", "days")
}
