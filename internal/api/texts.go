package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// textSize is how a text message travels.
type textSize struct {
	Parts   int  `json:"parts" doc:"How many parts it is cut into; at most 10 are sent."`
	Used    int  `json:"used" doc:"How many places its characters take."`
	Left    int  `json:"left" doc:"How many places are free before it needs one more part."`
	Unicode bool `json:"unicode" doc:"Whether a character is outside the alphabet of GSM, so that fewer fit into a part."`
}

func textSizeOf(s message.TextSize) textSize {
	return textSize{Parts: s.Parts, Used: s.Used, Left: s.Left, Unicode: s.Unicode}
}

// textDraft is a text message before it is sent.
type textDraft struct {
	To       string   `json:"to" doc:"The number, in international form; empty when the record has none."`
	Text     string   `json:"text"`
	Size     textSize `json:"size"`
	Missing  []string `json:"missing" doc:"The merge fields that have no value for this record."`
	Template string   `json:"template,omitempty"`
	From     string   `json:"from,omitempty" doc:"The number or name that it comes from."`
	Ready    bool     `json:"ready" doc:"Whether a provider is set up."`
	Warning  string   `json:"warning,omitempty" doc:"Why it cannot be sent as things stand."`
}

type newText struct {
	To       string `json:"to" doc:"One number in international form."`
	Text     string `json:"text"`
	Template string `json:"template,omitempty" doc:"The key of the template that it started from."`
}

// textProviderShape is the provider of text messages. Its secret never comes out.
type textProviderShape struct {
	Ready      bool       `json:"ready" doc:"Whether one is set up."`
	URL        string     `json:"url,omitempty"`
	Method     string     `json:"method,omitempty" enum:"POST,PUT"`
	Format     string     `json:"format,omitempty" enum:"json,form"`
	Body       string     `json:"body,omitempty"`
	Sender     string     `json:"sender,omitempty"`
	Header     string     `json:"header,omitempty"`
	HasSecret  bool       `json:"has_secret"`
	CheckedAt  *time.Time `json:"checked_at,omitempty" doc:"When a test text was sent last."`
	CheckError string     `json:"check_error,omitempty" doc:"Why it was not taken; absent when it was."`
	Rev        int64      `json:"rev"`
}

func textProviderOf(p store.TextProvider, err error) (textProviderShape, error) {
	return textProviderShape{
		Ready: p.Ready(), URL: p.URL, Method: p.Method, Format: p.Format, Body: p.Body, Sender: p.Sender, Header: p.Header,
		HasSecret: p.Secret != nil, CheckedAt: moment(p.CheckedAt), CheckError: p.CheckError, Rev: p.Rev,
	}, err
}

type textProviderInput struct {
	URL      string `json:"url" doc:"Where a text message is handed over. Addresses of private networks are refused unless the server allows them."`
	Method   string `json:"method" enum:"POST,PUT"`
	Format   string `json:"format" enum:"json,form" doc:"What the body is; values are escaped for it."`
	Body     string `json:"body" doc:"The request's body. {{to}}, {{from}}, {{text}} and {{id}} stand for the message's values."`
	Sender   string `json:"sender,omitempty" doc:"The number or name that texts come from."`
	Header   string `json:"header,omitempty" doc:"The header that carries the secret; Authorization when it is left out."`
	Secret   string `json:"secret,omitempty" doc:"The header's value. The old one stays when it is left out; another address or header needs it again."`
	NoSecret bool   `json:"no_secret,omitempty" doc:"Forget the secret."`
	Rev      int64  `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

type testText struct {
	To   string `json:"to" doc:"One number in international form."`
	Text string `json:"text"`
}

func (d *door) texts() {
	handle(d, with(post("/activities/{id}/draft-text", "compose-text", "Fill the template of a text activity for its record"), "Nothing is saved or sent."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, *composing]) (textDraft, error) {
			t, err := d.app.ComposeText(ctx, actor, in.ID.Key, optional(in.Body).Template)
			return textDraft{To: t.To, Text: t.Text, Size: textSizeOf(t.Size), Missing: texts(t.Missing), Template: t.Template, From: t.From, Ready: t.Ready, Warning: t.Warning}, err
		})
	handle(d, with(post("/activities/{id}/send-text", "send-text", "Queue the text message of an activity"),
		"The activity is completed when the provider has taken the text, and opens again when it does not."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Activity, newText]) (messageShape, error) {
			m, err := d.app.SendText(ctx, actor, in.ID.Key, action.TextDraft{To: in.Body.To, Text: in.Body.Text, Template: in.Body.Template})
			return messageOf(m), err
		})
	handle(d, get("/settings/text-provider", "get-text-provider", "Get the provider of text messages"), func(ctx context.Context, actor access.Actor, _ *none) (textProviderShape, error) {
		return textProviderOf(d.app.GetTextProvider(ctx, actor))
	})
	handle(d, put("/settings/text-provider", "save-text-provider", "Set up or change the provider of text messages"), func(ctx context.Context, actor access.Actor, in *body[textProviderInput]) (textProviderShape, error) {
		b := in.Body
		return textProviderOf(d.app.SaveTextProvider(ctx, actor, action.TextProviderInput{
			URL: b.URL, Method: b.Method, Format: message.TextFormat(b.Format), Body: b.Body, Sender: b.Sender, Header: b.Header,
			Secret: b.Secret, NoSecret: b.NoSecret, Rev: b.Rev,
		}))
	})
	handleSilent(d, remove("/settings/text-provider", "delete-text-provider", "Take the provider of text messages away with its secret"), func(ctx context.Context, actor access.Actor, _ *none) error {
		return d.app.DeleteTextProvider(ctx, actor)
	})
	handle(d, with(post("/settings/text-provider/test", "test-text-provider", "Send a test text through the provider"), "That the provider refuses is an answer too: see check_error."),
		func(ctx context.Context, actor access.Actor, in *body[testText]) (textProviderShape, error) {
			return textProviderOf(d.app.TestText(ctx, actor, in.Body.To, in.Body.Text))
		})
}
