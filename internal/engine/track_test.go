package engine_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
)

const (
	linksURL = "https://links.test"
	firefox  = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
)

// TestFollowedMail plays the whole way: a mail goes out with a pixel and links, what its readers and scanners fetch comes
// back through the public door, and the record goes on in the lane that it belongs into.
func TestFollowedMail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeek(t)
		w.must(w.offer("See <a href=\"https://shop.test/offer?a=1&amp;b=2\">our offer</a> or <a href=\"mailto:anna@test.local\">write</a>."))
		w.sequence("Opened", opened(step.Opened))
		w.sequence("Clicked", opened(step.LinkOpened))
		reader, clicker, scanned, silent, private := w.lead("Reader", "r@buyer.test"), w.lead("Clicker", "c@buyer.test"), w.lead("Scanned", "s@buyer.test"), w.lead("Silent", "x@buyer.test"), w.lead("Private", "p@buyer.test")
		_, err := w.app.UpdateRecord(w.ctx, access.System(), private, action.RecordChange{Values: record.Values{"do_not_track": "true"}})
		w.must(err)
		w.connect("Opened", reader, scanned, silent, private)
		w.connect("Clicked", clicker)
		w.pass(5 * time.Second)
		w.mails(5)

		w.fetch("s@buyer.test", 0, firefox) // within seconds of the sending
		w.pass(time.Hour)
		w.fetch("s@buyer.test", 0, "Mozilla/5.0 (compatible; Googlebot/2.1)")
		w.fetch("s@buyer.test", 1, firefox) // a click is no open
		w.fetch("r@buyer.test", 0, firefox)
		w.fetch("c@buyer.test", 0, firefox)
		if to := w.fetch("c@buyer.test", 1, firefox); to != "https://shop.test/offer?a=1&b=2" {
			t.Errorf("the link leads to %q", to)
		}
		w.pass(time.Second)
		w.activities("task Reader: ", "task Clicker: ")
		if got := w.addresses("p@buyer.test"); got != nil {
			t.Errorf("the mail of somebody who forbids it is followed: %q", got)
		}

		w.countFirst(scanned)
		w.pass(time.Second)
		w.activities("task Reader: ", "task Clicker: ", "task Scanned: ")

		w.pass(3 * time.Hour)
		w.finished(silent, step.ExitCompleted) // the lane No is empty
		w.finished(private, step.ExitCompleted)
		w.seen(reader, 1, 0)
		w.seen(clicker, 1, 1)
		w.seen(scanned, 1, 1)
	})
}

// TestFiles plays the way of a file: a mail that may be followed links to it, and its download decides; one that may not
// carries it, so that nobody loses the file.
func TestFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeek(t)
		const content = "%PDF-1.4 our offer"
		f, err := w.app.UploadFile(w.ctx, access.System(), "Größe.pdf", strings.NewReader(content))
		w.must(err)
		_, err = w.app.CreateTemplate(w.ctx, access.System(), action.TemplateInput{Key: "offer", Name: "Offer", Subject: "Offer", HTML: `<p>See the file, or <a href="https://shop.test">us</a>.</p>`, Files: []ident.File{f.ID}})
		w.must(err)
		w.sequence("Fetched", opened(step.Downloaded))
		reader, clicker, scanned, silent, private := w.lead("Reader", "r@buyer.test"), w.lead("Clicker", "c@buyer.test"), w.lead("Scanned", "s@buyer.test"), w.lead("Silent", "x@buyer.test"), w.lead("Private", "p@buyer.test")
		_, err = w.app.UpdateRecord(w.ctx, access.System(), private, action.RecordChange{Values: record.Values{"do_not_track": "true"}})
		w.must(err)
		w.connect("Fetched", reader, clicker, scanned, silent, private)
		w.pass(5 * time.Second)
		w.mails(5)
		w.download("s@buyer.test", content, firefox) // within seconds of the sending
		w.pass(time.Hour)
		w.download("s@buyer.test", content, "curl/8.5.0")
		w.fetch("c@buyer.test", 1, firefox) // a click is no download
		w.download("r@buyer.test", content, firefox)
		w.pass(time.Second)
		w.activities("task Reader: ")
		w.countFirst(scanned)
		w.pass(time.Second)
		w.activities("task Reader: ", "task Scanned: ")
		if m := w.message(reader); m.Downloads != 1 || m.Clicks != 0 || !slices.Equal(m.Downloaded, []string{"Größe.pdf"}) || strings.Contains(m.HTML+m.Text, "/t/f/") {
			t.Errorf("stored as %+v", m)
		}

		carried := w.mailTo("p@buyer.test")
		if w.addresses("p@buyer.test") != nil || len(carried.Attachments) != 1 || carried.Attachments[0].Name != "Größe.pdf" || string(carried.Attachments[0].Data) != content {
			t.Errorf("the mail of somebody who forbids it: %q", carried.Attachments)
		}
		if m := w.mailTo("r@buyer.test"); len(m.Attachments) != 0 || !strings.Contains(m.Text, "Größe.pdf (PDF, 18 bytes): "+linksURL+"/t/f/") {
			t.Errorf("the followed mail: %q, %s", m.Attachments, m.Text)
		}
		w.must(w.deleteFile(f.ID))
		if answer := w.asks("r@buyer.test", firefox); answer.Code != http.StatusGone || answer.Body.Len() == 0 {
			t.Errorf("a deleted file answers %d %s", answer.Code, answer.Body)
		}
		w.pass(3 * time.Hour)
		w.finished(silent, step.ExitCompleted)
		w.finished(clicker, step.ExitCompleted)
		w.finished(private, step.ExitCompleted)
	})
}

