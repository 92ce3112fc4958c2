package main

import (
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
)

type explainCommand struct {
	site
	output
	Record string `arg:"" help:"The record: its id or email address. Or the id of an enrollment, finished ones too, or of a message."`
	Zone   string `help:"Time zone in which times are told." default:"UTC" placeholder:"ZONE"`
}

// Run says why a record stands where it stands on its sequences, what comes next and when, what holds it, and why its messages went out; of an
// enrollment or a message alone where its id is given.
func (c *explainCommand) Run(env *environment) error {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return fault.Field("zone", "invalid", "There is no time zone "+c.Zone+". Give one such as Europe/Berlin.")
	}
	tell := telling{env, zone}
	return within(env, c.site, func(h *house) error {
		var (
			enrollment ident.Enrollment
			message    ident.Message
			id         = []byte(strings.TrimSpace(c.Record))
		)
		switch {
		case enrollment.UnmarshalText(id) == nil:
			x, err := h.app.Explain(env.ctx, access.System(), enrollment)
			if err != nil {
				return err
			}
			return c.show(env, api.Explanation(x), explainer{tell, x}.say)
		case message.UnmarshalText(id) == nil:
			cause, err := h.app.CauseOf(env.ctx, access.System(), message)
			if err != nil {
				return err
			}
			return c.show(env, api.Cause(cause), func() { tell.cause(cause) })
		}
		rec, err := findAnyRecord(env, h, c.Record)
		if err != nil {
			return err
		}
		w, err := h.app.WhyOf(env.ctx, access.System(), rec, 0)
		if err != nil {
			return err
		}
		return c.show(env, api.Why(w), func() { tell.why(w) })
	})
}

// findAnyRecord gives a record of whatever kind by its id or its email address.
func findAnyRecord(env *environment, h *house, text string) (ident.Record, error) {
	var found []ident.Record
	for _, kind := range record.Kinds() {
		id, err := findRecord(env, h, kind, text)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return 0, err
		}
		if err == nil && !slices.Contains(found, id) { // an id is found among the records of every kind
			found = append(found, id)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return 0, fault.New(fault.NotFound, "There is no record %s.", text).WithHint("Give its id or email address.")
	}
	return 0, fault.New(fault.Conflict, "There are %d records with %s.", len(found), text).WithHint("Give the id of one.")
}

// explainer prints one explanation.
type explainer struct {
	telling
	x action.Explanation
}

func (e explainer) say() {
	x := e.x
	e.env.say("%s in %q, version %d", x.Enrollment.RecordName, x.Enrollment.SequenceName, x.Enrollment.VersionNumber)
	if x.Current != nil {
		e.env.say("At: %s (step %d of %d), since %s", x.Version.Def.Title(*x.Current, x.Outcomes), x.Position, x.Total, e.at(x.Enrollment.State.Since))
	}
	e.env.say("Why:")
	e.reasons(x.Reasons)
	if len(x.Holds) > 0 {
		e.env.say("%s:", heldTitle(x))
		e.holds(x.Holds)
	}
	e.next()
	if len(x.Ends) > 0 {
		e.env.say("Ends at any time: %s", strings.Join(x.Ends, " "))
	}
}

func heldTitle(x action.Explanation) string {
	if x.Enrollment.State.Status == flow.Finished {
		return "Why nothing comes"
	}
	return "What holds it"
}

// next says what comes on each way.
func (e explainer) next() {
	x := e.x
	if x.Enrollment.State.Status == flow.Finished {
		return
	}
	if x.Paused {
		e.env.say("Next, if it were resumed now:")
	} else {
		e.env.say("Next:")
	}
	e.visits(x.Coming(), "  ")
	if x.Fork == nil {
		e.ending(x.End, "  ")
		return
	}
	e.env.say("  %s", x.Version.Def.Title(x.Fork.Step, x.Outcomes))
	e.env.say("  Yes, %s at the earliest:", e.at(x.Fork.Yes.At))
	e.visits(x.Fork.Yes.Visits, "    ")
	e.ending(x.Fork.Yes.Way, "    ")
	e.env.say("  No, %s at the latest:", e.at(x.Fork.No.At))
	e.visits(x.Fork.No.Visits, "    ")
	e.ending(x.Fork.No.Way, "    ")
}

func (e explainer) visits(list []flow.Visit, indent string) {
	for _, v := range list {
		e.env.say("%s%s  %s", indent, e.at(v.At), e.x.Version.Def.Title(v.Step, e.x.Outcomes))
	}
}

func (e explainer) ending(w flow.Way, indent string) {
	switch {
	case w.Stuck != "":
		e.env.say("%sNobody can foresee when: %s", indent, w.Stuck)
	case w.EndAt.IsZero():
		e.env.say("%sIt waits for something that nobody can foresee.", indent)
	default:
		e.env.say("%s%s  %s", indent, e.at(w.EndAt), w.Exit.Describe())
	}
}
