package web_test

import (
	"net/http"
	"net/url"
	"testing"

	"cadenza/internal/access"
)

func TestSnippets(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	c.get("/snippets").is(http.StatusOK, "Snippets").sees("Write your first snippet", "New snippet")
	h.as(access.Seller).get("/snippets").is(http.StatusOK, "Snippets").misses("New snippet")
	h.as(access.Seller).get("/snippets/new").is(http.StatusForbidden, "")
	c.get("/snippets/new").is(http.StatusOK, "New snippet").labels("Name", "Key", "Text").misses("Preview", "Insert snippet")
	form := url.Values{"name": {"Terms"}, "html": {"<p>{{ moon }}</p>"}}
	c.post("/snippets", form).is(http.StatusUnprocessableEntity, "New snippet").sees("No record has a field moon", "{{ moon }}")
	form.Set("html", "<p>Terms for {{ company }}</p>")
	c.post("/snippets", form).leadsTo("/snippets")
	c.get("/snippets").sees("Snippet saved", "Terms", "terms", "Terms for [Company]", "1 snippet")
	c.get("/snippets?q=nothing").sees("No snippet matches")
	list, err := h.app.ListSnippets(t.Context(), h.actor(access.Seller), "")
	if err != nil || len(list) != 1 {
		t.Fatalf("snippets: %+v, %v", list, err)
	}
	at := "/snippets/" + list[0].ID.String()
	h.as(access.Seller).get(at).is(http.StatusOK, "Terms").sees("Terms for [Company]").misses("Save snippet")
	page := c.get(at).is(http.StatusOK, "Terms").sees("{{ company }}")
	form.Set("rev", page.value("rev"))
	form.Set("key", "agb")
	c.post(at, form).leadsTo("/snippets")
	c.post(at, form).is(http.StatusUnprocessableEntity, "Terms").sees("Somebody else changed this snippet")
	h.as(access.Seller).get("/snippets/pick", "HX-Request", "true").sees("Insert a snippet", "agb", "<p>Terms for {{ company }}</p>")
	c.get(at+"/delete").is(http.StatusOK, "Delete Terms?")
	c.post(at+"/delete", nil).leadsTo("/snippets")
	c.get(at).is(http.StatusNotFound, "")
	c.get("/snippets/pick", "HX-Request", "true").sees("There are no snippets yet")
}
