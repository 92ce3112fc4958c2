package action

import (
	"maps"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// What the icon of a card shows; the kind of the activity is the default.
const (
	IconActivity = "activity"
	IconInitials = "initials"
	IconRecord   = "record"
)

// CardIcons lists the choices, the default first.
func CardIcons() []string { return []string{IconActivity, IconInitials, IconRecord} }

const iconWords = "The icon of a card must be activity, initials or record."

// ownIcons puts the icons that the actor has chosen on the cards, unless the organisation has chosen them for everybody.
func ownIcons(tx *store.Tx, actor access.Actor, s *store.WorkSettings) error {
	if s.IconsFixed || actor.ID == 0 {
		return nil
	}
	chosen, err := tx.CardIcons(actor.ID)
	for k, icon := range chosen {
		card := s.Cards[k]
		card.Icon = icon
		s.Cards[k] = card
	}
	return err
}

// saveIcons saves the icons that the actor has chosen; a kind that is left out has the organisation's again.
func saveIcons(tx *store.Tx, actor access.Actor, now OwnSettings, icons map[record.Kind]string) error {
	icons = maps.Clone(icons)
	maps.DeleteFunc(icons, func(_ record.Kind, icon string) bool { return icon == "" })
	if maps.Equal(icons, now.Icons) {
		return nil
	}
	if now.IconsFixed {
		return fault.Field("card_icons", "fixed", "Your organisation has chosen the icons of cards for everybody. Ask an admin to change it.")
	}
	for k, icon := range icons {
		if !slices.Contains(record.Kinds(), k) || !slices.Contains(CardIcons(), icon) {
			return fault.Field("card_icons", "unknown", iconWords+" The kinds are lead, opportunity, contact and account.")
		}
	}
	return tx.SaveCardIcons(actor.ID, icons)
}
