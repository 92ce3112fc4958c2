package action_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/domaincheck"
	"cadenza/internal/fault"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestDomain follows a key from its making to signed mail on both databases: it signs only once its record is published, and
// the claim of mail brings it.
func TestDomain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		zone := map[string][]string{"test.example": {"v=spf1 include:a.test ~all"}, "a.test": {"v=spf1 ip4:192.0.2.1 -all"}}
		app, err := action.New(action.Config{
			DB: db, Log: slog.New(slog.DiscardHandler), Key: key, DataDir: t.TempDir(), PasswordCost: cheap,
			LookupTXT: func(_ context.Context, name string) ([]string, error) {
				if list, ok := zone[name]; ok {
					return list, nil
				}
				if strings.HasPrefix(name, "_dmarc.broken") {
					return nil, context.DeadlineExceeded
				}
				return nil, &net.DNSError{Name: name, IsNotFound: true}
			},
		})
		wantFault(t, "new app", err, "")
		admin, bob := newUser(t, app, "ada", access.Admin), newUser(t, app, "bob", access.Seller)
		_, err = app.SaveMailbox(ctx, bob, smtpInput())
		wantFault(t, "save mailbox", err, "")
		wantDomains(t, app, bob, "test.example 1")
		wantDomains(t, app, admin, "test.example 1")
		wantDomains(t, app, newUser(t, app, "cy", access.Seller))
		_, err = app.GetDomain(ctx, bob, "other.example")
		wantFault(t, "another domain", err, fault.NotFound)
		make := action.DKIMInput{Domain: "test.example", Selector: "cadenza", Algorithm: domaincheck.RSA}
		_, err = app.SaveDKIMKey(ctx, bob, make)
		wantFault(t, "key by a seller", err, fault.Forbidden)
		for field, change := range map[string]func(*action.DKIMInput){
			"selector":  func(in *action.DKIMInput) { in.Selector = "with space" },
			"algorithm": func(in *action.DKIMInput) { in.Algorithm = "dsa" },
			"pem":       func(in *action.DKIMInput) { in.PEM = "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----" },
		} {
			bad := make
			change(&bad)
			_, err = app.SaveDKIMKey(ctx, admin, bad)
			wantFault(t, "wrong "+field, err, fault.Invalid)
		}
		d, err := app.SaveDKIMKey(ctx, admin, make)
		wantFault(t, "make a key", err, "")
		if r := d.Record(); r.Name != "cadenza._domainkey.test.example" || !strings.HasPrefix(r.Value, "v=DKIM1; k=rsa; p=MII") || d.Key.Secret != nil || d.Key.Signs {
			t.Errorf("the key: %+v, its record %+v", d.Key, r)
		}
		_, err = app.StartSigning(ctx, admin, "test.example")
		wantFault(t, "sign before the record is published", err, fault.Conflict)
		zone[d.Record().Name] = []string{d.Record().Value}
		d, err = app.StartSigning(ctx, admin, "test.example")
		if err != nil || !d.Key.Signs {
			t.Errorf("start signing: %+v, %v", d.Key, err)
		}
		reports, err := app.CheckDomain(ctx, bob, "test.example")
		wantFault(t, "check", err, "")
		for i, want := range []domaincheck.Level{domaincheck.Good, domaincheck.Good, domaincheck.Bad} {
			if reports[i].Level() != want {
				t.Errorf("%s: %+v, want %s", reports[i].Topic, reports[i], want)
			}
		}
		err = db.Read(ctx, func(tx *store.Tx) error {
			k, err := tx.DKIMKey("Test.Example")
			if strings.Contains(string(k.Secret), "PRIVATE KEY") {
				t.Error("the key is stored in the open")
			}
			if _, err := app.Signer(k); err != nil {
				t.Errorf("open the key: %v", err)
			}
			return err
		})
		wantFault(t, "read the key", err, "")
		wantDomains(t, app, admin, "test.example 1")
		claimed(t, db, bob, d.Key)
		wantFault(t, "delete", app.DeleteDKIMKey(ctx, admin, "test.example"), "")
	})
}

// wantDomains holds which domains somebody sees, each with how many mailboxes, and that no private key comes out.
func wantDomains(t *testing.T, app *action.App, actor access.Actor, want ...string) {
	t.Helper()
	list, err := app.ListDomains(t.Context(), actor)
	var got []string
	for _, d := range list {
		if got = append(got, fmt.Sprint(d.Name, " ", d.Mailboxes)); d.Key.Secret != nil {
			t.Errorf("the private key of %s comes out", d.Name)
		}
	}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%s sees the domains %q, %v; want %q", actor.Name, got, err, want)
	}
}

