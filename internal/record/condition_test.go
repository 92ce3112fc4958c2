package record

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func row(field string, op Op, values ...string) Condition {
	return Condition{Field: field, Op: op, Values: values}
}

func TestConditionHolds(t *testing.T) {
	t.Parallel()
	lead := Values{"company": "Becker & Söhne", "value": "1250.5", "stage": "qualify", "country": "DE", "do_not_phone": "true", "email": "Anna@example.com"}
	lead.Relate("account", Values{"country": "Norway", "company_size": "800"})
	deal := Values{"close_date": "2026-03-09", "name": "Renewal"}
	for _, c := range []struct {
		name string
		kind Kind
		v    Values
		c    Condition
		want bool
	}{
		{"text in another case", Lead, lead, row("company", Equals, "becker & söhne"), true},
		{"another text", Lead, lead, row("company", Equals, "Becker"), false},
		{"part of a text", Lead, lead, row("company", Contains, "SÖHNE"), true},
		{"beginning of a text", Lead, lead, row("company", Begins, "beck"), true},
		{"no part of a text", Lead, lead, row("company", Lacks, "GmbH"), true},
		{"an empty field contains nothing", Lead, lead, row("city", Contains, ""), false},
		{"an empty field lacks everything", Lead, lead, row("city", Lacks, "Bonn"), true},
		{"an empty field equals nothing", Lead, lead, row("city", Equals, ""), false},
		{"an empty field differs", Lead, lead, row("city", Differs, "Bonn"), true},
		{"empty", Lead, lead, row("city", Empty), true},
		{"filled", Lead, lead, row("country", Filled), true},
		{"an email by its domain's case", Lead, lead, row("email", Equals, "anna@EXAMPLE.com"), true},
		{"one of several", Lead, lead, row("country", In, "AT", "de"), true},
		{"none of several", Lead, lead, row("country", NotIn, "AT", "CH"), true},
		{"an empty field is none of several", Lead, lead, row("city", NotIn, "Bonn"), true},
		{"a number written otherwise", Lead, lead, row("value", Equals, "1,250.50"), true},
		{"numbers by size, not by text", Lead, lead, row("value", Above, "999"), true},
		{"at least itself", Lead, lead, row("value", AtLeast, "1250.5"), true},
		{"not above itself", Lead, lead, row("value", Above, "1250.5"), false},
		{"below", Lead, lead, row("value", Below, "1251"), true},
		{"at most", Lead, lead, row("value", AtMost, "1000"), false},
		{"an empty number is not below", Lead, lead, row("company_size", Below, "10"), false},
		{"a choice", Lead, lead, row("stage", Equals, "qualify"), true},
		{"yes", Lead, lead, row("do_not_phone", Equals, "true"), true},
		{"no, of a field without a value", Lead, lead, row("do_not_email", Equals, "false"), true},
		{"not no", Lead, lead, row("do_not_phone", Differs, "false"), true},
		{"a date", Opportunity, deal, row("close_date", AtMost, "2026-03-09"), true},
		{"a later date", Opportunity, deal, row("close_date", Above, "2026-03-09"), false},
		{"a field of the account", Lead, lead, row("account.country", In, "norway", "SE"), true},
		{"a number of the account", Lead, lead, row("account.company_size", AtLeast, "500"), true},
		{"another one of the account", Lead, lead, row("account.city", Empty), true},
		{"a field of no account is empty", Opportunity, deal, row("account.country", Empty), true},
		{"a field of no account equals nothing", Opportunity, deal, row("account.country", Equals, "Norway"), false},
		{"a field of no account differs", Opportunity, deal, row("account.country", Differs, "Norway"), true},
		{"all", Lead, lead, Condition{All: []Condition{row("country", Filled), row("city", Empty)}}, true},
		{"not all", Lead, lead, Condition{All: []Condition{row("country", Filled), row("city", Filled)}}, false},
		{"any", Lead, lead, Condition{Any: []Condition{row("city", Filled), row("country", Filled)}}, true},
		{"not any", Lead, lead, Condition{Any: []Condition{row("city", Filled), row("country", Empty)}}, false},
		{"a group in a group", Lead, lead, Condition{All: []Condition{row("country", Filled), {Any: []Condition{row("city", Filled), row("stage", In, "qualify")}}}}, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got, missing := c.c.Holds(c.kind, c.v); got != c.want || missing != "" {
				t.Errorf("%s of %v: got %v (missing %q), want %v", c.c.Describe(c.kind), c.v, got, missing, c.want)
			}
			if problems := c.c.Check(c.kind); len(problems) > 0 && !strings.Contains(c.name, "equals nothing") {
				t.Errorf("%+v is refused: %v", c.c, problems)
			}
		})
	}
}

