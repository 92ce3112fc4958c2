package store

import (
	"encoding/json"
	"fmt"

	"cadenza/internal/priority"
	"cadenza/internal/record"
)

const workSetting = "work_list"

// WorkSettings say how work lists look and what counts in them, for the whole organisation.
type WorkSettings struct {
	Weights priority.Weights
	// Sort is the order of those who have chosen none.
	Sort string
	// Cards are the two lower lines of a card, for each kind of records: keys of fields, or activity, company, sequence and priority.
	Cards map[record.Kind]Card
	// IconsFixed has the icons of Cards count for everybody, whatever users have chosen.
	IconsFixed bool
	// AfterDone is what comes after a completed activity for those who have chosen nothing, "" for the usual. AfterDoneFixed has it count for everybody.
	AfterDone      string
	AfterDoneFixed bool
	Rev            int64
}

// Card is what stands on a card under the record's name.
type Card struct {
	Second []string `json:"second,omitempty"`
	Third  []string `json:"third,omitempty"`
	// Icon is what the icon shows: activity, initials or record; "" for activity.
	Icon string `json:"icon,omitempty"`
}

// workShape is how the settings are stored.
type workShape struct {
	Rev        int64                `json:"rev"`
	Due        int                  `json:"due"`
	Engagement int                  `json:"engagement"`
	Value      int                  `json:"value"`
	Age        int                  `json:"age"`
	FullValue  float64              `json:"full_value"`
	Sort       string               `json:"sort"`
	Cards      map[record.Kind]Card `json:"cards"`
	IconsFixed bool                 `json:"icons_fixed,omitempty"`
	AfterDone  string               `json:"after_done,omitempty"`
	Fixed      bool                 `json:"after_done_fixed,omitempty"`
}

// ShippedCard is the card of an organisation that has set none.
func ShippedCard() Card { return Card{Second: []string{"activity", "company", "sequence"}} }

// WorkSettings gives the settings, the shipped ones until somebody saves others.
func (tx *Tx) WorkSettings() (WorkSettings, error) {
	text, err := tx.setting(workSetting)
	if err != nil {
		return WorkSettings{}, err
	}
	s := WorkSettings{Weights: priority.DefaultWeights(), Sort: "due", Cards: map[record.Kind]Card{}, Rev: 1}
	for _, k := range record.Kinds() {
		s.Cards[k] = ShippedCard()
	}
	if text == "" {
		return s, nil
	}
	var stored workShape
	if err := json.Unmarshal([]byte(text), &stored); err != nil {
		return s, fmt.Errorf("read settings of work lists: %w", err)
	}
	s.Rev, s.Sort, s.AfterDone, s.AfterDoneFixed = stored.Rev, stored.Sort, stored.AfterDone, stored.Fixed
	s.IconsFixed = stored.IconsFixed
	s.Weights = priority.Weights{Due: stored.Due, Engagement: stored.Engagement, Value: stored.Value, Age: stored.Age, FullValue: stored.FullValue}
	for k, c := range stored.Cards {
		s.Cards[k] = c
	}
	return s, nil
}

// SaveWorkSettings replaces the settings, as revision s.Rev.
func (tx *Tx) SaveWorkSettings(s WorkSettings) error {
	w := s.Weights
	text, err := json.Marshal(workShape{
		Rev: s.Rev, Due: w.Due, Engagement: w.Engagement, Value: w.Value, Age: w.Age, FullValue: w.FullValue, Sort: s.Sort, Cards: s.Cards,
		IconsFixed: s.IconsFixed, AfterDone: s.AfterDone, Fixed: s.AfterDoneFixed,
	})
	if err != nil {
		return err
	}
	tx.worked = true
	return tx.saveSetting(workSetting, string(text))
}
