package api

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestIdempotency(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := obj{"values": obj{"last_name": "Roth"}}
	key := []string{"Idempotency-Key", "first"}
	made := h.ask(anna, "POST", "/records/lead", lead, key...).want(201)
	again := h.ask(anna, "POST", "/records/lead", lead, key...).want(201)
	if again.raw != made.raw || again.header.Get("Idempotency-Replayed") != "true" || made.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("the same request again got %v %s, want %s", again.header, again.raw, made.raw)
	}
	h.ask(anna, "GET", "/records/lead", nil).want(200).wantAt("total", "1")

	h.ask(anna, "POST", "/records/lead", obj{"values": obj{"last_name": "Other"}}, key...).want(422).wantAt("code", "invalid")
	h.ask(anna, "POST", "/records/contact", lead, key...).want(422)
	h.ask(bob, "POST", "/records/lead", lead, key...).want(201).wantAt("owner.name", "Bob")
	h.ask(anna, "PATCH", "/records/"+made.at("id"), obj{"values": obj{"city": "Bonn"}}, key...).want(200)

	// An error took no effect, so that the key may be used for the mended request.
	h.ask(anna, "POST", "/records/lead", obj{}, "Idempotency-Key", "second").want(422)
	h.ask(anna, "POST", "/records/lead", lead, "Idempotency-Key", "second").want(201)

	// Nothing but the hash of a token's secret is kept.
	token := h.ask(anna, "POST", "/tokens", obj{"name": "CRM"}, "Idempotency-Key", "token").want(201)
	same := h.ask(anna, "POST", "/tokens", obj{"name": "CRM"}, "Idempotency-Key", "token").want(201).wantAt("id", token.at("id"), "secret", "")
	if token.at("secret") == "" || strings.Contains(same.raw, "cad_") {
		t.Errorf("got secret %q, and again %s", token.at("secret"), same.raw)
	}
	h.ask(ada, "POST", "/users/"+h.ids[bob]+"/password", obj{"password": "his new one"}, "Idempotency-Key", "password").want(204)
	h.ask(ada, "POST", "/users/"+h.ids[bob]+"/password", obj{"password": "his new one"}, "Idempotency-Key", "password").want(204)
	h.ask(ada, "POST", "/users/"+h.ids[bob]+"/password", obj{"password": "his other one"}, "Idempotency-Key", "password").want(422)
}

// TestIdempotencyUnderWay asks twice at the same time: the second is told to wait, and once the first has ended gets its
// answer. One that breaks off keeps the key, for nobody knows how far it came.
func TestIdempotencyUnderWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	door := newDoor(h.app, h.logger)
	arrived, goOn := make(chan struct{}), make(chan struct{})
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/broken" {
			panic("broken")
		}
		close(arrived)
		<-goOn
		w.WriteHeader(http.StatusAccepted)
	})
	handler := door.begin(door.authenticate(door.read(door.once(slow))))
	send := func(path string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader("{}"))
		r.Header.Set("Authorization", "Bearer "+h.tokens[anna])
		r.Header.Set("Idempotency-Key", path)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		return w
	}
	first := make(chan int)
	go func() { first <- send("/slow").Code }()
	<-arrived
	if w := send("/slow"); w.Code != http.StatusConflict {
		t.Errorf("while the first is under way: got %d %s, want 409", w.Code, w.Body)
	}
	close(goOn)
	if status := <-first; status != http.StatusAccepted {
		t.Errorf("the first got %d, want 202", status)
	}
	if w := send("/slow"); w.Code != http.StatusAccepted || w.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("after the first: got %d %v, want its answer", w.Code, w.Header())
	}
	if w := send("/broken"); w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "broken") {
		t.Errorf("a request that breaks off: got %d %s, want 500 and no inner words", w.Code, w.Body)
	}
	if w := send("/broken"); w.Code != http.StatusConflict {
		t.Errorf("again after it broke off: got %d %s, want 409", w.Code, w.Body)
	}
	if !strings.Contains(h.log.String(), "panic: broken") {
		t.Errorf("the log does not say what broke:\n%s", h.log)
	}
}
