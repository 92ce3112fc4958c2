package web

import (
	"fmt"
	"net/http"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// sequenceList is the state of the list of sequences.
type sequenceList struct {
	Query  store.SequenceQuery
	Rows   []store.SequenceRow
	Owners []store.User
	Teams  []store.Team
	// Owner is the value of the filter of owners: a user, a team or one's teams.
	Owner string
	Tags  []store.Tag
	// Sorts gives for each column the address that sorts by it.
	Sorts map[string]string
	// Filtered tells that rows may be hidden by search or filters.
	Filtered bool
}

func (s *Server) showSequences(w http.ResponseWriter, r *http.Request) error {
	actor := actorOf(r)
	l := sequenceList{Query: readSequenceQuery(r), Owner: text(r, "owner"), Sorts: map[string]string{}}
	for _, column := range []string{"name", "status", "connected", "updated"} {
		l.Sorts[column] = withQuery(r, "sort", nextSort(l.Query.Sort, column))
	}
	q := l.Query
	l.Filtered = q.Search != "" || q.Status != "" || q.RecordKind != "" || q.Owner != 0 || q.Teams != nil || q.Tag != 0
	var err error
	if l.Rows, err = s.app.ListSequences(r.Context(), actor, q); err != nil {
		return err
	}
	if l.Tags, err = s.app.ListTags(r.Context(), actor); err != nil {
		return err
	}
	v := s.view(r)
	if isFragment(r) {
		return s.fragment(w, r, 0, sequenceResults(v, l))
	}
	if l.Owners, err = s.app.ListUsers(r.Context(), actor); err != nil {
		return err
	}
	if l.Teams, err = s.app.ListTeams(r.Context(), actor); err != nil {
		return err
	}
	keys := []ui.KeyHint{{Key: "n", Does: "New sequence"}}
	return s.render(w, r, page{Title: "Sequences", Keys: keys}, sequencesPage(v, l))
}

func readSequenceQuery(r *http.Request) store.SequenceQuery {
	q := store.SequenceQuery{Search: text(r, "q"), Sort: text(r, "sort")}
	switch status := store.SequenceStatus(text(r, "status")); status {
	case store.Active, store.Inactive, store.Archived:
		q.Status = status
	}
	if kind := record.Kind(text(r, "record")); kind.Known() {
		q.RecordKind = kind
	}
	readOwner(r, &q)
	if readID(text(r, "tag"), &q.Tag) != nil {
		q.Tag = 0
	}
	switch q.Sort {
	case "name", "-name", "status", "-status", "connected", "-connected", "updated", "-updated":
	default:
		q.Sort = "-updated"
	}
	return q
}

// nextSort gives the order after a click on a column's head: first the useful direction, then the other one.
func nextSort(now, column string) string {
	first, second := column, "-"+column
	if column == "connected" || column == "updated" {
		first, second = second, first
	}
	if now == first {
		return second
	}
	return first
}

// sorted gives the direction in which a list is sorted by a column.
func sorted(now, column string) ui.SortDirection {
	switch now {
	case column:
		return ui.Ascending
	case "-" + column:
		return ui.Descending
	}
	return ui.Unsorted
}

func (l sequenceList) table(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Sequences", Columns: []ui.Column{
		{Label: "Name", Wide: true, SortHref: l.Sorts["name"], Sorted: sorted(l.Query.Sort, "name")},
		{Label: "Status", SortHref: l.Sorts["status"], Sorted: sorted(l.Query.Sort, "status")},
		{Label: "For", HidePhone: true},
		{Label: "Connected", Numeric: true, SortHref: l.Sorts["connected"], Sorted: sorted(l.Query.Sort, "connected")},
		{Label: "Success", Numeric: true, HidePhone: true},
		{Label: "Owner", HidePhone: true},
		{Label: "Changed", SortHref: l.Sorts["updated"], Sorted: sorted(l.Query.Sort, "updated")},
	}}
	if v.may(access.EditSequences) {
		t.Select = &ui.Selection{Name: "id", Form: "bulk"}
	}
	if len(l.Tags) > 0 {
		t.Columns = append(t.Columns, ui.Column{Label: "Tags", HidePhone: true})
	}
	for _, row := range l.Rows {
		cells := []ui.Cell{
			{Text: row.Name, Href: sequencePath(row.ID), Sub: row.Description},
			{Content: rowStatus(row)},
			{Text: row.RecordKind.Plural(), Soft: true},
			{Text: ui.Count(row.Connected)},
			{Content: successRate(row)},
			{Content: ownerCell(row.Sequence)},
			{Content: ui.Time(v.at(row.UpdatedAt))},
		}
		if len(l.Tags) > 0 {
			cells = append(cells, ui.Cell{Content: rowTags(row.Tags)})
		}
		t.Rows = append(t.Rows, ui.Row{ID: row.ID.String(), Value: row.ID.String(), Label: row.Name, Cells: cells})
	}
	return t
}

