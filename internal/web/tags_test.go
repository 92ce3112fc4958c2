package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/store"
)

// TestTagPages makes a tree of tags, and has a seller use it.
func TestTagPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	manager, seller := h.as(access.SequenceManager), h.as(access.Seller)
	seq := h.callSequence("Trial follow-up", false)
	seller.get("/tags").is(http.StatusOK, "Tags").sees("No tags yet").misses("New tag")
	seller.get(path(seq.ID, "/tags")).sees("A sequence manager can make some")
	seller.post("/tags", url.Values{"name": {"Market"}}).is(http.StatusForbidden, "You may not do this")

	manager.get("/tags/new").is(http.StatusOK, "New tag").labels("Name")
	manager.post("/tags", url.Values{"name": {"a/b"}}).is(http.StatusUnprocessableEntity, "New tag").sees("A name has no slash")
	manager.post("/tags", url.Values{"name": {"Market"}}).leadsTo("/tags")
	market := h.tag("Market")
	manager.get("/tags/new?below="+market.ID.String()).is(http.StatusOK, "New tag below “Market”")
	manager.post("/tags", url.Values{"name": {"Europe"}, "below": {market.ID.String()}}).leadsTo("/tags")
	europe := h.tag("Market/Europe")

	seller.get(path(seq.ID, "/tags")).is(http.StatusOK, "Tags of “Trial follow-up”").labels("Market", "Europe")
	seller.post(path(seq.ID, "/tags"), url.Values{"tag": {europe.ID.String()}}).leadsTo(path(seq.ID, ""))
	seller.get("/sequences?tag="+market.ID.String()).is(http.StatusOK, "Sequences").sees("Trial follow-up", "Europe", "1 sequence")
	seller.get("/tags").sees("1 sequence")

	manager.get("/tags/"+market.ID.String()+"/delete").is(http.StatusOK, "Delete the tag “Market”?").sees("1 tag below it moves up")
	manager.post("/tags/"+market.ID.String()+"/delete", nil).leadsTo("/tags")
	manager.get("/tags/"+europe.ID.String()+"/rename").is(http.StatusOK, "Rename “Europe”")
	manager.post("/tags/"+europe.ID.String()+"/rename", url.Values{"name": {"EMEA"}}).leadsTo("/tags")
	seller.get("/sequences").sees("EMEA")
}

func (h *house) tag(path string) store.Tag {
	h.t.Helper()
	tag, err := h.app.TagByPath(h.t.Context(), access.System(), path)
	if err != nil {
		h.t.Fatal(err)
	}
	return tag
}

// TestKeeping hands sequences over, archives them and brings them back, from the list and from the menu.
func TestKeeping(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq, live := h.callSequence("Trial follow-up", false), h.callSequence("Nurture", true)
	both := url.Values{"id": {seq.ID.String(), live.ID.String()}}
	c.get("/sequences").sees("Hand over", "Archive")
	c.get(path(seq.ID, "")).sees("Hand over", "Archive", "Tags")
	c.get(path(seq.ID, "/hand-over")).is(http.StatusOK, "Hand over “Trial follow-up”").labels("New owner")
	c.post("/sequences/hand-over", both).is(http.StatusOK, "Hand over 2 sequences")
	both.Set("to", "")
	c.post("/sequences/hand-over", both).is(http.StatusUnprocessableEntity, "Hand over 2 sequences").sees("Choose who is to have it")
	both.Set("to", h.users[access.Seller].ID.String())
	c.post("/sequences/hand-over", both).leadsTo("/sequences")
	c.get("/sequences").sees("2 sequences are handed over", "Seller Jones")
	h.as(access.Seller).get("/notifications").sees("handed you “Nurture”")

	both.Del("to")
	c.post("/sequences/archive", both).is(http.StatusConflict, "Nothing was changed").sees("is active", "Deactivate it first")
	c.post("/sequences/archive", url.Values{"id": {seq.ID.String()}}).leadsTo("/sequences")
	c.get("/sequences").sees("Nurture", "1 sequence").misses("Bring back")
	c.get("/sequences?status=archived").sees("Trial follow-up", "Archived", "Bring back")
	c.get(path(seq.ID, "")).sees("Archived", "Bring back").misses("Discard")
	c.post("/sequences/bring-back", url.Values{"id": {seq.ID.String()}}).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "")).sees("1 sequence is back", "Archive", "Name and options")
}
