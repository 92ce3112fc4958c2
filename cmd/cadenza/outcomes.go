package main

import (
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/step"
)

// mustSay stands for no outcome where calls do not end by themselves.
const mustSay = "ask"

type outcomesCommand struct {
	List    outcomesListCommand    `cmd:"" help:"List the outcomes in the order in which sellers choose."`
	Default outcomesDefaultCommand `cmd:"" help:"Choose how a call ends of which its seller says nothing."`
}

type outcomesListCommand struct {
	site
	output
}

// Run lists them.
func (c *outcomesListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		list, err := h.app.OutcomeList(env.ctx, access.System())
		if err != nil {
			return err
		}
		return c.show(env, api.Outcomes(list), func() {
			for _, o := range list.Outcomes {
				env.say("%-24s %s", o.Key, strings.TrimSpace(o.Label+outcomeNote(o)))
			}
		})
	})
}

func outcomeNote(o step.CallOutcome) string {
	switch {
	case o.Retired:
		return " (no longer offered)"
	case o.Default:
		return " (where nobody says)"
	}
	return ""
}

type outcomesDefaultCommand struct {
	site
	output
	Outcome string `arg:"" help:"Key of an outcome that is offered, or ask: sellers must say."`
}

// Run chooses it.
func (c *outcomesDefaultCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		list, err := h.app.OutcomeList(env.ctx, access.System())
		if err != nil {
			return err
		}
		if _, known := list.Outcomes.Find(c.Outcome); !known && c.Outcome != mustSay {
			return fault.Field("outcome", "unknown", "There is no outcome "+c.Outcome+". It must be "+mustSay+" or one of "+strings.Join(list.Outcomes.Offered().Keys(), ", ")+".")
		}
		for i := range list.Outcomes {
			list.Outcomes[i].Default = list.Outcomes[i].Key == c.Outcome
		}
		if list, err = h.app.SaveOutcomes(env.ctx, access.System(), list); err != nil {
			return err
		}
		return c.show(env, api.Outcomes(list), func() {
			if key := list.Outcomes.Default(); key != "" {
				env.say("calls of which nobody says how they ended end with %s", list.Outcomes.Label(key))
				return
			}
			env.say("sellers must say how a call ended")
		})
	})
}
