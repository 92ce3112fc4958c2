package web_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/store"
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

// TestMailboxReads holds the fields for reading: filled in without scripts, kept, tested apart from sending.
func TestMailboxReads(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	own := "/mailboxes/" + h.users[access.Seller].ID.String()
	c.get(own).labels("Aliases", "Provider", "IMAP server", "IMAP port", "IMAP protection", "Folder of sent mail", "Copy in Sent").misses("Connect with Google", "Sign in with")
	fields := mailboxFields()
	fields.Set("preset", "fastmail")
	fields.Set("then", "fill")
	filled := c.post(own, fields).is(http.StatusOK, "Your mailbox").sees("It wants an app password")
	if filled.value("host") != "smtp.fastmail.com" || filled.value("port") != "465" || filled.value("imap_host") != "imap.fastmail.com" || filled.value("address") != "anna@example.com" {
		t.Error("the servers are not filled in, or what was typed is lost")
	}
	fields.Del("then")
	for name, value := range map[string]string{"imap_host": "imap.example.com", "imap_port": "993", "imap_security": "tls", "aliases": "berg@example.com\r\nsales@example.com", "sent_folder": "Sent"} {
		fields.Set(name, value)
	}
	fields.Set("imap_host", "[::1]")
	c.post(own, fields).is(http.StatusUnprocessableEntity, "Your mailbox").sees("IMAP server must be written without brackets")
	fields.Set("imap_host", "imap.example.com")
	fields.Set("imap_port", "0")
	fields.Set("copy_sent", "perhaps")
	c.post(own, fields).is(http.StatusUnprocessableEntity, "Your mailbox").sees("IMAP port must be a number", "Copy in Sent is automatic, always or never")
	fields.Set("copy_sent", "always")
	fields.Set("imap_port", "993")
	c.post(own, fields).leadsTo(own)
	saved := c.get(own).sees("imap.example.com:993", "Copies in Sent", "By Cadenza")
	if saved.value("imap_host") != "imap.example.com" || saved.value("sent_folder") != "Sent" || !strings.Contains(saved.Body, "sales@example.com") {
		t.Error("the fields for reading are not kept")
	}
	h.readingProbe = errors.New("the IMAP server refused user name and password")
	c.post(own+"/test", nil).leadsTo(own)
	c.get(own).sees("Sending works, reading does not", "Sending works", "Reading failed its last test", "refused user name and password")
	h.as(access.Admin).get("/mailboxes").sees("Reading", "Does not connect", "Last sent", "Last read")
}

