package record

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cadenza/internal/fault"
)

// MaxConditions is how many rows and groups a condition may have in all, MaxConditionDepth how deep groups may nest.
const (
	MaxConditions     = 50
	MaxConditionDepth = 5
)

// Op is how a row of a condition compares.
type Op string

// The comparisons. Texts are compared without regard to case. A field without a value equals nothing, so of the
// comparisons with a value only Differs, NotIn and Lacks hold for it.
const (
	Equals   Op = "="
	Differs  Op = "!="
	Above    Op = ">"
	AtLeast  Op = ">="
	Below    Op = "<"
	AtMost   Op = "<="
	In       Op = "in"
	NotIn    Op = "not_in"
	Contains Op = "contains"
	Lacks    Op = "lacks"
	Begins   Op = "begins_with"
	Empty    Op = "empty"
	Filled   Op = "filled"
)

// Label gives the comparison as it is read between a field and a value: "is at least".
func (o Op) Label() string {
	switch o {
	case Equals:
		return "is"
	case Differs:
		return "is not"
	case Above:
		return "is above"
	case AtLeast:
		return "is at least"
	case Below:
		return "is below"
	case AtMost:
		return "is at most"
	case In:
		return "is one of"
	case NotIn:
		return "is none of"
	case Contains:
		return "contains"
	case Lacks:
		return "does not contain"
	case Begins:
		return "begins with"
	case Empty:
		return "is empty"
	case Filled:
		return "is filled in"
	}
	return string(o)
}

// TakesValue tells whether the comparison needs a value, TakesList whether it takes several.
func (o Op) TakesValue() bool { return o != Empty && o != Filled }

// TakesList tells whether the comparison takes a list of values.
func (o Op) TakesList() bool { return o == In || o == NotIn }

// AllOps lists every comparison.
func AllOps() []Op {
	return []Op{Equals, Differs, Above, AtLeast, Below, AtMost, In, NotIn, Contains, Lacks, Begins, Empty, Filled}
}

// Ops lists the comparisons that a type of field can take, the usual one first.
func Ops(t Type) []Op {
	switch t {
	case Number, Date:
		return []Op{Equals, Differs, Above, AtLeast, Below, AtMost, Empty, Filled}
	case Bool:
		return []Op{Equals, Differs}
	case Choice, Zone:
		return []Op{Equals, Differs, In, NotIn, Empty, Filled}
	case Lookup:
		return []Op{Filled, Empty} // an id says nothing in a file; the related record's fields do
	case Text, LongText, Email, Phone, URL:
	}
	return []Op{Equals, Differs, In, NotIn, Contains, Lacks, Begins, Empty, Filled}
}

// Condition is a question about a record's fields: a row (Field, Op, Values), or a group of conditions.
type Condition struct {
	// All and Any are groups; at most one of the two is set, and then nothing else is.
	All, Any []Condition
	// Field is the path of a field, see FieldAt. Without a related record its fields have no value.
	Field string
	Op    Op
	// Values is what is compared with, as canonical text where the field's type knows one: one value, or several for an Op
	// that TakesList.
	Values []string
}

// Group tells whether the condition is a group.
func (c Condition) Group() bool { return c.All != nil || c.Any != nil }

// Check lists what is wrong with the condition for records of a kind. Fields are JSON pointers within the condition.
func (c Condition) Check(kind Kind) []fault.Problem {
	var problems []fault.Problem
	rows := 0
	var walk func(c Condition, pointer string, depth int)
	walk = func(c Condition, pointer string, depth int) {
		rows++
		if depth > MaxConditionDepth {
			problems = append(problems, fault.Problem{
				Field: pointer, Code: "too_deep", Message: fmt.Sprintf("Groups are nested more than %d deep.", MaxConditionDepth),
				Hint: "Put the rows into fewer groups.",
			})
			return
		}
		for name, list := range map[string][]Condition{"all": c.All, "any": c.Any} {
			if list != nil && len(list) == 0 {
				problems = append(problems, fault.Problem{
					Field: pointer + "/" + name, Code: "required", Message: "The group has no rows.", Hint: "Add a row or remove the group.",
				})
			}
			for i, inner := range list {
				walk(inner, fmt.Sprintf("%s/%s/%d", pointer, name, i), depth+1)
			}
		}
		if !c.Group() {
			problems = append(problems, c.checkRow(kind, pointer)...)
		}
	}
	walk(c, "", 1)
	if rows > MaxConditions {
		problems = append(problems, fault.Problem{
			Code: "too_many", Message: fmt.Sprintf("The condition has %d rows and groups; at most %d are possible.", rows, MaxConditions),
			Hint: "Remove some, or use two conditions.",
		})
	}
	return problems
}

func (c Condition) checkRow(kind Kind, pointer string) []fault.Problem {
	one := func(part, code, message, hint string) []fault.Problem {
		return []fault.Problem{{Field: pointer + part, Code: code, Message: message, Hint: hint}}
	}
	f, ok := FieldAt(kind, c.Field)
	switch {
	case c.Field == "":
		return one("/field", "required", "A row has no field.", "Choose a field.")
	case !ok:
		return one("/field", "unknown_field", fmt.Sprintf("%s have no field %q.", kind.Plural(), c.Field), "Choose another field.")
	case !slices.Contains(Ops(f.Type), c.Op):
		return one("/op", "unknown", fmt.Sprintf("%s cannot be compared by %q.", f.Label, c.Op), "Use one of "+joinOps(Ops(f.Type))+".")
	case c.Op.TakesValue() && len(c.Values) == 0:
		return one("/value", "required", f.Label+" "+c.Op.Label()+" …: the value is missing.", "Give a value.")
	case !c.Op.TakesList() && len(c.Values) > 1:
		return one("/value", "type", f.Label+" "+c.Op.Label()+" takes one value.", `Use "in" for several.`)
	}
	if c.Op == Contains || c.Op == Lacks || c.Op == Begins {
		return nil // parts of a value need not be values
	}
	var problems []fault.Problem
	for _, v := range c.Values {
		if _, problem := canonical(f, v, ""); problem != "" {
			problems = append(problems, one("/value", "invalid", fmt.Sprintf("%q: %s %s", v, f.Label, problem), "Give another value.")...)
		}
	}
	return problems
}

