package main

import (
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

type suppressionCommand struct {
	List   suppressionListCommand   `cmd:"" help:"List the addresses, domains and phone numbers that nobody writes to."`
	Add    suppressionAddCommand    `cmd:"" help:"Have nobody write to an address, a domain or a phone number any more."`
	Remove suppressionRemoveCommand `cmd:"" help:"Let an address be written to again; the reason is kept in the audit."`
	Import suppressionImportCommand `cmd:"" help:"Add the addresses of a CSV file: the first column, with a note in the second. An exported list keeps its sources and dates."`
	Export suppressionExportCommand `cmd:"" help:"Write the whole list as CSV."`
}

type suppressionListCommand struct {
	site
	output
	Search  string `help:"Only those whose address or note hold these words."`
	Channel string `help:"Only those of a channel: email or text." enum:"email,text," default:""`
}

// Run lists them, newest first.
func (c *suppressionListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		q := store.SuppressionQuery{Search: c.Search, Channel: message.Channel(c.Channel), Limit: store.MaxPageSize}
		var all []any // for JSON, which is one list
		for {
			page, err := h.app.ListSuppressions(env.ctx, access.System(), q)
			if err != nil {
				return err
			}
			if all = append(all, shapes(page.Rows, api.Suppression)...); !c.JSON {
				saySuppressions(env, page.Rows)
			}
			if q.Cursor = page.Next; q.Cursor == "" {
				return c.show(env, shapes(all, func(s any) any { return s }), func() {})
			}
		}
	})
}

func saySuppressions(env *environment, rows []store.Suppression) {
	for _, s := range rows {
		note := strings.Join(strings.Fields(s.Note), " ") // a line is an entry
		env.say("%-40s %-10s  %-24s %s", s.Address, s.At.UTC().Format("2006-01-02"), s.Source.Label(), note)
	}
}

type suppressionAddCommand struct {
	site
	output
	Address string `arg:"" help:"Email address, domain such as example.com, or phone number in international form."`
	Note    string `help:"Why."`
}

// Run adds it.
func (c *suppressionAddCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := h.app.AddSuppression(env.ctx, access.System(), action.SuppressionInput{Address: c.Address, Note: c.Note, Source: store.FromPerson})
		if err != nil {
			return err
		}
		return c.show(env, api.Suppression(s), func() { env.say("Nobody writes to %s any more.", s.Address) })
	})
}

type suppressionRemoveCommand struct {
	site
	Address string `arg:"" help:"As cadenza suppression list shows it."`
	Reason  string `help:"Why it may be written to again." required:""`
}

// Run takes it off the list.
func (c *suppressionRemoveCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := c.find(env, h)
		if err == nil {
			err = h.app.RemoveSuppression(env.ctx, access.System(), s.ID, c.Reason)
		}
		if err == nil {
			env.say("%s may be written to again.", s.Address)
		}
		return err
	})
}

func (c *suppressionRemoveCommand) find(env *environment, h *house) (store.Suppression, error) {
	key, _, ok := store.SuppressionKey(strings.TrimSpace(c.Address))
	q := store.SuppressionQuery{Search: key, Limit: store.MaxPageSize}
	for ok {
		page, err := h.app.ListSuppressions(env.ctx, access.System(), q)
		if err != nil {
			return store.Suppression{}, err
		}
		for _, s := range page.Rows {
			if s.Address == key {
				return s, nil
			}
		}
		q.Cursor = page.Next
		ok = q.Cursor != ""
	}
	return store.Suppression{}, fault.New(fault.NotFound, "%s is not on the list.", c.Address).WithHint("See cadenza suppression list. An address may be held by its domain.")
}

type suppressionImportCommand struct {
	site
	File string `arg:"" help:"CSV file; - for standard input."`
}

// Run imports the file and prints each refused row.
func (c *suppressionImportCommand) Run(env *environment) error {
	rows, err := readRows(env, c.File)
	if err != nil {
		return err
	}
	return within(env, c.site, func(h *house) error {
		done, err := h.app.ImportSuppressionFile(env.ctx, access.System(), rows)
		if err != nil {
			return err
		}
		return env.imported(c.File, done.Header, done.Added, done.Known, done.RefusedCount, done.Refused)
	})
}

type suppressionExportCommand struct {
	site
}

// Run writes the list to standard output.
func (c *suppressionExportCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		return h.app.ExportSuppressions(env.ctx, access.System(), env.stdout)
	})
}
