package main

import (
	"strconv"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
)

// forEver stands for history that is never deleted.
const forEver = "forever"

type historyCommand struct {
	site
	output
	Keep string `help:"Keep it for so many months after the end, or forever. What is older is deleted within a day, and does not come back." placeholder:"MONTHS"`
}

// Run says what is in force, and changes it before.
func (c *historyCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := h.app.GetSettings(env.ctx, access.System())
		if err != nil {
			return err
		}
		if c.Keep != "" {
			if s.HistoryMonths, err = readMonths(c.Keep); err != nil {
				return err
			}
			if s, err = h.app.SaveSettings(env.ctx, access.System(), s); err != nil {
				return err
			}
		}
		return c.show(env, api.Settings(s), func() {
			env.say("history is kept %s after an enrollment ends", action.KeptText(s.HistoryMonths))
		})
	})
}

func readMonths(text string) (int, error) {
	if text == forEver {
		return 0, nil
	}
	months, err := strconv.Atoi(text)
	if err != nil || months < 1 {
		return 0, fault.Field("keep", "invalid", "It is kept for a number of months, such as 24, or "+forEver+".")
	}
	return months, nil
}
