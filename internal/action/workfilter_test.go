package action

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/step"
)

// What an address says comes back from it, and what nobody knows counts as not set.
func TestWorkFilterAddress(t *testing.T) {
	filter := ident.FieldFilter(7).String()
	for _, c := range []struct{ name, query, want string }{
		{"nothing", "", ""},
		{"everything", "q=birch&kind=email&kind=failed&record=lead&filter=" + filter + "&due=later&unopened=1&followed=1&sort=-score", "due=later&filter=" + filter + "&followed=1&kind=email&kind=failed&q=birch&record=lead&sort=-score&unopened=1"},
		{"unknown values", "kind=dance&record=planet&filter=ffi_x&due=never&unopened=yes&sort=colour&other=1", ""},
	} {
		q, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		same(t, c.name, ReadWorkFilter(q).Values().Encode(), c.want)
	}
}

func TestWorkFilterQuery(t *testing.T) {
	tonight := time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC)
	yesterday := tonight.AddDate(0, 0, -1)
	for _, c := range []struct {
		due         string
		from, until time.Time
		later       bool
	}{
		{DueTonight, time.Time{}, tonight, false},
		{DueOverdue, time.Time{}, yesterday, false},
		{DueToday, yesterday, tonight, false},
		{DueLater, tonight, tonight, true},
		{DueAll, time.Time{}, tonight, true},
	} {
		q := WorkFilter{Due: c.due}.Query(5, tonight)
		if !q.From.Equal(c.from) || !q.Until.Equal(c.until) || q.Later != c.later || q.Followed != 0 {
			t.Errorf("%q: %v to %v, later %v", c.due, q.From, q.Until, q.Later)
		}
	}
	q := WorkFilter{Kinds: []string{"task", FailedWork, LinkedInWork}, Followed: true}.Query(5, tonight)
	for _, kind := range []string{"task", "automated_email"} {
		if !slices.Contains(q.Kinds, kind) {
			t.Errorf("%s is not in %v", kind, q.Kinds)
		}
	}
	if slices.Contains(q.Kinds, step.Meeting) || q.Followed != 5 {
		t.Errorf("kinds %v, followed by %v", q.Kinds, q.Followed)
	}
}
