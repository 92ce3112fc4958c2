package store

import (
	"encoding/json"
	"fmt"
	"time"

	"cadenza/internal/calendar"
)

// windowsSetting is the name of the setting.
const windowsSetting = "send_windows"

// SendWindows say at what hours of the customer's day automated messages go out. The zero value keeps nothing up.
type SendWindows struct {
	On bool
	// Days are the windows of the weekdays, Sunday first; an empty one is a day on which nothing goes.
	Days [7]calendar.Span
}

// windowsShape is how SendWindows are stored: from and to of each weekday in minutes, Sunday first.
type windowsShape struct {
	On   bool      `json:"on"`
	Days [7][2]int `json:"days"`
}

// SendWindows gives the windows; until somebody saves others messages go at any hour.
func (tx *Tx) SendWindows() (w SendWindows, err error) {
	text, err := tx.setting(windowsSetting)
	if err != nil || text == "" {
		return w, err
	}
	var s windowsShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return w, fmt.Errorf("read send windows: %w", err)
	}
	w.On = s.On
	for day, span := range s.Days {
		w.Days[day] = calendar.Span{From: time.Duration(span[0]) * time.Minute, To: time.Duration(span[1]) * time.Minute}
	}
	return w, nil
}

// SaveSendWindows replaces the windows. What goes by them is looked at again.
func (tx *Tx) SaveSendWindows(w SendWindows) error {
	s := windowsShape{On: w.On}
	for day, span := range w.Days {
		s.Days[day] = [2]int{int(span.From / time.Minute), int(span.To / time.Minute)}
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	if err := tx.saveSetting(windowsSetting, string(text)); err != nil {
		return err
	}
	return tx.calendarChanged()
}
