package api

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

// limitsShape are limits of sending.
type limitsShape struct {
	Hour      int    `json:"hour" doc:"The most emails within any 60 minutes; 0 for no cap."`
	Day       int    `json:"day" doc:"The most emails on a day; 0 for no cap."`
	Gap       int    `json:"gap_seconds" doc:"The least time between two emails."`
	Jitter    int    `json:"jitter_seconds" doc:"The most that is added to the gap, differently each time."`
	RampFirst int    `json:"ramp_first" doc:"Emails on the first day of a warm-up; 0 for none."`
	RampStep  int    `json:"ramp_step" doc:"How many more each later day."`
	RampFrom  string `json:"ramp_from,omitempty" doc:"The first day of the warm-up; empty for the day on which the mailbox was made."`
}

func limitsOf(l store.SendLimits) limitsShape {
	return limitsShape{
		Hour: l.Hour, Day: l.Day, Gap: int(l.Gap / time.Second), Jitter: int(l.Jitter / time.Second),
		RampFirst: l.RampFirst, RampStep: l.RampStep, RampFrom: l.RampFrom,
	}
}

func (s limitsShape) limits() store.SendLimits {
	return store.SendLimits{
		Hour: s.Hour, Day: s.Day, Gap: time.Duration(s.Gap) * time.Second, Jitter: time.Duration(s.Jitter) * time.Second,
		RampFirst: s.RampFirst, RampStep: s.RampStep, RampFrom: s.RampFrom,
	}
}

type windowShape struct {
	Day  string `json:"day" enum:"monday,tuesday,wednesday,thursday,friday,saturday,sunday"`
	From string `json:"from" doc:"As 08:00."`
	To   string `json:"to" doc:"As 18:00; 24:00 or 00:00 is the end of the day."`
}

// sendingShape are the rules of time for automated messages.
type sendingShape struct {
	Limits  limitsShape   `json:"limits" doc:"Those of mailboxes that have none of their own."`
	Windows bool          `json:"windows" doc:"Whether automated messages go in the windows only, by the customer's clock; else at any hour."`
	Days    []windowShape `json:"days" doc:"The windows; nothing goes on a day without one."`
	Rev     int64         `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

func sendingOf(in action.SendingInput) sendingShape {
	out := sendingShape{Limits: limitsOf(in.Limits), Windows: in.Windows, Days: []windowShape{}, Rev: in.Limits.Rev}
	for _, day := range week {
		if d := in.Days[day]; d.From != "" {
			out.Days = append(out.Days, windowShape{dayName(day), d.From, d.To})
		}
	}
	return out
}

// input gives what the action takes. A day has one window, and a window has two times: what the action cannot tell is refused here.
func (s sendingShape) input() (action.SendingInput, error) {
	in := action.SendingInput{Limits: s.Limits.limits(), Windows: s.Windows}
	in.Limits.Rev = s.Rev
	var problems []fault.Problem
	for i, w := range s.Days {
		day := week[slices.IndexFunc(week, func(d time.Weekday) bool { return dayName(d) == w.Day })] // the enum holds no other
		switch at := fmt.Sprintf("days/%d", i); {
		case in.Days[day] != action.DayWindow{}:
			problems = append(problems, fault.Problem{Field: at, Code: "duplicate", Message: day.String() + " has two windows. A day has one."})
		case w.From == "" && w.To == "":
			problems = append(problems, fault.Problem{Field: at + "/from", Code: "required", Message: day.String() + " needs two times such as 08:00 and 18:00. Leave out a day on which nothing goes."})
		}
		in.Days[day] = action.DayWindow{From: w.From, To: w.To}
	}
	return in, fault.Of(problems...)
}

// place points at what a problem of the action is about.
func (s sendingShape) place(p fault.Problem) string {
	if day, end, found := strings.Cut(p.Field, "_"); found {
		if i := slices.IndexFunc(s.Days, func(w windowShape) bool { return w.Day == day }); i >= 0 {
			return fmt.Sprintf("days/%d/%s", i, end)
		}
	}
	return limitsUnder("limits/")(p)
}

// paceShape is how a mailbox sends.
type paceShape struct {
	Own         *limitsShape `json:"own,omitempty" doc:"The mailbox's own limits; absent where those of the organisation count."`
	LastHour    int          `json:"last_hour" doc:"Emails that the cap of the hour counts now."`
	Today       int          `json:"today" doc:"Emails of today."`
	DayCap      int          `json:"day_cap" doc:"The cap of today, with the warm-up; 0 for none."`
	Waiting     int          `json:"waiting" doc:"Emails of its user that wait, whatever they wait for, counted up to 10,000."`
	OpensAt     *time.Time   `json:"opens_at,omitempty" doc:"When the next of those may go that wait because of the limits."`
	Sent        int          `json:"sent_7_days"`
	Bounced     int          `json:"bounced_7_days"`
	Complained  int          `json:"complained_7_days"`
	Paused      bool         `json:"paused"`
	PausedBy    *ref         `json:"paused_by,omitempty" doc:"Absent where a guard rail stopped it."`
	PausedAt    *time.Time   `json:"paused_at,omitempty"`
	PauseReason string       `json:"pause_reason,omitempty" doc:"Why a guard rail stopped it. It goes on when somebody resumes it."`
	Rev         int64        `json:"rev" doc:"Of the mailbox's own limits; send it with a change to notice those of others."`
}

func paceOf(v action.PaceView) paceShape {
	out := paceShape{
		LastHour: v.LastHour, Today: v.Today, DayCap: v.Cap, Waiting: v.Waiting, OpensAt: moment(v.OpensAt), Sent: v.Health.Sent, Bounced: v.Health.Bounced,
		Complained: v.Health.Complained, Paused: v.Mailbox.Paused, PausedBy: refTo(v.PausedBy, v.PausedByName), PausedAt: moment(v.PausedAt), PauseReason: v.PauseReason, Rev: v.Rev(),
	}
	if v.Own != nil {
		own := limitsOf(*v.Own)
		out.Own = &own
	}
	return out
}

type putPace struct {
	ByUser
	Body struct {
		Own *limitsShape `json:"own,omitempty" doc:"Left out: those of the organisation."`
		Rev int64        `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
	}
}

