package record

import (
	"fmt"
	"math"
	"net/mail"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"

	"cadenza/internal/fault"
)

// The limits of values, in characters.
const (
	maxText     = 255
	maxLongText = 10_000
)

// Normalize brings the given values of a record into canonical form. It gives the values (without the empty ones) and
// a problem for each field that cannot be taken; unknown fields are problems too. The input is not changed.
func Normalize(kind Kind, in Values) (Values, []fault.Problem) {
	out := make(Values, len(in))
	var problems []fault.Problem
	for key := range in {
		if _, ok := FieldOf(kind, key); !ok {
			problems = append(problems, fault.Problem{
				Field: key, Code: "unknown_field",
				Message: fmt.Sprintf("%s have no field %q.", kind.Plural(), key), Hint: "Choose one of the fields of the record.",
			})
		}
	}
	region := regionOf(in)
	for _, f := range fieldsOf[kind] {
		value, problem := canonical(f, strings.TrimSpace(in[f.Key]), region)
		if problem == "" {
			problem = tooLong(f, value) // the canonical form of an address or number may be longer than what was written
		}
		if problem != "" {
			problems = append(problems, fault.Problem{Field: f.Key, Code: "invalid", Message: f.Label + " " + problem})
			continue
		}
		if value != "" {
			out[f.Key] = value
		}
	}
	if len(problems) == 0 {
		problems = missing(kind, out)
	}
	if out["status"] == "" {
		out["status"] = OpenStatus(kind)
	}
	return out, problems
}

// missing checks what a record cannot do without. A person needs a last name, a company or an email address to be
// told apart; opportunities and accounts need a name.
func missing(kind Kind, v Values) []fault.Problem {
	switch kind {
	case Opportunity, Account:
		if v["name"] == "" {
			return []fault.Problem{{Field: "name", Code: "required", Message: "Name is required."}}
		}
	default:
		if v["last_name"] == "" && v["company"] == "" && v["email"] == "" {
			return []fault.Problem{{Field: "last_name", Code: "required", Message: "Last name, company or email is required."}}
		}
	}
	return nil
}

func canonical(f Field, s, region string) (value, problem string) {
	if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
		return "", "is not valid text (UTF-8)."
	}
	if s == "" {
		return "", ""
	}
	if problem := tooLong(f, s); problem != "" {
		return "", problem
	}
	if f.Type != LongText {
		s = strings.Join(strings.Fields(s), " ")
	}
	switch f.Type {
	case Email:
		return canonicalEmail(s)
	case Phone:
		return canonicalPhone(s, region)
	case URL:
		return canonicalURL(s)
	case Number:
		return canonicalNumber(s)
	case Date:
		return canonicalDate(s)
	case Bool:
		return canonicalBool(s)
	case Choice:
		return canonicalChoice(s, f.Options)
	case Zone:
		if _, err := time.LoadLocation(s); err != nil || s == "Local" {
			return "", "is not a known time zone, for instance Europe/Berlin."
		}
		return s, ""
	case Lookup:
		if _, ok := LinkOf(s); !ok {
			return "", "is not the id of a record."
		}
		return s, ""
	case Text, LongText:
		return s, ""
	}
	return s, ""
}

func tooLong(f Field, s string) (problem string) {
	limit := maxText
	if f.Type == LongText {
		limit = maxLongText
	}
	if utf8.RuneCountInString(s) > limit {
		return fmt.Sprintf("is longer than %d characters.", limit)
	}
	return ""
}

func canonicalEmail(s string) (value, problem string) {
	addr, err := mail.ParseAddress(s)
	if err != nil || len(addr.Address) > 254 || !strings.Contains(addr.Address, "@") {
		return "", "is not an email address, for instance anna@example.com."
	}
	// What was only legal between quotes is no address by itself.
	if bare, err := mail.ParseAddress(addr.Address); err != nil || bare.Address != addr.Address {
		return "", "is not an email address, for instance anna@example.com."
	}
	at := strings.LastIndexByte(addr.Address, '@')
	domain := strings.ToLower(addr.Address[at+1:])
	if !strings.Contains(domain, ".") || strings.HasSuffix(domain, ".") {
		return "", "needs a full domain, for instance anna@example.com."
	}
	return addr.Address[:at+1] + domain, ""
}

