package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/phone"
	"cadenza/internal/store"
)

// TrunkInput is the input for the trunk of the softphone.
type TrunkInput struct {
	Host      string
	Port      int
	Transport string
	Domain    string
	User      string
	Login     string
	// Password stays as it is when empty, unless NoPassword.
	Password   string
	NoPassword bool
	Number     string
	Register   bool
	// Numbers are the fields that are dialled, the preferred one first; the usual order when empty.
	Numbers []string
	// Rev is the revision that was read; 0 does not check.
	Rev int64
}

// Transports lists the ways to a trunk.
func Transports() []string { return []string{"tls", "tcp", "udp"} }

// trunkSecret ties the password to the trunk: whoever changes that must know it.
func trunkSecret(t store.Trunk) string { return "trunk/" + strings.ToLower(t.Host) }

// Trunk gives the trunk with its password opened; phone asks.
func (a *App) Trunk(ctx context.Context) (phone.Trunk, error) {
	t, err := look(ctx, a, func(tx *store.Tx) (store.Trunk, error) { return tx.Trunk() })
	if err != nil {
		return phone.Trunk{}, err
	}
	p := phone.Trunk{Trunk: t}
	if len(t.Secret) > 0 {
		p.Password, err = a.vault.Open(trunkSecret(t), t.Secret)
	}
	return p, err
}

// GetTrunk gives the trunk; one that is not Ready when none is set up. Its Secret is nil when it has none, and empty when it has one.
func (a *App) GetTrunk(ctx context.Context, actor access.Actor) (store.Trunk, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.Trunk{}, err
	}
	t, err := look(ctx, a, func(tx *store.Tx) (store.Trunk, error) { return tx.Trunk() })
	return hideTrunkSecret(t), err
}

func hideTrunkSecret(t store.Trunk) store.Trunk {
	if len(t.Secret) > 0 {
		t.Secret = []byte{}
	} else {
		t.Secret = nil
	}
	return t
}

// SaveTrunk sets the trunk up, or changes it. Calls that are under way go on over the old one.
func (a *App) SaveTrunk(ctx context.Context, actor access.Actor, in TrunkInput) (store.Trunk, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.Trunk{}, err
	}
	next, err := in.trunk()
	if err != nil {
		return store.Trunk{}, err
	}
	err = a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.Trunk()
		if err != nil {
			return err
		}
		if in.Rev != 0 && in.Rev != old.Rev {
			return fault.New(fault.Stale, "Somebody else changed the trunk meanwhile.").WithHint("Load it again, then repeat your change.")
		}
		if err := a.sealTrunk(&next, old, in); err != nil {
			return err
		}
		next.Rev = old.Rev + 1
		if err := tx.SaveTrunk(next); err != nil {
			return err
		}
		verb := "update"
		if !old.Ready() {
			verb = "create"
		}
		return tx.Audit(actor.ID, verb, "trunk", 0, fmt.Sprintf("%s over %s as %q", next.Host, next.Transport, next.User))
	})
	if err != nil {
		return store.Trunk{}, err
	}
	a.trunkChanged()
	return hideTrunkSecret(next), nil
}

func (a *App) trunkChanged() {
	if a.config.Phone != nil {
		a.config.Phone.TrunkChanged()
	}
}

// sealTrunk encrypts a new password, or keeps the old one as long as it goes to the same trunk.
func (a *App) sealTrunk(next *store.Trunk, old store.Trunk, in TrunkInput) error {
	switch {
	case in.Password != "":
		sealed, err := a.vault.Seal(trunkSecret(*next), in.Password)
		next.Secret = sealed
		return err
	case in.NoPassword || len(old.Secret) == 0:
		return nil
	case trunkSecret(*next) != trunkSecret(old):
		return fault.Field("password", "required", "The trunk changed: enter the password again.")
	}
	next.Secret = old.Secret
	return nil
}

// trunk checks the input and gives the trunk.
func (in TrunkInput) trunk() (store.Trunk, error) {
	t := store.Trunk{
		Host: strings.ToLower(strings.TrimSpace(in.Host)), Port: in.Port, Transport: strings.ToLower(strings.TrimSpace(in.Transport)),
		Domain: strings.ToLower(strings.TrimSpace(in.Domain)), User: strings.TrimSpace(in.User), Login: strings.TrimSpace(in.Login),
		Number: phone.Dialable(in.Number), Register: in.Register, Numbers: in.Numbers,
	}
	var problems []fault.Problem
	add := func(field, code, text string) {
		problems = append(problems, fault.Problem{Field: field, Code: code, Message: text})
	}
	switch {
	case t.Host == "":
		add("host", "required", "The address of the trunk is missing.")
	case !trunkName(t.Host):
		add("host", "invalid", "The address must be a name such as sip.example.com, without sip: before it.")
	}
	if t.Port < 0 || t.Port > 65535 {
		add("port", "range", "The port must be from 1 to 65535, or 0 for the usual one.")
	}
	if !slices.Contains(Transports(), t.Transport) {
		add("transport", "unknown", "The transport is tls, tcp or udp.")
	}
	if t.Domain != "" && !trunkName(t.Domain) {
		add("domain", "invalid", "The domain must be a name such as example.com.")
	}
	for _, f := range []struct{ name, value string }{{"user", t.User}, {"login", t.Login}} {
		if len(f.value) > 100 || strings.ContainsFunc(f.value, func(r rune) bool {
			return r > unicode.MaxASCII || !unicode.IsGraphic(r) || strings.ContainsRune(" <>\"@;", r)
		}) {
			add(f.name, "invalid", "The name must be at most 100 ASCII characters, without blanks, @ and ;.")
		}
	}
	if in.Register && t.User == "" {
		add("user", "required", "For incoming calls the trunk must know who we are: enter the user.")
	}
	if len(in.Password) > maxSecret || strings.ContainsFunc(in.Password, unicode.IsControl) {
		add("password", "invalid", fmt.Sprintf("The password must be at most %d printable characters.", maxSecret))
	}
	if t.Number == "" && strings.TrimSpace(in.Number) != "" {
		add("number", "invalid", "The number must be one such as +49 30 901820.")
	}
	if !eachOnce(t.Numbers, store.PhoneFields()) {
		add("numbers", "unknown", "The numbers are "+strings.Join(store.PhoneFields(), ", ")+", each at most once.")
	}
	return t, fault.Of(problems...)
}

