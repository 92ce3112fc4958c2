package delivery

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// queue is an outbox whose gate is asked and whose messages stay where they are.
type queue struct {
	*testing.T
	db       *store.DB
	clock    *atomic.Int64
	dice     *rand.Rand
	anna     ident.User
	sequence store.Sequence
	leads    int
	// looked is how many messages the last claim took.
	looked int
}

// TestAnswersStayTrue holds that whatever changes what the gate goes by has the messages that wait looked at again: after each of a random series of
// changes, what stands in the row of every message is what the gate says when it is asked about all of them.
func TestAnswersStayTrue(t *testing.T) {
	t.Parallel()
	for _, kind := range []struct {
		name string
		open func(testing.TB, store.Options) *store.DB
	}{{"sqlite", storetest.SQLite}, {"postgres", storetest.Postgres}} {
		for seed := range uint64(3) {
			t.Run(fmt.Sprint(kind.name, " ", seed), func(t *testing.T) {
				t.Parallel()
				q := &queue{T: t, clock: &atomic.Int64{}, dice: rand.New(rand.NewPCG(seed, 1))}
				q.clock.Store(monday.UnixMicro())
				q.db = kind.open(t, store.Options{Now: func() time.Time { return time.UnixMicro(q.clock.Load()).UTC() }})
				q.open()
				for n := range 100 {
					q.hold(fmt.Sprint("change ", n, ", ", q.upset()))
				}
			})
		}
	}
}

// hold compares what stands in the rows with what the gate says of all of them.
func (q *queue) hold(did string) {
	q.Helper()
	q.connect()
	stored := q.answers(q.ask())
	q.write(func(tx *store.Tx) error {
		o, err := tx.Organisation()
		if err != nil {
			return err
		}
		return tx.SaveOrganisation(o) // it has all that wait looked at again
	})
	passed := q.ask()
	if q.looked != len(stored) {
		q.Fatalf("the gate was asked about %d of %d messages", q.looked, len(stored))
	}
	asked := q.answers(passed)
	for id, said := range asked {
		if stored[id] != said {
			q.Errorf("message %s: %q stands in its row, and the gate says %q", id, stored[id], said)
		}
	}
	if !maps.Equal(stored, asked) {
		q.Fatal(did)
	}
}

func (q *queue) write(fn func(*store.Tx) error) {
	q.Helper()
	if err := q.db.Write(context.Background(), fn); err != nil {
		q.Fatal(err)
	}
}

// open makes what the changes are about: a seller, a sequence that writes in windows, and a few leads.
func (q *queue) open() {
	q.Helper()
	q.write(func(tx *store.Tx) error {
		u, err := tx.InsertUser(store.User{Name: "Anna", Email: "anna@test.local", Role: "seller", Zone: "Europe/Berlin", Active: true})
		if err != nil {
			return err
		}
		q.anna = u.ID
		if _, err := tx.InsertTemplate(store.Template{Key: "intro", Name: "Intro", TemplateContent: store.TemplateContent{Subject: "Hello {{ first_name }}", HTML: "<p>Hello</p>"}}, 0); err != nil {
			return err
		}
		def := flow.Sequence{Name: "Trial", Record: record.Lead, Options: flow.DefaultOptions(), Steps: []step.Step{
			{ID: "intro", Type: "automated_email", Name: "Intro", Config: step.Config{"template": "intro"}},
		}}
		if q.sequence, err = tx.InsertSequence(def, 0); err != nil {
			return err
		}
		q.sequence.Version, err = tx.InsertVersion(q.sequence.ID, 1, def, "", 0)
		if err != nil {
			return err
		}
		return q.box(tx)
	})
	for range 8 {
		q.connect()
	}
	q.send(2)
}

// send has some messages go out, so that the limits of the mailbox are felt.
func (q *queue) send(n int) {
	q.Helper()
	pass, _, err := q.db.ClaimMail(context.Background(), "test", n, New(Config{}).channel.gate)
	var results []store.MailResult
	for _, c := range pass {
		results = append(results, store.MailResult{Message: c.Message, Kind: store.Delivered})
	}
	if err == nil {
		err = q.db.FinishMail(context.Background(), results)
	}
	if err != nil || len(pass) != n {
		q.Fatalf("sent %d, %v, want %d", len(pass), err, n)
	}
}

