package action

import (
	"context"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/phone"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// PhoneNumber is a number under which a record can be called.
type PhoneNumber struct {
	// Label is "Phone", "Mobile", …; Of is the person, where it is another record's.
	Label, Number, Of string
}

// PhoneNumbers gives the numbers of a record, the preferred one first. An opportunity is called at its contact (spec.md 6.8). ready
// tells that a trunk is there to call them over.
func (a *App) PhoneNumbers(ctx context.Context, actor access.Actor, r store.Record) (list []PhoneNumber, ready bool, err error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, false, err
	}
	err = a.db.Read(ctx, func(tx *store.Tx) error {
		t, err := tx.Trunk()
		if err != nil {
			return err
		}
		ready = t.Ready() && a.config.Phone != nil
		if link, linked := r.Links["contact"]; linked && r.Kind == record.Opportunity {
			person, err := tx.GetRecord(link.ID)
			if err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
			list = numbersOf(person, t.Order(), person.Name())
		}
		list = append(list, numbersOf(r, t.Order(), "")...)
		return nil
	})
	return list, ready, err
}

func numbersOf(r store.Record, order []string, of string) []PhoneNumber {
	var list []PhoneNumber
	for _, key := range order {
		if f, ok := record.FieldOf(r.Kind, key); ok && r.Get(key) != "" {
			list = append(list, PhoneNumber{Label: f.Label, Number: r.Get(key), Of: of})
		}
	}
	return list
}

// NewCall is the input for a call that somebody makes.
type NewCall struct {
	// Record is who is called; that of Activity when zero.
	Record   ident.Record
	Activity ident.Activity
	Number   string
	// Offer is the browser's description of its side (SDP).
	Offer string
}

func (a *App) telephone() (*phone.Phone, error) {
	if a.config.Phone == nil {
		return nil, fault.New(fault.Unavailable, "There is no telephone here.").WithHint("Call from the running server.")
	}
	return a.config.Phone, nil
}

// StartCall calls a number for the actor, and gives what the browser must be told. It does not wait for an answer.
func (a *App) StartCall(ctx context.Context, actor access.Actor, in NewCall) (call store.Call, answer string, err error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Call{}, "", err
	}
	p, err := a.telephone()
	if err != nil {
		return store.Call{}, "", err
	}
	number := phone.Dialable(in.Number)
	if number == "" {
		return store.Call{}, "", fault.Field("number", "invalid", "This is no number that can be called. Write it as +49 30 901820.")
	}
	if err := p.MayDial(actor.ID); err != nil {
		return store.Call{}, "", err
	}
	call, err = change(ctx, a, func(tx *store.Tx) (store.Call, error) {
		t, err := tx.Trunk()
		if err != nil {
			return store.Call{}, err
		}
		if !t.Ready() {
			return store.Call{}, fault.New(fault.Conflict, "No trunk is set up, so nobody can be called from here.").WithHint("An admin sets one up under Settings, Phone.")
		}
		c := store.Call{Record: in.Record, User: actor.ID, Activity: in.Activity, Number: number, Node: p.Node()}
		if in.Activity != 0 {
			act, err := tx.GetActivity(in.Activity)
			if err != nil {
				return store.Call{}, err
			}
			if err := mayOn(actor, access.DoActivities, act.Assignee); err != nil {
				return store.Call{}, err
			}
			c.Record = act.Record
		} else if _, err := tx.GetRecord(in.Record); err != nil {
			return store.Call{}, err
		}
		return tx.InsertCall(c)
	})
	if err != nil {
		return store.Call{}, "", err
	}
	answer, err = p.Dial(ctx, call, in.Offer)
	return call, answer, err
}

// AnswerCall takes a call that rings for the actor.
func (a *App) AnswerCall(ctx context.Context, actor access.Actor, id ident.Call, offer string) (answer string, err error) {
	p, err := a.telephone()
	if err != nil {
		return "", err
	}
	return p.Answer(ctx, id, actor.ID, offer)
}

// HangUp ends a call of the actor, or declines one that rings. lost tells that the page of the call is being left.
func (a *App) HangUp(ctx context.Context, actor access.Actor, id ident.Call, lost bool) error {
	p, err := a.telephone()
	if err != nil {
		return err
	}
	return p.HangUp(ctx, id, actor.ID, lost)
}

// PressKeys sends keys to the other side of a call.
func (a *App) PressKeys(ctx context.Context, actor access.Actor, id ident.Call, keys string) error {
	p, err := a.telephone()
	if err != nil {
		return err
	}
	return p.Press(ctx, id, actor.ID, keys)
}

// HoldCall puts the other side on hold, or takes it back.
func (a *App) HoldCall(ctx context.Context, actor access.Actor, id ident.Call, on bool) error {
	p, err := a.telephone()
	if err != nil {
		return err
	}
	return p.Hold(ctx, id, actor.ID, on)
}

