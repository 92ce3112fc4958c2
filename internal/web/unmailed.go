package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// unmailedGroup are the records that cannot be emailed for one reason.
type unmailedGroup struct {
	Reason, Then string
	Records      []action.Unmailed
}

// groupUnmailed puts together what has the same reason and the same fate, in the order in which they come first.
func groupUnmailed(list []action.Unmailed) []unmailedGroup {
	var groups []unmailedGroup
	at := map[[2]string]int{}
	for _, u := range list {
		key := [2]string{u.Reason, u.Then}
		n, known := at[key]
		if !known {
			n = len(groups)
			at[key] = n
			groups = append(groups, unmailedGroup{Reason: u.Reason, Then: u.Then})
		}
		groups[n].Records = append(groups[n].Records, u)
	}
	return groups
}

// unmailedTitle says how many cannot be emailed.
func unmailedTitle(kind record.Kind, name string, n int) string {
	if name == "" {
		name = countOf(kind, n)
	}
	return name + " cannot be emailed"
}

// withUnmailed adds to a sentence how many cannot be emailed.
func withUnmailed(said string, kind record.Kind, name string, list []action.Unmailed) string {
	if len(list) == 0 {
		return said
	}
	return said + " " + unmailedTitle(kind, name, len(list)) + "."
}

// checkRecords says what connecting the records ticked in the dialog of a sequence would do.
func (s *Server) checkRecords(w http.ResponseWriter, r *http.Request) error {
	seq, err := s.sequenceOf(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	c := connectChoice{Kind: seq.RecordKind, Records: readIDs[ident.Record](r.Form["id"]), Chosen: seq.ID}
	if len(c.Records) > 0 {
		if err := s.planConnect(r, &c); err != nil {
			return err
		}
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, connectPlan(c))
	}
	choice, err := s.recordChoice(r, seq)
	if err != nil {
		return err
	}
	choice.Plan = c
	return s.askConnect(w, r, 0, choice)
}