// TestInternationalDomain wants a domain with letters like ü to be found by either form of its name, and to be looked up, published and
// signed for in ASCII, which is what receivers look up.
func TestInternationalDomain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		const letters, ascii = "bücher.example", "xn--bcher-kva.example"
		zone := map[string][]string{ascii: {"v=spf1 a:smtp.test.example ~all"}, "_dmarc." + ascii: {"v=DMARC1; p=reject; rua=mailto:d@" + ascii}}
		app, err := action.New(action.Config{
			DB: db, Log: slog.New(slog.DiscardHandler), Key: key, DataDir: t.TempDir(), PasswordCost: cheap,
			LookupTXT: func(_ context.Context, name string) ([]string, error) {
				return zone[name], nil
			},
		})
		wantFault(t, "new app", err, "")
		admin, bob, cy := newUser(t, app, "ada", access.Admin), newUser(t, app, "bob", access.Seller), newUser(t, app, "cy", access.Seller)
		for address, user := range map[string]access.Actor{"bob@" + letters: bob, "cy@" + ascii: cy} {
			in := smtpInput()
			in.Address = address
			_, err = app.SaveMailbox(ctx, user, in)
			wantFault(t, "save mailbox", err, "")
		}
		for name, user := range map[string]access.Actor{"BÜCHER.example": cy, " XN--bcher-kva.example": bob} {
			wantDomains(t, app, user, letters+" 1")
			if d, err := app.GetDomain(ctx, user, name); err != nil || d.Name != letters || d.DNSName != ascii {
				t.Errorf("%q: %+v, %v", name, d, err)
			}
		}
		in := smtpInput()
		in.Address = "ada@a.example"
		_, err = app.SaveMailbox(ctx, admin, in)
		wantFault(t, "save the admin's mailbox", err, "")
		wantDomains(t, app, admin, "a.example 1", letters+" 2")
		d, err := app.SaveDKIMKey(ctx, admin, action.DKIMInput{Domain: ascii, Selector: "cadenza"})
		if err != nil || d.Record().Name != "cadenza._domainkey."+ascii {
			t.Fatalf("the key's record is %+v, %v", d.Record(), err)
		}
		zone[d.Record().Name] = []string{d.Record().Value}
		reports, err := app.CheckDomain(ctx, bob, letters)
		wantFault(t, "check", err, "")
		for _, r := range reports {
			if r.Level() != domaincheck.Good || !strings.HasSuffix(r.Name, ascii) {
				t.Errorf("%s: %+v", r.Topic, r)
			}
		}
		clear(zone)
		reports, err = app.CheckDomain(ctx, cy, ascii)
		wantFault(t, "check of nothing", err, "")
		for _, r := range reports {
			if r.Level() != domaincheck.Bad || !strings.HasSuffix(r.Publish.Name, ascii) || strings.Contains(r.Publish.Value, "ü") {
				t.Errorf("%s: %+v", r.Topic, r)
			}
		}
		zone[d.Record().Name] = []string{d.Record().Value}
		d, err = app.StartSigning(ctx, admin, letters)
		if err != nil || !d.Key.Signs {
			t.Errorf("start signing: %+v, %v", d.Key, err)
		}
		claimed(t, db, bob, d.Key)
		claimed(t, db, cy, d.Key)
		wantFault(t, "delete", app.DeleteDKIMKey(ctx, admin, ascii), "")
	})
}

// claimed wants a message of the user's mailbox to be claimed with the key.
func claimed(t *testing.T, db *store.DB, user access.Actor, want store.DKIMKey) {
	t.Helper()
	err := db.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.InsertMessage(store.Message{User: user.ID, Recipient: "x@test.example", Subject: "x", HTML: "x", Text: "x", Test: true, RFCID: fmt.Sprintf("m%d@test.example", user.ID)})
		return err
	})
	wantFault(t, "insert message", err, "")
	var got store.DKIMKey
	_, _, err = db.ClaimMail(t.Context(), "n", 10, func(c *store.MailCandidate, now time.Time) store.Verdict {
		got = c.DKIM
		return store.Verdict{Kind: store.Later, Reason: "wait", At: now.Add(time.Hour)}
	})
	if err != nil || got.Domain != want.Domain || got.Public != want.Public || !got.Signs || len(got.Secret) == 0 {
		t.Errorf("claimed with the key %+v, %v", got, err)
	}
}