// TestMailboxBadge holds that the badge beside the title is of both ways, and that nothing says of a way that it works while it does not.
func TestMailboxBadge(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	own := "/mailboxes/" + h.users[access.Seller].ID.String()
	fields := mailboxFields()
	for name, value := range map[string]string{"imap_host": "imap.example.com", "imap_port": "993", "imap_security": "tls", "then": "test"} {
		fields.Set(name, value)
	}
	c.post(own, fields).leadsTo(own)
	c.get(own).sees("Works", "Sending works", "Reading works")
	unreadable := func() {
		t.Helper()
		m, err := h.app.GetMailbox(t.Context(), access.System(), h.users[access.Seller].ID)
		if err == nil {
			err = h.db.NoteMailboxRead(t.Context(), m.ID, m.Rev, store.Reading{Trouble: "The IMAP server refused user name and password."})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	unreadable()
	c.get(own).sees("Does not read", "It cannot be read", "Sending works").misses("Reading works", "Works")
	fields.Del("then")
	fields.Set("rev", c.get(own).value("rev"))
	fields.Set("host", "smtp2.example.com")
	c.post(own, fields).leadsTo(own)
	unreadable()
	c.get(own).sees("Does not read", "It cannot be read", "Not tested").misses("Reading works", "Sending works")
}

// TestAddressOfAnother holds that the form says whose an address is, beside the field.
func TestAddressOfAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.as(access.Seller).post("/mailboxes/"+h.users[access.Seller].ID.String(), mailboxFields())
	admin := "/mailboxes/" + h.users[access.Admin].ID.String()
	h.as(access.Admin).post(admin, mailboxFields()).is(http.StatusUnprocessableEntity, "").
		sees("anna@example.com belongs to the mailbox of "+h.users[access.Seller].Name, "take it out of that mailbox first")
}

// TestConnectMailbox holds the pages around a grant: the client of the organisation, the way to the provider and back.
func TestConnectMailbox(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, c := h.as(access.Admin), h.as(access.Seller)
	own := "/mailboxes/" + h.users[access.Seller].ID.String()
	c.get("/settings/mail-providers").is(http.StatusForbidden, "")
	admin.get("/settings/mail-providers").is(http.StatusOK, "Mail providers").sees("Redirect URI", "Google", "Microsoft")
	admin.post("/settings/mail-providers", url.Values{"provider": {"google"}, "client_id": {"a b"}, "secret": {"word"}}).is(http.StatusUnprocessableEntity, "Mail providers").sees("without spaces")
	admin.post("/settings/mail-providers", url.Values{"provider": {"google"}, "client_id": {"abc"}, "secret": {"hidden-word"}}).leadsTo("/settings/mail-providers")
	admin.get("/settings/mail-providers").sees("A secret is kept").misses("hidden-word")
	c.get(own).labels("Sign in with").sees("Connect with Google", "Account at Google").misses("Connect with Microsoft", "Account at Microsoft")
	fields := mailboxFields()
	fields.Set("auth", "microsoft")
	c.post(own, fields).is(http.StatusUnprocessableEntity, "Your mailbox").sees("Nobody has set Microsoft up for this server yet. An admin does that under Settings, Mail providers.")
	away := c.post(own+"/connect", url.Values{"provider": {"google"}}).Header.Get("Location")
	u, err := url.Parse(away)
	if err != nil || u.Host != "accounts.google.com" {
		t.Fatalf("connecting leads to %q", away)
	}
	for _, part := range []string{"client_id=abc", "code_challenge_method=S256", "state=", "access_type=offline", "mailboxes%2Fconnected"} {
		if !strings.Contains(u.RawQuery, part) {
			t.Errorf("%q lacks %s", away, part)
		}
	}
	c.get("/mailboxes/connected?state=unknown&code=x").is(http.StatusConflict, "").sees("begun somewhere else")
	c.get("/mailboxes/connected?error=access_denied&state=" + u.Query().Get("state")).leadsTo(own)
	c.get(own).sees("Google was not allowed to connect the mailbox")
}

// TestDomain holds the page of a domain: the check, and the key, which is never shown.
func TestDomain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, c := h.as(access.Admin), h.as(access.Seller)
	c.post("/mailboxes/"+h.users[access.Seller].ID.String(), mailboxFields())
	if path := admin.get("/mailboxes").sees("Sending domains", "None here").link("example.com"); path != "/domains/example.com" {
		t.Errorf("the list of domains leads to %s", path)
	}
	c.get("/domains/other.example").is(http.StatusNotFound, "")
	c.get("/domains/example.com").is(http.StatusOK, "example.com").sees("Check records", "An admin can make one").misses("Keep key")
	checked := c.post("/domains/example.com/check", nil).is(http.StatusOK, "example.com").sees("There is no SPF record", "There is no DMARC record")
	if !strings.Contains(checked.Body, `value="v=spf1 a:smtp.example.com ~all"`) {
		t.Error("the record to publish is not shown")
	}
	c.post("/domains/example.com/key", url.Values{"selector": {"s"}}).is(http.StatusForbidden, "")
	admin.post("/domains/example.com/key", url.Values{"selector": {"not a word"}}).is(http.StatusUnprocessableEntity, "example.com").sees("Selector must be a word")
	admin.post("/domains/example.com/key", url.Values{"selector": {"cadenza"}, "algorithm": {"ed25519"}}).leadsTo("/domains/example.com")
	admin.get("/mailboxes").sees("Does not sign yet")
	kept := admin.get("/domains/example.com").sees("Start signing").misses("PRIVATE KEY")
	if !strings.Contains(kept.Body, `value="cadenza._domainkey.example.com"`) {
		t.Error("the key's record is not shown")
	}
	again := admin.post("/domains/example.com/check", nil).is(http.StatusOK, "example.com").sees("There is no DKIM record under this name")
	if n := strings.Count(again.Body, `value="cadenza._domainkey.example.com"`); n != 1 {
		t.Errorf("after a check the key's record is shown %d times, want once", n)
	}
	admin.post("/domains/example.com/signing", url.Values{"signs": {"true"}}).leadsTo("/domains/example.com")
	admin.get("/domains/example.com").sees("The key is not published as it should be", "Start signing")
	admin.get("/domains/example.com/delete-key").sees("Delete the key of example.com?")
	admin.post("/domains/example.com/delete-key", nil).leadsTo("/domains/example.com")
	admin.get("/domains/example.com").sees("Keep key")
}

// TestInternationalDomain holds that a domain with letters like ü is shown as people read it, beside what the DNS calls it, and that
// what is to be published has the latter.
func TestInternationalDomain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	admin, c := h.as(access.Admin), h.as(access.Seller)
	own := "/mailboxes/" + h.users[access.Seller].ID.String()
	fields := mailboxFields()
	fields.Set("address", "sam@bücher.example")
	c.post(own, fields)
	c.get(own).sees("SPF, DKIM and DMARC of bücher.example")
	const path, ascii = "/domains/b%C3%BCcher.example", "xn--bcher-kva.example"
	for _, at := range []string{path, "/domains/" + ascii} {
		c.get(at).is(http.StatusOK, "bücher.example").sees("where it is " + ascii)
	}
	admin.post("/domains/"+ascii+"/key", url.Values{"selector": {"cadenza"}, "algorithm": {"ed25519"}}).leadsTo(path)
	checked := c.post(path+"/check", nil).is(http.StatusOK, "bücher.example").sees("There is no SPF record", "There is no DKIM record under this name", "There is no DMARC record")
	for _, value := range []string{ascii, "cadenza._domainkey." + ascii, "_dmarc." + ascii, "v=DMARC1; p=none; rua=mailto:dmarc@" + ascii} {
		if !strings.Contains(checked.Body, `value="`+value+`"`) {
			t.Errorf("%q is not shown to be published", value)
		}
	}
	if strings.Contains(checked.Body, `.bücher`) || strings.Contains(checked.Body, `@bücher`) {
		t.Error("what is to be published has letters that the DNS does not know")
	}
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
