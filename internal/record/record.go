// Package record holds what the work is about: leads, opportunities, contacts and accounts, their fields and what a
// field may contain.
//
// Values are canonical text keyed by field; the field's type says how the text is read. It must never know how a
// record is stored or shown.
//
// Start reading at Kinds and Normalize.
package record

import (
	"strings"

	"cadenza/internal/ident"
)

// Kind is a kind of record.
type Kind string

// The kinds that every installation has.
const (
	Lead        Kind = "lead"
	Opportunity Kind = "opportunity"
	Contact     Kind = "contact"
	Account     Kind = "account"
)

// Kinds lists every kind in the order of the navigation.
func Kinds() []Kind { return []Kind{Lead, Opportunity, Contact, Account} }

// Known tells whether the kind is one of Kinds.
func (k Kind) Known() bool {
	for _, known := range Kinds() {
		if k == known {
			return true
		}
	}
	return false
}

// Label gives the kind as a word: "Lead".
func (k Kind) Label() string {
	if k == "" {
		return ""
	}
	return strings.ToUpper(string(k[:1])) + string(k[1:])
}

// Plural gives the kind's plural as a word: "Opportunities".
func (k Kind) Plural() string {
	if k == Opportunity {
		return "Opportunities"
	}
	return k.Label() + "s"
}

// Path gives the plural in lower case, as it stands in addresses: "opportunities".
func (k Kind) Path() string { return strings.ToLower(k.Plural()) }

// KindOfPath is the inverse of Path.
func KindOfPath(path string) (Kind, bool) {
	for _, k := range Kinds() {
		if k.Path() == path {
			return k, true
		}
	}
	return "", false
}

// Values are a record's fields as canonical text. A missing key and an empty text mean the same: no value.
type Values map[string]string

// Record is one lead, opportunity, contact or account.
type Record struct {
	ID    ident.Record
	Kind  Kind
	Owner ident.User
	// ExternalKey is the record's id in the system it was imported from; unique per kind when not empty.
	ExternalKey string
	Values      Values
}

// Get gives the value of a field, "" when it has none.
func (r Record) Get(field string) string { return r.Values[field] }

// Name gives the text by which people call the record; it is never empty.
func (r Record) Name() string { return DisplayName(r.Kind, r.Values) }

// Open tells whether work on the record goes on. Closing a record ends its enrollments (spec.md 13, decision 13).
func (r Record) Open() bool { return IsOpen(r.Kind, r.Values["status"]) }

// DisplayName builds a record's name of its values: for a person first and last name, else the name, company, email
// or phone.
func DisplayName(kind Kind, v Values) string {
	person := strings.TrimSpace(v["first_name"] + " " + v["last_name"])
	candidates := []string{person, v["name"], v["company"], v["email"], v["phone"]}
	if kind == Opportunity || kind == Account {
		candidates = []string{v["name"], v["company"], person, v["email"], v["phone"]}
	}
	for _, c := range candidates {
		if c != "" {
			return c
		}
	}
	return "Unnamed " + string(kind)
}

// OpenStatus gives the status of a record on which work goes on, which is also that of a new one.
func OpenStatus(kind Kind) string { return Statuses(kind)[0] }

// Statuses lists the statuses of a kind; the first is the open one.
func Statuses(kind Kind) []string {
	switch kind {
	case Lead:
		return []string{"open", "qualified", "disqualified"}
	case Opportunity:
		return []string{"open", "won", "lost"}
	case Contact, Account:
		return []string{"active", "inactive"}
	}
	return []string{"open", "closed"}
}

// IsOpen tells whether the status is the open one of the kind. An empty status is open.
func IsOpen(kind Kind, status string) bool { return status == "" || status == OpenStatus(kind) }