// deleteFile takes a file out of its template, lets the sequence go on with that, and deletes it.
func (w *week) deleteFile(id ident.File) error {
	list, err := w.app.ListTemplates(w.ctx, access.System(), "", "offer")
	w.must(err)
	_, err = w.app.UpdateTemplate(w.ctx, access.System(), list[0].ID, action.TemplateInput{Name: "Offer", Subject: "Offer", HTML: "x"})
	w.must(err)
	if err := w.app.DeleteFile(w.ctx, access.System(), id); !fault.Is(err, fault.Conflict) {
		w.t.Errorf("a file that a sequence sends: %v", err)
	}
	uses, err := w.app.TemplateInUse(w.ctx, access.System(), list[0].ID)
	w.must(err)
	_, err = w.app.AdoptTemplate(w.ctx, access.System(), list[0].ID, []ident.Sequence{uses[0].Sequence})
	w.must(err)
	return w.app.DeleteFile(w.ctx, access.System(), id)
}

var fileAddress = regexp.MustCompile(linksURL + `(/t/f/[A-Za-z0-9_-]+)"`)

// asks asks the public door for the file in the mail to somebody.
func (w *week) asks(to, agent string) *httptest.ResponseRecorder {
	w.t.Helper()
	found := fileAddress.FindStringSubmatch(w.mailTo(to).HTML)
	if found == nil {
		w.t.Fatalf("the mail to %s has no file", to)
	}
	r := httptest.NewRequest(http.MethodGet, linksURL+found[1], nil)
	r.Header.Set("User-Agent", agent)
	answer := httptest.NewRecorder()
	w.door.ServeHTTP(answer, r)
	return answer
}

func (w *week) download(to, want, agent string) {
	w.t.Helper()
	if answer := w.asks(to, agent); answer.Code != http.StatusOK || answer.Body.String() != want || !strings.HasPrefix(answer.Header().Get("Content-Disposition"), "attachment;") {
		w.t.Fatalf("got %d %v %s", answer.Code, answer.Header(), answer.Body)
	}
}

// mailTo gives the last mail that somebody got.
func (w *week) mailTo(to string) message.Incoming {
	w.t.Helper()
	mails := w.sink.MessagesTo(to)
	if len(mails) == 0 {
		w.t.Fatalf("no mail went to %s", to)
	}
	m, err := message.Parse(mails[len(mails)-1].Raw)
	w.must(err)
	return m
}

// TestLinksStayOverRetries holds that a mail which is sent again leads where the first one led, though its template has
// changed meanwhile, and that what is stored has no link of ours in it.
func TestLinksStayOverRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWeek(t)
		w.must(w.offer(`<a href="https://a.test">a</a><a href="https://b.test">b</a>`))
		w.sequence("Opened", opened(step.Opened))
		w.sink.At(testmail.AtDot, testmail.Drop()) // taken, for all that anybody knows
		lead := w.lead("Reader", "r@buyer.test")
		w.connect("Opened", lead)
		w.pass(time.Minute)
		w.sink.Script(nil)
		list, err := w.app.ListTemplates(w.ctx, access.System(), "", "offer")
		w.must(err)
		_, err = w.app.UpdateTemplate(w.ctx, access.System(), list[0].ID, action.TemplateInput{Key: "offer", Name: "Offer", Subject: "Offer", HTML: `<a href="https://c.test">c</a><a href="https://b.test">b</a>`})
		w.must(err)
		uses, err := w.app.TemplateInUse(w.ctx, access.System(), list[0].ID)
		w.must(err)
		_, err = w.app.AdoptTemplate(w.ctx, access.System(), list[0].ID, []ident.Sequence{uses[0].Sequence})
		w.must(err)
		_, err = w.app.SettleMessage(w.ctx, access.System(), w.message(lead).ID, false)
		w.must(err)
		w.pass(time.Minute)
		for n, want := range []string{"", "https://c.test", "https://b.test"} {
			if got := w.fetch("r@buyer.test", n, firefox); got != want {
				t.Errorf("address %d leads to %q, want %q", n, got, want)
			}
		}
		for n, want := range []string{"https://a.test", "https://b.test", "https://c.test"} {
			if got, err := w.db.Link(w.ctx, w.message(lead).ID, n+1); got != want || err != nil {
				t.Errorf("link %d leads to %q, %v, want %q", n+1, got, err, want)
			}
		}
		if m := w.message(lead); strings.Contains(m.HTML+m.Text, linksURL) {
			t.Errorf("stored as %s", m.HTML)
		}
	})
}

