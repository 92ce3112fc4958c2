package store

import (
	"encoding/json"
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/ident"
)

// Hours are the working hours of each weekday, Sunday first, with breaks between the spans.
type Hours [7][]calendar.Span

// sameHours are the same hours on some days.
func sameHours(days [7]bool, from, to time.Duration) Hours {
	var h Hours
	for day, works := range days {
		if works {
			h[day] = []calendar.Span{{From: from, To: to}}
		}
	}
	return h
}

// Days gives the days with working hours.
func (h Hours) Days() (days [7]bool) {
	for day, spans := range h {
		days[day] = len(spans) > 0
	}
	return days
}

// Bounds gives when the earliest working day begins and the latest ends.
func (h Hours) Bounds() (from, to time.Duration) {
	from = 24 * time.Hour
	for _, spans := range h {
		for _, s := range spans {
			from, to = min(from, s.From), max(to, s.To)
		}
	}
	return min(from, to), to
}

// hoursShape is how hours are stored: for each weekday its spans, in minutes since midnight.
type hoursShape [7][][2]int

func (h Hours) shape() (s hoursShape) {
	for day, spans := range h {
		s[day] = [][2]int{}
		for _, span := range spans {
			s[day] = append(s[day], [2]int{int(span.From / time.Minute), int(span.To / time.Minute)})
		}
	}
	return s
}

func (s hoursShape) hours() (h Hours) {
	for day, spans := range s {
		for _, span := range spans {
			h[day] = append(h[day], calendar.Span{From: time.Duration(span[0]) * time.Minute, To: time.Duration(span[1]) * time.Minute})
		}
	}
	return h
}

// WorkingTime is what counts for one user instead of the organisation's.
type WorkingTime struct {
	// Own tells that Hours are the user's own; else they are those of the organisation.
	Own   bool
	Hours Hours
	// Region is the code whose holidays the user has; "" for the organisation's.
	Region string
}

// WorkingTime gives a user's working time.
func (tx *Tx) WorkingTime(user ident.User) (WorkingTime, error) {
	var text string
	var w WorkingTime
	if err := tx.row(`select hours, region from users where id = $1`, int64(user)).Scan(&text, &w.Region); err != nil {
		return w, fmt.Errorf("read working time: %w", missing(err, "user"))
	}
	if text == "" {
		o, err := tx.Organisation()
		w.Hours = o.Hours
		return w, err
	}
	var err error
	w.Own = true
	w.Hours, err = readHours(text)
	return w, err
}

// SaveWorkingTime replaces a user's working time. It counts for what is decided from now on.
func (tx *Tx) SaveWorkingTime(user ident.User, w WorkingTime) error {
	text := ""
	if w.Own {
		raw, err := json.Marshal(w.Hours.shape())
		if err != nil {
			return err
		}
		text = string(raw)
	}
	if _, err := tx.exec(`update users set hours = $2, region = $3 where id = $1`, int64(user), text, w.Region); err != nil {
		return fmt.Errorf("save working time: %w", err)
	}
	return tx.lookAgain(`blocker = 'user_away' and user_id = $2`, int64(user))
}

func readHours(text string) (Hours, error) {
	var s hoursShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Hours{}, fmt.Errorf("read working hours: %w", err)
	}
	return s.hours(), nil
}
