package web

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// focusProps is the focused view of a list of records: their cards, and one record beside them.
type focusProps struct {
	List recordList
	// Detail is the record that stands beside the cards, nil for none.
	Detail *detailProps
	// Open is that record, and Activity what is opened of it, also when Detail is not known.
	Open     ident.Record
	Activity ident.Activity
	// Chosen tells that a person opened it, so that a phone shows it instead of the cards.
	Chosen bool
	// Due counts what is due for the reader until the end of today.
	Due int
}

// focusKind tells whether an address is a focused view, and of which kind of records.
func focusKind(address *url.URL) (record.Kind, bool) {
	for _, k := range record.Kinds() {
		if address.Path == recordsPath(k) {
			return k, address.Query().Get("view") == string(action.FocusedView)
		}
	}
	return "", false
}

// focusAround gives the focused view in which something is done with an activity, nil when that is done elsewhere.
func focusAround(r *http.Request) *url.URL {
	address, err := url.Parse(localPath(r.FormValue("back")))
	if err != nil {
		return nil
	}
	if _, focused := focusKind(address); !focused {
		return nil
	}
	return address
}

// renderFocus shows the focused view at an address, with what a person does with an activity.
func (s *Server) renderFocus(w http.ResponseWriter, r *http.Request, at *url.URL, o workOpened) error {
	kind, _ := focusKind(at)
	l, err := s.readRecords(asked(r, at), kind)
	if err != nil {
		return err
	}
	return s.showFocused(w, r, l, at.Query().Get("open"), o)
}

// showFocused shows the focused view of a list with a record opened, as a page or as a fragment for htmx.
func (s *Server) showFocused(w http.ResponseWriter, r *http.Request, l recordList, open string, o workOpened) error {
	p := focusProps{List: l}
	err := s.openFocus(r, &p, open, o)
	if err != nil {
		return err
	}
	if p.Due, err = s.dueToday(r); err != nil {
		return err
	}
	title := l.Query.Kind.Plural()
	if p.Chosen {
		title = p.Detail.Record.Name() + " · " + title
		if err := s.app.See(r.Context(), actorOf(r), p.Detail.Activity); err != nil {
			return err
		}
	}
	if isFragment(r) {
		return s.fragment(w, r, o.Status, fragmentTitle(title), focusPane(p))
	}
	return s.render(w, r, page{Title: title, Status: o.Status, Fill: true, Keys: focusKeys(), Scripts: []string{"js/work.js", "js/live.js", "js/pages.js", "js/select.js"}}, focusPage(p))
}

// openFocus loads the record beside the cards: that of an activity, the one that was asked for, or the first of the page.
func (s *Server) openFocus(r *http.Request, p *focusProps, open string, o workOpened) error {
	if o.ID != 0 {
		act, err := s.app.GetActivity(r.Context(), actorOf(r), o.ID)
		if err != nil {
			return err
		}
		p.Chosen = true
		return s.putBeside(r, p, act.Record, &act, o)
	}
	var id ident.Record
	if readID(open, &id) == nil {
		err := s.putBeside(r, p, id, nil, o)
		if err == nil {
			p.Chosen = true
		}
		if !fault.Is(err, fault.NotFound) {
			return err
		} // it was deleted
	}
	if len(p.List.Page.Rows) > 0 {
		return s.putBeside(r, p, p.List.Page.Rows[0].ID, nil, o)
	}
	return nil
}

// putBeside puts a record beside the cards, with an activity of it, or with the next one of it when act is nil.
func (s *Server) putBeside(r *http.Request, p *focusProps, id ident.Record, act *store.Activity, o workOpened) error {
	d, err := s.readAround(r, id)
	if err != nil {
		return err
	}
	d.Back = p.List.opened(id)
	if act == nil {
		act = d.nextActivity()
	}
	if act != nil {
		if d, err = s.readDoing(r, d, *act, o); err != nil {
			return err
		}
	}
	p.Detail, p.Open, p.Activity = &d, id, d.Activity.ID
	return nil
}

// nextActivity gives the activity of the record that is due first, those before others that the reader may do; nil for none.
func (d detailProps) nextActivity() *store.Activity {
	open := slices.Clone(d.Next.Manual)
	for _, t := range d.Next.Tracks {
		if t.Activity != nil {
			open = append(open, *t.Activity)
		}
	}
	open = slices.DeleteFunc(open, func(a store.Activity) bool { return a.State >= store.ActivityHeld })
	if len(open) == 0 {
		return nil
	}
	others := func(a store.Activity) int {
		if d.mayDo(a) {
			return 0
		}
		return 1
	}
	next := slices.MinFunc(open, func(a, b store.Activity) int {
		return cmp.Or(others(a)-others(b), a.DueAt.Compare(b.DueAt), cmp.Compare(a.ID, b.ID))
	})
	return &next
}

