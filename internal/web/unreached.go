package web

import (
	"net/http"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

// unreachedGroup are the records that cannot be written to for one reason.
type unreachedGroup struct {
	Reason, Then string
	Records      []action.Unreached
}

// The words for what cannot be done, by channel.
const (
	cannotEmail = "cannot be emailed"
	cannotText  = "cannot be sent text messages"
)

// groupUnreached puts together what has the same reason and the same fate, in the order in which they come first.
func groupUnreached(list []action.Unreached) []unreachedGroup {
	var groups []unreachedGroup
	at := map[[2]string]int{}
	for _, u := range list {
		key := [2]string{u.Reason, u.Then}
		n, known := at[key]
		if !known {
			n = len(groups)
			at[key] = n
			groups = append(groups, unreachedGroup{Reason: u.Reason, Then: u.Then})
		}
		groups[n].Records = append(groups[n].Records, u)
	}
	return groups
}

// unreachedTitle says how many cannot be written to.
func unreachedTitle(kind record.Kind, name, cannot string, n int) string {
	if name == "" {
		name = countOf(kind, n)
	}
	return name + " " + cannot
}

// withUnreached adds to a sentence how many cannot be written to.
func withUnreached(said string, kind record.Kind, name string, result action.ConnectResult) string {
	if n := len(result.Unmailed); n > 0 {
		said += " " + unreachedTitle(kind, name, cannotEmail, n) + "."
	}
	if n := len(result.Untexted); n > 0 {
		said += " " + unreachedTitle(kind, name, cannotText, n) + "."
	}
	return said
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
