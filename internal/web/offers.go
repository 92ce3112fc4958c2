package web

import (
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// stepOffer is one entry of the picker: a kind of step, or a condition with its question begun.
type stepOffer struct {
	Key, Type, Label, Help string
	Group                  step.Group
	// When is the question that a condition begins with. An email or a call that it asks about is the nearest one before
	// its place.
	When map[string]any
}

// stepOffers lists the entries of the picker.
func stepOffers(kind record.Kind) []stepOffer {
	var offers []stepOffer
	for _, k := range step.Kinds() {
		if k.Branches {
			offers = append(offers, conditionOffers(k, kind)...)
			continue
		}
		offers = append(offers, stepOffer{Key: k.Type, Type: k.Type, Label: k.Label, Help: k.Help, Group: k.Group})
	}
	return offers
}

func conditionOffers(k step.Kind, kind record.Kind) []stepOffer {
	email := func(key, label, help string, results ...step.Result) stepOffer {
		names := []any{}
		for _, r := range results {
			names = append(names, string(r))
		}
		when := map[string]any{"email": "", "results": names, "match": "any", "within": "1d", "at_once": false}
		return stepOffer{Key: key, Label: label, Help: help, When: when}
	}
	row := func(field, value string) map[string]any {
		when := map[string]any{"field": field, "op": string(record.Equals)}
		if value != "" {
			when["value"] = value
		}
		return when
	}
	stage := ""
	if f, ok := record.FieldOf(kind, "stage"); ok {
		stage = firstOf(f.Options)
	}
	offers := []stepOffer{
		email("opened", "Email opened", "Did the customer open an email in time?", step.Opened),
		email("replied", "Customer replied", "Did the customer answer an email in time?", step.Answered),
		email("link", "Link opened", "Did the customer follow a link of an email in time?", step.LinkOpened),
		email("attachment", "Attachment downloaded", "Did the customer fetch an attachment in time?", step.Downloaded),
		email("results", "Several email results (advanced)", "Any or all of several things that customers do with an email.", step.Opened, step.LinkOpened),
		{Key: "call", Label: "Phone call outcome", Help: "How did a call end?", When: map[string]any{"call": "", "outcomes": []any{"connected"}}},
		{Key: "meeting", Label: "Meeting outcome", Help: "How did the latest meeting end?", When: map[string]any{"meeting": step.LatestMeeting, "outcomes": []any{"held"}}},
		{Key: "field", Label: "Field value", Help: "What does a field of the " + lower(kind.Label()) + " hold?", When: row("", "")},
		{Key: "stage", Label: "Stage", Help: "How far has the " + lower(kind.Label()) + " come?", When: row("stage", stage)},
	}
	for i := range offers {
		offers[i].Type, offers[i].Group = k.Type, k.Group
	}
	return offers
}

func offerData(kind record.Kind) []map[string]any {
	var list []map[string]any
	for _, o := range stepOffers(kind) {
		list = append(list, map[string]any{"key": o.Key, "type": o.Type, "label": o.Label, "when": o.When})
	}
	return list
}