// showFocusRows is the column of the cards alone, for a browser that turns the page or was told of a change. It answers nothing when all is as it was.
func (s *Server) showFocusRows(kind record.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		q := r.URL.Query()
		p := focusProps{}
		_ = readID(q.Get("open"), &p.Open) // nothing is open
		_ = readID(q.Get("activity"), &p.Activity)
		mark, told := q.Get("mark"), q.Get("told")
		for _, own := range []string{"open", "activity", "mark", "told"} {
			q.Del(own)
		}
		q.Set("view", string(action.FocusedView))
		var err error
		if p.List, err = s.readRecords(asked(r, &url.URL{Path: recordsPath(kind), RawQuery: q.Encode()}), kind); err != nil {
			return err
		}
		if mark != "" && mark == p.List.mark() {
			w.WriteHeader(http.StatusNoContent)
			return nil
		}
		if p.Due, err = s.dueToday(r); err != nil {
			return err
		}
		var gone []ui.Flash
		if told != "1" {
			gone = s.goneMeanwhile(w, r, p.Activity, p.List.opened(p.Open))
		}
		// Not by s.fragment: it would take the messages that another page of this person is about to show.
		return s.write(w, r, 0, templ.Join(focusColumn(p), lateFlashes(gone)))
	}
}

// mark is a text that changes when what the cards show does.
func (l recordList) mark() string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, l.Page.Total, l.Prev, l.Next) // a hash never fails
	for _, rec := range l.Page.Rows {
		_, _ = fmt.Fprint(h, " ", rec.ID, rec.Rev, l.News[rec.ID])
		for _, a := range rec.Next {
			_, _ = fmt.Fprint(h, " ", a.ID, a.Rev, a.Name, l.View.late(a.DueAt))
		}
	}
	return strconv.FormatUint(h.Sum64(), 36)
}

// switchView remembers how its reader looks at the list of a kind, and shows it so.
func (s *Server) switchView(kind record.Kind) handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		if err := parse(r); err != nil {
			return err
		}
		view := action.RecordView(text(r, "view"))
		if err := s.app.SwitchView(r.Context(), actorOf(r), kind, view); err != nil {
			return err
		}
		from, q := pathOf(r.Referer()), url.Values{}
		if at, err := url.Parse(from); err == nil && at.Path == recordsPath(kind) {
			q = at.Query()
		}
		q.Del("open")
		if q.Del("view"); view == action.FocusedView {
			q.Set("view", string(view))
		}
		to := url.URL{Path: recordsPath(kind), RawQuery: q.Encode()}
		return s.redirect(w, r, to.String())
	}
}

func switchPath(k record.Kind) string { return recordsPath(k) + "/view" }

// opened gives the address of the focused view with a record opened, zero for none.
func (l recordList) opened(id ident.Record) string {
	if id == 0 {
		return l.address("open", "")
	}
	return l.address("open", id.String())
}

// swapFocus lets htmx load an address of the focused view into its place, keeping the cards where they are.
func swapFocus(address string) ui.Attrs { return swapWork(address) }

// focusRow is the card of a record.
func (p focusProps) focusRow(rec store.RecordRow) ui.WorkRow {
	l := p.List
	address := l.opened(rec.ID)
	status := focusBadge(rec.Record)
	row := ui.WorkRow{
		ID: "card-" + rec.ID.String(), Href: address, Attrs: swapFocus(address), Initials: rec.Name(), Title: rec.Name(), Sub: secondLine(rec.Record), Badge: &status,
		Current: rec.ID == p.Open, Unread: l.News[rec.ID], News: l.news(rec.ID), Nothing: "No activity",
	}
	if l.mayChange() {
		row.Pick, row.PickForm, row.PickName = rec.ID.String(), focusBulk, "id"
	}
	if score := rec.Get("score"); score != "" {
		row.Corner = &ui.BadgeProps{Text: numberText(score), Tone: ui.Neutral, Title: "Score " + numberText(score)}
	}
	for _, a := range rec.Next {
		row.Next = append(row.Next, l.focusNext(a))
	}
	return row
}

// focusBadge says how a record stands: its stage while it is open, else how it was closed.
func focusBadge(rec store.Record) ui.BadgeProps {
	if stage := rec.Get("stage"); stage != "" && rec.Open() {
		return ui.BadgeProps{Text: sentenceCase(stage), Tone: ui.Blue, Title: "Stage"}
	}
	return statusBadge(rec.Kind, rec.Get("status"))
}

// focusNext is one activity on a card.
func (l recordList) focusNext(a store.Activity) ui.WorkNext {
	due := l.View.at(a.DueAt)
	due.Form, due.Late = ui.Due, l.View.late(a.DueAt) && a.Kind != step.Meeting
	next := ui.WorkNext{Kind: activityKind(a.Kind), Text: a.Name, Time: due}
	switch {
	case a.ScheduledAt.After(l.View.Now):
		next.Badge = &ui.BadgeProps{Text: "Scheduled", Tone: ui.Blue, Icon: "clock"}
	case a.State == store.ActivitySending:
		next.Badge = &ui.BadgeProps{Text: "Sending", Tone: ui.Blue}
	case a.Trouble != "":
		next.Badge = &ui.BadgeProps{Text: "Failed", Tone: ui.Red, Title: a.Trouble}
	}
	return next
}

// focusKeys are the keys of the focused view, for the list of keys.
func focusKeys() []ui.KeyHint {
	return append([]ui.KeyHint{
		{Key: "j", Does: "Next card; at the last one the next page"},
		{Key: "k", Does: "Previous card; at the first one the page before"},
		{Key: "Enter", Does: "Open the card"},
		{Key: "p", Does: "From the cards to what is open, and back"},
		{Key: "x", Does: "Select the card; with Shift as far as it"},
	}, slices.DeleteFunc(workKeys(), func(k ui.KeyHint) bool { return slices.Contains([]string{"j", "k", "Enter", "p", "x"}, k.Key) })...)
}
