package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// recordChoice is the state of the dialog in which records are chosen for a sequence. What was chosen stays chosen
// while the search changes, because the form carries it.
type recordChoice struct {
	Seq    action.SequenceView
	Search string
	Mine   bool
	Cursor string
	// Chosen are the records ticked before; Page are those that the search finds, without the chosen ones.
	Chosen  []store.Record
	Page    store.Page[store.RecordRow]
	Problem string
	// Plan is what connecting the chosen ones would do, once it was asked for.
	Plan connectChoice
}

// mostChosen bounds what can be carried through the form of the dialog; lists of records connect more at once.
const mostChosen = 500

func (s *Server) showConnect(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if seq.Status != store.Active {
		return fault.New(fault.Conflict, "The sequence is not active, so nothing can be connected.").WithHint("Activate it first.")
	}
	c, err := s.recordChoice(r, seq)
	if err != nil {
		return err
	}
	if r.Header.Get("HX-Target") == "connect-list" {
		return s.fragment(w, r, 0, choiceList(s.view(r), c))
	}
	return s.askConnect(w, r, 0, c)
}

func (s *Server) askConnect(w http.ResponseWriter, r *http.Request, status int, c recordChoice) error {
	q := question{
		ID: "connect-records", Title: "Connect " + lower(c.Seq.RecordKind.Plural()) + " to “" + c.Seq.Name + "”", Size: ui.Large,
		Back: sequencePath(c.Seq.ID) + "/connected",
	}
	v := s.view(r)
	return s.ask(w, r, status, q, func(q question) templ.Component { return choiceBody(v, q, c) })
}

func (s *Server) recordChoice(r *http.Request, seq action.SequenceView) (recordChoice, error) {
	if err := parse(r); err != nil {
		return recordChoice{}, err
	}
	actor := actorOf(r)
	c := recordChoice{Seq: seq, Search: text(r, "q"), Mine: r.FormValue("mine") != "", Cursor: text(r, "cursor")}
	ids := readIDs[ident.Record](r.Form["id"])
	slices.Sort(ids)
	for _, id := range slices.Compact(ids)[:min(len(slices.Compact(ids)), mostChosen)] {
		rec, err := s.app.GetRecord(r.Context(), actor, id)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return c, err
		}
		c.Chosen = append(c.Chosen, rec)
	}
	q := store.RecordQuery{Kind: seq.RecordKind, Search: c.Search, Connection: "unconnected", Sequence: seq.ID, Sort: "name", Cursor: c.Cursor}
	if c.Mine {
		q.Owner = actor.ID
	}
	var err error
	if c.Page, err = s.app.ListRecords(r.Context(), actor, q); err != nil {
		return c, err
	}
	c.Page.Rows = slices.DeleteFunc(c.Page.Rows, func(row store.RecordRow) bool { return c.chose(row.ID) })
	return c, nil
}

func (c recordChoice) chose(id ident.Record) bool {
	return slices.ContainsFunc(c.Chosen, func(rec store.Record) bool { return rec.ID == id })
}

func (c recordChoice) table() ui.TableProps {
	t := ui.TableProps{
		ID: "connect-table", Caption: c.Seq.RecordKind.Plural() + " to connect", Compact: true, Select: &ui.Selection{Name: "id", Form: "connect-form"},
		Columns: []ui.Column{{Label: "Name", Wide: true}, {Label: "Email", HidePhone: true}, {Label: "Owner", HidePhone: true}, {Label: "On sequences"}},
	}
	add := func(rec store.Record, sequences []string, chosen bool) {
		t.Rows = append(t.Rows, ui.Row{Value: rec.ID.String(), Label: rec.Name(), Selected: chosen, Cells: []ui.Cell{
			{Text: rec.Name(), Sub: rec.Get("company")}, {Text: rec.Get("email"), Soft: true}, {Text: rec.OwnerName, Soft: true}, {Content: ui.Badges(sequenceBadges(sequences))},
		}})
	}
	for _, rec := range c.Chosen {
		add(rec, nil, true)
	}
	for _, row := range c.Page.Rows {
		add(row.Record, row.Sequences, false)
	}
	return t
}

func sequenceBadges(names []string) []ui.BadgeProps {
	var badges []ui.BadgeProps
	for _, n := range names {
		badges = append(badges, ui.BadgeProps{Text: n, Tone: ui.Neutral})
	}
	return badges
}

func (s *Server) connectRecords(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	ids := readIDs[ident.Record](r.Form["id"])
	if len(ids) == 0 {
		c, err := s.recordChoice(r, seq)
		if err != nil {
			return err
		}
		c.Problem = "No record is chosen. Tick the ones to connect."
		return s.askConnect(w, r, http.StatusUnprocessableEntity, c)
	}
	result, err := s.app.Connect(r.Context(), actorOf(r), seq.ID, ids, false)
	if err != nil {
		return err
	}
	said := plural(len(result.Connected), "record is", "records are") + " connected."
	if len(result.Refused) == 0 {
		s.say(r, withUnreached(said, seq.RecordKind, "", result))
		return s.redirect(w, r, sequencePath(seq.ID)+"/connected")
	}
	q := question{ID: "connect-result", Title: said, Back: sequencePath(seq.ID) + "/connected"}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return connectResultBody(q, seq.RecordKind, result) })
}

// refusalTable lists which records were not connected, and why.
func refusalTable(list []action.Refusal) ui.TableProps {
	t := ui.TableProps{Caption: "Not connected", Columns: []ui.Column{{Label: "Record"}, {Label: "Why", Wide: true}}}
	for _, one := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: one.Name, Href: recordPath(one.Record)}, {Text: one.Reason}}})
	}
	return t
}
