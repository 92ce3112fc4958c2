package main

import (
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

type batchCommand struct {
	Start   batchStartCommand   `cmd:"" help:"Do one thing with the due activities of a user. A running server carries it out, after a grace of 20 seconds."`
	Email   batchEmailCommand   `cmd:"" help:"Send one email to the people of a step, with the merge fields of each, at once or at a time."`
	CleanUp batchCleanUpCommand `cmd:"" help:"Spread the overdue work of a user over the next working days."`
	List    batchListCommand    `cmd:"" help:"List the newest batches of a user."`
	Show    batchShowCommand    `cmd:"" help:"Say how far a batch is, and what became of its activities."`
	Undo    batchUndoCommand    `cmd:"" help:"Take a batch back."`
}

type batchStartCommand struct {
	site
	output
	Verb    string   `arg:"" enum:"complete,skip,snooze,reassign" help:"complete, skip, snooze or reassign."`
	User    string   `arg:"" help:"The email address of the user whose work it is."`
	Kind    []string `help:"Only these kinds, such as task or phone_call." placeholder:"KIND"`
	Search  string   `help:"Only those whose name or record holds these words."`
	Overdue int      `help:"Only what has been due for so many days." placeholder:"DAYS"`
	All     bool     `help:"Also what is due after today."`
	Outcome string   `help:"To complete: how the phone calls among them ended."`
	Note    string   `help:"To complete and skip."`
	Until   string   `help:"To snooze: 2006-01-02 15:04, in the zone of the user." placeholder:"TIME"`
	To      string   `help:"To reassign: the email address of the user who gets them." placeholder:"EMAIL"`
	DryRun  bool     `help:"Change nothing; say what would be refused."`
}

// Run begins it, with the rights of the user.
func (c *batchStartCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		user, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		in, err := c.bulk(env, h, user)
		if err != nil {
			return err
		}
		actor := actorOf(user)
		if c.DryRun {
			b, rows, err := h.app.CheckBatch(env.ctx, actor, in)
			if err != nil {
				return err
			}
			return c.show(env, api.StartedBatch(b, rows, h.db.Now()), func() {
				env.say("%s would be changed", counted(b.Counts[store.RowWaiting], "activity"))
				sayRows(env, rows, store.RowFailed)
			})
		}
		b, err := h.app.StartBatch(env.ctx, actor, in)
		if err != nil {
			return err
		}
		refused, err := batchRows(env, h, b.ID, store.RowFailed)
		if err != nil {
			return err
		}
		return c.show(env, api.StartedBatch(b, refused, h.db.Now()), func() {
			env.say("%s begins at %s with %s; cadenza batch undo %s takes it back", b.ID, b.RunAt.In(zoneOf(user)).Format(time.TimeOnly), counted(b.Counts[store.RowWaiting], "activity"), b.ID)
			sayRows(env, refused, store.RowFailed)
		})
	})
}

// bulk gives what the flags say.
func (c *batchStartCommand) bulk(env *environment, h *house, user store.User) (action.Bulk, error) {
	in := action.Bulk{Verb: c.Verb, Outcome: c.Outcome, Note: c.Note}
	zone := zoneOf(user)
	var err error
	if in.Until, err = readMoment("--until", c.Until, zone); err != nil {
		return in, err
	}
	if c.To != "" {
		to, err := findUser(env, h, c.To)
		if err != nil {
			return in, err
		}
		in.Assignee = to.ID
	}
	y, m, d := h.app.DB().Now().In(zone).Date()
	q := store.WorkQuery{Assignee: user.ID, Until: time.Date(y, m, d+1, 0, 0, 0, 0, zone), Later: c.All, Kinds: c.Kind, Search: c.Search}
	if c.Overdue > 0 {
		q.Until, q.Later = time.Date(y, m, d+1-c.Overdue, 0, 0, 0, 0, zone), false
	}
	var more bool
	if in.Activities, more, err = h.app.WorkIDs(env.ctx, actorOf(user), q); more {
		_, _ = fmt.Fprintf(env.stderr, "There are more than %d; these are the first by due time.\n", len(in.Activities))
	}
	return in, err
}

