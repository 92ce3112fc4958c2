package web

import (
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// connectedList is the state of the page of a sequence's records.
type connectedList struct {
	Seq    action.SequenceView
	Query  store.EnrollmentQuery
	Page   store.Page[store.Enrollment]
	Defs   map[int]*flow.Version
	Chips  []ui.Chip
	Next   string
	First  string
	Action string
}

// liveStatus selects the enrollments that are not finished.
const liveStatus = "live"

func (s *Server) showConnected(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	l, err := s.connectedList(r, seq)
	if err != nil {
		return err
	}
	v := s.view(r)
	if isFragment(r) {
		return s.fragment(w, r, 0, connectedResults(v, l))
	}
	keys := []ui.KeyHint{{Key: "c", Does: "Connect records"}}
	return s.render(w, r, page{Title: seq.Name + ": connected records", Keys: keys}, connectedPage(v, l))
}

func (s *Server) connectedList(r *http.Request, seq action.SequenceView) (connectedList, error) {
	l := connectedList{Seq: seq, Action: sequencePath(seq.ID) + "/connected", Defs: map[int]*flow.Version{}}
	l.Query = store.EnrollmentQuery{Sequence: seq.ID, Status: text(r, "status"), Search: text(r, "q"), Cursor: text(r, "cursor")}
	if l.Query.Status == "" {
		l.Query.Status = liveStatus
	}
	for _, c := range [][2]string{{liveStatus, "On it now"}, {"active", "Active"}, {"paused", "Paused"}, {"finished", "Finished"}, {"all", "All"}} {
		l.Chips = append(l.Chips, ui.Chip{Label: c[1], Href: withQuery(r, "status", c[0]), On: l.Query.Status == c[0]})
	}
	q := l.Query
	if q.Status == "all" {
		q.Status = ""
	}
	var err error
	if l.Page, err = s.app.ListEnrollments(r.Context(), actorOf(r), q); err != nil {
		return l, err
	}
	for _, e := range l.Page.Rows {
		if l.Defs[e.VersionNumber] != nil {
			continue
		}
		def, err := s.app.GetVersion(r.Context(), actorOf(r), seq.ID, e.VersionNumber)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return l, err
		}
		l.Defs[e.VersionNumber] = flow.NewVersion(e.Version, seq.ID, e.VersionNumber, def)
	}
	if l.Page.Next != "" {
		l.Next = withQuery(r, "cursor", l.Page.Next)
	}
	if l.Query.Cursor != "" {
		l.First = withQuery(r)
	}
	return l, nil
}

func (l connectedList) table(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Connected records", Columns: []ui.Column{
		{Label: "Record", Wide: true},
		{Label: "Progress"},
		{Label: "Current step"},
		{Label: "Status"},
		{Label: "Days", Numeric: true, HidePhone: true},
		{Label: "Version", Numeric: true, HidePhone: true},
		{Label: "Assignee", HidePhone: true},
	}}
	if l.mayDisconnect() {
		t.Select = &ui.Selection{Name: "id", Form: "disconnect"}
	}
	for _, e := range l.Page.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: e.ID.String(), Value: e.ID.String(), Label: e.RecordName, Cells: []ui.Cell{
			{Text: e.RecordName, Href: recordPath(e.Record)},
			{Content: enrollmentProgress(l.progress(e))},
			{Text: l.currentStep(e), Sub: waitWords(v, e)},
			{Badge: enrollmentBadge(e.State)},
			{Text: fmt.Sprint(enrollmentDays(v, e))},
			{Text: fmt.Sprint(e.VersionNumber)},
			{Text: e.AssigneeName, Soft: true},
		}})
	}
	return t
}

// mayDisconnect tells whether there can be rows to disconnect.
func (l connectedList) mayDisconnect() bool { return l.Query.Status != "finished" }

// progress gives how many steps an enrollment has done, of how many on the longest way that it can still take.
func (l connectedList) progress(e store.Enrollment) (done, total int) {
	v := l.Defs[e.VersionNumber]
	switch {
	case e.State.Exit == step.ExitCompleted:
		return e.State.Done, e.State.Done
	case e.State.Status == flow.Finished:
		return e.State.Done, max(e.State.Done, v.Longest(""))
	}
	return e.State.Done, e.State.Done + v.Longest(e.State.Step)
}

func (l connectedList) currentStep(e store.Enrollment) string {
	if e.State.Status == flow.Finished {
		return ""
	}
	st, ok := l.Defs[e.VersionNumber].Step(e.State.Step)
	if !ok {
		return "Starting"
	}
	title, _ := stepWords{def: l.Defs[e.VersionNumber].Def}.of(st)
	return title
}

// waitWords say what an enrollment waits for.
func waitWords(v view, e store.Enrollment) string {
	if e.State.Status != flow.Active {
		return ""
	}
	switch e.State.Wait {
	case step.ForTime:
		return "until " + ui.RelativeTime(e.State.DueAt.In(v.Zone), v.Now)
	case step.ForMail:
		return "waits for the message to be sent"
	case step.ForPerson:
		return "waits for " + e.AssigneeName
	}
	return ""
}

// enrollmentBadge shows the state of an enrollment.
func enrollmentBadge(st flow.State) *ui.BadgeProps {
	switch st.Status {
	case flow.Active:
		return &ui.BadgeProps{Text: "Active", Tone: ui.Blue, Dot: true}
	case flow.Paused:
		return &ui.BadgeProps{Text: "Paused", Tone: ui.Amber}
	case flow.Finished:
		tone := ui.Neutral
		switch st.Exit {
		case step.ExitCompleted, step.ExitReplied, step.ExitAdvanced:
			tone = ui.Green
		case step.ExitFailed:
			tone = ui.Red
		}
		return &ui.BadgeProps{Text: st.Exit.Describe(), Tone: tone}
	}
	return &ui.BadgeProps{Text: string(st.Status), Tone: ui.Neutral}
}

// enrollmentDays counts the days on the sequence, the first one as 1.
func enrollmentDays(v view, e store.Enrollment) int {
	end := v.Now
	if !e.FinishedAt.IsZero() {
		end = e.FinishedAt
	}
	return int(end.Sub(e.ConnectedAt)/(24*time.Hour)) + 1
}

// disconnectRecords asks first, and disconnects when the question was answered.
func (s *Server) disconnectRecords(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	ids := readIDs[ident.Enrollment](r.Form["id"])
	list := sequencePath(seq.ID) + "/connected"
	if len(ids) == 0 {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: "No record is selected. Tick the ones to disconnect."})
		return s.redirect(w, r, list)
	}
	if r.FormValue("sure") == "" {
		q := question{ID: "disconnect-records", Title: "Disconnect " + plural(len(ids), "record", "records") + "?", Back: list, Size: ui.Small}
		return s.ask(w, r, 0, q, func(q question) templ.Component { return disconnectBody(q, seq, ids) })
	}
	done, refusedList, err := s.app.Disconnect(r.Context(), actorOf(r), ids)
	if err != nil {
		return err
	}
	f := ui.Flash{Text: plural(done, "record was", "records were") + " disconnected."}
	if len(refusedList) > 0 {
		f = ui.Flash{Tone: ui.Red, Text: f.Text + " " + plural(len(refusedList), "was", "were") + " left: " + refusedList[0].Reason}
	}
	s.flash(r, f)
	return s.redirect(w, r, list)
}
