package record_test

import (
	"maps"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/record"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, in, want string
		problem         string // part of the sentence; "" for none
	}{
		{"first_name", "  Anna \t Maria ", "Anna Maria", ""},
		{"first_name", "An\r\nna", "An na", ""},
		{"first_name", "\xff", "", "is not valid text"},
		{"first_name", "a\x00b", "", "is not valid text"},
		{"first_name", strings.Repeat("ä", 255), strings.Repeat("ä", 255), ""},
		{"first_name", strings.Repeat("ä", 256), "", "is longer than 255 characters"},
		{"description", " two\n\nlines ", "two\n\nlines", ""},
		{"description", strings.Repeat("x", 10_001), "", "is longer than 10000 characters"},
		{"email", "Anna@Example.COM", "Anna@example.com", ""},
		{"email", "Anna Berg <anna@example.com>", "anna@example.com", ""},
		{"email", "anna@bücher.example", "anna@bücher.example", ""},
		{"email", "anna", "", "is not an email address"},
		{"email", "a@b.test, c@d.test", "", "is not an email address"},
		{"email", "anna@localhost", "", "needs a full domain"},
		{"email", "anna@example.", "", "is not an email address"},
		{"email", `"anna berg"@example.com`, "", "is not an email address"},
		{"email", strings.Repeat("a", 250) + "@example.com", "", ""},
		{"phone", "+49 (30) 90 18-20", "+4930901820", ""},
		{"phone", "030 901820", "030 901820", ""},
		{"phone", "+49 30 901820 ext. 12", "+4930901820 ext. 12", ""},
		{"phone", "ring twice", "", "is not a phone number"},
		{"website", "example.com/a?b=c", "https://example.com/a?b=c", ""},
		{"website", "http://example.com", "http://example.com", ""},
		{"website", "ftp://example.com", "", "is not a web address"},
		{"website", "javascript://example.com/%0aalert(1)", "", "is not a web address"},
		{"website", "example", "", "is not a web address"},
		{"value", "1234.5", "1234.5", ""},
		{"value", "1,234.50", "1234.5", ""},
		{"value", "1.234,50", "1234.5", ""},
		{"value", "1 234,5 €", "1234.5", ""},
		{"value", "1,234", "1234", ""},
		{"value", "1,23", "1.23", ""},
		{"value", "1.234.567", "1234567", ""},
		{"value", "1,234,567", "1234567", ""},
		{"value", "-3", "-3", ""},
		{"value", "-0", "0", ""},
		{"value", "1e3", "1000", ""},
		{"value", "1e16", "", "is not a number"},
		{"value", "NaN", "", "is not a number"},
		{"value", "Inf", "", "is not a number"},
		{"value", "0x10", "", "is not a number"},
		{"value", "ten", "", "is not a number"},
		{"do_not_email", "Ja", "true", ""},
		{"do_not_email", "x", "true", ""},
		{"do_not_email", "no", "", ""},
		{"do_not_email", "maybe", "", "must be yes or no"},
		{"stage", "QUALIFY", "qualify", ""},
		{"stage", "won", "", "must be one of new, qualify"},
		{"status", "Qualified", "qualified", ""},
		{"time_zone", "Europe/Berlin", "Europe/Berlin", ""},
		{"time_zone", "Local", "", "is not a known time zone"},
		{"time_zone", "../../etc/passwd", "", "is not a known time zone"},
		{"time_zone", "Mars/Olympus", "", "is not a known time zone"},
	} {
		t.Run(c.field+" "+clipped(c.in), func(t *testing.T) {
			t.Parallel()
			if c.want == "" && c.problem == "" && c.field == "email" {
				c.problem = "is"
			}
			got, problems := record.Normalize(record.Lead, record.Values{"last_name": "Lindqvist", c.field: c.in})
			if c.problem == "" {
				if len(problems) > 0 || got[c.field] != c.want {
					t.Errorf("%q: got %q %v, want %q", c.in, got[c.field], problems, c.want)
				}
				return
			}
			if len(problems) != 1 || problems[0].Field != c.field || !strings.Contains(problems[0].Message, c.problem) {
				t.Errorf("%q: got %v, want a problem of %s that says it %s", c.in, problems, c.field, c.problem)
			}
		})
	}
}

func clipped(s string) string { return strings.ToValidUTF8(s[:min(len(s), 30)], "?") }

func TestNormalizeRecords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		kind    record.Kind
		in      record.Values
		want    record.Values
		problem string // "field code"
	}{
		{"a new lead is open", record.Lead, record.Values{"company": "Buyer"}, record.Values{"company": "Buyer", "status": "open"}, ""},
		{"an account needs a name", record.Account, record.Values{"city": "Berlin"}, nil, "name required"},
		{"a lead needs one of three", record.Lead, record.Values{"first_name": "Anna"}, nil, "last_name required"},
		{"an address is enough", record.Contact, record.Values{"email": "a@b.test"}, record.Values{"email": "a@b.test", "status": "active"}, ""},
		{"unknown field", record.Lead, record.Values{"company": "Buyer", "shoe_size": "44"}, nil, "shoe_size unknown_field"},
		{"a field of another kind", record.Lead, record.Values{"company": "Buyer", "close_date": "2026-01-01"}, nil, "close_date unknown_field"},
		{
			"dates", record.Opportunity,
			record.Values{"name": "Deal", "close_date": "31.12.2026"},
			record.Values{"name": "Deal", "close_date": "2026-12-31", "status": "open"},
			"",
		},
		{"a wrong date", record.Opportunity, record.Values{"name": "Deal", "close_date": "31.02.2026"}, nil, "close_date invalid"},
		{
			"the country tells the number", record.Lead,
			record.Values{"company": "B", "country": "Deutschland", "phone": "030 901820"},
			record.Values{"company": "B", "country": "Deutschland", "phone": "+4930901820", "status": "open"},
			"",
		},
		{
			"however it is written", record.Lead,
			record.Values{"company": "B", "country": " united  KINGDOM ", "phone": "020 7946 0018"},
			record.Values{"company": "B", "country": "united KINGDOM", "phone": "+442079460018", "status": "open"},
			"",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			before := maps.Clone(c.in)
			got, problems := record.Normalize(c.kind, c.in)
			if !maps.Equal(c.in, before) {
				t.Errorf("the input became %v", c.in)
			}
			if c.problem == "" {
				if len(problems) > 0 || !maps.Equal(got, c.want) {
					t.Errorf("got %v %v, want %v", got, problems, c.want)
				}
				return
			}
			if len(problems) != 1 || problems[0].Field+" "+problems[0].Code != c.problem || problems[0].Message == "" {
				t.Errorf("got %v, want the problem %s", problems, c.problem)
			}
		})
	}
}

