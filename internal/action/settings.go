package action

import (
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// Settings are those of the organisation.
type Settings struct {
	Organisation string
	Zone         string
	// Hours are the working hours of everybody who has none of their own.
	Hours WeekHours
	// Follow lets opens and clicks of sent mail be seen; TrackingURL is the address that its links begin with, "" for that
	// of the server.
	Follow      bool
	TrackingURL string
	// HistoryMonths is for how many months the history of an enrollment is kept after its end, 0 for ever.
	HistoryMonths int
	// Rev grows with every change of any of them.
	Rev int64
}

// MaxHistoryMonths is the longest time after which history is deleted.
const MaxHistoryMonths = 120

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
		if err != nil {
			return err
		}
		s = settingsOf(o, t)
		s.HistoryMonths, err = tx.HistoryMonths()
		return err
	})
	return s, err
}

// SaveSettings changes the settings. New working hours count for what is decided from now on. A revision of 0 does not check whether
// somebody else changed them meanwhile.
func (a *App) SaveSettings(ctx context.Context, actor access.Actor, s Settings) (Settings, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return Settings{}, err
	}
	o, t, err := s.stored()
	if err != nil {
		return Settings{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		if err := tx.LockSettings(); err != nil {
			return err
		}
		old, err := tx.Organisation()
		if err != nil {
			return err
		}
		if err := newest("the settings", s.Rev, old.Rev); err != nil {
			return err
		}
		o.Rev = old.Rev + 1
		if err := tx.SaveOrganisation(o); err != nil {
			return err
		}
		if err := tx.SaveTracking(t); err != nil {
			return err
		}
		if err := tx.SaveHistoryMonths(s.HistoryMonths); err != nil {
			return err
		}
		detail := fmt.Sprintf("zone %s, hours %s, emails followed: %t, history kept: %s", o.Zone, weekHours(o.Hours), t.On, KeptText(s.HistoryMonths))
		return tx.Audit(actor.ID, "update", "settings", 0, detail)
	})
	if err != nil {
		return Settings{}, err
	}
	saved := settingsOf(o, t)
	saved.HistoryMonths = s.HistoryMonths
	return saved, nil
}

// KeptText says for how long history is kept after the end of an enrollment.
func KeptText(months int) string {
	switch {
	case months == 0:
		return "for ever"
	case months == 1:
		return "for 1 month"
	case months%12 == 0 && months > 12:
		return fmt.Sprintf("for %d years", months/12)
	}
	return fmt.Sprintf("for %d months", months)
}

func settingsOf(o store.Organisation, t store.Tracking) Settings {
	return Settings{Organisation: o.Name, Zone: o.Zone, Hours: weekHours(o.Hours), Follow: t.On, TrackingURL: t.URL, Rev: o.Rev}
}

// stored checks the settings and gives their stored form.
func (s Settings) stored() (store.Organisation, store.Tracking, error) {
	t := store.Tracking{On: s.Follow}
	o := store.Organisation{Name: strings.Join(strings.Fields(s.Organisation), " "), Zone: strings.TrimSpace(s.Zone)}
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
	hours, wrong := s.Hours.parse()
	o.Hours, problems = hours, append(problems, wrong...)
	var baseOK bool
	if t.URL, baseOK = trackingBase(s.TrackingURL); !baseOK {
		add("tracking_url", "invalid", "The tracking address is not one such as https://links.example.com, without a path.")
	}
	if s.HistoryMonths < 0 || s.HistoryMonths > MaxHistoryMonths {
		add("history_months", "out_of_range", fmt.Sprintf("History is kept for 1 to %d months after an enrollment ends, or for ever, which is 0.", MaxHistoryMonths))
	}
	return o, t, fault.Of(problems...)
}
