package web

import (
	"strings"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// recordFacts lists what is known of a record, in the order of its form. Empty fields are left out, except those without
// which nobody can be reached.
func recordFacts(v view, r store.Record) []ui.Fact {
	var facts []ui.Fact
	for _, f := range record.Fields(r.Kind) {
		if f.Key == "description" || f.Key == "first_name" || f.Key == "last_name" {
			continue
		}
		value := r.Get(f.Key)
		if value == "" && f.Key != "email" && f.Key != "phone" {
			continue
		}
		if _, ok := r.Links[f.Key]; f.Type == record.Lookup && !ok {
			continue // it was deleted this very moment
		}
		facts = append(facts, factOf(r, f, value))
	}
	owner := r.OwnerName
	if r.Owner == v.Actor.ID {
		owner += " (you)"
	}
	return append(facts, ui.Fact{Label: "Owner", Value: owner}, ui.Fact{Label: "Created", Content: ui.Time(v.at(r.CreatedAt))})
}

func factOf(r store.Record, f record.Field, value string) ui.Fact {
	fact := ui.Fact{Label: f.Label, Value: value}
	if value == "" {
		return fact
	}
	switch f.Type {
	case record.Email:
		fact.Content = emailLink(value)
	case record.Phone:
		fact.Value, fact.Href = record.FormatPhone(value), telLink(value)
	case record.URL:
		fact.Value, fact.Href = strings.TrimPrefix(strings.TrimPrefix(value, "https://"), "http://"), value
	case record.Number:
		fact.Value = groupedNumber(value)
	case record.Date:
		if day, err := time.Parse("2006-01-02", value); err == nil {
			fact.Value = day.Format("Mon 2 Jan 2006")
		}
	case record.Bool:
		fact.Content = ui.Badge(ui.BadgeProps{Text: "Yes", Tone: ui.Amber})
	case record.Choice:
		fact.Value = sentenceCase(value)
		if f.Key == "status" {
			fact.Content = ui.Badge(statusBadge(r.Kind, value))
		}
	case record.Lookup:
		fact.Value, fact.Href = r.Links[f.Key].Name, recordPath(r.Links[f.Key].ID)
	case record.Text, record.LongText, record.Zone:
	}
	return fact
}

// recordBadges tells what must be known before one acts.
func recordBadges(r store.Record, suppressed []store.Suppression) []ui.BadgeProps {
	var badges []ui.BadgeProps
	for _, s := range suppressed {
		badge := ui.BadgeProps{Text: "No emails: " + lower(s.Source.Label()), Tone: ui.Amber, Icon: "mail-off", Title: s.Reason()}
		if s.Channel == message.TextChannel {
			badge.Text, badge.Icon = "No texts: "+lower(s.Source.Label()), "message-circle"
		}
		badges = append(badges, badge)
	}
	if !r.Open() {
		badges = append(badges, statusBadge(r.Kind, r.Get("status")))
	}
	if r.Get("do_not_email") != "" {
		badges = append(badges, ui.BadgeProps{Text: "Do not email", Tone: ui.Amber, Icon: "mail-off"})
	}
	if r.Get("do_not_track") != "" {
		badges = append(badges, ui.BadgeProps{Text: "Do not follow email", Tone: ui.Amber, Icon: "eye-off"})
	}
	if r.Get("do_not_text") != "" {
		badges = append(badges, ui.BadgeProps{Text: "Do not text", Tone: ui.Amber, Icon: "message-circle"})
	}
	if r.Get("do_not_phone") != "" {
		badges = append(badges, ui.BadgeProps{Text: "Do not phone", Tone: ui.Amber, Icon: "phone-off"})
	}
	return badges
}
