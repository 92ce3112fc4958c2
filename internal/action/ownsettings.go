package action

import (
	"context"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// AfterDone is what a user wants to see when an activity is completed or skipped.
type AfterDone string

// What comes after a completed activity; NextActivity is the default.
const (
	NextActivity AfterDone = "next"
	StayOnRecord AfterDone = "stay"
	AskWhatNext  AfterDone = "ask"
)

// AfterDones lists the choices, the default first.
func AfterDones() []AfterDone { return []AfterDone{NextActivity, StayOnRecord, AskWhatNext} }

// OwnSettings are what users choose for themselves.
type OwnSettings struct {
	AfterDone AfterDone
	// AfterDoneFixed tells that the organisation has chosen it for everybody.
	AfterDoneFixed bool
	// Icons are those of the cards of a kind of records; a kind that is left out has the organisation's. IconsFixed tells that all have.
	Icons      map[record.Kind]string
	IconsFixed bool
	// Views are how the lists of records are looked at; a kind that is left out is a table.
	Views map[record.Kind]RecordView
}

// RecordView is a way to look at a list of records.
type RecordView string

// The ways; TableView is the default.
const (
	TableView   RecordView = "table"
	FocusedView RecordView = "focused"
)

// RecordViews lists the ways, the default first.
func RecordViews() []RecordView { return []RecordView{TableView, FocusedView} }

// ViewOf gives how the actor looks at the list of a kind.
func (a *App) ViewOf(ctx context.Context, actor access.Actor, kind record.Kind) (RecordView, error) {
	return look(ctx, a, func(tx *store.Tx) (RecordView, error) {
		views, err := tx.RecordViews(actor.ID)
		if v := RecordView(views[kind]); slices.Contains(RecordViews(), v) {
			return v, err
		}
		return TableView, err
	})
}

// SwitchView remembers how the actor looks at the list of a kind.
func (a *App) SwitchView(ctx context.Context, actor access.Actor, kind record.Kind, view RecordView) error {
	own, err := a.GetOwnSettings(ctx, actor)
	if err != nil {
		return err
	}
	views := map[record.Kind]RecordView{kind: view}
	for k, v := range own.Views {
		if k != kind {
			views[k] = v
		}
	}
	own.Views = views
	_, err = a.SaveOwnSettings(ctx, actor, own)
	return err
}

// saveViews writes how the lists of records are looked at.
func saveViews(tx *store.Tx, actor access.Actor, views map[record.Kind]RecordView) error {
	texts := map[record.Kind]string{}
	for kind, v := range views {
		if !kind.Known() {
			return fault.Field("record_views", "unknown", "There is no kind of records "+string(kind)+".")
		}
		if !slices.Contains(RecordViews(), v) {
			return fault.Field("record_views", "unknown", "A list of records is looked at as a table, or focused.")
		}
		texts[kind] = string(v)
	}
	return tx.SaveRecordViews(actor.ID, texts)
}

// GetOwnSettings gives the actor's own settings, as they count.
func (a *App) GetOwnSettings(ctx context.Context, actor access.Actor) (OwnSettings, error) {
	return look(ctx, a, func(tx *store.Tx) (OwnSettings, error) { return readOwnSettings(tx, actor) })
}

func readOwnSettings(tx *store.Tx, actor access.Actor) (OwnSettings, error) {
	all, err := readWorkSettings(tx)
	if err != nil {
		return OwnSettings{}, err
	}
	s := OwnSettings{AfterDone: AfterDone(all.AfterDone), AfterDoneFixed: all.AfterDoneFixed, IconsFixed: all.IconsFixed}
	if s.Icons, err = tx.CardIcons(actor.ID); err != nil {
		return s, err
	}
	views, err := tx.RecordViews(actor.ID)
	if err != nil {
		return s, err
	}
	s.Views = map[record.Kind]RecordView{}
	for kind, v := range views {
		s.Views[kind] = RecordView(v)
	}
	if s.AfterDoneFixed {
		return s, nil
	}
	chosen, err := tx.AfterDone(actor.ID)
	if chosen != "" {
		s.AfterDone = AfterDone(chosen)
	}
	return s, err
}

// SaveOwnSettings changes the actor's own settings. What was chosen before the organisation fixed a setting is kept for the time after that.
func (a *App) SaveOwnSettings(ctx context.Context, actor access.Actor, s OwnSettings) (OwnSettings, error) {
	if actor.ID == 0 {
		return OwnSettings{}, fault.New(fault.Forbidden, "The server itself has no settings of its own.").WithHint("Act as a user.")
	}
	if !slices.Contains(AfterDones(), s.AfterDone) {
		return OwnSettings{}, fault.Field("after_done", "unknown", "What comes after a completed activity must be next, stay or ask.")
	}
	return change(ctx, a, func(tx *store.Tx) (OwnSettings, error) {
		now, err := readOwnSettings(tx, actor)
		switch {
		case err != nil:
			return now, err
		case now.AfterDoneFixed && s.AfterDone != now.AfterDone:
			return now, fault.Field("after_done", "fixed", "Your organisation has chosen this for everybody. Ask an admin to change it.")
		}
		if err := saveIcons(tx, actor, now, s.Icons); err != nil {
			return now, err
		}
		if err := saveViews(tx, actor, s.Views); err != nil {
			return now, err
		}
		now.Icons, now.Views = s.Icons, s.Views
		if now.AfterDoneFixed {
			return now, nil
		}
		now.AfterDone = s.AfterDone
		return now, tx.SaveAfterDone(actor.ID, string(s.AfterDone))
	})
}