// opened is a mail, the question what the customer did with it, and a task in the lane Yes.
func opened(what step.Result) []step.Step {
	return []step.Step{
		{ID: "offer", Type: "automated_email", Name: "Offer", Config: step.Config{"template": "offer"}},
		{
			ID: "ask", Type: "condition", Name: "Ask", Config: step.Config{}, When: &step.When{Email: &step.EmailTest{Step: "offer", Results: []step.Result{what}, Within: "3h", AtOnce: true}},
			Yes: []step.Step{{ID: "call", Type: "task", Name: "Call", Config: step.Config{}}},
		},
	}
}

func (w *week) offer(text string) error {
	_, err := w.app.CreateTemplate(w.ctx, access.System(), action.TemplateInput{Key: "offer", Name: "Offer", Subject: "Offer", HTML: "<p>" + text + "</p>"})
	return err
}

var ours = regexp.MustCompile(`"` + linksURL + `(/t/[oc]/[^"]*)"`)

// addresses lists our own addresses in the mail to somebody, the pixel first.
func (w *week) addresses(to string) (list []string) {
	w.t.Helper()
	m := w.mailTo(to)
	if strings.Contains(m.Text, linksURL+"/t/c/") {
		w.t.Errorf("the plain text is followed: %s", m.Text)
	}
	for _, found := range ours.FindAllStringSubmatch(m.HTML, -1) {
		list = append(list, found[1])
	}
	slices.SortStableFunc(list, func(a, b string) int { return -strings.Compare(a[:5], b[:5]) }) // /t/o/ before /t/c/
	return list
}

// fetch asks the public door for the nth address in the mail to somebody, and gives where it leads.
func (w *week) fetch(to string, n int, agent string) string {
	w.t.Helper()
	list := w.addresses(to)
	if len(list) <= n {
		w.t.Fatalf("the mail to %s has the addresses %q", to, list)
	}
	r := httptest.NewRequest(http.MethodGet, linksURL+list[n], nil)
	r.Header.Set("User-Agent", agent)
	answer := httptest.NewRecorder()
	w.door.ServeHTTP(answer, r)
	if want := map[bool]int{true: http.StatusOK, false: http.StatusFound}[n == 0]; answer.Code != want {
		w.t.Fatalf("%s answers %d, want %d", list[n], answer.Code, want)
	}
	return answer.Header().Get("Location")
}

func (w *week) message(lead ident.Record) store.Message {
	w.t.Helper()
	page, err := w.app.ListMessages(w.ctx, access.System(), store.MessageQuery{Record: lead})
	w.must(err)
	if len(page.Rows) != 1 {
		w.t.Fatalf("%d messages", len(page.Rows))
	}
	return page.Rows[0]
}

// countFirst says that the first hit on the mail of a lead counts.
func (w *week) countFirst(lead ident.Record) {
	w.t.Helper()
	m := w.message(lead)
	hits, err := w.app.Hits(w.ctx, access.System(), m.ID)
	w.must(err)
	_, err = w.app.CountHit(w.ctx, access.System(), m.ID, hits[len(hits)-1].ID)
	w.must(err)
	if _, err = w.app.CountHit(w.ctx, access.System(), m.ID, hits[len(hits)-1].ID); err == nil {
		w.t.Error("a hit that counts is counted again")
	}
}

func (w *week) seen(lead ident.Record, opens, clicks int) {
	w.t.Helper()
	if m := w.message(lead); m.Opens != opens || m.Clicks != clicks || !m.Tracked {
		w.t.Errorf("%s: %d opens and %d clicks, want %d and %d", m.Recipient, m.Opens, m.Clicks, opens, clicks)
	}
}
