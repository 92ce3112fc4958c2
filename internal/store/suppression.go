package store

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
)

// SuppressionSource says how a suppression came to be.
type SuppressionSource string

// The sources. The first three are the customer's own will.
const (
	FromPage      SuppressionSource = "page"
	FromOneClick  SuppressionSource = "one_click"
	FromComplaint SuppressionSource = "complaint"
	FromBounce    SuppressionSource = "bounce"
	FromPerson    SuppressionSource = "person"
	FromImport    SuppressionSource = "import"
	FromAPI       SuppressionSource = "api"
)

// SuppressionSources lists every source, in the order of filters.
func SuppressionSources() []SuppressionSource {
	return []SuppressionSource{FromPage, FromOneClick, FromComplaint, FromBounce, FromPerson, FromImport, FromAPI}
}

// Known tells that there is such a source.
func (s SuppressionSource) Known() bool { return slices.Contains(SuppressionSources(), s) }

// Label gives the source as people read it.
func (s SuppressionSource) Label() string {
	switch s {
	case FromPage:
		return "Opt-out page"
	case FromOneClick:
		return "One-click opt-out"
	case FromComplaint:
		return "Complaint"
	case FromBounce:
		return "Bounce"
	case FromPerson:
		return "Added by a person"
	case FromImport:
		return "Import"
	case FromAPI:
		return "API"
	}
	return string(s)
}

// wishWeight is the weight of what the customer wants.
const wishWeight = 2

// weight orders the sources: what the customer wants stands above what somebody else says, and that above a bounce.
func (s SuppressionSource) weight() int {
	switch s {
	case FromPage, FromOneClick, FromComplaint:
		return wishWeight
	case FromPerson, FromImport, FromAPI:
		return 1
	case FromBounce:
	}
	return 0
}

// Suppression is an address, a domain or a phone number that must not be written to.
type Suppression struct {
	ID      ident.Suppression
	Channel message.Channel
	// Address is in its normal form; see SuppressionKey.
	Address string
	Source  SuppressionSource
	// HeldBy is the source of the entry that the customer's own wish stands above, "" for none. It counts when they take the
	// wish back.
	HeldBy SuppressionSource
	Note   string
	// Record and Message are where it came from, zero for none.
	Record     ident.Record
	RecordName string
	Message    ident.Message
	By         ident.User
	ByName     string
	// At is when it came about: for a new one zero for now, or the date of an older list.
	At time.Time
}

// Wish tells whether it is the customer's own will.
func (s Suppression) Wish() bool { return s.Source.weight() == wishWeight }

// Domain tells whether it stands for every address of a domain.
func (s Suppression) Domain() bool {
	return s.Channel == message.EmailChannel && !strings.Contains(s.Address, "@")
}

// Reason says in a sentence why the address must not be written to.
func (s Suppression) Reason() string {
	switch {
	case s.Domain():
		return "The domain of the address is suppressed."
	case s.Source == FromBounce:
		return "An earlier email to the address bounced."
	case s.Source == FromComplaint:
		return "The customer complained about an email."
	case s.Wish():
		return "The customer opted out."
	case s.Channel == message.TextChannel:
		return "The number is suppressed."
	}
	return "The address is suppressed."
}

// Fact is the suppression as decisions know it.
func (s Suppression) Fact() step.Suppression {
	f := step.Suppression{Reason: s.Reason(), Exit: step.ExitSuppressed}
	switch {
	case s.Domain():
		f.Exit = step.NoExit
	case s.Source == FromBounce:
		f.Exit = step.ExitBounced
	case s.Wish():
		f.Exit = step.ExitOptedOut
	default:
		f.Detail = s.origin(s.ByName)
	}
	return f
}

// origin says how somebody put it on the list, and what they noted.
func (s Suppression) origin(name string) string {
	from := s.Source.Label()
	if name != "" && s.Source == FromPerson {
		from = "Added by " + name
	} else if name != "" {
		from += " by " + name
	}
	if s.Note != "" {
		from += ": " + s.Note
	}
	return from
}

// event is what the enrollments learn of one that came on the list by a source: whose will it is, and what is known of it.
func (s Suppression) event(via SuppressionSource) step.Event {
	told := s
	told.Source = via
	switch {
	case s.Wish():
		return step.OptedOut{Channel: s.Channel, Detail: via.Label(), By: s.By}
	case s.Source == FromBounce:
		return step.Bounced{Detail: told.origin("")}
	}
	return step.Suppressed{Channel: s.Channel, Detail: told.origin(""), By: s.By}
}

// SuppressionKey gives the normal form in which an address, a domain or a phone number is suppressed and looked up, and
// its channel. ok is false for what is none of these.
func SuppressionKey(text string) (key string, channel message.Channel, ok bool) {
	text = strings.TrimSpace(text)
	switch {
	case strings.Contains(strings.TrimPrefix(text, "@"), "@"):
		a, err := message.ParseAddress(text)
		return message.AddressKey(a.Email), message.EmailChannel, err == nil
	case strings.Contains(text, ".") && !strings.HasPrefix(text, "+"):
		domain := message.DomainOf("x@" + strings.TrimPrefix(text, "@"))
		return domain, message.EmailChannel, message.ValidEmail("x@" + domain)
	}
	number, ok := record.CanonicalTextNumber(text)
	return number, message.TextChannel, ok
}