// box makes the seller's mailbox.
func (q *queue) box(tx *store.Tx) error {
	_, err := tx.InsertMailbox(store.Mailbox{User: q.anna, Address: "anna@test.local", SenderName: "Anna", Host: "mail.test", Port: 25, Security: store.NoTLS})
	return err
}

var zones = []string{"", "Europe/Berlin", "America/New_York", "Asia/Tokyo"}

// connect makes one more lead whose email is queued.
func (q *queue) connect() {
	q.Helper()
	q.write(func(tx *store.Tx) error {
		q.leads++
		values := record.Values{"first_name": "Marta", "last_name": fmt.Sprint("Lead", q.leads), "email": fmt.Sprintf("lead%d@buyer%d.test", q.leads, q.leads%3)}
		values["time_zone"], values["country"] = q.pick(zones), q.pick([]string{"", "Germany", "Japan"})
		r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: q.anna, Values: values})
		if err == nil {
			_, err = tx.Enroll([]store.NewEnrollment{{Sequence: q.sequence.ID, Version: q.sequence.Version, Record: r.ID, Assignee: q.anna}})
		}
		return err
	})
	for {
		if n, err := q.db.Due(context.Background(), 100); err != nil || n == 0 {
			if err != nil {
				q.Fatal(err)
			}
			return
		}
	}
}

func (q *queue) pick(list []string) string { return list[q.dice.IntN(len(list))] }

// ask makes a claim, and gives what the gate let pass. That stays in the queue, so that nothing but the changes counts.
func (q *queue) ask() map[ident.Message]bool {
	q.Helper()
	passed, gate := map[ident.Message]bool{}, New(Config{}).channel.gate
	_, looked, err := q.db.ClaimMail(context.Background(), "test", 1000, func(c *store.MailCandidate, now time.Time) store.Verdict {
		v := gate(c, now)
		if v.Kind != store.Pass {
			return v
		}
		passed[c.Message.ID] = true
		return store.Verdict{Kind: store.Leave}
	})
	if err != nil {
		q.Fatal(err)
	}
	q.looked = looked
	return passed
}

// answers gives what stands in the rows of what waits.
func (q *queue) answers(passed map[ident.Message]bool) map[ident.Message]string {
	q.Helper()
	list := map[ident.Message]string{}
	if err := q.db.Read(context.Background(), func(tx *store.Tx) error {
		page, err := tx.ListMessages(store.MessageQuery{State: store.MessageQueued, Limit: store.MaxPageSize})
		for _, m := range page.Rows {
			switch {
			case passed[m.ID], m.Blocker == store.BlockTurn: // nothing but its place among the others holds it
				list[m.ID] = "goes"
			case m.Turn, m.Blocker.NeedsPerson(): // its moment is an estimate, or none
				list[m.ID] = fmt.Sprint(m.Blocker, ": ", m.Reason)
			default:
				list[m.ID] = fmt.Sprint(m.Blocker, ": ", m.Reason, " ", m.NextAt)
			}
		}
		return err
	}); err != nil {
		q.Fatal(err)
	}
	return list
}

// upset changes something, and says what.
func (q *queue) upset() (did string) {
	q.Helper()
	changes := q.changes()
	n := q.dice.IntN(len(changes))
	q.write(func(tx *store.Tx) (err error) {
		did, err = changes[n](tx)
		return err
	})
	return did
}

func (q *queue) changes() []func(*store.Tx) (string, error) {
	return []func(*store.Tx) (string, error){
		q.passTime, q.changeWindows, q.changeHoliday, q.changeHoliday, q.changeLeave, q.changePause, q.changePause, q.changeBox, q.changeLimits,
		q.changeSuppression, q.changeZone, q.changeField("time_zone", zones...), q.changeField("country", "", "Germany", "Japan"),
		q.changeField("do_not_email", "true"), q.changeField("email", "", "new@buyer1.test"), q.changeField("first_name", ""),
	}
}

func (q *queue) passTime(*store.Tx) (string, error) {
	q.clock.Add((3 * time.Hour).Microseconds())
	return "three hours pass", nil
}

