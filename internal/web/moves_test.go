package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
)

// TestMoveRecords moves the records of an older version by the pages: choose, look, confirm, watch, undo.
func TestMoveRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", true)
	first := h.lead("Lena", "Berg")
	h.connect(seq, first, h.lead("Lena", "Dale"))
	c.get(path(seq.ID, "/moves")).is(http.StatusOK, "Move records to version 1").sees("No record is on an older version")

	rev := h.saveTree(c, seq.ID, seq.DraftRev, `{"name":"Trial follow-up","record":"lead","steps":[{"id":"ring","type":"phone_call","name":"Ring"},
	  {"id":"visit","type":"task","name":"Offer a visit","description":"Bring the samples."}]}`)
	c.get(path(seq.ID, "/activate")).sees("2 records stand on older versions and stay there")
	c.post(path(seq.ID, "/activate"), url.Values{"rev": {fmt.Sprint(rev)}}).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "/versions")).sees("Move records")

	c.get(path(seq.ID, "/moves")).is(http.StatusOK, "Move records to version 2").sees("2 records stand on older versions", "First call", "2 for a person").labels("Records on First call", "Reason")
	c.post(path(seq.ID, "/moves/preview"), nil).is(http.StatusUnprocessableEntity, "Move records to version 2").sees("Nobody is moved")
	c.post(path(seq.ID, "/moves/preview"), url.Values{"quick": {"nearest"}}).is(http.StatusOK, "Move records to version 2").sees("2. Offer a visit (the nearest)")
	chosen := url.Values{"at-1-call": {"to:visit"}, "reason": {"Calls are over"}}
	preview := c.post(path(seq.ID, "/moves/preview"), chosen).is(http.StatusOK, "2 records move")
	preview.sees("Lena Berg", "Lena Dale", "Version 1", "Offer a visit is due.", "The open activity is cancelled.").buttons("Move 2 records", "Change the choice")
	c.post(path(seq.ID, "/moves/preview"), url.Values{"at-1-call": {"to:gone"}}).is(http.StatusUnprocessableEntity, "").sees(`no step "gone"`)
	h.as(access.Seller).get(path(seq.ID, "/moves")).is(http.StatusForbidden, "")

	at := c.post(path(seq.ID, "/moves"), chosen).leadsTo("/moves/")
	at = at[strings.Index(at, "/moves/"):]
	c.get(at).is(http.StatusOK, "Moving records to version 2").sees("0 of 2", "Calls are over")
	c.get(path(seq.ID, "/moves")).sees("are being moved now")
	h.moveAll()
	c.get(at).is(http.StatusOK, "Moved records to version 2").sees("2 records", "It can be undone until").buttons("Undo the move")
	c.get("/records/" + first.ID.String()).sees("Offer a visit")
	c.get(path(seq.ID, "/versions")).sees("Moves of records", "Moved records to version 2")

	c.post(at+"/undo", nil).leadsTo(at)
	h.moveAll()
	c.get(at).is(http.StatusOK, "Records put back from version 2").sees("Put back")
	c.get(path(seq.ID, "/moves")).sees("2 records stand on older versions")
}

// moveAll carries out the moves that wait.
func (h *house) moveAll() {
	h.t.Helper()
	if err := h.app.RunMoves(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}
