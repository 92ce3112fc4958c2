package action

import (
	"context"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// noWayOut says that emails go out without a way to opt out, because the server does not know where people outside reach it.
func noWayOut() fault.Problem {
	return fault.Problem{
		Code:    "no_opt_out_link",
		Message: "Its emails go out without a link and a button to opt out, because the server does not know the address under which people outside reach it.",
		Hint:    "Start the server with that address (--url), or enter it as the tracking address in the settings.",
	}
}

// RememberAddress keeps the address that this server was started with, for the commands that run beside it.
func (a *App) RememberAddress(ctx context.Context) error {
	return a.db.Write(ctx, func(tx *store.Tx) error {
		known, err := tx.ServerAddress()
		if err != nil || known == a.config.BaseURL {
			return err
		}
		return tx.SaveServerAddress(a.config.BaseURL)
	})
}

// outside gives the address that links in sent messages begin with; "" when nobody said.
func (a *App) outside(tx *store.Tx) (string, error) {
	t, err := tx.Tracking()
	switch {
	case err != nil || t.URL != "":
		return t.URL, err
	case a.config.BaseURL != "":
		return a.config.BaseURL, nil
	}
	return tx.ServerAddress()
}

// WayOut says in a sentence whether automated emails offer a way to opt out, for the settings and doctor; ok is false where
// they cannot.
func (a *App) WayOut(ctx context.Context) (said string, ok bool, err error) {
	base, err := look(ctx, a, a.outside)
	if base == "" {
		return "Automated emails go out without a link and a button to opt out, because the server does not know the address under which people outside reach it.", false, err
	}
	return "The link leads to " + base + ".", true, err
}

// warnings lists what does not keep a definition from being activated, but should be known before.
func (a *App) warnings(tx *store.Tx, def flow.Sequence) ([]fault.Problem, error) {
	o, err := tx.OptOut()
	if err != nil || !offersWayOut(def, o) {
		return nil, err
	}
	base, err := a.outside(tx)
	if err != nil || base != "" {
		return nil, err
	}
	return []fault.Problem{noWayOut()}, nil
}

// offersWayOut tells whether a step's emails are to offer a way to opt out.
func offersWayOut(def flow.Sequence, o store.OptOut) bool {
	for _, st := range def.Each() {
		if kind, _ := step.KindOf(st.Type); kind.Mails && (!kind.Human || o.ByHand) {
			return true
		}
	}
	return false
}
