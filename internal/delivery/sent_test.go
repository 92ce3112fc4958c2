package delivery

import (
	"bytes"
	"strings"
	"testing"

	"cadenza/internal/hit"
	"cadenza/internal/message"
)

// TestSentText holds that a seller's own copy is not followed: opening it would count as the customer's.
func TestSentText(t *testing.T) {
	t.Parallel()
	tracking, candidate := Tracking{Signer: hit.NewSigner([]byte("key")), BaseURL: "https://cadenza.test"}, good()
	candidate.Tracking.On, candidate.Message.Follow = true, true
	candidate.Message.BCC = "boss@home.test"
	candidate.Template.HTML = `<a href="https://a.test/">a</a>`
	loop := New(Config{Tracking: tracking})
	v := loop.channel.gate(candidate, monday)
	candidate.Message, candidate.Links, candidate.Places = v.Message, map[string]int{"https://a.test/": 1}, v.Places
	sent, _, err := build(nil, candidate, tracking, nil, false)
	if err != nil || !strings.Contains(string(sent), "/t/o/") {
		t.Fatalf("%v; what goes out is not followed:\n%s", err, sent)
	}
	raw, why, _ := loop.SentText(t.Context(), candidate)
	own, err := message.Parse(raw)
	if err != nil {
		t.Fatal(err, why)
	}
	went, _ := message.Parse(sent)
	if strings.Contains(own.HTML, "/t/o/") || strings.Contains(own.HTML, "/t/c/") || !strings.Contains(own.HTML, `href="https://a.test/"`) {
		t.Errorf("the copy is followed: %s", own.HTML)
	}
	if bytes.Contains(sent, []byte("boss@home.test")) || own.Header("Bcc") != "boss@home.test" {
		t.Errorf("who gets it hidden must stand in the seller's own copy only:\n%s\n%s", sent, raw)
	}
	if own.MessageID != went.MessageID || own.Subject != went.Subject || !own.Date.Equal(went.Date) || own.To[0] != went.To[0] {
		t.Errorf("the copy is of another mail:\n%s\n%s", raw, sent)
	}
}
