package store

import (
	"encoding/json"
	"fmt"
	"time"
)

// trunkSetting is the name of the setting.
const trunkSetting = "phone_trunk"

// Trunk is where the softphone's calls go out and come in. Secret is the encrypted password; see action.Vault.
type Trunk struct {
	// Host is the name or address of the trunk; "" while none is set up. Port is the usual one of the transport when zero.
	Host string
	Port int
	// Transport is udp, tcp or tls.
	Transport string
	// Domain stands behind the @ of addresses, where it is not the host.
	Domain string
	// User is our name at the trunk; Login is the name of the digest where it is another one.
	User, Login string
	Secret      []byte
	// Number is what called people see; User when empty.
	Number string
	// Register has the trunk send incoming calls to us.
	Register bool
	// Numbers are the fields of a record that are dialled, the preferred one first.
	Numbers []string
	// CheckedAt is when the trunk was tried last, CheckError why that failed; "" when it did not.
	CheckedAt  time.Time
	CheckError string
	Rev        int64
}

// Ready tells whether a trunk is set up.
func (t Trunk) Ready() bool { return t.Host != "" }

// PhoneFields are the fields of records that hold a number, in the order in which they are dialled unless an admin says otherwise.
func PhoneFields() []string { return []string{"phone", "mobile", "home_phone"} }

// Order gives Numbers, or the usual order.
func (t Trunk) Order() []string {
	if len(t.Numbers) == 0 {
		return PhoneFields()
	}
	return t.Numbers
}

// trunkShape is how a Trunk is stored.
type trunkShape struct {
	Host       string   `json:"host"`
	Port       int      `json:"port"`
	Transport  string   `json:"transport"`
	Domain     string   `json:"domain"`
	User       string   `json:"user"`
	Login      string   `json:"login"`
	Secret     []byte   `json:"secret"`
	Number     string   `json:"number"`
	Register   bool     `json:"register"`
	Numbers    []string `json:"numbers"`
	CheckedAt  int64    `json:"checked_at"`
	CheckError string   `json:"check_error"`
	Rev        int64    `json:"rev"`
}

// Trunk gives the trunk; one that is not Ready when none is set up.
func (tx *Tx) Trunk() (Trunk, error) {
	text, err := tx.setting(trunkSetting)
	if err != nil || text == "" {
		return Trunk{}, err
	}
	var s trunkShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return Trunk{}, fmt.Errorf("read trunk: %w", err)
	}
	t := Trunk{
		Host: s.Host, Port: s.Port, Transport: s.Transport, Domain: s.Domain, User: s.User, Login: s.Login, Secret: s.Secret,
		Number: s.Number, Register: s.Register, Numbers: s.Numbers, CheckError: s.CheckError, Rev: s.Rev,
	}
	if s.CheckedAt != 0 {
		t.CheckedAt = time.UnixMicro(s.CheckedAt).UTC()
	}
	return t, nil
}

// SaveTrunk replaces the trunk; one without a host takes it away.
func (tx *Tx) SaveTrunk(t Trunk) error {
	s := trunkShape{
		Host: t.Host, Port: t.Port, Transport: t.Transport, Domain: t.Domain, User: t.User, Login: t.Login, Secret: t.Secret,
		Number: t.Number, Register: t.Register, Numbers: t.Numbers, CheckError: clip(t.CheckError), Rev: t.Rev,
	}
	if !t.CheckedAt.IsZero() {
		s.CheckedAt = t.CheckedAt.UnixMicro()
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return tx.saveSetting(trunkSetting, string(text))
}
