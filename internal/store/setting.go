package store

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/calendar"
)

// The names of the settings.
const (
	organisationSetting = "organisation"
	setupSecretSetting  = "setup_secret"
	keySetting          = "key_fingerprint"
	addressSetting      = "server_address"
)

// Organisation is what the whole organisation has in common.
type Organisation struct {
	Name string
	// Zone is the IANA name of the time zone of everything that has none of its own.
	Zone string
	// Hours are the working hours of everybody who has none of their own.
	Hours Hours
	// Rev grows with every change of the settings of the organisation.
	Rev int64
}

// organisationShape is how an Organisation is stored. Days and the two times are all that was there once; they are still
// written, for old nodes, and read where there are no Hours.
type organisationShape struct {
	Name        string      `json:"name"`
	Zone        string      `json:"zone"`
	Days        [7]bool     `json:"days"`
	FromMinutes int         `json:"from_minutes"`
	ToMinutes   int         `json:"to_minutes"`
	Hours       *hoursShape `json:"hours,omitempty"`
	Rev         int64       `json:"rev,omitempty"`
}

// DefaultOrganisation is in force until somebody saves another: Monday to Friday, 08:00 to 17:00 UTC.
func DefaultOrganisation() Organisation {
	return Organisation{Zone: "UTC", Rev: 1, Hours: Hours(calendar.DefaultWeek(nil).Days)}
}

// Organisation gives the organisation's settings.
func (tx *Tx) Organisation() (Organisation, error) {
	text, err := tx.setting(organisationSetting)
	if err != nil || text == "" {
		return DefaultOrganisation(), err
	}
	var s organisationShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Organisation{}, fmt.Errorf("read organisation: %w", err)
	}
	o := Organisation{Name: s.Name, Zone: s.Zone, Rev: max(1, s.Rev)}
	if s.Hours != nil {
		o.Hours = s.Hours.hours()
	} else {
		o.Hours = sameHours(s.Days, time.Duration(s.FromMinutes)*time.Minute, time.Duration(s.ToMinutes)*time.Minute)
	}
	return o, nil
}

// SaveOrganisation replaces the organisation's settings, as revision o.Rev.
func (tx *Tx) SaveOrganisation(o Organisation) error {
	hours := o.Hours.shape()
	from, to := o.Hours.Bounds()
	text, err := json.Marshal(organisationShape{
		Name: o.Name, Zone: o.Zone, Days: o.Hours.Days(),
		FromMinutes: int(from / time.Minute), ToMinutes: int(to / time.Minute), Hours: &hours, Rev: o.Rev,
	})
	if err != nil {
		return err
	}
	if err := tx.saveSetting(organisationSetting, string(text)); err != nil {
		return err
	}
	return tx.lookAgain(`true`) // its zone and hours count where nobody has others
}

// SetupHash gives the hash of the one-time secret of the set-up; "" when there is none.
func (tx *Tx) SetupHash() (string, error) { return tx.setting(setupSecretSetting) }

// SaveSetupHash replaces the hash of the secret of the set-up; "" removes it.
func (tx *Tx) SaveSetupHash(hash string) error { return tx.saveSetting(setupSecretSetting, hash) }

// KeyFingerprint gives the mark of the key that encrypts secrets; "" before the first.
func (tx *Tx) KeyFingerprint() (string, error) { return tx.setting(keySetting) }

// SaveKeyFingerprint replaces the mark of the key.
func (tx *Tx) SaveKeyFingerprint(mark string) error { return tx.saveSetting(keySetting, mark) }

// LockSettings lets one save of a setting at a time look at the revision that is there, because two that do not see each other would both
// take it for the one that they have read.
func (tx *Tx) LockSettings() error {
	if tx.db.dialect != postgresDialect {
		return nil
	}
	if _, err := tx.exec(`select pg_advisory_xact_lock(8472062)`); err != nil {
		return fmt.Errorf("lock settings: %w", err)
	}
	return nil
}

// ServerAddress gives the address that the server was last started with, under which people outside reach it; "" for none.
func (tx *Tx) ServerAddress() (string, error) { return tx.setting(addressSetting) }

// SaveServerAddress replaces the address of the server.
func (tx *Tx) SaveServerAddress(url string) error { return tx.saveSetting(addressSetting, url) }

// setting gives the text of a setting, "" when it was never saved.
func (tx *Tx) setting(name string) (string, error) {
	if value, known := tx.settings[name]; known {
		return value, nil
	}
	var value string
	err := tx.row(`select value from settings where name = $1`, name).Scan(&value)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read setting %s: %w", name, err)
	}
	return value, nil
}

// knowSettings reads several settings at once, for the rest of the transaction.
func (tx *Tx) knowSettings(names ...string) error {
	type row struct{ name, value string }
	rows, err := collect(tx, func(rows oneRow) (r row, err error) { return r, rows.Scan(&r.name, &r.value) },
		`select name, value from settings where `+tx.inTexts("name", 1), tx.texts(names))
	if err != nil {
		return fmt.Errorf("read settings: %w", err)
	}
	tx.settings = map[string]string{}
	for _, name := range names {
		tx.settings[name] = ""
	}
	for _, r := range rows {
		tx.settings[r.name] = r.value
	}
	return nil
}

func (tx *Tx) saveSetting(name, value string) error {
	delete(tx.settings, name)
	if _, err := tx.exec(`insert into settings (name, value) values ($1, $2)
		on conflict (name) do update set value = excluded.value`, name, value); err != nil {
		return fmt.Errorf("save setting %s: %w", name, err)
	}
	return nil
}
