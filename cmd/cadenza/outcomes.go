package main

import (
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/step"
)

// mustSay stands for no outcome where calls or meetings do not end by themselves.
const mustSay = "ask"

type outcomesCommand struct {
	List    outcomesListCommand    `cmd:"" help:"List the outcomes in the order in which sellers choose."`
	Add     outcomesAddCommand     `cmd:"" help:"Add an outcome at the end of the list."`
	Retire  outcomesRetireCommand  `cmd:"" help:"Offer an outcome no longer; conditions and history go on to understand it."`
	Offer   outcomesOfferCommand   `cmd:"" help:"Offer a retired outcome again."`
	Default outcomesDefaultCommand `cmd:"" help:"Choose how a call or a meeting ends of which its seller says nothing."`
}

// outcomesOf says whose outcomes a command is about.
type outcomesOf struct {
	Of string `help:"Whose outcomes: calls or meetings." enum:"calls,meetings" default:"calls"`
}

func (o outcomesOf) kind() string {
	if o.Of == "meetings" {
		return step.Meeting
	}
	return step.PhoneCall
}

type outcomesListCommand struct {
	site
	output
	outcomesOf
}

// Run lists them.
func (c *outcomesListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		list, err := h.app.OutcomeList(env.ctx, access.System(), c.kind())
		if err != nil {
			return err
		}
		return c.show(env, api.Outcomes(list), func() {
			for _, o := range list.Outcomes {
				env.say("%-24s %s", o.Key, strings.TrimSpace(o.Label+outcomeNote(list.Kind, o)))
			}
		})
	})
}

func outcomeNote(kind string, o step.CallOutcome) string {
	var notes []string
	if kind == step.Meeting && !o.Held {
		notes = append(notes, "did not take place")
	}
	switch {
	case o.Retired:
		notes = append(notes, "no longer offered")
	case o.Default:
		notes = append(notes, "where nobody says")
	}
	if len(notes) == 0 {
		return ""
	}
	return " (" + strings.Join(notes, ", ") + ")"
}

type outcomesAddCommand struct {
	site
	output
	outcomesOf
	Label string `arg:"" help:"What sellers choose; its key is made of it."`
	Held  bool   `help:"Of an outcome of meetings: the meeting took place."`
}

// Run adds it.
func (c *outcomesAddCommand) Run(env *environment) error {
	if c.Held && c.kind() != step.Meeting {
		return fault.Field("held", "unknown", "--held is for outcomes of meetings: add --of meetings.")
	}
	return changeOutcomes(env, c.site, c.output, c.kind(), func(list *action.OutcomeList) error {
		list.Outcomes = append(list.Outcomes, step.CallOutcome{Label: c.Label, Held: c.Held})
		return nil
	}, func(list action.OutcomeList) {
		added := list.Outcomes[len(list.Outcomes)-1]
		env.say("%s is offered as %s", added.Label, added.Key)
	})
}

type outcomesRetireCommand struct {
	site
	output
	outcomesOf
	Outcome string `arg:"" help:"Key of an outcome."`
}

// Run retires it.
func (c *outcomesRetireCommand) Run(env *environment) error {
	return offerOutcome(env, c.site, c.output, c.kind(), c.Outcome, false)
}

type outcomesOfferCommand struct {
	site
	output
	outcomesOf
	Outcome string `arg:"" help:"Key of an outcome."`
}

// Run offers it again.
func (c *outcomesOfferCommand) Run(env *environment) error {
	return offerOutcome(env, c.site, c.output, c.kind(), c.Outcome, true)
}

// offerOutcome offers an outcome, or offers it no longer.
func offerOutcome(env *environment, at site, out output, kind, key string, offered bool) error {
	return changeOutcomes(env, at, out, kind, func(list *action.OutcomeList) error {
		i := slices.IndexFunc(list.Outcomes, func(o step.CallOutcome) bool { return o.Key == key })
		if i < 0 {
			return fault.Field("outcome", "unknown", "There is no outcome "+key+". It must be one of "+strings.Join(list.Outcomes.Keys(), ", ")+".")
		}
		list.Outcomes[i].Retired = !offered
		return nil
	}, func(list action.OutcomeList) {
		env.say("%s is %s", list.Outcomes.Label(key), map[bool]string{true: "offered", false: "no longer offered"}[offered])
	})
}

type outcomesDefaultCommand struct {
	site
	output
	outcomesOf
	Outcome string `arg:"" help:"Key of an outcome that is offered, or ask: sellers must say."`
}

// Run chooses it.
func (c *outcomesDefaultCommand) Run(env *environment) error {
	return changeOutcomes(env, c.site, c.output, c.kind(), func(list *action.OutcomeList) error {
		if _, known := list.Outcomes.Find(c.Outcome); !known && c.Outcome != mustSay {
			return fault.Field("outcome", "unknown", "There is no outcome "+c.Outcome+". It must be "+mustSay+" or one of "+strings.Join(list.Outcomes.Offered().Keys(), ", ")+".")
		}
		for i := range list.Outcomes {
			list.Outcomes[i].Default = list.Outcomes[i].Key == c.Outcome
		}
		return nil
	}, func(list action.OutcomeList) {
		if key := list.Outcomes.Default(); key != "" {
			env.say("%s of which nobody says how they ended end with %s", c.Of, list.Outcomes.Label(key))
			return
		}
		env.say("sellers must say how a %s ended", strings.TrimSuffix(c.Of, "s"))
	})
}

// changeOutcomes reads a list, has it altered, saves it and shows what it is now.
func changeOutcomes(env *environment, at site, out output, kind string, alter func(*action.OutcomeList) error, tell func(action.OutcomeList)) error {
	return within(env, at, func(h *house) error {
		list, err := h.app.OutcomeList(env.ctx, access.System(), kind)
		if err != nil {
			return err
		}
		if err := alter(&list); err != nil {
			return err
		}
		if list, err = h.app.SaveOutcomes(env.ctx, access.System(), list); err != nil {
			return err
		}
		return out.show(env, api.Outcomes(list), func() { tell(list) })
	})
}