func TestConditionNamesAMissingField(t *testing.T) {
	t.Parallel()
	for _, c := range []Condition{
		row("renewal_date", Filled),
		{All: []Condition{row("renewal_date", Filled), row("country", Filled)}},
		{Any: []Condition{row("city", Filled), row("renewal_date", Filled)}},
	} {
		if holds, missing := c.Holds(Lead, Values{}); holds || missing != "renewal_date" {
			t.Errorf("%+v: got %v, %q", c, holds, missing)
		}
	}
}

func TestConditionCheck(t *testing.T) {
	t.Parallel()
	deep := row("country", Filled)
	for range MaxConditionDepth {
		deep = Condition{All: []Condition{deep}}
	}
	many := Condition{}
	for range MaxConditions {
		many.Any = append(many.Any, row("country", Filled))
	}
	for _, c := range []struct {
		name, field, code string
		c                 Condition
	}{
		{"no field", "/field", "required", row("", Equals, "x")},
		{"a field that leads do not have", "/field", "unknown_field", row("close_date", Filled)},
		{"a comparison that numbers do not know", "/op", "unknown", row("value", Contains, "1")},
		{"a field of the account that it does not have", "/field", "unknown_field", row("account.last_name", Filled)},
		{"a field behind one that names no record", "/field", "unknown_field", row("company.country", Filled)},
		{"an account by its id", "/op", "unknown", row("account", Equals, "rec_0000000000000")},
		{"a number of the account that is none", "/value", "invalid", row("account.company_size", Above, "many")},
		{"no comparison", "/op", "unknown", row("value", "")},
		{"no value", "/value", "required", row("value", Above)},
		{"several values for one", "/value", "type", row("country", Equals, "DE", "AT")},
		{"a value that is no number", "/value", "invalid", row("value", Above, "much")},
		{"a choice that there is not", "/value", "invalid", row("stage", In, "new", "later")},
		{"an empty group", "/all", "required", Condition{All: []Condition{}}},
		{"a wrong row in a group", "/any/1/field", "required", Condition{Any: []Condition{row("country", Filled), row("", Filled)}}},
		{"too deep", "/all/0/all/0/all/0/all/0/all/0", "too_deep", deep},
		{"too many", "", "too_many", many},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			problems := c.c.Check(Lead)
			for _, p := range problems {
				if p.Field == c.field && p.Code == c.code && p.Message != "" && p.Hint != "" {
					return
				}
			}
			t.Errorf("got %+v, want %s at %q", problems, c.code, c.field)
		})
	}
}

func TestConditionDescribe(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]Condition{
		"Company size is at least 50 and (Country is one of DE, AT or Country is empty)": {All: []Condition{
			row("company_size", AtLeast, "50"), {Any: []Condition{row("country", In, "DE", "AT"), row("country", Empty)}},
		}},
		"Do not phone is on":  row("do_not_phone", Equals, "yes"),
		"Do not phone is off": row("do_not_phone", Equals, "false"),
		"Account: Company size is above 500 and Account is filled in": {All: []Condition{row("account.company_size", Above, "500"), row("account", Filled)}},
		"colour is red": row("colour", Equals, "red"),
	} {
		if got := c.Describe(Lead); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestOppositesExclude holds that of each comparison and its opposite exactly one is true, whatever the values.
func TestOppositesExclude(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(Fields(Lead)).Draw(t, "field")
		value, want := rapid.String().Draw(t, "value"), rapid.String().Draw(t, "want")
		if f.Type == Bool {
			value, want = rapid.SampledFrom([]string{"", "true"}).Draw(t, "bool"), rapid.SampledFrom([]string{"yes", "no"}).Draw(t, "wanted")
		}
		for op, opposite := range map[Op]Op{Equals: Differs, In: NotIn, Contains: Lacks, Empty: Filled} {
			if value == "" && op == Contains {
				continue // an empty field contains nothing, not even an empty text
			}
			yes, _ := row(f.Key, op, want).Holds(Lead, Values{f.Key: value})
			no, _ := row(f.Key, opposite, want).Holds(Lead, Values{f.Key: value})
			if yes == no {
				t.Fatalf("%s %s %q and %s are both %v of %q", f.Key, op, want, opposite, yes, value)
			}
		}
	})
}
