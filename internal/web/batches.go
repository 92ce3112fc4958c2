package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const batchesPath = "/batches"

// showBatches lists what the reader has done with many activities at once.
func (s *Server) showBatches(w http.ResponseWriter, r *http.Request) error {
	page, err := s.app.Batches(r.Context(), actorOf(r), actorOf(r).ID, r.URL.Query().Get("cursor"), 0)
	if err != nil {
		return err
	}
	return s.render(w, r, pageTitled("Batches"), batchesPage(s.view(r), page))
}

func pageTitled(title string) page { return page{Title: title} }

// batchShown is a batch with what became of its activities.
type batchShown struct {
	View  view
	Batch store.Batch
	State store.BatchRowState
	Rows  store.Page[store.BatchRow]
}

// showBatch says how far a batch is, and what became of its activities.
func (s *Server) showBatch(w http.ResponseWriter, r *http.Request) error {
	var id ident.Batch
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	b := batchShown{View: s.view(r), State: store.BatchRowStateOf(r.URL.Query().Get("state"))}
	var err error
	if b.Batch, err = s.app.GetBatch(r.Context(), actorOf(r), id); err != nil {
		return err
	}
	if b.Rows, err = s.app.BatchRows(r.Context(), actorOf(r), id, b.State, r.URL.Query().Get("cursor"), 0); err != nil {
		return err
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, batchBody(b))
	}
	return s.render(w, r, pageTitled(batchTitle(b.Batch)), batchPage(b))
}

// batchTitle says what a batch does, did, or was to do.
func batchTitle(b store.Batch) string {
	said := bulkWords[b.Verb].Doing
	switch b.State {
	case store.BatchDone, store.BatchUndoing:
		said = bulkWords[b.Verb].Done
	case store.BatchUndone:
		said = bulkWords[b.Verb].Do
	case store.BatchWaiting, store.BatchRunning:
	}
	return said + " " + someOf(b.Total(), "activity", "activities")
}

// moving tells that the batch changes by itself, so that the page looks again.
func (b batchShown) moving() bool {
	return b.Batch.State == store.BatchWaiting || b.Batch.State == store.BatchRunning || b.Batch.State == store.BatchUndoing
}

// address is that of the page with the reader's filter.
func (b batchShown) address(state store.BatchRowState, cursor string) string {
	path := batchPath(b.Batch.ID)
	sep := "?"
	if state != 0 {
		path += sep + "state=" + state.String()
		sep = "&"
	}
	if cursor != "" {
		path += sep + "cursor=" + cursor
	}
	return path
}

// canUndo tells whether there is something to take back.
func (b batchShown) canUndo() bool { return !action.UndoTime(b.Batch, b.View.Now).IsZero() }

func (b batchShown) tabs() ui.TabsProps {
	p := ui.TabsProps{Label: "Activities by what became of them"}
	p.Tabs = append(p.Tabs, ui.Tab{Label: "All", Href: b.address(0, ""), Count: ui.Count(b.Batch.Total()), Current: b.State == 0})
	for _, s := range []store.BatchRowState{store.RowWaiting, store.RowDone, store.RowFailed, store.RowUndone, store.RowKept} {
		if n := b.Batch.Counts[s]; n > 0 || s == b.State {
			p.Tabs = append(p.Tabs, ui.Tab{Label: rowWords[s], Href: b.address(s, ""), Count: ui.Count(n), Current: b.State == s})
		}
	}
	return p
}

var rowWords = map[store.BatchRowState]string{
	store.RowWaiting: "Waiting", store.RowDone: "Done", store.RowFailed: "Failed", store.RowUndone: "Taken back", store.RowKept: "Could not be taken back",
}

var rowTones = map[store.BatchRowState]ui.Tone{
	store.RowWaiting: ui.Blue, store.RowDone: ui.Green, store.RowFailed: ui.Red, store.RowUndone: ui.Neutral, store.RowKept: ui.Amber,
}

var batchStateWords = map[store.BatchState]string{
	store.BatchWaiting: "Waiting", store.BatchRunning: "Running", store.BatchDone: "Done", store.BatchUndoing: "Being taken back", store.BatchUndone: "Taken back",
}

var batchTones = map[store.BatchState]ui.Tone{
	store.BatchWaiting: ui.Blue, store.BatchRunning: ui.Blue, store.BatchDone: ui.Green, store.BatchUndoing: ui.Amber, store.BatchUndone: ui.Neutral,
}

func (b batchShown) table() ui.TableProps {
	t := ui.TableProps{Caption: "Activities of the batch", Columns: []ui.Column{{Label: "Record"}, {Label: "Activity"}, {Label: "What became of it"}, {Label: "Why"}}}
	for _, r := range b.Rows.Rows {
		row := ui.Row{Cells: []ui.Cell{
			{Text: r.RecordName, Href: recordPath(r.Record)},
			{Text: r.ActivityName, Kind: activityKind(r.ActivityKind), Href: activityPath(r.Activity)},
			{Badge: &ui.BadgeProps{Text: rowWords[r.State], Tone: rowTones[r.State]}},
			{Text: b.detail(r), Soft: true},
		}}
		if r.Record == 0 {
			row.Cells[0], row.Cells[1] = ui.Cell{Text: "Deleted"}, ui.Cell{}
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

// detail says why a row failed, or what a plan does with it.
func (b batchShown) detail(r store.BatchRow) string {
	if r.Reason != "" {
		return r.Reason
	}
	if until := action.RowUntil(r); !until.IsZero() {
		return "To " + until.In(b.View.Zone).Format("Mon 2 Jan, 15:04")
	}
	if b.Batch.Verb == action.BulkCleanUp && r.Verb == action.BulkSkip {
		return "Skipped"
	}
	return ""
}

// batchBadge says the state of a batch; one that is done with failures is not all green.
func batchBadge(b store.Batch) *ui.BadgeProps {
	badge := ui.BadgeProps{Text: batchStateWords[b.State], Tone: batchTones[b.State]}
	if b.State == store.BatchDone && b.Counts[store.RowFailed] > 0 {
		badge = ui.BadgeProps{Text: "Done in part", Tone: ui.Amber}
		if b.Counts[store.RowDone] == 0 {
			badge = ui.BadgeProps{Text: "Failed", Tone: ui.Red}
		}
	}
	return &badge
}

func batchesTable(v view, list []store.Batch) ui.TableProps {
	t := ui.TableProps{Caption: "Batches", Columns: []ui.Column{{Label: "What", Wide: true}, {Label: "State"}, {Label: "Done", Numeric: true}, {Label: "Failed", Numeric: true}, {Label: "When"}}}
	for _, b := range list {
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{
			{Text: batchTitle(b), Href: batchPath(b.ID)},
			{Badge: batchBadge(b)},
			{Text: ui.Count(b.Counts[store.RowDone])},
			{Text: ui.Count(b.Counts[store.RowFailed])},
			{Content: ui.Time(v.at(b.CreatedAt))},
		}})
	}
	return t
}
