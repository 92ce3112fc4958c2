package action

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// Settings are those of the organisation.
type Settings struct {
	Organisation string
	Zone         string
	// Days are the working days, Sunday first.
	Days [7]bool
	// From and To are the working hours, as "08:00".
	From, To string
	// Follow lets opens and clicks of sent mail be seen; TrackingURL is the address that its links begin with, "" for that
	// of the server.
	Follow      bool
	TrackingURL string
}

// GetSettings gives the settings.
func (a *App) GetSettings(ctx context.Context, actor access.Actor) (s Settings, err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return Settings{}, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		o, err := tx.Organisation()
		if err != nil {
			return err
		}
		t, err := tx.Tracking()
		s = settingsOf(o, t)
		return err
	})
	return s, err
}

// SaveSettings changes the settings. New working hours count for what is decided from now on.
func (a *App) SaveSettings(ctx context.Context, actor access.Actor, s Settings) (Settings, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return Settings{}, err
	}
	o, t, err := s.stored()
	if err != nil {
		return Settings{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SaveOrganisation(o); err != nil {
			return err
		}
		if err := tx.SaveTracking(t); err != nil {
			return err
		}
		detail := fmt.Sprintf("zone %s, %s to %s, emails followed: %t", o.Zone, clock(o.From), clock(o.To), t.On)
		return tx.Audit(actor.ID, "update", "settings", 0, detail)
	})
	if err != nil {
		return Settings{}, err
	}
	return settingsOf(o, t), nil
}

func settingsOf(o store.Organisation, t store.Tracking) Settings {
	return Settings{Organisation: o.Name, Zone: o.Zone, Days: o.Days, From: clock(o.From), To: clock(o.To), Follow: t.On, TrackingURL: t.URL}
}

// stored checks the settings and gives their stored form.
func (s Settings) stored() (store.Organisation, store.Tracking, error) {
	t := store.Tracking{On: s.Follow}
	o := store.Organisation{Name: strings.Join(strings.Fields(s.Organisation), " "), Zone: strings.TrimSpace(s.Zone), Days: s.Days}
	var problems []fault.Problem
	add := func(field, code, message string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: message})
	}
	if !utf8.ValidString(o.Name) || utf8.RuneCountInString(o.Name) > maxName {
		add("organisation", "too_long", fmt.Sprintf("The organisation's name is longer than %d characters.", maxName))
	}
	if !knownZone(o.Zone) {
		add("zone", "unknown", "Time zone is not known. Use a name such as Europe/Berlin.")
	}
	if s.Days == [7]bool{} {
		add("days", "required", "Choose at least one working day.")
	}
	var fromOK, toOK bool
	if o.From, fromOK = readClock(s.From); !fromOK {
		add("from", "invalid", "The start of the working hours is not a time such as 08:00.")
	}
	if o.To, toOK = readClock(s.To); !toOK {
		add("to", "invalid", "The end of the working hours is not a time such as 17:00.")
	}
	if fromOK && toOK && o.To <= o.From {
		add("to", "order", "The working hours end before they start.")
	}
	var baseOK bool
	if t.URL, baseOK = trackingBase(s.TrackingURL); !baseOK {
		add("tracking_url", "invalid", "The tracking address is not one such as https://links.example.com, without a path.")
	}
	return o, t, fault.Of(problems...)
}

// Calendar gives the working time in a zone; an unknown or empty one is that of the organisation.
func (s Settings) Calendar(zone string) calendar.Calendar {
	if !knownZone(zone) {
		zone = s.Zone
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		loc = time.UTC
	}
	from, _ := readClock(s.From)
	to, _ := readClock(s.To)
	week := calendar.Week{Zone: loc}
	for day, works := range s.Days {
		if works {
			week.Days[day] = []calendar.Span{{From: from, To: to}}
		}
	}
	return calendar.Calendar{Week: week}
}

// clock writes a time of day as "08:00"; the end of the day is "24:00".
func clock(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}

func readClock(s string) (time.Duration, bool) {
	if strings.TrimSpace(s) == "24:00" {
		return 24 * time.Hour, true
	}
	t, err := time.Parse("15:04", strings.TrimSpace(s))
	if err != nil {
		return 0, false
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, true
}
