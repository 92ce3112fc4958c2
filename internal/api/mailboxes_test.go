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
	const letters, ascii = "/domains/b%C3%BCcher.example", "/domains/xn--bcher-kva.example"
	for _, path := range []string{letters, ascii} {
		h.ask(anna, "GET", path, nil).want(200).wantAt("name", "bücher.example", "dns_name", "xn--bcher-kva.example")
	}
	h.ask(ada, "PUT", ascii+"/key", obj{"selector": "c1", "algorithm": "ed25519"}).want(200).wantAt("record.name", "c1._domainkey.xn--bcher-kva.example")
	h.ask(anna, "GET", letters, nil).want(200).wantAt("record.name", "c1._domainkey.xn--bcher-kva.example")
	h.ask(ada, "DELETE", letters+"/key", nil).want(204)
}
