package store

import (
	"fmt"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// Engagement is something that a customer did with the email of a step.
type Engagement struct {
	Enrollment ident.Enrollment
	Step       string
	Result     step.Result
	// At is when the customer did it; zero for now. By is the user who reported it; zero where we noticed it.
	At time.Time
	By ident.User
}

// Engage writes down what customers did with emails, each result of an email once, and has the engine look at those
// enrollments for which it was new. Who owns or follows their records is told of those. It gives how many were new.
func (tx *Tx) Engage(list ...Engagement) (int, error) {
	fresh, err := tx.engage(list...)
	if err != nil {
		return 0, err
	}
	return len(fresh), tx.tellEngaged(fresh)
}

// engage is Engage without telling anybody, for who knows better what to tell. It gives those that were new.
func (tx *Tx) engage(list ...Engagement) (fresh []Engagement, err error) {
	var events []SignalledEvent
	for _, e := range list {
		at := e.At
		if at.IsZero() {
			at = tx.Now
		}
		n, err := tx.exec(`insert into engagements (enrollment_id, step, result, at) values ($1, $2, $3, $4) on conflict do nothing`,
			int64(e.Enrollment), e.Step, resultCodes[e.Result], at.UnixMicro())
		if err != nil {
			return nil, fmt.Errorf("store engagement: %w", err)
		}
		if n > 0 {
			fresh = append(fresh, e)
			events = append(events, SignalledEvent{Enrollment: e.Enrollment, Event: step.Engaged{Step: e.Step, Result: e.Result}})
		}
	}
	if err := tx.Signal(events...); err != nil {
		return nil, err
	}
	return fresh, tx.copyDeeds(fresh)
}

// LastWritten gives the email step of an enrollment that was left last, or where none was the text step: what a customer
// answers to who is only said to have replied. It is "" when neither was.
func (tx *Tx) LastWritten(id ident.Enrollment) (string, error) {
	e, err := tx.GetEnrollment(id)
	if err != nil {
		return "", err
	}
	v, err := tx.Version(e.Version)
	if err != nil {
		return "", err
	}
	history, err := tx.HistoryOf(id)
	if err != nil {
		return "", err
	}
	email, text := "", ""
	for _, h := range history {
		s, ok := v.Step(h.Step)
		if !ok || h.Kind != flow.LineStep || (h.Outcome != step.Sent && h.Outcome != step.Completed) {
			continue
		}
		switch {
		case s.Mails():
			email = h.Step
		case s.Texts():
			text = h.Step
		}
	}
	if email == "" {
		return text, nil
	}
	return email, nil
}

// asking gives those of the enrollments whose version asks for something, and their keys.
func asking(list []*loaded, asks func(flow.Asks) bool) (map[ident.Enrollment]*loaded, []ident.Enrollment) {
	byID := map[ident.Enrollment]*loaded{}
	var ids []ident.Enrollment
	for _, l := range list {
		if asks(l.snap.Version.Asks) {
			byID[l.snap.Enrollment] = l
			ids = append(ids, l.snap.Enrollment)
		}
	}
	return byID, ids
}

// loadRuns reads how the steps ended that conditions ask about.
func (tx *Tx) loadRuns(list []*loaded) error {
	byID, ids := asking(list, func(a flow.Asks) bool { return len(a.Runs) > 0 })
	if len(ids) == 0 {
		return nil
	}
	type row struct {
		enrollment            ident.Enrollment
		step, outcome, detail string
		at                    int64
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) {
		return r, rows.Scan(&r.enrollment, &r.step, &r.outcome, &r.detail, &r.at)
	}, linesOf(tx.in("t.id", 1))+`select enrollment_id, step, outcome, detail, at from lines where kind = 2 order by enrollment_id, id`,
		tx.list(ids))
	if err != nil {
		return fmt.Errorf("read runs: %w", err)
	}
	for _, r := range rows {
		f := &byID[r.enrollment].snap.Facts
		if f.Runs == nil {
			f.Runs = map[string]step.Run{}
		}
		f.Runs[r.step] = step.Run{Outcome: step.Outcome(r.outcome), Detail: r.detail, At: time.UnixMicro(r.at).UTC()}
	}
	return nil
}

// loadEngagements reads what customers did with the emails that conditions ask about.
func (tx *Tx) loadEngagements(list []*loaded) error {
	byID, ids := asking(list, func(a flow.Asks) bool { return len(a.Mail) > 0 })
	if len(ids) == 0 {
		return nil
	}
	type row struct {
		enrollment ident.Enrollment
		step       string
		result     int16
		at         int64
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.enrollment, &r.step, &r.result, &r.at) },
		`select enrollment_id, step, result, at from engagements where `+tx.in("enrollment_id", 1), tx.list(ids))
	if err != nil {
		return fmt.Errorf("read engagements: %w", err)
	}
	for _, r := range rows {
		f := &byID[r.enrollment].snap.Facts
		if f.Mail == nil {
			f.Mail = map[string]step.Engagement{}
		}
		if f.Mail[r.step] == nil {
			f.Mail[r.step] = step.Engagement{}
		}
		f.Mail[r.step][resultOf[r.result]] = time.UnixMicro(r.at).UTC()
	}
	return nil
}
