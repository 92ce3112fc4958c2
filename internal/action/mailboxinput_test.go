package action_test

import (
	"reflect"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestInputOf holds that a mailbox stays as it is when it is saved by the input that InputOf gives, so that a door which changes one thing of
// it loses no other.
func TestInputOf(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		app := newApp(t, db)
		bob := newUser(t, app, "bob", access.Seller)
		in := smtpInput()
		in.Aliases, in.IMAPHost, in.IMAPPort, in.IMAPSecurity = []string{"sales@test.example"}, "imap.test.example", 993, store.TLS
		in.SentFolder, in.CopySent, in.Auth, in.User, in.Rev = "Gesendet", store.CopyAlways, store.PasswordAuth, bob.ID, 1
		if field := emptyField(in); field != "" {
			t.Errorf("the test says nothing about %s of the input", field)
		}
		in.Rev = 0
		if _, err := app.SaveMailbox(t.Context(), bob, in); err != nil {
			t.Fatal(err)
		}
		before, err := app.GetMailbox(t.Context(), bob, bob.ID)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := app.SaveMailbox(t.Context(), bob, action.InputOf(before)); err != nil {
			t.Fatal(err)
		}
		after, err := app.GetMailbox(t.Context(), bob, bob.ID)
		before.Rev++
		if err != nil || !reflect.DeepEqual(after, before) {
			t.Errorf("after it was saved as it is the mailbox is\n%+v, want\n%+v, %v", after, before, err)
		}
	})
}

// emptyField names a field of an input that is empty; "" for none.
func emptyField(in any) string {
	v := reflect.ValueOf(in)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			return v.Type().Field(i).Name
		}
	}
	return ""
}
