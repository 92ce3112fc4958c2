package action

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// placedWork is an entry with what it is ordered by.
type placedWork struct {
	store.WorkEntry
	group string
	// number and text are what it is ordered by: number first, the less the further up. last puts it below all that have a value, also in
	// reverse.
	number float64
	text   string
	last   bool
}

// placeWork puts entries in order. Within one value they stand by due time.
func placeWork(entries []store.WorkEntry, sort WorkSort, w priority.Weights, now, tonight time.Time) []placedWork {
	placed := make([]placedWork, len(entries))
	field, byField := SortField(sort)
	for i := range entries {
		if placed[i].WorkEntry = entries[i]; byField {
			placed[i].placeByField(field)
		} else {
			placed[i].place(sort.plain(), w, now, tonight)
		}
	}
	placed = inOrder(placed, sort.Reversed())
	if byField {
		groupTexts(placed, field)
	}
	return placed
}

// inOrder sorts rows by their keys. The keys alone are moved about: a row is many times as large.
func inOrder(placed []placedWork, reversed bool) []placedWork {
	type keyed struct {
		workKey
		at int
	}
	keys := make([]keyed, len(placed))
	for i := range placed {
		keys[i] = keyed{placed[i].key(), i}
	}
	slices.SortFunc(keys, func(a, b keyed) int { return a.compare(b.workKey, reversed) })
	ordered := make([]placedWork, len(placed))
	for i, k := range keys {
		ordered[i] = placed[k.at]
	}
	return ordered
}

// compare tells which of two rows stands further up. No two are alike.
func (k workKey) compare(other workKey, reversed bool) int {
	if k.Last != other.Last {
		if k.Last {
			return 1
		}
		return -1
	}
	n := cmp.Or(cmp.Compare(k.Number, other.Number), cmp.Compare(k.Text, other.Text))
	if reversed {
		n = -n
	}
	return cmp.Or(n, cmp.Compare(k.Due, other.Due), cmp.Compare(k.ID, other.ID))
}

// place says where an entry belongs.
func (e *placedWork) place(sort WorkSort, w priority.Weights, now, tonight time.Time) {
	switch sort {
	case ByPriority:
		s := priority.Score{Total: priority.Total(e.Facts, w, now)}
		e.number = -float64(s.Total)
		e.group = levelGroups[s.Level()]
	case ByScore:
		e.number, e.group = -e.Score, scoreGroup(e.Score)
	case ByName:
		e.text = strings.ToLower(e.RecordName)
		e.group = initial(e.RecordName)
	case ByKind:
		e.group = kindLabel(e.Kind)
		e.text = strings.ToLower(e.group)
	case ByRecord:
		e.number, e.group = float64(slices.Index(record.Kinds(), e.RecordKind)), e.RecordKind.Plural()
	case BySequence:
		if e.text, e.group = strings.ToLower(e.Sequence), e.Sequence; e.group == "" {
			e.number, e.group = 1, "By hand"
		}
	case ByAssignee:
		if e.text, e.group = strings.ToLower(e.Assignee), e.Assignee; e.group == "" {
			e.number, e.group = 1, "Nobody"
		}
	case ByDue:
		e.number, e.group = float64(e.Facts.DueAt.UnixMicro()), dueGroup(e.Facts.DueAt, tonight)
	}
}

var levelGroups = map[priority.Level]string{priority.High: "High priority", priority.Medium: "Medium priority", priority.Low: "Low priority"}

// dueGroup names the day on which something is due, as a seller plans: what was due earlier today is not overdue yet.
func dueGroup(due, tonight time.Time) string {
	if tonight.IsZero() {
		return "Due"
	}
	switch {
	case due.Before(tonight.AddDate(0, 0, -1)):
		return "Overdue"
	case due.Before(tonight):
		return "Today"
	case due.Before(tonight.AddDate(0, 0, 1)):
		return "Tomorrow"
	case due.Before(tonight.AddDate(0, 0, 7)):
		return "Within a week"
	}
	return "Later"
}

func scoreGroup(score float64) string {
	switch {
	case score < 0:
		return "No score"
	case score >= 80:
		return "Score 80 and more"
	case score >= 60:
		return "Score 60 to 79"
	case score >= 40:
		return "Score 40 to 59"
	}
	return "Score below 40"
}

// initial gives the letter under which a name stands.
func initial(name string) string {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(name))
	if !unicode.IsLetter(r) {
		return "Other"
	}
	return string(unicode.ToUpper(r))
}

// kindLabel names a kind of activity; automatic steps that failed stand together.
func kindLabel(kind string) string {
	k, ok := step.KindOf(kind)
	switch {
	case kind == step.Meeting:
		return step.ActivityLabel(kind)
	case ok && k.Human:
		return k.Label
	case ok:
		return "Failed steps"
	}
	return "Other"
}
