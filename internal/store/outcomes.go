package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// outcomesSetting names the setting that keeps the outcomes of a kind of activity: call_outcomes, meeting_outcomes.
func outcomesSetting(kind string) string {
	if kind == step.Meeting {
		return "meeting_outcomes"
	}
	return "call_outcomes"
}

// outcomeShape is how an outcome of calls or meetings is stored.
type outcomeShape struct {
	Key     string `json:"key"`
	Label   string `json:"label"`
	Retired bool   `json:"retired,omitempty"`
	Default bool   `json:"default,omitempty"`
	Held    bool   `json:"held,omitempty"`
}

// outcomesShape is the stored list; Rev counts its changes.
type outcomesShape struct {
	Rev      int64          `json:"rev"`
	Outcomes []outcomeShape `json:"outcomes"`
}

// Outcomes gives the organisation's outcomes, the shipped ones until it saves its own.
func (tx *Tx) Outcomes() (out step.Outcomes, err error) {
	if out.Calls, _, err = tx.OutcomesRev(step.PhoneCall); err != nil {
		return out, err
	}
	out.Meetings, _, err = tx.OutcomesRev(step.Meeting)
	return out, err
}

// OutcomesRev gives the outcomes of a kind of activity with the count of their changes, for an editor.
func (tx *Tx) OutcomesRev(kind string) (step.CallOutcomes, int64, error) {
	text, err := tx.setting(outcomesSetting(kind))
	if err != nil || text == "" {
		return step.Shipped().Of(kind), 0, err
	}
	var stored outcomesShape
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return nil, 0, fmt.Errorf("read outcomes: %w", err)
	}
	list := make(step.CallOutcomes, len(stored.Outcomes))
	for i, o := range stored.Outcomes {
		list[i] = step.CallOutcome(o)
	}
	return list, stored.Rev, nil
}

// SaveOutcomes replaces the organisation's outcomes of a kind of activity. The caller holds LockActivations.
func (tx *Tx) SaveOutcomes(kind string, list step.CallOutcomes, rev int64) error {
	stored := outcomesShape{Rev: rev, Outcomes: make([]outcomeShape, len(list))}
	for i, o := range list {
		stored.Outcomes[i] = outcomeShape(o)
	}
	text, err := json.Marshal(stored)
	if err != nil {
		return err
	}
	return tx.saveSetting(outcomesSetting(kind), string(text))
}

// OutcomeAsked gives a sequence with a draft or version that asks for an outcome of a kind of activity, zero for none.
// Deleting an outcome asks; it reads every version that there is.
func (tx *Tx) OutcomeAsked(kind, key string) (id ident.Sequence, name string, err error) {
	type row struct {
		id               ident.Sequence
		name, definition string
	}
	quoted, err := json.Marshal(key)
	if err != nil {
		return 0, "", err
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.id, &r.name, &r.definition) },
		`select s.id, s.name, s.draft from sequences s where s.deleted_at is null and s.draft like $1
		union all select s.id, s.name, v.definition from sequences s join sequence_versions v on v.sequence_id = s.id
		where s.deleted_at is null and v.definition like $1`, "%"+string(quoted)+"%")
	if err != nil {
		return 0, "", fmt.Errorf("find sequences that ask for an outcome: %w", err)
	}
	for _, r := range rows {
		def, _, err := flow.Decode([]byte(r.definition))
		if err != nil {
			continue // what cannot be read asks nothing
		}
		for _, s := range def.Each() {
			if slices.Contains(s.When.Outcomes(kind), key) {
				return r.id, r.name, nil
			}
		}
	}
	return 0, "", nil
}

// OutcomeNoted tells whether an activity of a kind has ended with an outcome.
func (tx *Tx) OutcomeNoted(kind, key string) (bool, error) {
	found, err := collect(tx, func(rows oneRow) (id int64, err error) { return id, rows.Scan(&id) },
		`select id from activities where outcome = $1 and outcome <> '' and kind = $2 limit 1`, key, kind)
	if err != nil {
		return false, fmt.Errorf("find activities that ended so: %w", err)
	}
	return len(found) > 0, nil
}
