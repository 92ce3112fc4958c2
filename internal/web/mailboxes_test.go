package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
)

func mailboxFields() url.Values {
	return url.Values{
		"address": {"anna@example.com"}, "sender_name": {"Anna Berg"}, "host": {"smtp.example.com"}, "port": {"587"}, "security": {"starttls"},
		"username": {"anna"}, "password": {"a secret word"}, "signature": {"Anna\r\nExample Ltd"},
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	own := "/mailboxes/" + h.users[access.Seller].ID.String()
	c.get("/mailboxes").is(http.StatusOK, "Your mailbox").sees("There is no mailbox yet").labels("Address", "Server", "Port", "Protection", "User name", "Password", "Signature")
	bad := mailboxFields()
	bad.Set("port", "no")
	bad.Set("address", "anna")
	refused := c.post(own, bad).is(http.StatusUnprocessableEntity, "Your mailbox").sees("Address is not an email address", "Port must be a number").misses("a secret word")
	if refused.value("host") != "smtp.example.com" || refused.value("port") != "no" || strings.Contains(refused.Body, "a secret word") {
		t.Error("the refused form does not keep what was typed, or shows the password")
	}
	c.post(own, mailboxFields()).leadsTo(own)
	saved := c.get(own).is(http.StatusOK, "Your mailbox").sees("Mailbox saved", "Not tested", "A password is kept and never shown", "smtp.example.com:587")
	if strings.Contains(saved.Body, "a secret word") {
		t.Error("the password is shown")
	}
	keeping := mailboxFields()
	keeping.Del("password")
	keeping.Set("rev", saved.value("rev"))
	keeping.Set("then", "test")
	c.post(own, keeping).leadsTo(own)
	c.get(own).sees("Mailbox saved. The connection works.", "Works")
	h.probe = errors.New("the server answered 535: user name and password not accepted")
	c.post(own+"/test", nil).leadsTo(own)
	c.get(own).sees("Does not connect", "535: user name and password not accepted")
	c.post(own+"/pause", url.Values{"paused": {"true"}}).leadsTo(own)
	c.get(own).sees("Paused", "Resume sending").misses("Pause sending")
	c.post(own+"/pause", url.Values{"paused": {"false"}}).leadsTo(own)
	c.get(own).sees("Pause sending")
	c.get(own + "/delete").sees("Delete anna@example.com?")
	c.post(own+"/delete", nil).leadsTo("/mailboxes")
	c.get("/mailboxes").sees("There is no mailbox yet")
}

func TestMailboxesOfOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	own := "/mailboxes/" + h.users[access.Seller].ID.String()
	h.as(access.Seller).post(own, mailboxFields()).leadsTo(own)
	h.as(access.SalesManager).get(own).is(http.StatusForbidden, "")
	admin := h.as(access.Admin)
	admin.get("/mailboxes").is(http.StatusOK, "Mailboxes").sees("Seller Jones", "anna@example.com", "Not tested", "Admin Jones (you)", "None")
	admin.get(own).is(http.StatusOK, "Mailbox of Seller Jones").sees("Sender")
	moved := mailboxFields()
	moved.Del("password")
	moved.Set("host", "smtp.elsewhere.example")
	admin.post(own, moved).is(http.StatusUnprocessableEntity, "Mailbox of Seller Jones").sees("enter the password again")
}
