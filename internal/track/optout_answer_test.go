package track_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/track"
)

// wanted is what a customer wants, and what keeps messages away beside that.
type wanted struct{ noEmails, noTexts, noFollowing, heldEmails, heldTexts bool }

// choose is the model: what a form does to what is wanted.
func (w *wanted) choose(form string) {
	switch {
	case strings.HasPrefix(form, "List-"):
		w.noEmails = true
	case form == "do=resume":
		w.noEmails, w.noTexts = false, false
	case form != "":
		has := func(name string) bool { return strings.Contains(form, "&"+name+"=1") }
		w.noEmails, w.noTexts, w.noFollowing = has("emails"), has("texts"), has("following")
	}
}

// answer are the sentences that hold.
func (w wanted) answer() (said []string) {
	words := store.DefaultOptOut().Words
	for _, s := range []struct {
		holds bool
		text  string
	}{
		{w.noEmails || w.noTexts, words.Done},
		{!w.noEmails && !w.noTexts && !w.heldEmails && !w.heldTexts, words.Back},
		{w.noFollowing, words.Unfollowed},
		{w.heldEmails, words.Held},
		{w.heldTexts, words.HeldTexts},
	} {
		if s.holds {
			said = append(said, s.text)
		}
	}
	return said
}

// TestAnswerSaysWhatHolds holds for everything that may keep an address from messages, and every choice, that the wish is
// stored, that what stood there before it or came after it stands there still, and that the answer says no more than what holds.
func TestAnswerSaysWhatHolds(t *testing.T) {
	t.Parallel()
	forms := []string{"", "do=resume", "List-Unsubscribe=One-Click"}
	for boxes := range 1 << 3 {
		form := "do=save"
		for i, name := range []string{"emails", "texts", "following"} {
			if boxes>>i&1 == 1 {
				form += "&" + name + "=1"
			}
		}
		forms = append(forms, form)
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		n := 0
		for _, email := range []store.SuppressionSource{"", store.FromBounce, "domain", "field", store.FromPerson} {
			for _, number := range []store.SuppressionSource{"", store.FromPerson} {
				for _, first := range []string{"", "List-Unsubscribe=One-Click", "do=save&emails=1&texts=1&following=1"} {
					for _, then := range forms[1:] {
						n++
						(&holder{t: t, db: db, n: n, email: email, number: number}).check(first, then)
						if first != "" && (email != "" || number != "") {
							n++
							(&holder{t: t, db: db, n: n, email: email, number: number, late: true}).check(first, then)
						}
					}
				}
			}
		}
	})
}

// holder is a customer of one case.
type holder struct {
	t             *testing.T
	db            *store.DB
	n             int
	email, number store.SuppressionSource
	// late tells that messages are kept away after the first form, not before it.
	late   bool
	record ident.Record
}

func (h *holder) address() string { return fmt.Sprintf("sam@okafor%d.test", h.n) }
func (h *holder) mobile() string  { return fmt.Sprintf("+49170%07d", h.n) }

func (h *holder) check(first, then string) {
	h.t.Helper()
	mail := h.mail()
	if !h.late {
		h.hold()
	}
	door := track.New(track.Config{Memory: h.db, Wishes: h.db, Signer: signer, Log: slog.New(slog.DiscardHandler)})
	path := message.PublicPath + "u/" + signer.Token(mail, hit.OptOut)
	want := wanted{heldEmails: h.email != "", heldTexts: h.number != ""}
	var page *httptest.ResponseRecorder
	for _, form := range []string{first, then} {
		if form != "" {
			page = post(h.t, door, path, form)
			want.choose(form)
		}
		if h.late {
			h.hold()
			h.late = false
		}
	}
	what := fmt.Sprintf("emails held by %q, texts by %q, %q and then %q", h.email, h.number, first, then)
	if got := h.stored(); got != want {
		h.t.Errorf("%s: stored %+v, want %+v", what, got, want)
	}
	said := want.answer()
	if strings.HasPrefix(then, "List-") {
		said = said[:1]
	}
	words := store.DefaultOptOut().Words
	for _, text := range []string{words.Done, words.Back, words.Unfollowed, words.Held, words.HeldTexts} {
		if got := strings.Contains(page.Body.String(), text); page.Code != http.StatusOK || got != slices.Contains(said, text) {
			h.t.Errorf("%s: got %d, and %q is said: %t, want %q", what, page.Code, text, got, said)
		}
	}
}

// post sends a form and gives the page to which it leads, or its answer where it leads nowhere.
func post(t *testing.T, door http.Handler, path, form string) *httptest.ResponseRecorder {
	t.Helper()
	return send(t, door, http.MethodPost, path, "application/x-www-form-urlencoded", form)
}

func send(t *testing.T, door http.Handler, method, path, kind, body string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	if w.Code != http.StatusSeeOther {
		return w
	}
	to, err := r.URL.Parse(w.Header().Get("Location"))
	if err != nil {
		t.Fatal(err)
	}
	return send(t, door, http.MethodGet, to.String(), "", "")
}

