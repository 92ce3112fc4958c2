package store

import (
	"fmt"

	"cadenza/internal/flow"
	"cadenza/internal/step"
)

// renewRow is a visit that goes on in another version.
type renewRow struct {
	version *flow.Version
	token   step.Token
}

// renewWork gives the open activities and the unsent messages of visits what their steps say in the version on which they are
// now. What a person has begun to send, and what the gate has made a text of already, stays as it is.
func (tx *Tx) renewWork(rows []renewRow) error {
	type place struct {
		version *flow.Version
		step    string
	}
	byPlace := map[place][]int64{}
	var order []place
	for _, r := range rows {
		at := place{r.version, r.token.Step}
		if byPlace[at] == nil {
			order = append(order, at)
		}
		byPlace[at] = append(byPlace[at], int64(r.token.Enrollment))
	}
	for _, at := range order {
		s, ok := at.version.Step(at.step)
		if !ok {
			continue
		}
		if err := tx.renewActivities(s, byPlace[at]); err != nil {
			return fmt.Errorf("activities: %w", err)
		}
		if err := tx.renewMessages(at.version, s, byPlace[at]); err != nil {
			return fmt.Errorf("messages: %w", err)
		}
	}
	return nil
}

// titleOfActivity is what an activity of the step is called.
func titleOfActivity(s step.Step) string {
	if s.Name != "" {
		return s.Name
	}
	kind, _ := step.KindOf(s.Type)
	return kind.Label
}

func (tx *Tx) renewActivities(s step.Step, ids []int64) error {
	template := s.Config.Text("template")
	// An A/B test has no template of its own: the activity of a failed one keeps that of its variant.
	_, err := tx.exec(`update activities set name = $2, description = $3, template = case when kind = $4 then $5 else template end, rev = rev + 1
		where state in (1, 3) and step = $6 and (name <> $2 or description <> $3 or kind = $4 and template <> $5) and `+tx.in("enrollment_id", 1),
		tx.list(ids), titleOfActivity(s), s.Description, s.Type, template, s.ID)
	return err
}

func (tx *Tx) renewMessages(v *flow.Version, s step.Step, ids []int64) error {
	kind, _ := step.KindOf(s.Type)
	if kind.Human || !kind.Mails && !kind.Texts {
		return nil
	}
	late, skip := s.TooLate()
	for variants, key := range map[string]string{"0": "template", "1, 3": "template_a", "2, 4": "template_b"} {
		template := s.Config.Text(key)
		if template == "" {
			continue
		}
		if _, err := tx.exec(`update messages set template = $2, thread = $3, any_time = $4, late_after = $5, late_skip = $6
			where state in (1, 2) and step = $7 and activity_id is null and attempt_at is null and variant in (`+variants+`) and `+tx.in("enrollment_id", 1),
			tx.list(ids), template, s.Config.Truth("thread"), v.Def.Options.Sending == flow.AnyTime, late.Microseconds(), skip, s.ID); err != nil {
			return err
		}
	}
	return nil
}
