package action

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/record"
)

// fieldSort begins the orders by a field of the records: field:close_date.
const fieldSort = "field:"

// maxTextGroups is how many values of a text are groups of their own; of more, the first letters are.
const maxTextGroups = 20

// ByField is the order by a field of the records. Records without a value come last, also in reverse.
func ByField(key string) WorkSort { return WorkSort(fieldSort + key) }

// Field gives the key of the field that an order goes by, false for the orders that are always there.
func (s WorkSort) Field() (key string, ok bool) {
	return strings.CutPrefix(string(s.plain()), fieldSort)
}

// SortFields lists the fields by which work can be sorted: the numbers, dates, choices and short texts of some kinds of records, of all
// without any.
func SortFields(kinds ...record.Kind) []record.Field {
	if len(kinds) == 0 {
		kinds = record.Kinds()
	}
	var list []record.Field
	for _, k := range kinds {
		for _, f := range record.Fields(k) {
			if sortable(f.Type) && !slices.ContainsFunc(list, func(one record.Field) bool { return one.Key == f.Key }) {
				list = append(list, f)
			}
		}
	}
	return list
}

func sortable(t record.Type) bool {
	return t == record.Number || t == record.Date || t == record.Choice || t == record.Text
}

// SortField gives the field of an order, false when there is none.
func SortField(s WorkSort) (record.Field, bool) {
	key, ok := s.Field()
	if !ok {
		return record.Field{}, false
	}
	list := SortFields()
	at := slices.IndexFunc(list, func(f record.Field) bool { return f.Key == key })
	if at < 0 {
		return record.Field{}, false
	}
	return list[at], true
}

// check says what is wrong with an order that nobody knows.
func (s WorkSort) check() error {
	if s.Known() {
		return nil
	}
	return fault.Field("sort", "unknown", "The work list is sorted by "+sortWords())
}

// sortWords lists the orders for whoever has named another one.
func sortWords() string {
	var keys []string
	for _, f := range SortFields() {
		keys = append(keys, f.Key)
	}
	return fmt.Sprintf("%s, or by a field of the records as %svalue (%s), with - before it to reverse.", oneOfSorts(), fieldSort, strings.Join(keys, ", "))
}

// placeByField says where an entry belongs by a field of its record.
func (e *placedWork) placeByField(field record.Field) {
	// The field of this kind of records: choices differ, and some kinds do not have it.
	own, known := record.FieldOf(e.RecordKind, field.Key)
	value := e.Value
	if own.Key == "status" && value == "" {
		value = record.OpenStatus(e.RecordKind)
	}
	e.last, e.group = true, "No "+strings.ToLower(field.Label)
	if !known || value == "" {
		return
	}
	switch own.Type {
	case record.Number:
		if n, err := strconv.ParseFloat(value, 64); err == nil && !math.IsNaN(n) && !math.IsInf(n, 0) {
			e.last, e.number, e.group = false, n, own.Label+" "+numberGroup(n)
		}
	case record.Date:
		e.last, e.text, e.group = false, value, own.Label+" "+value
		if day, err := time.Parse(time.DateOnly, value); err == nil {
			e.group = own.Label + " in " + day.Format("January 2006")
		}
	case record.Choice:
		e.last, e.number, e.text, e.group = false, float64(slices.Index(own.Options, value)), value, own.Label+": "+value
	case record.Text, record.LongText, record.Email, record.Phone, record.URL, record.Bool, record.Zone, record.Lookup:
		e.last, e.text, e.group = false, strings.ToLower(value), value
	}
}

// numberGroup names the power of ten in which a number lies: enough to see where one is, whatever the field counts.
func numberGroup(n float64) string {
	if n < 0 {
		return "below 0"
	}
	low := int64(10)
	for n >= float64(low)*10 && low < 1_000_000_000 {
		low *= 10
	}
	switch {
	case n < 10:
		return "below 10"
	case low == 1_000_000_000:
		return thousands(low) + " and more"
	}
	return thousands(low) + " to " + thousands(low*10-1)
}

// thousands writes a number with its thousands apart.
func thousands(n int64) string {
	text := strconv.FormatInt(n, 10)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// groupTexts puts what differs in case only under one heading, and many values under their first letters.
func groupTexts(placed []placedWork, field record.Field) {
	if field.Type != record.Text {
		return
	}
	heading := map[string]string{}
	for _, e := range placed {
		if _, known := heading[e.text]; !known && !e.last {
			heading[e.text] = e.group
		}
	}
	for i, e := range placed {
		switch {
		case e.last:
		case len(heading) > maxTextGroups:
			placed[i].group = initial(e.text)
		default:
			placed[i].group = heading[e.text]
		}
	}
}