const suppressionColumns = `s.id, s.channel, s.address, s.source, s.note, coalesce(s.record_id, 0), coalesce(r.name, ''),
	coalesce(s.message_id, 0), coalesce(u.id, 0), coalesce(u.name, ''), s.created_at, s.held_by
	from suppressions s left join records r on r.id = s.record_id left join users u on u.id = s.created_by and s.held_by = '' `

func scanSuppression(rows oneRow) (s Suppression, err error) {
	var (
		channel int16
		at      int64
	)
	err = rows.Scan(&s.ID, &channel, &s.Address, &s.Source, &s.Note, &s.Record, &s.RecordName, &s.Message, &s.By, &s.ByName, &at, &s.HeldBy)
	s.Channel, s.At = channelOf[channel], time.UnixMicro(at).UTC()
	return s, err
}

// Suppressed gives for each of the addresses, as they were given, why it must not be written to: email addresses, alone or
// by their domain, and phone numbers. Those that may be written to are left out. It is one query however many they are.
func (tx *Tx) Suppressed(addresses []string) (map[string]Suppression, error) {
	wanted := map[string][]string{}
	for _, given := range addresses {
		key, channel, ok := SuppressionKey(given)
		if !ok {
			continue
		}
		wanted[key] = append(wanted[key], given)
		if channel == message.EmailChannel {
			domain := message.DomainOf(key)
			wanted[domain] = append(wanted[domain], given)
		}
	}
	found := map[string]Suppression{}
	keys := make([]string, 0, len(wanted))
	for key := range wanted {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	for _, chunk := range chunks(keys, 2000) {
		list, err := collect(tx, scanSuppression, `select `+suppressionColumns+`where s.channel in (1, 2) and `+tx.inTexts("s.address", 1), tx.texts(chunk))
		if err != nil {
			return nil, fmt.Errorf("look for suppressions: %w", err)
		}
		for _, s := range list {
			for _, given := range wanted[s.Address] {
				if before, known := found[given]; !known || before.Domain() {
					found[given] = s
				}
			}
		}
	}
	return found, nil
}

// Suppress puts addresses on the list, by their normal forms, and gives how many were not on it. One that is there keeps
// its source and date, unless the new source weighs more. Under a customer's wish what else keeps the address from messages is kept, note and all,
// for takeBack, whether it was there before or comes after.
func (tx *Tx) Suppress(list ...Suppression) (added int, err error) {
	slices.SortStableFunc(list, func(a, b Suppression) int { return cmp.Compare(a.Address, b.Address) }) // the order of locks
	for _, s := range list {
		if s.At.IsZero() {
			s.At = tx.Now
		}
		n, err := tx.exec(`insert into suppressions (channel, address, source, note, record_id, message_id, created_by, created_at)
			values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing`,
			channelCodes[s.Channel], s.Address, string(s.Source), clip(s.Note), key(s.Record), key(s.Message), key(s.By), s.At.UnixMicro())
		if err == nil && n == 0 {
			err = tx.outweigh(s)
		}
		if err != nil {
			return added, fmt.Errorf("suppress address: %w", err)
		}
		added += int(n)
	}
	return added, tx.suppressionChanged(list...)
}

// outweigh puts a suppression in the place of one that weighs less: of the entry, or of what is kept under a customer's wish.
func (tx *Tx) outweigh(s Suppression) error {
	lighter := sourcesBy(func(o SuppressionSource) bool { return o.weight() < s.Source.weight() })
	n, err := tx.exec(`update suppressions set source = $3, note = case when $10 then note else $4 end, record_id = $5, message_id = $6,
		created_by = case when $10 then created_by else $7 end, created_at = $8, held_by = case when $10 then source else '' end where channel = $1 and address = $2 and `+tx.inTexts("source", 9),
		channelCodes[s.Channel], s.Address, string(s.Source), clip(s.Note), key(s.Record), key(s.Message), key(s.By), s.At.UnixMicro(),
		tx.texts(lighter), s.Wish())
	if err != nil || n > 0 || s.Wish() {
		return err
	}
	wishes := sourcesBy(func(o SuppressionSource) bool { return o.weight() == wishWeight })
	_, err = tx.exec(`update suppressions set held_by = $3, note = $4, created_by = $5 where channel = $1 and address = $2 and `+tx.inTexts("source", 6)+` and `+tx.inTexts("held_by", 7),
		channelCodes[s.Channel], s.Address, string(s.Source), clip(s.Note), key(s.By), tx.texts(wishes), tx.texts(append(lighter, "")))
	return err
}

// sourcesBy gives the sources that a rule tells.
func sourcesBy(rule func(SuppressionSource) bool) (list []string) {
	for _, source := range SuppressionSources() {
		if rule(source) {
			list = append(list, string(source))
		}
	}
	return list
}

// takeBack takes the customer's own wish from the list, and gives whether there was one. Nobody else's is theirs to take back, so
// the entry that the wish stood above counts again.
func (tx *Tx) takeBack(channel message.Channel, address string) (bool, error) {
	const own = ` where channel = $1 and address = $2 and source in ($3, $4, $5) `
	args := []any{channelCodes[channel], address, string(FromPage), string(FromOneClick), string(FromComplaint)}
	bared, err := tx.exec(`update suppressions set source = held_by, held_by = ''`+own+`and held_by <> ''`, args...)
	if err != nil || bared > 0 {
		return bared > 0, err
	}
	gone, err := tx.exec(`delete from suppressions`+own, args...)
	return gone > 0, err
}