// TestNormalizeIsIdempotent holds that what was stored is taken again as it is: an import of an export changes nothing.
func TestNormalizeIsIdempotent(t *testing.T) {
	t.Parallel()
	text := rapid.OneOf(
		rapid.String(),
		rapid.StringMatching(`[ +0-9().,'€/-]{0,20}( ?(ext\.?|x) ?[0-9]{1,4})?`),
		rapid.StringMatching(`[-+]?[0-9]{1,4}([.,][0-9]{1,3}){0,3}(e-?[0-9]{1,3})?`),
		rapid.StringMatching(`("?[a-zA-Z. ]{1,10}"?|[A-Za-zäÖ ]{1,8} <[a-z]{1,5})@[A-Za-zäÖ.-]{1,12}\.(test|DE|example)>?`),
		rapid.StringMatching(`(https?://)?[A-Za-zäÖ ._-]{1,12}\.(test|DE)(:[0-9]{1,5})?(/[^/?#]{0,90}){0,3}(\?[a-zä=&% ]{0,20})?`),
		rapid.SampledFrom([]string{"yes", "NO", "Qualify", "qualified", "Europe/Berlin", "UTC", "DE", "united  kingdom", " usa", "1.2.2026", "2 Jan 2026", "Éa", "¿"}),
	)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(record.Kinds()).Draw(t, "kind")
		in := record.Values{"last_name": "Lindqvist", "name": "Deal"}
		if _, ok := record.FieldOf(kind, "last_name"); !ok {
			delete(in, "last_name")
		}
		if _, ok := record.FieldOf(kind, "name"); !ok {
			delete(in, "name")
		}
		for _, f := range record.Fields(kind) {
			if rapid.IntRange(0, 3).Draw(t, "set "+f.Key) == 0 {
				in[f.Key] = text.Draw(t, f.Key)
			}
		}
		once, problems := record.Normalize(kind, in)
		for _, p := range problems {
			delete(in, p.Field)
			if p.Message == "" || p.Code == "" {
				t.Fatalf("a problem without words: %+v", p)
			}
		}
		if len(problems) > 0 {
			once, problems = record.Normalize(kind, in)
		}
		if len(problems) > 0 {
			return // a required field was among them
		}
		again, problems := record.Normalize(kind, once)
		if len(problems) > 0 || !maps.Equal(once, again) {
			t.Fatalf("%v becomes %v and then %v %v", in, once, again, problems)
		}
	})
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range record.Kinds() {
		if found, ok := record.KindOfPath(k.Path()); !ok || found != k || !k.Known() || k.Label() == "" {
			t.Errorf("kind %q has the path %q, which is of %q", k, k.Path(), found)
		}
		if open := record.OpenStatus(k); !record.IsOpen(k, open) || !record.IsOpen(k, "") || record.IsOpen(k, record.Statuses(k)[1]) {
			t.Errorf("%s: open is %q among %v", k, open, record.Statuses(k))
		}
		for _, f := range record.Fields(k) {
			if found, ok := record.FieldOf(k, f.Key); !ok || found.Label == "" || !f.On(k) || (f.Type == record.Choice) != (len(f.Options) > 0) {
				t.Errorf("field %q of %s: %+v", f.Key, k, f)
			}
		}
	}
	if _, ok := record.KindOfPath("parrots"); ok || record.Kind("parrot").Known() || record.Opportunity.Plural() != "Opportunities" {
		t.Error("parrots are a kind, or opportunities are not")
	}
}

func TestNames(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind record.Kind
		v    record.Values
		want string
	}{
		{record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "company": "Buyer"}, "Marta Lindqvist"},
		{record.Lead, record.Values{"company": "Buyer", "email": "a@b.test"}, "Buyer"},
		{record.Contact, record.Values{"email": "a@b.test"}, "a@b.test"},
		{record.Contact, record.Values{"phone": "+4930901820"}, "+4930901820"},
		{record.Opportunity, record.Values{"name": "Deal", "last_name": "Lindqvist"}, "Deal"},
		{record.Account, record.Values{"company": "Buyer"}, "Buyer"},
		{record.Lead, nil, "Unnamed lead"},
	} {
		if got := (record.Record{Kind: c.kind, Values: c.v}).Name(); got != c.want {
			t.Errorf("%s %v is called %q, want %q", c.kind, c.v, got, c.want)
		}
	}
}
