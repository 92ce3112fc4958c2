package api

import (
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
	To           string   `json:"to" doc:"When they end; 24:00 is the end of the day."`
	Follow       bool     `json:"follow_emails" doc:"Whether opens and clicks of sent emails are seen."`
	TrackingURL  string   `json:"tracking_url" doc:"Scheme and host that the links of followed emails begin with; empty for the address of the server."`
}

type settingsChange struct {
	Organisation *string   `json:"organisation,omitempty"`
	Zone         *string   `json:"zone,omitempty"`
	Days         *[]string `json:"days,omitempty" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
	From         *string   `json:"from,omitempty"`
	To           *string   `json:"to,omitempty"`
	Follow       *bool     `json:"follow_emails,omitempty"`
	TrackingURL  *string   `json:"tracking_url,omitempty"`
}

// week is the order in which days are written.
var week = []time.Weekday{time.Monday, time.Tuesday, time.Wednesday, time.Thursday, time.Friday, time.Saturday, time.Sunday}

func dayName(day time.Weekday) string { return strings.ToLower(day.String()) }

func settingsOf(s action.Settings, err error) (settingsShape, error) {
	out := settingsShape{Organisation: s.Organisation, Zone: s.Zone, Days: []string{}, From: s.From, To: s.To, Follow: s.Follow, TrackingURL: s.TrackingURL}
	for _, day := range week {
		if s.Days[day] {
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
			overlay(&next.From, in.Body.From)
			overlay(&next.To, in.Body.To)
			overlay(&next.Follow, in.Body.Follow)
			overlay(&next.TrackingURL, in.Body.TrackingURL)
			if in.Body.Days != nil {
				for _, day := range week {
					next.Days[day] = slices.Contains(*in.Body.Days, dayName(day))
				}
			}
			return settingsOf(d.app.SaveSettings(ctx, actor, next))
		})
}
