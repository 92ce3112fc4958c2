package record

import (
	"strings"

	"cadenza/internal/ident"
)

// LinkOf gives the record that the value of a Lookup names, false for none.
func LinkOf(value string) (ident.Record, bool) {
	var id ident.Record
	err := id.UnmarshalText([]byte(value))
	return id, err == nil && id != 0
}

// FieldAt gives a field by its path: a key, or a key of a related record behind that of the lookup that leads to it, as
// "account.country". A field of a related record has its path for a key, and says in its label whose it is. Paths lead
// one record on, no further.
func FieldAt(kind Kind, path string) (Field, bool) {
	lookup, key, dotted := strings.Cut(path, ".")
	f, ok := FieldOf(kind, lookup)
	if !dotted || !ok {
		return f, ok
	}
	inner, ok := FieldOf(f.Names, key)
	if f.Type != Lookup || !ok || inner.Type == Lookup {
		return Field{}, false
	}
	return related(f, inner), true
}

func related(lookup, inner Field) Field {
	inner.Key, inner.Label = lookup.Key+"."+inner.Key, lookup.Label+": "+inner.Label
	inner.required = false
	return inner
}

// Lookups lists the fields of a kind that name another record.
func Lookups(kind Kind) []Field {
	var list []Field
	for _, f := range fieldsOf[kind] {
		if f.Type == Lookup {
			list = append(list, f)
		}
	}
	return list
}

// RelatedFields lists the fields of the records to which a lookup leads, as FieldAt gives them.
func RelatedFields(lookup Field) []Field {
	var list []Field
	for _, f := range fieldsOf[lookup.Names] {
		if f.Type != Lookup {
			list = append(list, related(lookup, f))
		}
	}
	return list
}

// Relate adds the values of a related record to those of a record, under their paths.
func (v Values) Relate(lookup string, related Values) {
	for key, value := range related {
		v[lookup+"."+key] = value
	}
}

// Lookups lists the lookups over which the condition's rows ask for a related record, each once.
func (c Condition) Lookups() []string {
	seen := map[string]bool{}
	var keys []string
	var walk func(Condition)
	walk = func(c Condition) {
		for _, inner := range c.All {
			walk(inner)
		}
		for _, inner := range c.Any {
			walk(inner)
		}
		if lookup, _, dotted := strings.Cut(c.Field, "."); dotted && !seen[lookup] {
			seen[lookup] = true
			keys = append(keys, lookup)
		}
	}
	walk(c)
	return keys
}
