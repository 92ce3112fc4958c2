package api

import (
	"context"
	"maps"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
)

// meShape is the user in whose name a token acts.
type meShape struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role" enum:"admin,sequence_manager,sales_manager,seller"`
	Zone  string `json:"zone" doc:"IANA time zone."`
}

// ownSettings are what a user chooses for oneself.
type ownSettings struct {
	AfterDone string `json:"after_done" enum:"next,stay,ask" doc:"What the pages show when an activity is completed or skipped: the next one, the same record, or a question."`
	Fixed     bool   `json:"after_done_fixed" doc:"Whether the organisation has chosen it for everybody: another choice is refused."`

	CardIcons  map[record.Kind]string `json:"card_icons" doc:"What the icon of a card in the work list shows, by kind of records: activity, initials or record. A kind that is left out has the organisation's."`
	IconsFixed bool                   `json:"card_icons_fixed" doc:"Whether the organisation has chosen the icons for everybody."`

	RecordViews map[record.Kind]action.RecordView `json:"record_views" doc:"How the pages show the list of each kind of records: table or focused. A kind that is left out is a table."`
}

type ownSettingsChange struct {
	AfterDone *string                 `json:"after_done,omitempty" enum:"next,stay,ask"`
	CardIcons *map[record.Kind]string `json:"card_icons,omitempty" doc:"All of them; {} for the organisation's."`

	RecordViews *map[record.Kind]action.RecordView `json:"record_views,omitempty" doc:"All of them; a kind that is left out is a table."`
}

func ownSettingsOf(s action.OwnSettings, err error) (ownSettings, error) {
	icons := map[record.Kind]string{}
	maps.Copy(icons, s.Icons)
	views := map[record.Kind]action.RecordView{}
	maps.Copy(views, s.Views)
	return ownSettings{AfterDone: string(s.AfterDone), Fixed: s.AfterDoneFixed, CardIcons: icons, IconsFixed: s.IconsFixed, RecordViews: views}, err
}

func (d *door) me() {
	handle(d, get("/me", "get-me", "Say in whose name the token acts"), func(_ context.Context, actor access.Actor, _ *none) (meShape, error) {
		return meShape{ID: actor.ID.String(), Name: actor.Name, Email: actor.Email, Role: string(actor.Role), Zone: actor.Zone}, nil
	})
	handle(d, get("/me/settings", "get-own-settings", "Get what the token's user has chosen"), func(ctx context.Context, actor access.Actor, _ *none) (ownSettings, error) {
		return ownSettingsOf(d.app.GetOwnSettings(ctx, actor))
	})
	handle(d, patch("/me/settings", "update-own-settings", "Change what the token's user has chosen"), func(ctx context.Context, actor access.Actor, in *body[ownSettingsChange]) (ownSettings, error) {
		next, err := d.app.GetOwnSettings(ctx, actor)
		if err != nil {
			return ownSettings{}, err
		}
		overlay(&next.AfterDone, (*action.AfterDone)(in.Body.AfterDone))
		overlay(&next.Icons, in.Body.CardIcons)
		overlay(&next.Views, in.Body.RecordViews)
		return ownSettingsOf(d.app.SaveOwnSettings(ctx, actor, next))
	})
}
