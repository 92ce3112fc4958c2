//go:build mail

package main

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/message"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

// TestMailOptOut sends an automated email through Postfix into Dovecot, and opts out by what arrived there: on one database in
// one click, by the header field, on the other by the link and the page. The sequence ends, and nothing is sent again.
func TestMailOptOut(t *testing.T) {
	postfix := testmail.NewPostfix(t)
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			dir := t.TempDir()
			s := site{database: database{DB: address(t, dir)}, KeyFile: filepath.Join(dir, "key"), DataDir: dir}
			j := newJourney(t, s, postfix)
			settings, err := j.house.app.GetSettings(j.ctx, access.System())
			j.must(err)
			settings.TrackingURL = "https://mail.example.test"
			_, err = j.house.app.SaveSettings(j.ctx, access.System(), settings)
			j.must(err)
			before := len(j.inbox(0))
			j.serve()
			j.connect()
			in, err := message.Parse([]byte(j.inbox(before + 1)[before].Raw))
			j.must(err)
			j.await("phone_call")
			link := strings.Trim(in.Header("List-Unsubscribe"), "<>")
			path, ours := strings.CutPrefix(link, settings.TrackingURL)
			if !ours || in.Header("List-Unsubscribe-Post") != "List-Unsubscribe=One-Click" || !strings.Contains(in.HTML, `href="`+link+`"`) || !strings.Contains(in.Text, link) {
				t.Fatalf("header %q, %q; the link is not in\n%s", link, in.Header("List-Unsubscribe-Post"), in.HTML)
			}
			if regexp.MustCompile(`@|buyer`).MatchString(path) {
				t.Errorf("the address stands in the link: %s", link)
			}
			handler := j.house.handler("https://mail.example.test", nil)
			ask := func(method, body string) string {
				r := httptest.NewRequestWithContext(j.ctx, method, path, strings.NewReader(body))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusOK && (method != http.MethodPost || w.Code != http.StatusSeeOther) {
					t.Fatalf("%s %s gives %d: %s", method, path, w.Code, w.Body)
				}
				return w.Body.String()
			}
			source := store.FromOneClick
			if ask(http.MethodGet, ""); kind == "sqlite" {
				ask(http.MethodPost, "List-Unsubscribe=One-Click")
			} else {
				source = store.FromPage
				ask(http.MethodPost, "do=save&emails=1")
			}
			j.exits(step.ExitOptedOut)
			list, err := j.house.app.ListSuppressions(j.ctx, access.System(), store.SuppressionQuery{})
			j.must(err)
			if len(list.Rows) != 1 || list.Rows[0].Address != testmail.Buyer || list.Rows[0].Source != source || list.Rows[0].Record != j.lead {
				t.Errorf("the list is %+v", list.Rows)
			}
			// Whoever connects the record again writes nothing.
			j.connect()
			j.exits(step.ExitOptedOut)
			messages, err := j.house.app.ListMessages(j.ctx, access.System(), store.MessageQuery{Record: j.lead})
			j.must(err)
			if len(messages.Rows) != 1 || len(j.inbox(before+1)) != before+1 {
				t.Errorf("%d messages were made, want the first alone", len(messages.Rows))
			}
		})
	}
}

// exits waits for all enrollments of the record to be finished, the newest one with this exit.
func (j *journey) exits(want step.Exit) {
	j.t.Helper()
	ticker := time.NewTicker(20 * time.Millisecond)
	defer ticker.Stop()
	limit := time.NewTimer(time.Minute)
	defer limit.Stop()
	for {
		page, err := j.house.app.ListEnrollments(j.ctx, access.System(), store.EnrollmentQuery{Record: j.lead})
		j.must(err)
		if st := page.Rows[0].State; st.Status == flow.Finished {
			if st.Exit != want {
				j.t.Errorf("the exit is %s, want %s", st.Exit, want)
			}
			return
		}
		select {
		case <-ticker.C:
		case <-limit.C:
			j.t.Fatalf("the enrollment did not finish within a minute: %+v", page.Rows[0].State)
		}
	}
}