// mail gives an email that went to the customer.
func (h *holder) mail() (mail ident.Message) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		values := record.Values{"last_name": "Okafor", "email": h.address(), "mobile": h.mobile()}
		if h.email == "field" {
			values["do_not_email"] = "true"
		}
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: values})
		if err != nil {
			return err
		}
		h.record = r.ID
		mail, err = tx.InsertMessage(store.Message{Record: r.ID, Recipient: h.address(), RFCID: fmt.Sprintf("%d@test", h.n), Subject: "Hello", HTML: "<p>Hello</p>"})
		return err
	})
	return mail
}

// hold keeps messages from the customer.
func (h *holder) hold() {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		list := []store.Suppression{}
		switch h.email {
		case "", "field":
		case "domain":
			list = append(list, store.Suppression{Channel: message.EmailChannel, Address: message.DomainOf(h.address()), Source: store.FromPerson})
		default:
			list = append(list, store.Suppression{Channel: message.EmailChannel, Address: h.address(), Source: h.email})
		}
		if h.number != "" {
			list = append(list, store.Suppression{Channel: message.TextChannel, Address: h.mobile(), Source: h.number})
		}
		_, err := tx.Suppress(list...)
		return err
	})
}

// stored reads what is known of the customer.
func (h *holder) stored() (w wanted) {
	h.t.Helper()
	h.write(func(tx *store.Tx) error {
		domain := message.DomainOf(h.address())
		found, err := tx.Suppressed([]string{h.address(), domain, h.mobile()})
		if err != nil {
			return err
		}
		held := func(s store.Suppression) bool { return s.HeldBy != "" || s.Source != "" && !s.Wish() }
		w.noEmails, w.noTexts = found[h.address()].Wish(), found[h.mobile()].Wish()
		w.heldEmails, w.heldTexts = held(found[h.address()]) || held(found[domain]), held(found[h.mobile()])
		r, err := tx.GetRecord(h.record)
		w.noFollowing, w.heldEmails = r.Get("do_not_track") == "true", w.heldEmails || r.Get("do_not_email") == "true"
		return err
	})
	return w
}

func (h *holder) write(f func(*store.Tx) error) {
	h.t.Helper()
	if err := h.db.Write(h.t.Context(), f); err != nil {
		h.t.Fatal(err)
	}
}

// TestAnswerStandsAtAnAddress holds that the page's own form leads to its answer, so that nothing is sent again by going back; that
// no made-up address gives one; and that one click is answered at once (RFC 8058, 3.1).
func TestAnswerStandsAtAnAddress(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	h, other := &holder{t: t, db: db, n: 1}, &holder{t: t, db: db, n: 2}
	mail, another := h.mail(), other.mail()
	door := track.New(track.Config{Memory: db, Wishes: db, Signer: signer, Log: slog.New(slog.DiscardHandler)})
	path := message.PublicPath + "u/" + signer.Token(mail, hit.OptOut)
	const answer = `role="status"`
	for _, made := range []string{"", "?done", "?done=1", "?done=" + signer.Token(mail, hit.OptOut), "?done=" + signer.Token(another, hit.OptedOut)} {
		if page := send(t, door, http.MethodGet, path+made, "", ""); page.Code != http.StatusOK || strings.Contains(page.Body.String(), answer) {
			t.Errorf("%q gives %d and an answer that nobody asked for:\n%s", made, page.Code, page.Body)
		}
	}
	if got := send(t, door, http.MethodGet, message.PublicPath+"u/"+signer.Token(mail, hit.OptedOut), "", "").Code; got != http.StatusNotFound {
		t.Errorf("the token of an answer opens the page: got %d", got)
	}
	for form, want := range map[string]int{"do=save&emails=1": http.StatusSeeOther, "do=resume": http.StatusSeeOther, "List-Unsubscribe=One-Click": http.StatusOK} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		if door.ServeHTTP(w, r); w.Code != want {
			t.Errorf("%s: got %d, want %d", form, w.Code, want)
		}
	}
	if page := post(t, door, path, "do=save&emails=1"); !strings.Contains(page.Body.String(), answer) {
		t.Errorf("the form leads to no answer:\n%s", page.Body)
	}
}

// TestEachAnswerHasItsAddress holds that who goes back from an answer to the one before finds what holds now, and no answer to
// what is over.
func TestEachAnswerHasItsAddress(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	h := &holder{t: t, db: db, n: 1}
	door := track.New(track.Config{Memory: db, Wishes: db, Signer: signer, Log: slog.New(slog.DiscardHandler)})
	path := message.PublicPath + "u/" + signer.Token(h.mail(), hit.OptOut)
	leadsTo := func(form string) string {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, path, strings.NewReader(form))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		door.ServeHTTP(w, r)
		return path + w.Header().Get("Location")
	}
	says := func(what, at, answer string) {
		page := send(t, door, http.MethodGet, at, "", "").Body.String()
		words := store.DefaultOptOut().Words
		for _, text := range []string{words.Done, words.Back} {
			if got := strings.Contains(page, text); got != (text == answer) {
				t.Errorf("%s: “%s” is said: %t", what, text, got)
			}
		}
	}
	words := store.DefaultOptOut().Words
	out := leadsTo("do=save&emails=1")
	says("opted out", out, words.Done)
	in := leadsTo("do=resume")
	says("taken back", in, words.Back)
	says("gone back from there", out, "")
	if again := leadsTo("do=save&emails=1"); again != out {
		t.Errorf("the same answer stands at %s and at %s", out, again)
	}
	says("gone back to what was taken back", in, "")
}
