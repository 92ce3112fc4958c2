package api

import (
	"context"
	"strings"
	"testing"
	"time"

	"cadenza/internal/store"
)

const texting = `name: Texting
record: lead
options: { exit_on_reply: true }
steps:
  - { id: hello, type: text_message, name: Say hello, template: hello }
  - { id: ping, type: automated_text, template: ping }
  - { id: ring, type: phone_call, name: Ring }
`

// TestTexts goes the way of text messages: provider, templates, one by hand, one by itself, and the reply.
func TestTexts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	hello := h.ask(max1, "POST", "/templates", obj{"channel": "text", "name": "Hello", "text": `Hello {{ first_name | default: "there" }} 👍`}).want(201).wantAt("channel", "text", "key", "hello")
	h.ask(max1, "POST", "/templates", obj{"channel": "text", "name": "Ping", "text": "Ping {{ last_name }}"}).want(201)
	h.ask(max1, "POST", "/templates", obj{"channel": "text", "name": "Long", "text": strings.Repeat("a", 1531)}).want(422).wantAt("errors.0.pointer", "/text")
	h.ask(max1, "POST", "/templates", obj{"channel": "text", "name": "Mixed", "text": "a", "subject": "b"}).want(422).wantAt("errors.0.pointer", "/text")
	h.ask(max1, "PATCH", "/templates/"+hello.at("id"), obj{"text": ""}).want(422).wantAt("errors.0.pointer", "/text")
	h.ask(max1, "POST", "/templates/"+hello.at("id")+"/preview", nil).want(200).wantAt("text", "Hello Lena 👍", "size.parts", "1", "size.unicode", "true", "size.left", "57")
	h.ask(max1, "GET", "/templates?channel=text", nil).want(200).wantAt("data.0.key", "hello", "data.1.key", "ping", "data.2.key", "")

	made := h.ask(max1, "PUT", "/sequences/apply", strings.Replace(texting, "template: ping", "template: intro", 1), "Content-Type", "application/yaml").want(201)
	sequence := made.at("sequence.id")
	h.ask(max1, "POST", "/sequences/"+sequence+"/activate", nil).want(422).wantAt("errors.0.code", "wrong_channel")
	h.ask(max1, "PUT", "/sequences/apply", texting, "Content-Type", "application/yaml").want(200)
	h.ask(max1, "POST", "/sequences/"+sequence+"/activate", nil).want(200)
	enrollment := h.ask(anna, "POST", "/sequences/"+sequence+"/connect", obj{"records": []string{lead}}).want(200).at("connected.0.id")
	at := "/activities/" + h.ask(anna, "GET", "/activities?kind=text_message", nil).want(200).at("data.0.id")
	h.ask(anna, "POST", at+"/draft-text", nil).want(200).wantAt("ready", "false", "to", "+4930901820", "text", "Hello Lena 👍")
	h.ask(anna, "POST", at+"/send-text", obj{"to": "+4930901820", "text": "Hi"}).want(409).wantAt("code", "conflict")

	provider := obj{
		"url": "https://sms.example/send", "method": "POST", "format": "json", "body": `{"to": "{{to}}", "text": "{{text}}"}`,
		"sender": "Roth", "secret": "sesame-sesame",
	}
	h.ask(anna, "GET", "/settings/text-provider", nil).want(403)
	h.ask(ada, "GET", "/settings/text-provider", nil).want(200).wantAt("ready", "false")
	saved := h.ask(ada, "PUT", "/settings/text-provider", provider).want(200).wantAt("has_secret", "true", "header", "Authorization", "rev", "1")
	for _, got := range []answer{saved, h.ask(ada, "GET", "/settings/text-provider", nil).want(200)} {
		if strings.Contains(got.raw, "sesame") {
			t.Errorf("%s gives the secret away: %s", got.what, got.raw)
		}
	}
	provider["url"], provider["secret"] = "https://elsewhere.example/send", ""
	h.ask(ada, "PUT", "/settings/text-provider", provider).want(422).wantAt("errors.0.pointer", "/secret")
	provider["body"] = `{"to": {{to}}}`
	h.ask(ada, "PUT", "/settings/text-provider", provider).want(422).wantAt("errors.0.pointer", "/body")
	h.ask(ada, "POST", "/settings/text-provider/test", obj{"to": "+4930901820", "text": "Test"}).want(503)

	h.ask(anna, "POST", at+"/draft-text", nil).want(200).wantAt("ready", "true", "from", "Roth", "warning", "")
	h.ask(anna, "POST", at+"/send-text", obj{"to": "030 901820", "text": "Hi {{ x }}"}).want(422).wantAt("errors.0.pointer", "/to", "errors.1.pointer", "/text")
	sent := h.ask(anna, "POST", at+"/send-text", obj{"to": "+49 30 901820", "text": "Hello Lena"}).want(200).
		wantAt("channel", "text", "state", "queued", "recipient", "+4930901820", "parts", "1", "text", "Hello Lena")
	h.ask(anna, "GET", at, nil).want(200).wantAt("state", "sending")
	h.ask(anna, "GET", "/messages?channel=text", nil).want(200).wantAt("data.0.id", sent.at("id"), "data.1.id", "")
	h.ask(anna, "GET", "/messages?channel=email", nil).want(200).wantAt("data.0.id", "")
	h.take(1)
	h.ask(anna, "GET", at, nil).want(200).wantAt("state", "completed", "outcome", "sent")
	h.ask(anna, "GET", "/records/"+lead+"/up-next", nil).want(200).wantAt("tracks.0.current.id", "ping", "tracks.0.waiting", "The text message is about to be sent.")
	h.take(1)
	h.ask(anna, "GET", "/records/"+lead+"/timeline", nil).want(200).wantAt("data.0.title", "Text message sent from Roth", "data.1.title", "Text message Say hello sent from Roth")
	h.ask(anna, "POST", "/events", obj{"enrollment": enrollment, "step": "ping", "result": "opened"}).want(422)
	h.ask(anna, "POST", "/events", obj{"enrollment": enrollment, "result": "replied"}).want(200).wantAt("exit", "replied")
	h.ask(ada, "DELETE", "/settings/text-provider", nil).want(204)
	h.ask(ada, "GET", "/settings/text-provider", nil).want(200).wantAt("ready", "false", "has_secret", "false")
}

// take has a provider take every queued text message, and plays what follows.
func (h *house) take(want int) {
	h.t.Helper()
	pass, _, err := h.db.Texts().ClaimMail(context.Background(), "test", 10, func(c *store.MailCandidate, _ time.Time) store.Verdict {
		m := c.Message
		m.Sender, m.Parts = c.Provider.Sender, 1
		return store.Verdict{Kind: store.Pass, Message: m}
	})
	if err != nil || len(pass) != want {
		h.t.Fatalf("%d text messages were taken, %v, want %d", len(pass), err, want)
	}
	for _, c := range pass {
		if err := h.db.FinishMail(context.Background(), []store.MailResult{{Message: c.Message, Kind: store.Delivered}}); err != nil {
			h.t.Fatal(err)
		}
	}
	if _, err := h.db.Due(context.Background(), 10); err != nil {
		h.t.Fatal(err)
	}
}
