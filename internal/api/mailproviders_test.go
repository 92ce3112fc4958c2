package api

import (
	"strings"
	"testing"
)

// TestMailProviders sets a client up over the API, whose secret never comes out, begins consents by it, and takes it away.
func TestMailProviders(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(anna, "GET", "/mail-providers", nil).want(403)
	h.ask(anna, "PUT", "/mail-providers/google", obj{"client_id": "x", "secret": "y"}).want(403)
	h.ask(anna, "DELETE", "/mail-providers/google", nil).want(403)
	h.ask(ada, "GET", "/mail-providers", nil).want(200).wantAt("data.0.provider", "google", "data.0.ready", "false", "data.1.provider", "microsoft")
	h.ask(ada, "PUT", "/mail-providers/yahoo", obj{"client_id": "x", "secret": "y"}).want(404)
	h.ask(ada, "PUT", "/mail-providers/google", obj{"client_id": "client.example"}).want(422).wantAt("errors.0.pointer", "/secret")
	h.ask(ada, "PUT", "/mail-providers/google", obj{"client_id": "a b", "secret": "s3cret-of-ours"}).want(422).wantAt("errors.0.pointer", "/client_id")
	h.ask(anna, "PUT", "/mailboxes/"+h.ids[anna], obj{"address": "anna@test.example", "auth": "google"}).want(409).
		wantAt("errors.0.pointer", "/auth", "errors.0.message", "Nobody has set Google up for this server yet.")
	own := "/mailboxes/" + h.ids[anna] + "/consent"
	h.ask(anna, "POST", own, obj{"provider": "google"}).want(409)
	saved := h.ask(ada, "PUT", "/mail-providers/google", obj{"client_id": "client.example", "secret": "s3cret-of-ours"}).want(200).
		wantAt("client_id", "client.example", "has_secret", "true", "ready", "true", "rev", "1")
	if !strings.HasSuffix(saved.at("return_address"), "/mailboxes/connected") {
		t.Errorf("the return address is %s", saved.at("return_address"))
	}
	h.ask(ada, "PUT", "/mail-providers/google", obj{"client_id": "client.example", "rev": 7}).want(409).wantAt("code", "stale")
	h.ask(ada, "PUT", "/mail-providers/google", obj{"client_id": "client.example", "rev": 1}).want(200).wantAt("has_secret", "true", "rev", "2")
	h.ask(ada, "PUT", "/mail-providers/microsoft", obj{"client_id": "other", "secret": "s", "tenant": "example.com"}).want(200).wantAt("tenant", "example.com")

	h.ask(anna, "GET", own, nil).want(200).wantAt("state", "none")
	h.ask(anna, "POST", own, obj{"provider": "yahoo"}).want(422)
	begun := h.ask(anna, "POST", own, obj{"provider": "google"}).want(200).wantAt("state", "waiting", "provider", "google")
	if a := begun.at("address"); !strings.HasPrefix(a, "https://accounts.google.com/") || !strings.Contains(a, "client_id=client.example") || strings.Contains(a, "s3cret") {
		t.Errorf("the address is %s", a)
	}
	h.ask(anna, "GET", own, nil).want(200).wantAt("state", "waiting", "address", "")
	h.ask(anna, "GET", "/mailboxes/"+h.ids[ada]+"/consent", nil).want(403)
	h.ask(anna, "POST", "/mailboxes/"+h.ids[ada]+"/consent", obj{"provider": "google"}).want(403)
	h.ask(ada, "POST", own, obj{"provider": "microsoft"}).want(200).wantAt("state", "waiting")

	h.ask(ada, "DELETE", "/mail-providers/google", nil).want(204)
	h.ask(ada, "GET", "/mail-providers", nil).want(200).wantAt("data.0.ready", "false", "data.0.has_secret", "false")
	h.ask(anna, "POST", own, obj{"provider": "google"}).want(409)
}