func joinOps(ops []Op) string {
	names := make([]string, len(ops))
	for i, o := range ops {
		names[i] = string(o)
	}
	return strings.Join(names, ", ")
}

// CanonicalValue brings the text of a field into canonical form. problem ends the sentence that begins with the field's
// label; it is empty when the text is fine. An empty text is.
func CanonicalValue(f Field, text string) (value, problem string) {
	value, problem = canonical(f, strings.TrimSpace(text), "")
	if problem == "" {
		problem = tooLong(f, value)
	}
	return value, problem
}

// Holds answers the condition for a record, whose values hold those of related records under their paths. missing names a field that records of the kind do not have; the answer then
// means nothing.
func (c Condition) Holds(kind Kind, v Values) (holds bool, missing string) {
	switch {
	case c.All != nil:
		for _, inner := range c.All {
			if ok, missing := inner.Holds(kind, v); !ok || missing != "" {
				return false, missing
			}
		}
		return true, ""
	case c.Any != nil:
		for _, inner := range c.Any {
			if ok, missing := inner.Holds(kind, v); ok || missing != "" {
				return missing == "", missing
			}
		}
		return false, ""
	}
	f, ok := FieldAt(kind, c.Field)
	if !ok {
		return false, c.Field
	}
	value := v[c.Field]
	if c.Field == "status" && value == "" {
		value = OpenStatus(kind)
	}
	return c.compare(f, value), ""
}

// compare answers one row for a field's canonical value.
func (c Condition) compare(f Field, value string) bool {
	same := func(want string) bool { return equal(f, value, want) }
	first := ""
	if len(c.Values) > 0 {
		first = c.Values[0]
	}
	switch c.Op {
	case Equals:
		return same(first)
	case Differs:
		return !same(first)
	case In:
		return slices.ContainsFunc(c.Values, same)
	case NotIn:
		return !slices.ContainsFunc(c.Values, same)
	case Above, AtLeast, Below, AtMost:
		return value != "" && c.ordered(f, value, first)
	case Contains:
		return value != "" && strings.Contains(strings.ToLower(value), strings.ToLower(first))
	case Lacks:
		return !strings.Contains(strings.ToLower(value), strings.ToLower(first))
	case Begins:
		return value != "" && strings.HasPrefix(strings.ToLower(value), strings.ToLower(first))
	case Empty:
		return value == ""
	case Filled:
		return value != ""
	}
	return false
}

func equal(f Field, value, want string) bool {
	if wanted, problem := canonical(f, want, ""); problem == "" {
		want = wanted
	}
	switch f.Type {
	case Bool:
		return value == want // not true is "", which is a value of its own
	case Number:
		a, errA := strconv.ParseFloat(value, 64)
		b, errB := strconv.ParseFloat(want, 64)
		return errA == nil && errB == nil && a == b
	case Date, Choice, Text, LongText, Email, Phone, URL, Zone, Lookup:
	}
	return value != "" && strings.EqualFold(value, want)
}

// ordered compares numbers by their size, and dates by their canonical text, which sorts as they do.
func (c Condition) ordered(f Field, value, want string) bool {
	want, problem := canonical(f, want, "")
	if problem != "" || want == "" {
		return false
	}
	order := strings.Compare(value, want)
	if f.Type == Number {
		a, errA := strconv.ParseFloat(value, 64)
		b, errB := strconv.ParseFloat(want, 64)
		if errA != nil || errB != nil {
			return false
		}
		order = 0
		if a < b {
			order = -1
		} else if a > b {
			order = 1
		}
	}
	switch c.Op {
	case Above:
		return order > 0
	case AtLeast:
		return order >= 0
	case Below:
		return order < 0
	case AtMost:
		return order <= 0
	}
	return false
}

// Describe says the condition as people read it: "Company size is at least 50 and Country is one of DE, AT".
func (c Condition) Describe(kind Kind) string {
	join := func(list []Condition, word string) string {
		parts := make([]string, len(list))
		for i, inner := range list {
			parts[i] = inner.Describe(kind)
			if inner.Group() && len(list) > 1 {
				parts[i] = "(" + parts[i] + ")"
			}
		}
		return strings.Join(parts, word)
	}
	switch {
	case c.All != nil:
		return join(c.All, " and ")
	case c.Any != nil:
		return join(c.Any, " or ")
	}
	label := c.Field
	if f, ok := FieldAt(kind, c.Field); ok {
		label = f.Label
		if f.Type == Bool {
			yes := len(c.Values) > 0 && equal(f, "true", c.Values[0])
			if yes == (c.Op == Equals) {
				return label + " is on"
			}
			return label + " is off"
		}
	}
	if !c.Op.TakesValue() {
		return label + " " + c.Op.Label()
	}
	return label + " " + c.Op.Label() + " " + strings.Join(c.Values, ", ")
}