func (d *door) sending() {
	handle(d, get("/sending", "get-sending", "Get the limits and windows of sending"), func(ctx context.Context, actor access.Actor, _ *none) (sendingShape, error) {
		in, err := d.app.GetSending(ctx, actor)
		return sendingOf(in), err
	})
	handle(d, with(put("/sending", "save-sending", "Change the limits and windows of sending"), "What waits is looked at again at once."),
		func(ctx context.Context, actor access.Actor, in *body[sendingShape]) (sendingShape, error) {
			next, err := in.Body.input()
			if err != nil {
				return sendingShape{}, err
			}
			out, err := d.app.SaveSending(ctx, actor, next)
			return sendingOf(out), move(err, in.Body.place)
		})
	handle(d, get("/mailboxes/{user}/pace", "get-pace", "Get how a mailbox sends, and what waits there"), func(ctx context.Context, actor access.Actor, in *ByUser) (paceShape, error) {
		v, err := d.app.GetPace(ctx, actor, in.User.Key)
		return paceOf(v), err
	})
	handle(d, with(put("/mailboxes/{user}/pace", "save-pace", "Give a mailbox limits of its own, or those of the organisation"), "Limits that let more out than the organisation does are an admin's to give."), func(ctx context.Context, actor access.Actor, in *putPace) (paceShape, error) {
		var own *store.SendLimits
		if in.Body.Own != nil {
			l := in.Body.Own.limits()
			own = &l
		}
		v, err := d.app.SavePace(ctx, actor, in.User.Key, own, in.Body.Rev)
		return paceOf(v), move(err, limitsUnder("own/"))
	})
}

// limitsUnder points at limits below a key of the body, by their names there.
func limitsUnder(key string) func(fault.Problem) string {
	return func(p fault.Problem) string {
		switch p.Field {
		case "gap", "jitter":
			return key + p.Field + "_seconds"
		case "hour", "day", "ramp_first", "ramp_step", "ramp_from":
			return key + p.Field
		}
		return p.Field
	}
}