// MyCalls gives the calls of the actor that are under way, ring, or ended just now.
func (a *App) MyCalls(actor access.Actor) []phone.Info {
	if a.config.Phone == nil {
		return nil
	}
	return a.config.Phone.Calls(actor.ID)
}

// WatchCalls tells of changes of MyCalls; the actor can be called meanwhile. The watcher must be stopped.
func (a *App) WatchCalls(actor access.Actor) (*phone.Watcher, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return nil, err
	}
	p, err := a.telephone()
	if err != nil {
		return nil, err
	}
	return p.Watch(actor.ID), nil
}

// PhoneReady tells whether calls can be made from here.
func (a *App) PhoneReady(ctx context.Context) (bool, error) {
	if a.config.Phone == nil {
		return false, nil
	}
	t, err := look(ctx, a, func(tx *store.Tx) (store.Trunk, error) { return tx.Trunk() })
	return t.Ready(), err
}

// GetCall gives a call of the actor's.
func (a *App) GetCall(ctx context.Context, actor access.Actor, id ident.Call) (store.Call, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return store.Call{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Call, error) {
		c, err := tx.GetCall(id)
		if err != nil {
			return store.Call{}, err
		}
		return c, mayOn(actor, access.DoActivities, c.User)
	})
}

// ListCalls gives the newest calls of a record.
func (a *App) ListCalls(ctx context.Context, actor access.Actor, id ident.Record) ([]store.Call, error) {
	if err := may(actor, access.ReadRecords); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]store.Call, error) {
		if _, err := tx.GetRecord(id); err != nil {
			return nil, err
		}
		return tx.CallsOf(id, store.DefaultPageSize)
	})
}

// LogCall says how a call went that is over: its activity is completed with that, or one is made for a call that had none. The
// duration is the measured one.
func (a *App) LogCall(ctx context.Context, actor access.Actor, id ident.Call, done Done) (store.Activity, error) {
	call, err := a.GetCall(ctx, actor, id)
	if err != nil {
		return store.Activity{}, err
	}
	switch {
	case call.EndedAt.IsZero():
		return store.Activity{}, fault.New(fault.Conflict, "The call is not over yet.").WithHint("End it first.")
	case call.Record == 0:
		return store.Activity{}, fault.New(fault.Conflict, "The call belongs to no record.").WithHint("Make a record with this number, and note the call there.")
	}
	done.Duration = call.Seconds()
	if call.Activity != 0 {
		return a.Complete(ctx, actor, call.Activity, done)
	}
	return change(ctx, a, func(tx *store.Tx) (store.Activity, error) {
		if err := done.check(tx, "phone_call"); err != nil {
			return store.Activity{}, err
		}
		name := "by hand"
		if call.Incoming {
			name = "from " + record.FormatPhone(call.Number)
		}
		made, err := tx.InsertActivity(store.Activity{Record: call.Record, Kind: "phone_call", Name: name[:min(len(name), flow.MaxStepName)], DueAt: tx.Now, Assignee: actor.ID}, actor.ID)
		if err != nil {
			return store.Activity{}, err
		}
		act, err := tx.LockActivity(made)
		if err != nil {
			return store.Activity{}, err
		}
		act.State, act.Outcome, act.Note, act.Duration = store.ActivityCompleted, done.Outcome, strings.TrimSpace(clean(done.Note)), done.Duration
		act.DoneBy, act.DoneAt = actor.ID, tx.Now
		if err := tx.SaveActivity(act); err != nil {
			return store.Activity{}, err
		}
		if err := tx.SetCallActivity(call.ID, act.ID); err != nil {
			return store.Activity{}, err
		}
		return tx.GetActivity(act.ID)
	})
}

// ofCalls tells of the calls of a record. One that was spoken is told by the activity that was completed with it.
func (s *story) ofCalls() []TimelineEntry {
	completed := map[ident.Activity]bool{}
	for _, act := range s.activities {
		completed[act.ID] = act.State == store.ActivityCompleted
	}
	var list []TimelineEntry
	for _, c := range s.calls {
		if c.EndedAt.IsZero() || (completed[c.Activity] && !c.AnsweredAt.IsZero()) {
			continue
		}
		e := TimelineEntry{At: c.StartedAt, Kind: "phone_call", By: c.UserName}
		switch c.End {
		case store.EndedHere, store.EndedThere: // as calls do end
		case store.EndedCancelled:
			e.Detail = "Given up before anybody answered."
		default:
			e.Detail = phone.Words(c.End, c.Detail)
		}
		number := record.FormatPhone(c.Number)
		switch {
		case c.Incoming && c.AnsweredAt.IsZero():
			e.Title, e.Trouble, e.Detail = strings.TrimSpace("Missed call from "+number), true, ""
			if c.End == store.EndedDeclined {
				e.Title = strings.TrimSpace("Declined call from " + number)
			}
		case c.Incoming:
			e.Title = "Call from " + number + spoken(c.Seconds())
		default:
			e.Title = "Called " + number + spoken(c.Seconds())
		}
		list = append(list, e)
	}
	return list
}
