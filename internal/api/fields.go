package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/record"
)

// fieldShape describes one field of a kind of records.
type fieldShape struct {
	Key      string   `json:"key"`
	Label    string   `json:"label"`
	Type     string   `json:"type" enum:"text,longtext,email,phone,url,number,date,bool,choice,zone,lookup" doc:"How the text of a value is read."`
	Options  []string `json:"options,omitempty" doc:"The values of a choice."`
	Names    string   `json:"names,omitempty" doc:"The kind of the records that a lookup names."`
	Required bool     `json:"required"`
}

type kindPath struct {
	Kind string `path:"kind" doc:"lead, opportunity, contact or account."`
}

func (d *door) fields() {
	handle(d, get("/fields/{kind}", "list-fields", "List the fields of a kind of records"), func(_ context.Context, _ access.Actor, in *kindPath) (page[fieldShape], error) {
		kind := record.Kind(in.Kind)
		if !kind.Known() {
			return page[fieldShape]{}, fault.New(fault.NotFound, "There is no kind of records with this name.").WithHint("Use lead, opportunity, contact or account.")
		}
		return list(record.Fields(kind), func(f record.Field) fieldShape {
			return fieldShape{Key: f.Key, Label: f.Label, Type: string(f.Type), Options: f.Options, Names: string(f.Names), Required: f.Required()}
		}), nil
	})
}
