package api

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
)

// settingsShape are the settings of the organisation.
type settingsShape struct {
	Organisation string   `json:"organisation"`
	Zone         string   `json:"zone" doc:"IANA time zone."`
	Days         []string `json:"days" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday" doc:"The working days."`
	From         string   `json:"from" doc:"When the working hours begin, as 08:00."`
	To           string   `json:"to" doc:"When they end; 24:00 or 00:00 is the end of the day."`
	Hours        weekDoc  `json:"hours" doc:"The working hours of each day. days, from and to tell them in short."`
	Follow       bool     `json:"follow_emails" doc:"Whether opens and clicks of sent emails are seen."`
	TrackingURL  string   `json:"tracking_url" doc:"Scheme and host that the links of followed emails begin with; empty for the address of the server."`
	History      int      `json:"history_months" doc:"For how many months the history of an enrollment is kept after its end; 0 for ever."`
	Rev          int64    `json:"rev" doc:"Counts the changes; send it with one to notice those of others."`
}

type settingsChange struct {
	Organisation *string   `json:"organisation,omitempty"`
	Zone         *string   `json:"zone,omitempty"`
	Days         *[]string `json:"days,omitempty" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
	From         *string   `json:"from,omitempty"`
	To           *string   `json:"to,omitempty"`
	Hours        *weekDoc  `json:"hours,omitempty" doc:"Replaces all days; it counts more than days, from and to."`
	Follow       *bool     `json:"follow_emails,omitempty"`
	TrackingURL  *string   `json:"tracking_url,omitempty"`
	History      *int      `json:"history_months,omitempty" doc:"0 keeps it for ever. What is older is deleted within a day, and does not come back."`
	Rev          int64     `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

// week is the order in which days are written.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func dayName(day time.Weekday) string { return strings.ToLower(day.String()) }

func settingsOf(s action.Settings, err error) (settingsShape, error) {
	days, from, to := s.Hours.Bounds()
	out := settingsShape{Organisation: s.Organisation, Zone: s.Zone, Days: []string{}, From: from, To: to, Hours: weekDocOf(s.Hours), Follow: s.Follow, TrackingURL: s.TrackingURL, History: s.HistoryMonths, Rev: s.Rev}
	for _, day := range week {
		if days[day] {
			out.Days = append(out.Days, dayName(day))
		}
	}
	return out, err
}

func (d *door) settings() {
	handle(d, get("/settings", "get-settings", "Get the settings of the organisation"), func(ctx context.Context, actor access.Actor, _ *none) (settingsShape, error) {
		return settingsOf(d.app.GetSettings(ctx, actor))
	})
	handle(d, with(patch("/settings", "update-settings", "Change the settings of the organisation"), "New working hours count for what is decided from then on."),
		func(ctx context.Context, actor access.Actor, in *body[settingsChange]) (settingsShape, error) {
			next, err := d.app.GetSettings(ctx, actor)
			if err != nil {
				return settingsShape{}, err
			}
			overlay(&next.Organisation, in.Body.Organisation)
			overlay(&next.Zone, in.Body.Zone)
			overlay(&next.Follow, in.Body.Follow)
			overlay(&next.TrackingURL, in.Body.TrackingURL)
			overlay(&next.HistoryMonths, in.Body.History)
			next.Rev = cmp.Or(in.Body.Rev, next.Rev) // what is not named here is written as it was just read
			if err := in.Body.hours(&next.Hours); err != nil {
				return settingsShape{}, err
			}
			return settingsOf(d.app.SaveSettings(ctx, actor, next))
		})
}

// hours changes the hours as the body asks: all of them, or the same on some days.
func (c settingsChange) hours(next *action.WeekHours) (err error) {
	switch {
	case c.Hours != nil:
		*next = c.Hours.hours()
	case c.Days != nil || c.From != nil || c.To != nil:
		days, from, to := next.Bounds()
		overlay(&from, c.From)
		overlay(&to, c.To)
		if c.Days != nil {
			for _, day := range week {
				days[day] = slices.Contains(*c.Days, dayName(day))
			}
		}
		*next, err = action.SameHours(days, from, to)
	}
	return err
}

// weekDoc are working hours by weekday.
type weekDoc struct {
	Monday    string `json:"monday,omitempty" example:"08:00-12:00, 13:00-17:00" doc:"The spans of the day; empty for a day off. 24:00 is the end of the day, and so is 00:00 behind the dash."`
	Tuesday   string `json:"tuesday,omitempty"`
	Wednesday string `json:"wednesday,omitempty"`
	Thursday  string `json:"thursday,omitempty"`
	Friday    string `json:"friday,omitempty"`
	Saturday  string `json:"saturday,omitempty"`
	Sunday    string `json:"sunday,omitempty"`
}

func weekDocOf(w action.WeekHours) weekDoc {
	return weekDoc{Sunday: w[0], Monday: w[1], Tuesday: w[2], Wednesday: w[3], Thursday: w[4], Friday: w[5], Saturday: w[6]}
}

func (d weekDoc) hours() action.WeekHours {
	return action.WeekHours{d.Sunday, d.Monday, d.Tuesday, d.Wednesday, d.Thursday, d.Friday, d.Saturday}
}
