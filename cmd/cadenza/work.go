package main

import (
	"fmt"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

type workCommand struct {
	List     workListCommand     `cmd:"" help:"List what a user, or everybody, has to do, in order and with the reasons of its priority."`
	Filter   workFilterCommand   `cmd:"" help:"Filters of the work list by the fields of records."`
	Saved    workSavedCommand    `cmd:"" help:"Saved filters of the work list, as the page keeps them."`
	Settings workSettingsCommand `cmd:"" help:"Show or change what counts in work lists."`
}

type workListCommand struct {
	site
	output
	Of     string   `arg:"" help:"The email address of the user, or everybody."`
	Sort   string   `help:"due, priority, score, name, kind, record_kind, sequence or assignee, or a field of the records as field:close_date; with - before it to reverse. The organisation's order without it." default:""`
	Filter []string `help:"Only what a filter shows, by id or name: filters by fields (cadenza work filter list), or one that is saved (cadenza work saved list). The user's own come before everybody's. May be given several times." placeholder:"NAME" sep:"none"`
	Value  []string `help:"A value for a row of a filter that is used, where it is chosen then: FILTER.ROW=VALUE, with rows counted from 0. May be given several times." placeholder:"FILTER.ROW=VALUE" sep:"none"`
	All    bool     `help:"Also what is due after today."`
	Limit  int      `help:"How many at most, up to 200." default:"50"`
}

// Run lists it.
func (c *workListCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		q, reader := store.WorkQuery{Everybody: c.Of == "everybody", Later: c.All, Limit: c.Limit}, access.System()
		zone := time.UTC
		if !q.Everybody {
			user, err := findUser(env, h, c.Of)
			if err != nil {
				return err
			}
			q.Assignee, reader, zone = user.ID, actorOf(user), zoneOf(user)
		}
		y, m, d := h.app.DB().Now().In(zone).Date()
		order := action.WorkOrder{Sort: action.WorkSort(c.Sort), Tonight: time.Date(y, m, d+1, 0, 0, 0, 0, zone)}
		if err := h.app.NameFilters(env.ctx, reader, c.Filter, c.Value, &q, &order); err != nil {
			return byFlag(err, nil)
		}
		if q.Until.IsZero() {
			q.Until = order.Tonight
		}
		page, err := h.app.Work(env.ctx, access.System(), q, order)
		if err != nil {
			return err
		}
		shape := func(r action.WorkRow) any { return api.WorkRow(r, page.Groups[r.Group]) }
		return c.show(env, shapes(page.Rows, shape), func() {
			for _, r := range page.Rows {
				line := fmt.Sprintf("%3d  %s  %-28s  %-28s  %s", r.Priority.Total, r.DueAt.In(zone).Format("2006-01-02 15:04"), cut(r.RecordName, 28), cut(r.Name, 28), page.Groups[r.Group].Label)
				if q.Everybody {
					line += "  " + orNobody(r.AssigneeName)
				}
				env.say("%s", line)
			}
			env.say("%d of %d", len(page.Rows), page.Total)
		})
	})
}

func orNobody(name string) string {
	if name == "" {
		return "nobody"
	}
	return name
}

// cut shortens a text to so many letters.
func cut(s string, most int) string {
	letters := []rune(s)
	if len(letters) <= most {
		return s
	}
	return string(letters[:most-1]) + "…"
}

type workSettingsCommand struct {
	site
	output
	Sort       string            `help:"The order of those who have chosen none; see cadenza work list --help." placeholder:"SORT"`
	Due        *int              `help:"Weight of how long an activity is due, from 0 to 100." placeholder:"N"`
	Engagement *int              `help:"Weight of what the customer did last." placeholder:"N"`
	Value      *int              `help:"Weight of the record's value." placeholder:"N"`
	Age        *int              `help:"Weight of how long the activity waits." placeholder:"N"`
	FullValue  *float64          `help:"The value of a record that gets all points for it." placeholder:"N"`
	AfterDone  *string           `help:"What follows a completed or skipped activity for those who have chosen nothing: next (the next one), stay (on the record) or ask." placeholder:"WHAT"`
	Icon       map[string]string `help:"What the icon of a card shows, by kind of records: lead=initials; activity, initials or record." placeholder:"KIND=ICON"`
	IconsFixed *bool             `help:"Have the icons count for everybody, or let everybody choose." negatable:""`
	Fixed      *bool             `name:"after-done-fixed" help:"Have that count for everybody, or let everybody choose." negatable:""`
}

// Run changes what flags name, and shows the settings.
func (c *workSettingsCommand) Run(env *environment) error {
	return within(env, c.site, func(h *house) error {
		s, err := h.app.WorkSettings(env.ctx, access.System())
		if err != nil {
			return err
		}
		if c.change(&s) {
			if s, err = h.app.SaveWorkSettings(env.ctx, access.System(), s); err != nil {
				return byFlag(err, nil)
			}
		}
		return c.show(env, api.WorkSettings(s), func() {
			w := s.Weights
			env.say("sort by %s", s.Sort)
			env.say("after-done %s%s", s.AfterDone, map[bool]string{true: ", for everybody", false: ""}[s.AfterDoneFixed])
			for _, k := range record.Kinds() {
				env.say("icon of %s %s%s", k, iconOf(s.Cards[k]), map[bool]string{true: ", for everybody", false: ""}[s.IconsFixed])
			}
			env.say("priority counts due %d, engagement %d, value %d (all points at %s), age %d", w.Due, w.Engagement, w.Value, fmt.Sprint(w.FullValue), w.Age)
		})
	})
}

func iconOf(c store.Card) string {
	if c.Icon == "" {
		return action.IconActivity
	}
	return c.Icon
}

// change applies the flags, and tells whether there were any.
func (c *workSettingsCommand) change(s *store.WorkSettings) (changed bool) {
	if c.Sort != "" {
		s.Sort, changed = c.Sort, true
	}
	for to, from := range map[*int]*int{&s.Weights.Due: c.Due, &s.Weights.Engagement: c.Engagement, &s.Weights.Value: c.Value, &s.Weights.Age: c.Age} {
		if from != nil {
			*to, changed = *from, true
		}
	}
	if c.AfterDone != nil || c.Fixed != nil {
		given(&s.AfterDone, c.AfterDone)
		given(&s.AfterDoneFixed, c.Fixed)
		changed = true
	}
	for kind, icon := range c.Icon {
		card := s.Cards[record.Kind(kind)]
		card.Icon, changed = icon, true
		s.Cards[record.Kind(kind)] = card
	}
	if c.IconsFixed != nil {
		s.IconsFixed, changed = *c.IconsFixed, true
	}
	if c.FullValue != nil {
		s.Weights.FullValue, changed = *c.FullValue, true
	}
	return changed
}