// statusBadges say whether a sequence is active, and whether its draft differs.
func statusBadges(row store.SequenceRow) []ui.BadgeProps {
	badges := []ui.BadgeProps{{Text: "Inactive", Tone: ui.Neutral}}
	switch {
	case row.Status == store.Archived:
		badges[0] = ui.BadgeProps{Text: "Archived", Tone: ui.Neutral, Icon: "archive", Title: "Nobody can change or activate it until it is brought back."}
	case row.Status == store.Active:
		badges[0] = ui.BadgeProps{Text: fmt.Sprintf("Active, version %d", row.VersionNumber), Tone: ui.Green, Dot: true}
		if row.Changed {
			badges = append(badges, ui.BadgeProps{Text: "Draft has changes", Tone: ui.Amber, Title: "The draft differs from the active version."})
		}
	case row.VersionNumber == 0:
		badges[0].Text = "Draft"
		badges[0].Title = "It was never activated."
	}
	return badges
}

// successText gives the share of finished records that ran to the end.
func successText(row store.SequenceRow) (share, detail string) {
	if row.Finished == 0 {
		return "", "No record has finished yet"
	}
	return fmt.Sprintf("%d %%", (row.Completed*100+row.Finished/2)/row.Finished),
		fmt.Sprintf("%s of %s ran to the end", ui.Count(row.Completed), plural(row.Finished, "finished record", "finished records"))
}

// newSequenceForm is the state of the form for a new sequence.
type newSequenceForm struct {
	Name, Description string
	Record            record.Kind
	Problems          problems
}

// newSequencePath leads to the form for a new sequence, for one kind of records where that is known.
func newSequencePath(kind record.Kind) string {
	if kind == "" {
		return "/sequences/new"
	}
	return "/sequences/new?record=" + string(kind)
}

func (s *Server) showNewSequence(w http.ResponseWriter, r *http.Request) error {
	f := newSequenceForm{Record: record.Lead}
	if kind := record.Kind(text(r, "record")); kind.Known() {
		f.Record = kind
	}
	return s.askNewSequence(w, r, 0, f)
}

func (s *Server) askNewSequence(w http.ResponseWriter, r *http.Request, status int, f newSequenceForm) error {
	q := question{ID: "new-sequence", Title: "New sequence", Back: "/sequences"}
	return s.ask(w, r, status, q, func(q question) templ.Component { return newSequenceBody(q, f) })
}

func (s *Server) createSequence(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f := newSequenceForm{Name: text(r, "name"), Description: text(r, "description"), Record: record.Kind(text(r, "record"))}
	made, err := s.app.CreateSequence(r.Context(), actorOf(r), action.SequenceInput{Name: f.Name, Description: f.Description, Record: f.Record})
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askNewSequence(w, r, http.StatusUnprocessableEntity, f)
	}
	return s.redirect(w, r, sequencePath(made.ID))
}

// kindOptions are the kinds of records for a select or radio group.
func kindOptions() []ui.Option {
	var options []ui.Option
	for _, k := range record.Kinds() {
		options = append(options, ui.Option{Value: string(k), Label: k.Label()})
	}
	return options
}

// sequenceOf loads the sequence of a request's path.
func (s *Server) sequenceOf(r *http.Request) (action.SequenceView, error) {
	var id ident.Sequence
	if err := readID(r.PathValue("id"), &id); err != nil {
		return action.SequenceView{}, err
	}
	return s.app.GetSequence(r.Context(), actorOf(r), id)
}

// limits of texts, for maxlength attributes.
const (
	maxSequenceName = flow.MaxName
	maxDescription  = flow.MaxDescription
)
