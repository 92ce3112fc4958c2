package web_test

import (
	"html"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/record"
)

// TestFocusedView shows cards of all leads beside one of them, and keeps how the list is looked at.
func TestFocusedView(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	seller.get("/accounts?view=focused").is(http.StatusOK, "Accounts").sees("0 accounts", "No accounts yet", "Nothing is open")
	busy := h.record(access.Seller, record.Lead, record.Values{"last_name": "Adler", "company": "Nordlys", "stage": "qualify", "score": "82"})
	h.record(access.SalesManager, record.Lead, record.Values{"last_name": "Berger", "status": "qualified"})
	h.due(busy, "task", "Third thing", 3*time.Hour)
	h.due(busy, "task", "Second thing", 2*time.Hour)
	h.due(busy, "phone_call", "First thing", time.Hour)

	page := seller.get("/leads?view=focused").is(http.StatusOK, "Leads").sees("2 leads", "Nordlys", "Qualify", "82", "Berger", "Qualified", "No activity")
	for _, card := range []struct {
		of, has, lacks string
	}{{"Adler", "First thing", "Third thing"}, {"Berger", "No activity", "thing"}} {
		text := cardOf(t, page.Body, card.of)
		if !strings.Contains(text, card.has) || strings.Contains(text, card.lacks) {
			t.Errorf("the card of %s is %s, want %q and no %q", card.of, text, card.has, card.lacks)
		}
	}
	first := cardOf(t, page.Body, "Adler")
	if strings.Index(first, "First thing") > strings.Index(first, "Second thing") {
		t.Errorf("what is due first is not first: %s", first)
	}
	seller.get("/leads?view=focused&q=berg").sees("1 lead", "Berger", "This lead is closed").misses("Adler")
	seller.get("/leads?view=focused&q=nobody").sees("No leads fit these filters", "Show all leads")
	seller.get("/leads?view=focused&open="+busy.ID.String()+"&sort=-name").sees("Adler", "First thing", "Facts", "Timeline")

	t.Log("the switch is kept, for this kind and this user")
	seller.get("/leads").sees("Next due").misses("First thing")
	to := seller.post("/leads/view", url.Values{"view": {"focused"}}, "Referer", "https://cadenza.test/leads?q=adler").leadsTo("/leads?q=adler&view=focused")
	seller.get(to).sees("First thing")
	seller.get("/leads").sees("First thing")
	seller.get("/leads?view=table").sees("Next due")
	seller.get("/contacts").sees("No contacts yet").misses("Nothing is open")
	h.as(access.SalesManager).get("/leads").misses("First thing")
	seller.post("/leads/view", url.Values{"view": {"table"}}, "Referer", "https://cadenza.test/leads?q=adler&view=focused").leadsTo("/leads?q=adler")
	seller.get("/leads").sees("Next due")
	seller.post("/leads/view", url.Values{"view": {"upside down"}}).is(http.StatusUnprocessableEntity, "")
}

// cardOf gives the markup of the card of a record, without tags.
func cardOf(t *testing.T, page, name string) string {
	t.Helper()
	for _, card := range regexp.MustCompile(`(?s)<a class="workrow.*?</a>`).FindAllString(page, -1) {
		if strings.Contains(card, name) {
			return strings.Join(strings.Fields(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(card, " ")), " ")
		}
	}
	t.Fatalf("no card of %s in %s", name, page)
	return ""
}

// TestWorkInFocus does activities beside the cards: everything comes back in its place, also what is refused, and the email that is written.
func TestWorkInFocus(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Adler", "email": "adler@buyer.test"})
	other := h.record(access.Seller, record.Lead, record.Values{"last_name": "Berger"})
	call := h.due(lead, "phone_call", "Call about it", -time.Hour)
	mail := h.due(lead, "email", "Write to them", time.Hour)
	here := "/leads?open=" + lead.ID.String() + "&view=focused"

	refused := seller.post(opened(call, "/complete"), url.Values{"back": {here}, "from": {"panel"}}, "HX-Request", "true").
		is(http.StatusUnprocessableEntity, "").sees("2 leads", "Berger", "Call about it", "How did it end")
	if strings.Contains(refused.Body, "<body") {
		t.Error("a refused form answers with a whole page")
	}
	done := seller.post(opened(call, "/complete"), url.Values{"back": {here}, "outcome": {"connected"}}, "HX-Request", "true").is(http.StatusOK, "").sees("2 leads", "“Call about it” is completed.")
	if got := done.Header.Get("HX-Push-Url"); got != here {
		t.Errorf("it leads to %q, want %q", got, here)
	}
	if card := cardOf(t, done.Body, "Adler"); strings.Contains(card, "Call about it") || !strings.Contains(card, "Write to them") {
		t.Errorf("the card still says %s", card)
	}
	seller.post(opened(mail, "/snooze"), url.Values{"back": {here}, "choice": {"tomorrow"}}).leadsTo(here)
	writing := opened(mail, "?do=email&back="+url.QueryEscape(here))
	email := seller.get(writing).is(http.StatusOK, "Leads").sees("2 leads", "Berger", "You have no mailbox yet", "Close")
	if !strings.Contains(email.Body, `href="`+html.EscapeString(here)+`"`) {
		t.Errorf("the email does not lead back to %q", here)
	}
	seller.get("/leads?view=focused&open="+other.ID.String()).is(http.StatusOK, "Leads").sees("Not on a sequence")
	seller.post("/leads/delete", url.Values{"id": {other.ID.String()}, "sure": {"1"}}).leadsTo("/leads")
	seller.get("/leads?view=focused&open="+other.ID.String()).is(http.StatusOK, "Leads").sees("1 lead", "Write to them")
}

// TestFocusRows brings the cards anew only when something on them changed.
func TestFocusRows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Adler"})
	task := h.due(lead, "task", "Do it", time.Hour)
	rows := "/leads/rows?view=focused&open=" + lead.ID.String() + "&activity=" + task.ID.String() + "&mark="
	mark := regexp.MustCompile(`data-records-mark="(\w+)"`)
	at := mark.FindStringSubmatch(seller.get("/leads?view=focused").Body)
	if at == nil {
		t.Fatal("the cards have no mark")
	}
	seller.get(rows+at[1], "HX-Request", "true").is(http.StatusNoContent, "")
	h.due(lead, "task", "Do more", 2*time.Hour)
	now := seller.get(rows+at[1], "HX-Request", "true").is(http.StatusOK, "").sees("Do it", "Do more", "1 lead")
	if next := mark.FindStringSubmatch(now.Body); next == nil || next[1] == at[1] {
		t.Errorf("the mark is still %v", next)
	}
	if !strings.Contains(now.Body, "open="+lead.ID.String()) || strings.Contains(now.Body, "activity=act") {
		t.Error("the cards have no addresses, or carry on what the request said")
	}
}
