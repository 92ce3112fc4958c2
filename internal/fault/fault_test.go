package fault_test

import (
	"errors"
	"fmt"
	"reflect"
	"testing"

	"cadenza/internal/fault"
)

func TestError(t *testing.T) {
	t.Parallel()
	name := fault.Problem{Field: "/name", Code: "required", Message: "Name is required."}
	wait := fault.Problem{Field: "/steps/2/for", Step: "rest", Code: "range", Message: "The wait is too long.", Hint: "Choose 30 days at most."}
	for _, c := range []struct {
		err      error
		code     fault.Code
		text     string
		problems []fault.Problem
	}{
		{fault.New(fault.NotFound, "There is no %s.", "lead"), fault.NotFound, "There is no lead.", nil},
		{fault.New(fault.Conflict, "It is %d%% full.", 100).WithHint("Wait."), fault.Conflict, "It is 100% full. Wait.", nil},
		{fault.Of(name), fault.Invalid, "One thing needs your attention.\n- /name: Name is required.", []fault.Problem{name}},
		{fault.Of(name, wait), fault.Invalid, "2 things need your attention.\n- /name: Name is required.\n" +
			"- /steps/2/for step rest: The wait is too long. Choose 30 days at most.", []fault.Problem{name, wait}},
		{
			fault.Field("name", "taken", "Another one has this name."), fault.Invalid,
			"One thing needs your attention.\n- name: Another one has this name.",
			[]fault.Problem{{Field: "name", Code: "taken", Message: "Another one has this name."}},
		},
		{fmt.Errorf("save: %w", fault.Of(name)), fault.Invalid, "save: One thing needs your attention.\n- /name: Name is required.", []fault.Problem{name}},
		{errors.New("broken"), "", "broken", nil},
	} {
		if got := c.err.Error(); got != c.text {
			t.Errorf("got %q, want %q", got, c.text)
		}
		if got := fault.CodeOf(c.err); got != c.code || fault.Is(c.err, c.code) != (c.err != nil) || fault.Is(c.err, "other") {
			t.Errorf("%v has the code %q, want %q", c.err, got, c.code)
		}
		if got := fault.ProblemsOf(c.err); !reflect.DeepEqual(got, c.problems) {
			t.Errorf("%v has the problems %v, want %v", c.err, got, c.problems)
		}
	}
	if err := fault.Of(); err != nil || fault.CodeOf(nil) != "" || fault.ProblemsOf(nil) != nil {
		t.Errorf("no problems make %v", err)
	}
}

// TestInner holds that the cause is there for the log and never in the text for people.
func TestInner(t *testing.T) {
	t.Parallel()
	cause := errors.New("password is hunter2")
	err := fault.New(fault.Unavailable, "The database does not answer.").WithInner(cause)
	if !errors.Is(err, cause) || err.Error() != "The database does not answer." {
		t.Errorf("got %q over %v", err, errors.Unwrap(err))
	}
}

func TestProblemString(t *testing.T) {
	t.Parallel()
	for want, p := range map[string]fault.Problem{
		"Wrong.":                     {Message: "Wrong."},
		"Wrong. Mend it.":            {Message: "Wrong.", Hint: "Mend it."},
		"step call: Wrong.":          {Step: "call", Message: "Wrong."},
		"/steps/0 step call: Wrong.": {Field: "/steps/0", Step: "call", Message: "Wrong."},
		"email: Wrong.":              {Field: "email", Code: "invalid", Message: "Wrong."},
	} {
		if got := p.String(); got != want {
			t.Errorf("%+v reads %q, want %q", p, got, want)
		}
	}
}
