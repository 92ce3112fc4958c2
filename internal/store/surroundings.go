package store

import (
	"fmt"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

// SendHours are when this message may go, as far as windows and the customer's holidays say.
func (c *MailCandidate) SendHours() flow.SendHours {
	return flow.SendHours{On: c.Pacing.Windows.On, Own: c.Pacing.Own, Windows: c.Pacing.Windows.Days, Zone: ZoneOfRecord(c.Record, c.Pacing.OwnerZone), Off: c.Pacing.Off}
}

// ZoneOfRecord is the record's own time zone, or else that of whoever writes to it.
func ZoneOfRecord(r record.Record, sender *time.Location) *time.Location {
	if name := r.Get("time_zone"); name != "" {
		if own, err := time.LoadLocation(name); err == nil {
			return own
		}
	}
	return sender
}

// Surroundings give what the ways of records through a version would meet if they were connected now, each with its own assignee; a zero
// record has no values, and is taken for one that can be written to. The preview and the simulation ask.
func (tx *Tx) Surroundings(v *flow.Version, records []Record, assignees []ident.User) ([]flow.Surroundings, error) {
	ids := make([]ident.Record, len(records))
	for i, r := range records {
		ids[i] = r.ID
	}
	facts, err := tx.FactsForAll(v, ids, assignees)
	if err != nil {
		return nil, err
	}
	hours, err := tx.sendHours(v, records, assignees)
	if err != nil {
		return nil, fmt.Errorf("read send hours: %w", err)
	}
	list := make([]flow.Surroundings, len(records))
	for i, r := range records {
		list[i] = flow.Surroundings{Facts: facts[i], Hours: hours[i]}
		if r.ID != 0 {
			_, hasNumber := r.TextNumber()
			list[i].NoAddress, list[i].NoNumber = !message.ValidEmail(r.Get("email")), !hasNumber
		}
	}
	return list, nil
}

// SurroundingsOn give what a live enrollment meets on the rest of its way: what decisions on it know now, and when messages go to its
// record. Its explanation asks.
func (tx *Tx) SurroundingsOn(e Enrollment, v *flow.Version, r Record) (flow.Surroundings, error) {
	l := &loaded{record: e.Record, assignee: e.Assignee, sequence: e.Sequence, snap: flow.Snapshot{Enrollment: e.ID, Version: v, State: e.State}}
	if err := tx.loadFacts([]*loaded{l}); err != nil {
		return flow.Surroundings{}, err
	}
	hours, err := tx.sendHours(v, []Record{r}, []ident.User{e.Assignee})
	if err != nil {
		return flow.Surroundings{}, fmt.Errorf("read send hours: %w", err)
	}
	_, hasNumber := r.TextNumber()
	around := flow.Surroundings{Facts: l.snap.Facts, Hours: hours[0], NoAddress: !message.ValidEmail(r.Get("email")), NoNumber: !hasNumber}
	if around.Held, around.HeldByHand, err = tx.heldAhead(e.ID); err != nil {
		return flow.Surroundings{}, fmt.Errorf("look for a hold of sending: %w", err)
	}
	return around, nil
}

// SurroundingsOfFile are Surroundings of records that stand in a file and not in the database: who may be written to, when messages go,
// and the working time of the assignees come from the database, the rest from the values.
func (tx *Tx) SurroundingsOfFile(v *flow.Version, records []Record, assignees []ident.User) ([]flow.Surroundings, error) {
	facts, err := tx.WishFacts(records)
	if err != nil {
		return nil, err
	}
	calendars, err := tx.CalendarsOf(assignees)
	if err != nil {
		return nil, err
	}
	hours, err := tx.sendHours(v, records, assignees)
	if err != nil {
		return nil, fmt.Errorf("read send hours: %w", err)
	}
	list := make([]flow.Surroundings, len(records))
	for i, r := range records {
		facts[i].Kind, facts[i].Values = r.Kind, r.Values
		facts[i].Working, facts[i].Calendar = v.Def.Options.Waits == flow.WorkingTime, calendars[assignees[i]]
		_, hasNumber := r.TextNumber()
		list[i] = flow.Surroundings{Facts: facts[i], Hours: hours[i], NoAddress: !message.ValidEmail(r.Get("email")), NoNumber: !hasNumber}
	}
	return list, nil
}

// sendHours give when automated messages of a version go to records.
func (tx *Tx) sendHours(v *flow.Version, records []Record, senders []ident.User) ([]flow.SendHours, error) {
	list := make([]flow.SendHours, len(records))
	if err := tx.returns(list, senders); err != nil {
		return nil, err
	}
	common, err := tx.SendWindows()
	if err != nil {
		return nil, err
	}
	windows, own := windowsOf(v.Def.Options, common)
	if !windows.On || v.Def.Options.Sending == flow.AnyTime {
		return list, nil
	}
	zones, err := tx.zonesOf(senders)
	if err != nil {
		return nil, err
	}
	known := countries{}
	for i, r := range records {
		h := &list[i]
		h.On, h.Own, h.Windows, h.Zone = true, own, windows.Days, ZoneOfRecord(r.Record, zones[senders[i]])
		if h.Off, err = known.off(tx, r.Record); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// returns notes for senders with time off when they are back, where their messages wait.
func (tx *Tx) returns(list []flow.SendHours, senders []ident.User) error {
	roster, err := tx.Roster()
	if err != nil {
		return err
	}
	calendars, names := map[ident.User]calendar.Calendar{}, map[ident.User]string{}
	for i, id := range senders {
		if id == 0 || len(roster.Leaves(id)) == 0 {
			continue
		}
		if names[id] == "" {
			u, err := tx.GetUser(id)
			if err != nil {
				return err
			}
			names[id] = u.Name
			if calendars[id], err = tx.CalendarOf(id); err != nil {
				return err
			}
		}
		list[i].Sender, list[i].Back = names[id], func(t time.Time) time.Time { return returnOf(roster, id, t, calendars[id]) }
	}
	return nil
}
