package api

import "testing"

// mailboxBody is a mailbox that is saved as it stands.
func mailboxBody(address string) obj {
	return obj{"address": address, "sender_name": "Anna Berg", "host": "smtp.test.example", "port": 587, "security": "starttls", "username": "anna", "password": "open sesame"}
}

// TestInternationalDomain holds that a domain with letters like ü is found by either form of its name, and says the one to publish.
func TestInternationalDomain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "PUT", "/mailboxes/"+h.ids[anna], mailboxBody("anna@bücher.example")).want(200).wantAt("address", "anna@bücher.example")
	h.ask(anna, "GET", "/domains", nil).want(200).wantAt("data.0.name", "bücher.example", "data.0.dns_name", "xn--bcher-kva.example", "data.0.mailboxes", "1")
	h.ask(bob, "GET", "/domains", nil).want(200).wantAt("data", "[]")
	const letters, ascii = "/domains/b%C3%BCcher.example", "/domains/xn--bcher-kva.example"
	for _, path := range []string{letters, ascii} {
		h.ask(anna, "GET", path, nil).want(200).wantAt("name", "bücher.example", "dns_name", "xn--bcher-kva.example")
	}
	h.ask(ada, "PUT", ascii+"/key", obj{"selector": "c1", "algorithm": "ed25519"}).want(200).wantAt("record.name", "c1._domainkey.xn--bcher-kva.example")
	h.ask(anna, "GET", letters, nil).want(200).wantAt("record.name", "c1._domainkey.xn--bcher-kva.example")
	h.ask(ada, "DELETE", letters+"/key", nil).want(204)
}

// TestServerNames holds that a name which no server can have is refused, where it stands.
func TestServerNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	body := mailboxBody("anna@test.example")
	body["host"], body["imap_host"], body["imap_port"], body["imap_security"] = "smtp.example.com:587", "-bad-.example.com", 993, "tls"
	h.ask(anna, "PUT", "/mailboxes/"+h.ids[anna], body).want(422).
		wantAt("errors.0.pointer", "/host", "errors.0.message", "Server must be a host name without a port, which has its own field, for instance smtp.example.com.", "errors.1.pointer", "/imap_host")
	body["host"], body["imap_host"] = "::1", "imap.example.com"
	h.ask(anna, "PUT", "/mailboxes/"+h.ids[anna], body).want(200).wantAt("host", "::1")
}

// TestAddressOfAnother holds that nobody takes a colleague's address.
func TestAddressOfAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	saved := h.ask(anna, "PUT", "/mailboxes/"+h.ids[anna], mailboxBody("anna@test.example")).want(200)
	if name := saved.at("user.name"); name == "" || name != h.ask(anna, "GET", "/mailboxes/"+h.ids[anna], nil).at("user.name") {
		t.Errorf("a save answers that the mailbox is %q's", name)
	}
	h.ask(ada, "PUT", "/mailboxes/"+h.ids[ada], mailboxBody("Anna@test.example")).want(409).wantAt("errors.0.pointer", "/address", "errors.0.code", "taken")
}