func (q *queue) changeWindows(tx *store.Tx) (string, error) {
	w := store.SendWindows{On: q.dice.IntN(4) > 0}
	for range 3 {
		w.Days[q.dice.IntN(7)] = calendar.Span{From: 8 * time.Hour, To: 18 * time.Hour}
	}
	return "windows", tx.SaveSendWindows(w)
}

func (q *queue) changeHoliday(tx *store.Tx) (string, error) {
	list, err := tx.OwnHolidays()
	if err != nil {
		return "", err
	}
	if len(list) > 0 {
		return "a holiday is deleted", tx.DeleteHoliday(list[0].ID)
	}
	h := store.Holiday{}
	h.Date, h.Name, h.Region = calendar.DateAt(tx.Now, nil), "Fair", q.pick([]string{"", "DE"})
	_, err = tx.InsertHoliday(h, q.anna)
	return "a holiday is added", err
}

func (q *queue) changeLeave(tx *store.Tx) (string, error) {
	list, err := tx.TimesOff(q.anna, 0)
	if err != nil {
		return "", err
	}
	if len(list) > 0 {
		return "time off is deleted", tx.DeleteTimeOff(list[0])
	}
	off, today := store.TimeOff{}, calendar.DateAt(tx.Now, nil)
	off.User, off.From, off.To, off.MailWaits = q.anna, today-1, today+2, true
	_, err = tx.InsertTimeOff(off, q.anna)
	return "time off is added", err
}

func (q *queue) changePause(tx *store.Tx) (string, error) {
	m, err := tx.MailboxOf(q.anna)
	if err != nil {
		return "there is no mailbox to pause", nil
	}
	m.Paused = !m.Paused
	if m, err = tx.UpdateMailbox(m); err != nil {
		return "", err
	}
	return fmt.Sprint("paused: ", m.Paused), tx.NotePause(m.ID, q.anna, m.Paused)
}

func (q *queue) changeBox(tx *store.Tx) (string, error) {
	if _, err := tx.MailboxOf(q.anna); err != nil {
		return "a mailbox is made", q.box(tx)
	}
	return "the mailbox is deleted", tx.DeleteMailbox(q.anna)
}

func (q *queue) changeLimits(tx *store.Tx) (string, error) {
	m, err := tx.MailboxOf(q.anna)
	if err != nil {
		return "there is no mailbox to limit", nil
	}
	return "limits", tx.SaveLimits(m.ID, &store.SendLimits{Day: q.dice.IntN(2), Gap: time.Duration(q.dice.IntN(2)) * time.Minute})
}

func (q *queue) changeSuppression(tx *store.Tx) (string, error) {
	page, err := tx.ListSuppressions(store.SuppressionQuery{Limit: 1})
	if err != nil {
		return "", err
	}
	if len(page.Rows) > 0 {
		return "a suppression is deleted", tx.DeleteSuppression(page.Rows[0].ID)
	}
	address := q.pick([]string{"buyer1.test", fmt.Sprintf("lead%d@buyer%d.test", q.leads, q.leads%3)})
	_, err = tx.Suppress(store.Suppression{Channel: message.EmailChannel, Address: address, Source: store.FromPerson})
	return "suppressed: " + address, err
}

func (q *queue) changeZone(tx *store.Tx) (string, error) {
	return "the seller moves", tx.UpdateUser(store.User{ID: q.anna, Name: "Anna", Email: "anna@test.local", Role: "seller", Zone: q.pick(zones), Active: true})
}

// changeField sets a field of a record for which a message waits.
func (q *queue) changeField(field string, values ...string) func(*store.Tx) (string, error) {
	return func(tx *store.Tx) (string, error) {
		page, err := tx.ListMessages(store.MessageQuery{State: store.MessageQueued, Limit: store.MaxPageSize})
		if err != nil || len(page.Rows) == 0 {
			return "", err
		}
		r, err := tx.GetRecord(page.Rows[q.dice.IntN(len(page.Rows))].Record)
		if err != nil {
			return "", err
		}
		value := q.pick(values)
		if r.Values[field] = value; value == "" {
			delete(r.Values, field)
		}
		if r, err = tx.UpdateRecord(r); err != nil {
			return "", err
		}
		return field + ": " + value, tx.NoteChanges([]ident.Record{r.ID}, 0)
	}
}
