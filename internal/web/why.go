package web

import (
	"net/http"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// whyShown is the page that says why nothing happens with a record, and why messages went out.
type whyShown struct {
	View view
	action.Why
	// Asked is the message that somebody asks about; 0 for none.
	Asked ident.Message
}

// chancePlace is where a chance leads; the button to connect stands elsewhere on the page of a record that is on nothing.
func (w whyShown) chancePlace(c action.Chance) action.Place {
	if c.Place.Kind == "connect" && w.Idle != nil {
		return action.Place{}
	}
	return c.Place
}

// whyFirst is how many sequences of one answer are in sight at once.
const whyFirst = 5

func whyPath(id ident.Record) string { return recordPath(id) + "/why" }

func (s *Server) showWhy(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	v := whyShown{View: s.view(r)}
	if text := text(r, "message"); text != "" {
		if err := readID(text, &v.Asked); err != nil {
			return err
		}
	}
	if v.Why, err = s.app.WhyOf(r.Context(), actorOf(r), id, v.Asked); err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Why: " + v.Record.Name()}, whyPage(v))
}

// explained is one of its sequences as the pages that explain one show it.
func (w whyShown) explained(x action.Explanation) explained {
	return explained{scope: scope{View: w.View}, X: x}
}

// open tells that what led to a message is in sight: of the one that is asked about, and otherwise of those that wait and the newest.
func (w whyShown) open(i int, c action.Cause) bool {
	if w.Asked != 0 {
		return c.Message.ID == w.Asked
	}
	return i == 0 || c.Hold != nil
}

// sentOrHeld says of a message in short what became of it.
func sentOrHeld(v view, c action.Cause) string {
	by := ""
	if c.StepName != "" {
		by = " by “" + c.StepName + "”"
	}
	switch m := c.Message; {
	case m.State == store.MessageSent:
		return "sent" + by + " " + ui.RelativeTime(m.SentAt.In(v.Zone), v.Now)
	case c.Hold != nil && !c.Hold.Until.IsZero():
		return "waits until " + momentIn(v, c.Hold.Until)
	default:
		return "made" + by + " " + ui.RelativeTime(m.CreatedAt.In(v.Zone), v.Now)
	}
}

// reasonLines are reasons as a timeline has them, newest first.
func reasonLines(v view, reasons []action.Reason) []ui.TimelineEntry {
	list := make([]ui.TimelineEntry, 0, len(reasons))
	for i := len(reasons) - 1; i >= 0; i-- {
		r := reasons[i]
		kind := ui.Kind(r.Kind)
		if r.Kind == "" {
			kind = ui.KindSequence
		}
		line := ui.TimelineEntry{Kind: kind, Time: v.at(r.At), Parts: []ui.Part{{Text: r.Text}}}
		if !r.Until.IsZero() {
			line.Detail = spanIn(v, r.At, r.Until)
		}
		list = append(list, line)
	}
	return list
}

// spanIn writes from when until when something was.
func spanIn(v view, from, to time.Time) string {
	if from, to := from.In(v.Zone), to.In(v.Zone); from.YearDay() == to.YearDay() && from.Year() == to.Year() {
		return momentIn(v, from) + " to " + to.Format("15:04")
	}
	return momentIn(v, from) + " to " + momentIn(v, to)
}

// placeLabel says where a link to a place leads.
func placeLabel(p action.Place) string {
	return map[string]string{
		"record": "Open the record", "sequence": "Open the sequence", "enrollment": "Open its path", "activity": "Open the activity", "message": "Open the message",
		"mailbox": "Open the mailbox", "sending": "Open the send windows", "holidays": "Open the holidays", "time_off": "Open the team's time off", "outbox": "Open the outbox",
		"suppressions": "Open the suppressions", "connect": "Choose a sequence",
	}[p.Kind]
}
