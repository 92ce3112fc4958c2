package api

import (
	"context"
	"maps"
	"slices"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// suppressionShape is an address that must not be written to.
type suppressionShape struct {
	ID        string    `json:"id"`
	Address   string    `json:"address" doc:"An email address, a domain, or a phone number, in normal form."`
	Domain    bool      `json:"domain" doc:"Whether it stands for every address of a domain. Its subdomains are other domains."`
	Channel   string    `json:"channel" enum:"email,text"`
	Source    string    `json:"source" enum:"page,one_click,complaint,bounce,person,import,api"`
	Note      string    `json:"note"`
	Record    *ref      `json:"record,omitempty" doc:"The record whose message led to it."`
	Message   *ref      `json:"message,omitempty"`
	User      *ref      `json:"user,omitempty" doc:"Who added it."`
	CreatedAt time.Time `json:"created_at"`
}

func suppressionOf(s store.Suppression) suppressionShape {
	return suppressionShape{
		ID: s.ID.String(), Address: s.Address, Domain: s.Domain(), Channel: string(s.Channel), Source: string(s.Source), Note: s.Note,
		Record: refTo(s.Record, s.RecordName), Message: refTo(s.Message, ""), User: refTo(s.By, s.ByName), CreatedAt: s.At.UTC(),
	}
}

type suppressionQuery struct {
	Paging
	Search  string `query:"search" doc:"Words that address or note must hold."`
	Source  string `query:"source" enum:"page,one_click,complaint,bounce,person,import,api"`
	Channel string `query:"channel" enum:"email,text"`
}

type newSuppression struct {
	Address string `json:"address" doc:"An email address, a domain such as example.com, or a phone number in international form."`
	Note    string `json:"note,omitempty"`
}

// listedSuppression is an address of a list, which may come from another installation.
type listedSuppression struct {
	Address string `json:"address" doc:"As of one that is added by itself."`
	Note    string `json:"note,omitempty"`
	Source  string `json:"source,omitempty" doc:"How it came on the list that it comes from: page, one_click, complaint, bounce, person, import or api. Without it, api."`
	AddedAt string `json:"added_at,omitempty" doc:"When, as 2026-12-24T08:15:00Z or 2026-12-24, in the past. Without it, now."`
}

type suppressionList struct {
	Suppressions []listedSuppression `json:"suppressions" maxItems:"10000"`
}

type suppressionImportShape struct {
	Added   int                   `json:"added"`
	Known   int                   `json:"known" doc:"Those that were on the list already."`
	Refused []refusedAddressShape `json:"refused" doc:"The first 100 that were refused."`
}

type refusedAddressShape struct {
	Index  int    `json:"index" doc:"Its place in the list, from 0."`
	Text   string `json:"text" doc:"The address as it was given."`
	Reason string `json:"reason" doc:"A sentence for people."`
}

type removal struct {
	One[ident.Suppression]
	Reason string `query:"reason" required:"true" doc:"Why the address may be written to again; the audit keeps it."`
}

// optOutShape is how customers get out of mail.
type optOutShape struct {
	Footer bool              `json:"footer" doc:"Whether automated emails without an opt-out link of their own get a line with one."`
	ByHand bool              `json:"by_hand" doc:"Whether emails that sellers write in a sequence offer it, too."`
	Texts  map[string]string `json:"texts" doc:"The line and the words of the public page. An empty or missing one stands for the usual one."`
	Rev    int64             `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

func optOutOf(o store.OptOut, err error) (optOutShape, error) {
	s := optOutShape{Footer: o.Footer, ByHand: o.ByHand, Texts: map[string]string{}, Rev: o.Rev}
	for _, f := range o.OptOutFields() {
		s.Texts[f.Key] = *f.Text
	}
	return s, err
}

// optOut gives the setting. A text of a name that is not known is refused, like any other field.
func (s optOutShape) optOut() (store.OptOut, error) {
	o := store.OptOut{Footer: s.Footer, ByHand: s.ByHand, Rev: s.Rev}
	known := map[string]bool{}
	for _, f := range o.OptOutFields() {
		known[f.Key], *f.Text = true, s.Texts[f.Key]
	}
	var problems []fault.Problem
	for _, key := range slices.Sorted(maps.Keys(s.Texts)) {
		if !known[key] {
			problems = append(problems, fault.Problem{Field: "texts/" + pointerKey(key), Code: "unknown_field", Message: "This field is not known here."})
		}
	}
	return o, fault.Of(problems...)
}

func (d *door) suppressions() {
	handle(d, get("/suppressions", "list-suppressions", "List whom nobody must write to, newest first"), func(ctx context.Context, actor access.Actor, in *suppressionQuery) (page[suppressionShape], error) {
		p, err := d.app.ListSuppressions(ctx, actor, store.SuppressionQuery{
			Search: in.Search, Source: store.SuppressionSource(in.Source), Channel: message.Channel(in.Channel), Cursor: in.Cursor, Limit: in.Limit,
		})
		return pageOf(p, suppressionOf), err
	})
	handle(d, with(create("/suppressions", "create-suppression", "Have an address written to no more"),
		"What is on for records with the address ends, where their sequences end on an opt-out. A message that waits is not sent."),
		func(ctx context.Context, actor access.Actor, in *body[newSuppression]) (suppressionShape, error) {
			s, err := d.app.AddSuppression(ctx, actor, action.SuppressionInput{Address: in.Body.Address, Note: in.Body.Note, Source: store.FromAPI})
			return suppressionOf(s), err
		})
	handle(d, with(post("/suppressions/import", "import-suppressions", "Have many addresses written to no more"),
		"What is wrong with one holds up no other. Whoever may import may say with which source and date; an address that is on the list keeps its own."), func(ctx context.Context, actor access.Actor, in *body[suppressionList]) (suppressionImportShape, error) {
		rows := make([]action.SuppressionRow, len(in.Body.Suppressions))
		for i, s := range in.Body.Suppressions {
			rows[i] = action.SuppressionRow{Line: i, Address: s.Address, Note: s.Note, Source: s.Source, AddedAt: s.AddedAt}
		}
		got, err := d.app.ImportSuppressions(ctx, actor, store.FromAPI, rows)
		return suppressionImportShape{Added: got.Added, Known: got.Known, Refused: each(got.Refused, func(r action.ListRefusal) refusedAddressShape {
			return refusedAddressShape{Index: r.Line, Text: r.Text, Reason: r.Reason}
		})}, err
	})
	handle(d, get("/suppressions/{id}", "get-suppression", "Get a suppression"), func(ctx context.Context, actor access.Actor, in *One[ident.Suppression]) (suppressionShape, error) {
		s, err := d.app.GetSuppression(ctx, actor, in.ID.Key)
		return suppressionOf(s), err
	})
	handleSilent(d, remove("/suppressions/{id}", "delete-suppression", "Let an address be written to again"), func(ctx context.Context, actor access.Actor, in *removal) error {
		return d.app.RemoveSuppression(ctx, actor, in.ID.Key, in.Reason)
	})
	handle(d, get("/settings/opt-out", "get-opt-out", "Get how customers get out of emails"), func(ctx context.Context, actor access.Actor, _ *none) (optOutShape, error) {
		return optOutOf(d.app.GetOptOut(ctx, actor))
	})
	handle(d, put("/settings/opt-out", "save-opt-out", "Change how customers get out of emails"), func(ctx context.Context, actor access.Actor, in *body[optOutShape]) (optOutShape, error) {
		o, err := in.Body.optOut()
		if err != nil {
			return optOutShape{}, err
		}
		o, err = d.app.SaveOptOut(ctx, actor, o)
		return optOutOf(o, move(err, under("texts/")))
	})
}
