package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/record"
)

// TestTrunkPage sets the trunk up in the settings, and never shows its password.
func TestTrunkPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.as(access.SequenceManager).get("/settings/phone").is(http.StatusForbidden, "")
	c := h.as(access.Admin)
	c.get("/settings").sees("Phone")
	c.get("/settings/phone").is(http.StatusOK, "Phone").labels("Address", "Transport", "Port", "Domain", "User", "Login name", "Password", "Our number", "Take incoming calls", "First", "Then").sees("None", "Save the trunk first")
	form := url.Values{"host": {"sip:x"}, "port": {"many"}, "transport": {"tcp"}, "user": {"roth"}, "password": {"hush-hush"}, "first": {"mobile"}, "second": {"phone"}}
	refused := c.post("/settings/phone", form).is(http.StatusUnprocessableEntity, "Phone").sees("without sip: before it", "from 1 to 65535")
	form.Set("host", "127.0.0.1")
	form.Set("port", "1")
	c.post("/settings/phone", form).leadsTo("/settings/phone")
	page := c.get("/settings/phone").sees("Not tested", "A password is kept and never shown", "Test the connection", "Remove trunk")
	for _, body := range []string{refused.Body, page.Body} {
		if strings.Contains(body, "hush") {
			t.Error("the page shows the password")
		}
	}
	c.post("/settings/phone"+"/test", nil).leadsTo("/settings/phone")
	c.get("/settings/phone").sees("Does not work", "The trunk cannot be reached: it refuses the connection.")
	c.get("/settings/phone" + "/delete").sees("Remove the trunk?")
	c.post("/settings/phone"+"/delete", nil).leadsTo("/settings/phone")
	c.get("/settings/phone").sees("None")
}

// TestNumbersWithoutTelephone keeps the links that the computer dials, a warning beside them, where nobody can be called from here.
func TestNumbersWithoutTelephone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	rec := h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman", "mobile": "+491701234567", "home_phone": "+4930901820", "do_not_phone": "true"})
	page := c.get(opened(h.due(rec, "phone_call", "Ring up", 0), "")).sees("has asked not to be called", "Home phone +49 30 901820")
	for _, want := range []string{`href="tel:+491701234567"`, `href="tel:+4930901820"`} {
		if !strings.Contains(page.Body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(page.Body, `id="dock"`) {
		t.Error("there is a dock without a trunk")
	}
	c.get("/phone/events").is(http.StatusServiceUnavailable, "")
}