func zoneOf(u store.User) *time.Location { return zoneNamed(u.Zone) }

// zoneNamed gives a zone by the name that a user has; UTC for one that is not known any more.
func zoneNamed(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return zone
}

type batchListCommand struct {
	site
	output
	User string `arg:"" help:"The email address of the user."`
}

// Run lists them.
func (c *batchListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		user, err := findUser(env, h, c.User)
		if err != nil {
			return err
		}
		page, err := h.app.Batches(env.ctx, access.System(), user.ID, "", 0)
		if err != nil {
			return err
		}
		shape := func(b store.Batch) any { return api.Batch(b, h.db.Now()) }
		return c.show(env, shapes(page.Rows, shape), func() {
			for _, b := range page.Rows {
				env.say("%s  %s  %-8s  %-7s  %s", b.ID, b.CreatedAt.In(zoneOf(user)).Format("2006-01-02 15:04"), b.Verb, b.State, batchFigures(b))
			}
		})
	})
}

// batchFigures counts a batch's activities in words.
func batchFigures(b store.Batch) string {
	text := fmt.Sprintf("%d of %d done", b.Counts[store.RowDone]+b.Counts[store.RowKept], b.Total())
	for _, state := range []store.BatchRowState{store.RowFailed, store.RowUndone, store.RowKept} {
		if n := b.Counts[state]; n > 0 {
			text += fmt.Sprintf(", %d %s", n, state)
		}
	}
	return text
}

type batchShowCommand struct {
	site
	output
	Batch string `arg:"" help:"The id of the batch."`
}

// Run shows it.
func (c *batchShowCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		id, err := readBatchID(c.Batch)
		if err != nil {
			return err
		}
		b, err := h.app.GetBatch(env.ctx, access.System(), id)
		if err != nil {
			return err
		}
		rows, err := batchRows(env, h, id, 0)
		if err != nil {
			return err
		}
		shape := map[string]any{"batch": api.Batch(b, h.db.Now()), "activities": shapes(rows, api.BatchRow)}
		return c.show(env, shape, func() {
			env.say("%s is %s: %s", b.Verb, b.State, batchFigures(b))
			sayRows(env, rows, 0)
		})
	})
}

type batchUndoCommand struct {
	site
	output
	Batch string `arg:"" help:"The id of the batch."`
}

// Run takes it back.
func (c *batchUndoCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		id, err := readBatchID(c.Batch)
		if err != nil {
			return err
		}
		b, err := h.app.UndoBatch(env.ctx, access.System(), id)
		if err != nil {
			return err
		}
		return c.show(env, api.Batch(b, h.db.Now()), func() { env.say("%s is %s: %s", b.Verb, b.State, batchFigures(b)) })
	})
}

func readBatchID(text string) (id ident.Batch, err error) {
	if id.UnmarshalText([]byte(text)) != nil {
		return 0, fault.Field("batch", "unknown", "There is no batch "+text+". See cadenza batch list.")
	}
	return id, nil
}

// batchRows gives what became of the activities of a batch, in one state or all for zero.
func batchRows(env *environment, h *house, id ident.Batch, state store.BatchRowState) (rows []store.BatchRow, err error) {
	for cursor := ""; ; {
		page, err := h.app.BatchRows(env.ctx, access.System(), id, state, cursor, store.MaxPageSize)
		rows = append(rows, page.Rows...)
		if err != nil || page.Next == "" {
			return rows, err
		}
		cursor = page.Next
	}
}

// sayRows prints the rows in a state, or all for zero.
func sayRows(env *environment, rows []store.BatchRow, state store.BatchRowState) {
	for _, r := range rows {
		if state == 0 || r.State == state {
			env.say("%-8s  %-28s  %-28s  %s", r.State, cut(r.RecordName, 28), cut(r.ActivityName, 28), r.Reason)
		}
	}
}
