package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// whyShown is the page that says why nothing happens with a record, and why messages went out.
type whyShown struct {
	View view
	action.Why
}

func whyPath(id ident.Record) string { return recordPath(id) + "/why" }

func (s *Server) showWhy(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	found, err := s.app.WhyOf(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Why: " + found.Record.Name()}, whyPage(whyShown{s.view(r), found}))
}

// explained is one of its sequences as the pages that explain one show it.
func (w whyShown) explained(x action.Explanation) explained {
	return explained{scope: scope{View: w.View}, X: x}
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
		list = append(list, ui.TimelineEntry{Kind: kind, Time: v.at(r.At), Parts: []ui.Part{{Text: r.Text}}})
	}
	return list
}
