package action_test

import (
	"context"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestChooseCopies changes the choice alone, and only for whose mailbox it is.
func TestChooseCopies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx, app := context.Background(), newApp(t, db)
		bob, cy := newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		saved, err := app.SaveMailbox(ctx, bob, smtpInput())
		wantFault(t, "save", err, "")
		if saved.CopySent != store.CopyAutomatic {
			t.Errorf("at first the choice is %q", saved.CopySent)
		}
		m, err := app.ChooseCopies(ctx, bob, bob.ID, store.CopyNever)
		wantFault(t, "choose", err, "")
		if m.CopySent != store.CopyNever || m.Host != saved.Host || m.Secret == nil {
			t.Errorf("after the choice: %+v", m)
		}
		_, err = app.ChooseCopies(ctx, bob, bob.ID, "perhaps")
		wantFault(t, "another word", err, fault.Invalid)
		_, err = app.ChooseCopies(ctx, cy, bob.ID, store.CopyAlways)
		wantFault(t, "another's mailbox", err, fault.Forbidden)
	})
}
