package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/ident"
)

// TestVersionPages walks through the history of a sequence: what each version changed, two of them compared, and one that becomes
// the draft again.
func TestVersionPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", true)
	c.get(path(seq.ID, "/versions")).is(http.StatusOK, "Trial follow-up").sees("Version 1", "Active", "The first version.", "No record on it").misses("Not activated")
	c.get(path(seq.ID, "/discard")).is(http.StatusConflict, "").sees("no changes to discard")

	longer := `{"name":"Trial follow-up","record":"lead","steps":[{"id":"call","type":"phone_call","name":"First call"},
	  {"id":"pause","type":"wait","for":"2d4h"},{"id":"visit","type":"task","name":"Offer a visit","description":"Bring the samples."},{"id":"thank","type":"task","name":"Say thank you"}]}`
	saved := h.saveTree(c, seq.ID, seq.DraftRev, longer)
	c.get(path(seq.ID, "/versions")).sees("Draft", "Not activated", "“Say thank you” added")
	c.get(path(seq.ID, "/activate")).is(http.StatusOK, "Activate version 2?").sees("Changed since version 1", "Say thank you", "After “Offer a visit”.")
	c.get(path(seq.ID, "/discard")).is(http.StatusOK, "Discard the draft?").sees("These changes are lost", "Say thank you")
	c.post(path(seq.ID, "/activate"), url.Values{"rev": {fmt.Sprint(saved)}, "note": {"Be polite"}}).leadsTo(path(seq.ID, ""))

	seller := h.as(access.Seller)
	seller.get(path(seq.ID, "/versions")).is(http.StatusOK, "Trial follow-up").sees("Version 2", "Be polite", "Activated by", "“Say thank you” added", "Version 1")
	compared := seller.get(path(seq.ID, "/versions/compare?from=2&to=1")).is(http.StatusOK, "Version 2 and version 1")
	compared.sees("Removed", "Say thank you", "It stood after “Offer a visit”.", "The other way round").labels("Compare", "with")
	seller.get(path(seq.ID, "/versions/compare")).is(http.StatusOK, "Version 2 and the draft").sees("They do the same")
	seller.get(path(seq.ID, "/versions/compare?from=7")).is(http.StatusNotFound, "")
	seller.get(path(seq.ID, "/versions/compare?from=x")).is(http.StatusNotFound, "")

	c.get(path(seq.ID, "/versions/2/restore")).is(http.StatusOK, "Make version 2 the draft?").sees("does what version 2 does already")
	c.get(path(seq.ID, "/versions/1/restore")).is(http.StatusOK, "Make version 1 the draft?").sees("Say thank you", "Removed")
	c.post(path(seq.ID, "/versions/1/restore"), url.Values{"rev": {"999"}}).is(http.StatusConflict, "Somebody else changed this")
	seller.post(path(seq.ID, "/versions/1/restore"), url.Values{"rev": {fmt.Sprint(saved)}}).is(http.StatusForbidden, "")
	c.post(path(seq.ID, "/versions/1/restore"), url.Values{"rev": {fmt.Sprint(saved)}}).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "/versions")).sees("Not activated", "“Say thank you” removed")
}

// TestTwoEditors holds that whoever is refused because somebody else saved meanwhile sees what the other changed, and keeps
// what was written.
func TestTwoEditors(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", false)
	read := `{"name":"Trial follow-up","record":"lead","steps":[{"id":"call","type":"phone_call","name":"First call"}]}`
	rev := h.saveTree(c, seq.ID, seq.DraftRev, read)
	h.saveTree(h.as(access.Admin), seq.ID, rev, `{"name":"Trial follow-up","record":"lead","steps":[{"id":"call","type":"phone_call","name":"Ring"}]}`)

	mine := `{"name":"Trial follow-up","record":"lead","steps":[{"id":"call","type":"phone_call","name":"First call"},{"id":"thank","type":"task","name":"Thank"}]}`
	c.postJSON(path(seq.ID, "/draft"), fmt.Sprintf(`{"rev":%d,"sequence":%s}`, rev, mine)).is(http.StatusConflict, "").sees("Admin Jones")
	c.postJSON(path(seq.ID, "/draft/since"), read).is(http.StatusOK, "").sees("“First call” now called “Ring”")
	c.postJSON(path(seq.ID, "/draft/since?mine"), mine).is(http.StatusOK, "").sees("“Thank” added, “Ring” now called “First call”")
	c.postJSON(path(seq.ID, "/draft/since"), `{`).is(http.StatusBadRequest, "")

	// A form keeps its entries, and changes no step of the other when it is sent again.
	form := url.Values{"rev": {fmt.Sprint(rev)}, "name": {"Trial follow-up"}, "description": {"Mine"}, "waits": {"working_time"}, "assignee": {"record_owner"}, "reentry": {"after_finish"}}
	c.post(path(seq.ID, "/options"), form).is(http.StatusConflict, "Name and options").sees("Admin Jones", "Your entries stand below", "Working time")
	form.Set("rev", fmt.Sprint(h.draftRev(seq.ID)))
	c.post(path(seq.ID, "/options"), form).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "")).sees("Ring", "Working time")
}

// saveTree saves a draft and gives its new revision.
func (h *house) saveTree(c *client, id ident.Sequence, rev int64, tree string) int64 {
	h.t.Helper()
	c.postJSON(path(id, "/draft"), fmt.Sprintf(`{"rev":%d,"sequence":%s}`, rev, tree)).is(http.StatusOK, "")
	return h.draftRev(id)
}

func (h *house) draftRev(id ident.Sequence) int64 {
	h.t.Helper()
	view, err := h.app.GetSequence(h.t.Context(), h.actor(access.SequenceManager), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return view.DraftRev
}
