package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"cadenza/internal/ident"
	"cadenza/internal/record"
)

const afterDoneSetting = "after_done"

// AfterDone gives what a user has chosen to come after a completed activity, "" for who has not chosen.
func (tx *Tx) AfterDone(user ident.User) (string, error) {
	return tx.userSetting(user, afterDoneSetting)
}

// SaveAfterDone replaces what comes after a completed activity.
func (tx *Tx) SaveAfterDone(user ident.User, value string) error {
	return tx.saveUserSetting(user, afterDoneSetting, value)
}

// userSetting gives one setting of a user, "" when it was never saved.
func (tx *Tx) userSetting(user ident.User, name string) (value string, err error) {
	err = tx.row(`select value from user_settings where user_id = $1 and name = $2`, int64(user), name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read setting %s of user: %w", name, err)
	}
	return value, nil
}

func (tx *Tx) saveUserSetting(user ident.User, name, value string) error {
	if _, err := tx.exec(`insert into user_settings (user_id, name, value) values ($1, $2, $3)
		on conflict (user_id, name) do update set value = excluded.value`, int64(user), name, value); err != nil {
		return fmt.Errorf("save setting %s of user: %w", name, err)
	}
	return nil
}

const cardIconsSetting = "card_icons"

// CardIcons gives the icons of cards that a user has chosen, by kind of records; those that are left out are the organisation's.
func (tx *Tx) CardIcons(user ident.User) (icons map[record.Kind]string, err error) {
	text, err := tx.userSetting(user, cardIconsSetting)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &icons)
	}
	if err != nil {
		return nil, fmt.Errorf("read icons of cards: %w", err)
	}
	return icons, nil
}

// SaveCardIcons replaces them.
func (tx *Tx) SaveCardIcons(user ident.User, icons map[record.Kind]string) error {
	text, err := json.Marshal(icons)
	if err != nil {
		return err
	}
	return tx.saveUserSetting(user, cardIconsSetting, string(text))
}

const recordViewsSetting = "record_views"

// RecordViews gives how a user looks at the lists of records, by kind; a kind that is left out was never switched.
func (tx *Tx) RecordViews(user ident.User) (views map[record.Kind]string, err error) {
	text, err := tx.userSetting(user, recordViewsSetting)
	if err == nil && text != "" {
		err = json.Unmarshal([]byte(text), &views)
	}
	if err != nil {
		return nil, fmt.Errorf("read views of records: %w", err)
	}
	return views, nil
}

// SaveRecordViews replaces them.
func (tx *Tx) SaveRecordViews(user ident.User, views map[record.Kind]string) error {
	text, err := json.Marshal(views)
	if err != nil {
		return err
	}
	return tx.saveUserSetting(user, recordViewsSetting, string(text))
}
