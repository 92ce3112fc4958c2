package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

type recordCommand struct {
	List recordListCommand `cmd:"" help:"List records of a kind as the focused view shows them: each with its next activities."`
}

type recordListCommand struct {
	site
	output
	Kind       string   `arg:"" help:"lead, opportunity, contact or account."`
	As         string   `help:"Email address of the user who looks: whose own filters are known, and in whose time zone times are." placeholder:"EMAIL"`
	Search     string   `help:"Only those whose name, company, email address or number holds these words." placeholder:"TEXT"`
	Owner      string   `help:"Only those of this user." placeholder:"EMAIL"`
	Status     string   `help:"Only those with this status." placeholder:"STATUS"`
	Connection string   `help:"connected or unconnected: only those that are on a sequence, or on none." placeholder:"WHICH"`
	Sequence   string   `help:"Only those on this sequence; with --connection unconnected, those that are not on it." placeholder:"NAME"`
	Filter     []string `help:"Only what a filter shows, by id or name: filters by fields of this kind (cadenza work filter list), or what a saved filter (cadenza work saved list) says of records. The user's own come before everybody's. May be given several times." placeholder:"NAME" sep:"none"`
	Value      []string `help:"A value for a row of a filter that is used, where it is chosen then: FILTER.ROW=VALUE, with rows counted from 0. May be given several times." placeholder:"FILTER.ROW=VALUE" sep:"none"`
	Sort       string   `help:"name, company, owner, created or updated; with - before it to reverse." default:"name"`
	Limit      int      `help:"How many at most, up to 200." default:"50"`
}

// Run lists them.
func (c *recordListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		reader, zone := access.System(), time.UTC
		if c.As != "" {
			u, err := findUser(env, h, c.As)
			if err != nil {
				return err
			}
			reader, zone = actorOf(u), zoneOf(u)
		}
		q, err := c.query(env, h, reader)
		if err != nil {
			return err
		}
		rows, more, err := h.app.FilteredRecords(env.ctx, reader, q, c.Filter, c.Value)
		if err != nil {
			return byFlag(err, map[string]string{"kind": "kind"})
		}
		return c.show(env, shapes(rows, api.RecordWithNext), func() {
			for _, r := range rows {
				env.record(r, zone)
			}
			count := fmt.Sprintf("%d %s", len(rows), strings.ToLower(q.Kind.Plural()))
			if len(rows) == 1 {
				count = "1 " + strings.ToLower(q.Kind.Label())
			}
			if more {
				count += "; there are more, see --limit and --filter"
			}
			env.say("%s", count)
		})
	})
}

// query is the list that the flags describe, without filters by fields.
func (c *recordListCommand) query(env *environment, h *house, reader access.Actor) (store.RecordQuery, error) {
	q := store.RecordQuery{
		Kind: record.Kind(c.Kind), Search: c.Search, Status: c.Status, Connection: c.Connection, Sort: c.Sort, Limit: c.Limit, Activities: action.NextOnCard,
	}
	if statuses := record.Statuses(q.Kind); c.Status != "" && q.Kind.Known() && !slices.Contains(statuses, c.Status) {
		return q, fault.Field("--status", "unknown", "The status must be one of "+strings.Join(statuses, ", ")+".")
	}
	if c.Owner != "" {
		u, err := findUser(env, h, c.Owner)
		if err != nil {
			return q, err
		}
		q.Owner = u.ID
	}
	if c.Sequence != "" {
		s, err := findSequence(env, h, reader, c.Sequence)
		if err != nil {
			return q, err
		}
		q.Sequence = s.ID
	}
	return q, nil
}

// record prints a line for a record, and one below it for each of its next activities.
func (e *environment) record(r store.RecordRow, zone *time.Location) {
	parts := []string{fmt.Sprintf("%-28s", cut(r.Name(), 28)), fmt.Sprintf("%-24s", cut(r.Get("company"), 24)), fmt.Sprintf("%-16s", cut(orNobody(r.OwnerName), 16)), fmt.Sprintf("%-12s", r.Get("status"))}
	e.say("%s", strings.TrimRight(strings.Join(append(parts, strings.Join(r.Sequences, ", ")), "  "), " "))
	for _, a := range r.Next {
		e.say("    %s  %s  %s", a.DueAt.In(zone).Format("2006-01-02 15:04"), cut(a.Name, 40), orNobody(a.AssigneeName))
	}
}
