package track_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
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

// TestOptOut plays the whole life of an opt-out: a look changes nothing, a POST acts, one click is enough and may be
// repeated, what was chosen can be taken back.
func TestOptOut(t *testing.T) {
	t.Parallel()
	db := storetest.SQLite(t, store.Options{})
	const address, number = "sam@okafor.test", "+491701234567"
	var rec ident.Record
	var mail ident.Message
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Values: record.Values{"last_name": "Okafor", "email": address, "mobile": number}})
		if err != nil {
			return err
		}
		rec = r.ID
		mail, err = tx.InsertMessage(store.Message{Record: rec, Recipient: address, RFCID: "1@test", Subject: "Hello", HTML: "<p>Hello</p>"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	door := track.New(track.Config{Memory: db, Wishes: db, Signer: signer, Log: slog.New(slog.DiscardHandler)})
	path := message.PublicPath + "u/" + signer.Token(mail, hit.OptOut)
	ask := func(method, path, kind, body string) *httptest.ResponseRecorder {
		return send(t, door, method, path, kind, body)
	}
	const form = "application/x-www-form-urlencoded"
	list := func() string {
		var words []string
		if err := db.Read(t.Context(), func(tx *store.Tx) error {
			found, err := tx.Suppressed([]string{address, number})
			for _, a := range []string{address, number} {
				if s, ok := found[a]; ok {
					words = append(words, string(s.Channel)+" by "+string(s.Source))
				}
			}
			r, getErr := tx.GetRecord(rec)
			if r.Get("do_not_track") == "true" {
				words = append(words, "not followed")
			}
			if err == nil {
				err = getErr
			}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return strings.Join(words, ", ")
	}
	for _, c := range []struct {
		name, method, kind, body string
		status                   int
		sees, list               string
	}{
		{"a look", http.MethodGet, "", "", 200, `name="emails" value="1" checked`, ""},
		{"a scanner's look", http.MethodHead, "", "", 200, "", ""},
		{"a form of something else", http.MethodPost, form, "x=1", 400, "cannot be read", ""},
		{"one click", http.MethodPost, form, "List-Unsubscribe=One-Click", 200, "Done", "email by one_click"},
		{"one click again", http.MethodPost, form, "List-Unsubscribe=One-Click", 200, "Done", "email by one_click"},
		{"a look afterwards", http.MethodGet, "", "", 200, "I want them again", "email by one_click"},
		{"taking it back", http.MethodPost, form, "do=resume", 200, "You get our messages again", ""},
		{"one click in parts", http.MethodPost, "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n", 200, "Done", "email by one_click"},
		{"everything on the page", http.MethodPost, form, "do=save&emails=1&texts=1&following=1", 200, "s…@okafor.test · …567", "email by one_click, text by page, not followed"},
		{"emails again, by the boxes", http.MethodPost, form, "do=save&texts=1&following=1", 200, "Done", "text by page, not followed"},
		{"all of it back", http.MethodPost, form, "do=save", 200, "You get our messages again", ""},
		{"a form beyond the limit", http.MethodPost, form, "do=save&x=" + strings.Repeat("x", 5000), 400, "cannot be read", ""},
	} {
		w := ask(c.method, path, c.kind, c.body)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.sees) || list() != c.list {
			t.Errorf("%s: got %d, list %q, want %d, list %q and %q in\n%s", c.name, w.Code, list(), c.status, c.list, c.sees, w.Body)
		}
		if strings.Contains(w.Body.String(), address) || w.Header().Get("Set-Cookie") != "" {
			t.Errorf("%s: the page tells the whole address, or sets a cookie", c.name)
		}
	}
	for name, p := range map[string]string{
		"a link's token": message.PublicPath + "u/" + signer.Token(mail, 1), "an unknown message": message.PublicPath + "u/" + signer.Token(mail+1, hit.OptOut),
		"a broken token": path + "x", "the token at a link's address": message.PublicPath + "c/" + signer.Token(mail, hit.OptOut),
	} {
		want := http.StatusNotFound
		if w := ask(http.MethodGet, p, "", ""); w.Code != want {
			t.Errorf("%s: got %d, want %d", name, w.Code, want)
		}
	}
	if w := ask(http.MethodPost, message.PublicPath+"c/"+signer.Token(mail, 1), form, url.Values{}.Encode()); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("a POST to a link gives %d, want %d", w.Code, http.StatusMethodNotAllowed)
	}
}
