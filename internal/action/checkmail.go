package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// MailCheck is what somebody has to look at before an email is sent.
type MailCheck struct {
	// Gaps are its merge fields that have no value, or that nobody knows.
	Gaps []MergeGap
	// Problems are what is wrong with its addresses.
	Problems []fault.Problem
	// Warning says why it cannot be sent whatever stands in it; empty when it can.
	Warning string
}

// CheckMail looks at an email of an activity while it is written: nothing is kept or sent.
func (a *App) CheckMail(ctx context.Context, actor access.Actor, activity ident.Activity, d Draft) (MailCheck, error) {
	if err := may(actor, access.DoActivities); err != nil {
		return MailCheck{}, err
	}
	if err := fault.Of(d.tooLong()...); err != nil {
		return MailCheck{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (MailCheck, error) {
		_, l, err := a.compose(tx, actor, activity, "", d.Thread)
		if err != nil {
			return MailCheck{}, err
		}
		if err := l.lookOver(tx, &d); err != nil {
			return MailCheck{}, err
		}
		check := MailCheck{Gaps: d.Gaps, Warning: d.Warning}
		check.Problems, err = l.wrongAddresses(tx, d)
		return check, err
	})
}

// wrongAddresses gives what is wrong with those whom an email is to go to. A field that is empty yet is not wrong.
func (l letter) wrongAddresses(tx *store.Tx, d Draft) ([]fault.Problem, error) {
	m, problems := d.message("")
	var list []fault.Problem
	for _, p := range problems {
		if p.Field == "cc" || p.Field == "bcc" || p.Field == "to" && clean(d.To) != "" {
			list = append(list, p)
		}
	}
	for _, f := range []struct {
		name      string
		addresses []string
	}{{"to", splitList(m.Recipient)}, {"cc", splitList(m.CC)}, {"bcc", splitList(m.BCC)}} {
		err := refuseSuppressed(tx, f.name, f.addresses...)
		if more := fault.ProblemsOf(err); len(more) > 0 {
			list = append(list, more...)
		} else if err != nil {
			return nil, err
		}
	}
	return list, nil
}