// eachOnce tells whether all of list are known, and none stands there twice.
func eachOnce(list, known []string) bool {
	for i, f := range list {
		if !slices.Contains(known, f) || slices.Contains(list[:i], f) {
			return false
		}
	}
	return true
}

// trunkName tells whether a text can be the name or address of a trunk.
func trunkName(s string) bool {
	return len(s) <= 253 && !strings.ContainsFunc(s, func(r rune) bool {
		return r != '-' && r != '.' && !('a' <= r && r <= 'z' || '0' <= r && r <= '9')
	})
}

// DeleteTrunk takes the trunk away with its password. Numbers are dialled by the sellers' own telephones from then on.
func (a *App) DeleteTrunk(ctx context.Context, actor access.Actor) error {
	if err := may(actor, access.ManageSettings); err != nil {
		return err
	}
	err := a.db.Write(ctx, func(tx *store.Tx) error {
		old, err := tx.Trunk()
		if err != nil || !old.Ready() {
			return err
		}
		if err := tx.SaveTrunk(store.Trunk{Numbers: old.Numbers, Rev: old.Rev + 1}); err != nil {
			return err
		}
		return tx.Audit(actor.ID, "delete", "trunk", 0, old.Host)
	})
	if err == nil {
		a.trunkChanged()
	}
	return err
}

// testTrunkLimit bounds the test of a trunk.
const testTrunkLimit = 20 * time.Second

// TestTrunk signs in to the saved trunk, and keeps how that went. That the trunk refuses is a result too, and no fault: see
// CheckError. note says what could not be tried.
func (a *App) TestTrunk(ctx context.Context, actor access.Actor) (t store.Trunk, note string, err error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return store.Trunk{}, "", err
	}
	p, err := a.Trunk(ctx)
	if err != nil {
		return store.Trunk{}, "", err
	}
	if !p.Ready() {
		return store.Trunk{}, "", fault.New(fault.Conflict, "No trunk is set up.").WithHint("Save its settings first.")
	}
	// The network is never touched inside of a transaction.
	trying, cancel := context.WithTimeout(ctx, testTrunkLimit)
	note, trouble := phone.Try(trying, p, phone.Config{Log: a.log})
	cancel()
	if ctx.Err() != nil {
		return store.Trunk{}, "", ctx.Err()
	}
	if trouble != nil && !phone.Said(trouble) {
		a.log.Error("test the trunk", "error", trouble)
		trouble = fault.New(fault.Unavailable, "The test could not be made. The log of the server says why.")
	}
	t, err = change(ctx, a, func(tx *store.Tx) (store.Trunk, error) {
		now, err := tx.Trunk()
		if err != nil {
			return store.Trunk{}, err
		}
		if now.Rev != p.Rev {
			return store.Trunk{}, fault.New(fault.Stale, "The trunk was changed during the test.").WithHint("Test it again.")
		}
		now.CheckedAt, now.CheckError = tx.Now, ""
		if trouble != nil {
			now.CheckError = trouble.Error()
		}
		if err := tx.SaveTrunk(now); err != nil {
			return store.Trunk{}, err
		}
		return hideTrunkSecret(now), tx.Audit(actor.ID, "test", "trunk", 0, now.Host)
	})
	return t, note, err
}

// PhoneState says for operators whether calls can be made; the error says why not.
func (a *App) PhoneState(ctx context.Context) (string, error) {
	t, err := look(ctx, a, func(tx *store.Tx) (store.Trunk, error) { return tx.Trunk() })
	switch {
	case err != nil:
		return "", err
	case !t.Ready():
		return "no trunk is set up; numbers are dialled by the sellers' own telephones", nil
	}
	if _, err := a.Trunk(ctx); err != nil {
		return "", fault.New(fault.Unavailable, "The password of the trunk cannot be read.").WithHint("Enter it again under Settings, Phone.")
	}
	if t.CheckError != "" {
		return "", fault.New(fault.Unavailable, "The last test of the trunk failed: %s", t.CheckError)
	}
	if t.CheckedAt.IsZero() {
		return "over " + t.Host + ", never tested", nil
	}
	return "over " + t.Host, nil
}