// canonicalPhone gives E.164 where the number's country can be told; other texts with at least three digits are kept.
func canonicalPhone(s, region string) (value, problem string) {
	if n, err := phonenumbers.Parse(s, region); err == nil && phonenumbers.IsPossibleNumber(n) && (region != "" || strings.HasPrefix(s, "+")) {
		out := phonenumbers.Format(n, phonenumbers.E164)
		if ext := n.GetExtension(); ext != "" {
			out += " ext. " + ext
		}
		return out, ""
	}
	digits := 0
	for _, r := range s {
		if r >= '0' && r <= '9' {
			digits++
		}
	}
	if digits < 3 || len(s) > 40 {
		return "", "is not a phone number, for instance +49 30 901820."
	}
	return s, ""
}

func canonicalURL(s string) (value, problem string) {
	if !strings.Contains(s, "://") {
		s = "https://" + s
	}
	u, err := url.Parse(s)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.Contains(u.Host, ".") {
		return "", "is not a web address, for instance https://example.com."
	}
	return u.String(), ""
}

// canonicalNumber reads both 1,234.50 and 1.234,50; the last separator that is followed by other than three digits, or
// that appears together with the other one, is the decimal sign.
func canonicalNumber(s string) (value, problem string) {
	const wrong = "is not a number, for instance 1250.50."
	clean := strings.Map(func(r rune) rune {
		if r == ' ' || r == '\u00a0' || r == '\'' || r == '€' || r == '$' || r == '£' {
			return -1
		}
		return r
	}, s)
	comma, dot := strings.LastIndexByte(clean, ','), strings.LastIndexByte(clean, '.')
	switch {
	case comma >= 0 && dot >= 0 && comma > dot:
		clean = strings.Replace(strings.ReplaceAll(clean, ".", ""), ",", ".", 1)
	case comma >= 0 && dot >= 0:
		clean = strings.ReplaceAll(clean, ",", "")
	case comma >= 0 && strings.Count(clean, ",") == 1 && len(clean)-comma-1 != 3:
		clean = strings.Replace(clean, ",", ".", 1)
	case comma >= 0:
		clean = strings.ReplaceAll(clean, ",", "")
	case strings.Count(clean, ".") > 1:
		clean = strings.ReplaceAll(clean, ".", "")
	}
	n, err := strconv.ParseFloat(clean, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || math.Abs(n) > 1e15 {
		return "", wrong
	}
	if n == 0 {
		return "0", "" // not "-0"
	}
	return strconv.FormatFloat(n, 'f', -1, 64), ""
}

func canonicalDate(s string) (value, problem string) {
	for _, layout := range []string{"2006-01-02", "02.01.2006", "2.1.2006", "2006/01/02", "2 Jan 2006", "Jan 2, 2006", time.RFC3339} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format("2006-01-02"), ""
		}
	}
	return "", "is not a date of the form 2026-12-31."
}

func canonicalBool(s string) (value, problem string) {
	switch strings.ToLower(s) {
	case "true", "yes", "y", "1", "on", "x", "ja", "oui", "sí", "si":
		return "true", ""
	case "false", "no", "n", "0", "off", "nein", "non":
		return "", ""
	}
	return "", "must be yes or no."
}

// TruthText gives a truth value as files write it, "true" or "false"; a text that is none is given back as it is.
func TruthText(s string) string {
	value, problem := canonicalBool(s)
	switch {
	case problem != "":
		return s
	case value == "":
		return "false"
	}
	return value
}

func canonicalChoice(s string, options []string) (value, problem string) {
	for _, o := range options {
		if strings.EqualFold(o, s) {
			return o, ""
		}
	}
	return "", "must be one of " + strings.Join(options, ", ") + "."
}

// regionOf guesses the region of local phone numbers from the country; only names and codes in wide use are known.
func regionOf(v Values) string {
	country := strings.ToLower(strings.Join(strings.Fields(v["country"]), " "))
	if code, ok := regions[country]; ok {
		return code
	}
	if len(country) == 2 {
		return strings.ToUpper(country)
	}
	return ""
}

var regions = map[string]string{
	"germany": "DE", "deutschland": "DE", "austria": "AT", "österreich": "AT", "switzerland": "CH", "schweiz": "CH",
	"france": "FR", "spain": "ES", "españa": "ES", "italy": "IT", "italia": "IT", "netherlands": "NL", "belgium": "BE",
	"united kingdom": "GB", "uk": "GB", "great britain": "GB", "ireland": "IE", "united states": "US", "usa": "US",
	"canada": "CA", "norway": "NO", "sweden": "SE", "denmark": "DK", "finland": "FI", "poland": "PL", "japan": "JP",
	"portugal": "PT", "australia": "AU", "new zealand": "NZ", "india": "IN", "brazil": "BR", "mexico": "MX",
}
