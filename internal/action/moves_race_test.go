package action

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestMovesRaceEverything moves records to a new version and takes it back, while engines and senders of three nodes (on SQLite of one) work on the very same
// records, and people complete and skip activities, and pause and resume records. Afterwards each record stands once, where its own history and the map say,
// with what that place needs and nothing else; what a person did and what was sent counts once, and is not lost. MOVE_RACE is how many records there are (60).
func TestMovesRaceEverything(t *testing.T) {
	t.Parallel()
	records := 60
	if text := os.Getenv("MOVE_RACE"); text != "" {
		var err error
		if records, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	const nodes = 3
	for name, open := range map[string]func(store.Options) []*store.DB{
		"sqlite":   func(o store.Options) []*store.DB { return slices.Repeat([]*store.DB{storetest.SQLite(t, o)}, nodes) },
		"postgres": func(o store.Options) []*store.DB { return storetest.Nodes(t, nodes, o) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			now := &atomic.Int64{}
			now.Store(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC).UnixMicro())
			dbs := open(store.Options{Now: func() time.Time { return time.UnixMicro(now.Load()).UTC() }})
			r := &moveRace{house: newHouse(t, dbs[0], now), sent: map[ident.Message]int{}, did: map[step.Token]int{}}
			for _, db := range dbs {
				app, err := New(Config{DB: db, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Key: bytes.Repeat([]byte{7}, 32), DataDir: t.TempDir(), BaseURL: "https://cadenza.test"})
				if err != nil {
					t.Fatal(err)
				}
				r.apps = append(r.apps, app)
			}
			r.prepare(records)
			run := r.race()
			r.settle()
			r.check(run)
		})
	}
}

// moveRace is a move among everything that works on the same records.
type moveRace struct {
	*house
	apps []*App
	seq  ident.Sequence
	ids  []ident.Enrollment

	mu   sync.Mutex
	sent map[ident.Message]int // emails that were delivered
	did  map[step.Token]int    // visits whose activity a person completed or skipped
}

func taskCalled(id string) step.Step { return step.Step{ID: id, Type: "task", Name: id} }

// raceSteps gives the steps of both versions: what is named the same is the same in both.
func raceSteps(version int) []step.Step {
	intro := step.Step{ID: "intro", Type: "automated_email", Name: "intro", Config: step.Config{"template": "intro"}}
	if version == 2 {
		return []step.Step{taskCalled("open"), taskCalled("extra"), intro, taskCalled("big2"), taskCalled("end2")}
	}
	rest := step.Step{ID: "rest", Type: "wait", Name: "rest", Config: step.Config{"for": "1m"}}
	big := step.Step{
		ID: "size", Type: "condition", Name: "size", When: &step.When{Field: &record.Condition{Field: "company", Op: record.Equals, Values: []string{"Big"}}},
		Yes: []step.Step{taskCalled("big")}, No: []step.Step{taskCalled("small")},
	}
	return []step.Step{taskCalled("open"), rest, intro, big, taskCalled("end")}
}

// raceMap keeps what is the same, moves out of a wait and out of both lanes, finishes some and leaves some.
var raceMap = flow.Mapping{
	{Number: 1, Step: "open"}: {Kind: flow.To, Step: "open"}, {Number: 1, Step: "rest"}: {Kind: flow.To, Step: "extra"}, {Number: 1, Step: "intro"}: {Kind: flow.To, Step: "intro"},
	{Number: 1, Step: "big"}: {Kind: flow.To, Step: "big2"}, {Number: 1, Step: "small"}: {Kind: flow.Finish}, {Number: 1, Step: "end"}: {Kind: flow.Stay},
}

// raceNext says which step follows another one on either version; "" for the end.
func raceNext(version int, at, outcome string) string {
	order := []string{"", "open", "rest", "intro", "size", "end", ""}
	switch {
	case version == 2:
		order = []string{"", "open", "extra", "intro", "big2", "end2", ""}
	case at == "size":
		return map[string]string{"yes": "big", "no": "small"}[outcome]
	case at == "big" || at == "small":
		return "end"
	}
	return order[slices.Index(order[1:], at)+2]
}

// prepare connects the records and brings them to all steps of the first version.
func (r *moveRace) prepare(records int) {
	r.t.Helper()
	r.seq = r.active(r.manager, define("Race", raceSteps(1)...))
	var leads []ident.Record
	for i := range records {
		leads = append(leads, r.lead(r.anna, fmt.Sprint("Lead", i), "Berg", "company", []string{"Big", "Small"}[i%2]))
	}
	connected, err := r.app.Connect(r.ctx, r.anna, r.seq, leads, false)
	if err != nil {
		r.t.Fatal(err)
	}
	for _, e := range connected.Connected {
		r.ids = append(r.ids, e.ID)
	}
	r.pass(0)
	for stage := range 4 { // a fifth of the records stays behind at each stage
		r.personOn(r.app, rand.New(rand.NewPCG(1, uint64(stage))), records)
		if stage > 0 {
			r.pass(time.Minute)
			r.sendOn(r.app.db, "before", nil)
			r.pass(0)
		}
	}
}

// personOn completes or skips some of what is open.
func (r *moveRace) personOn(app *App, random *rand.Rand, most int) {
	page, err := app.WorkList(r.ctx, r.anna, store.WorkQuery{Later: true, Limit: store.MaxPageSize})
	if err != nil {
		r.failed("the work list", err)
		return
	}
	for _, at := range random.Perm(len(page.Rows))[:min(most, len(page.Rows)*4/5)] {
		a := page.Rows[at]
		if random.IntN(2) == 0 {
			_, err = app.Complete(r.ctx, r.anna, a.ID, Done{})
		} else {
			_, err = app.SkipActivity(r.ctx, r.anna, a.ID, "")
		}
		if err != nil {
			r.failed("do "+a.Name, err)
			continue
		}
		r.mu.Lock()
		r.did[a.Token]++
		r.mu.Unlock()
	}
}

// sendOn delivers what it claimed the time before, and claims more, which it gives: in between these are on the wire.
func (r *moveRace) sendOn(db *store.DB, node string, wire []*store.MailCandidate) []*store.MailCandidate {
	pass, _, err := db.ClaimMail(r.ctx, node, 10, func(c *store.MailCandidate, now time.Time) store.Verdict {
		if !c.Live {
			return store.Verdict{Kind: store.Withdraw, Reason: "Nobody waits for it."}
		}
		m := c.Message
		m.Sender, m.AttemptAt = c.Mailbox.Address, now
		return store.Verdict{Kind: store.Pass, Message: m}
	})
	if err != nil {
		r.failed("claim", err)
		return wire
	}
	if wire == nil && node == "before" {
		wire, pass = pass, nil
	}
	var results []store.MailResult
	for _, c := range wire {
		results = append(results, store.MailResult{Message: c.Message, Kind: store.Delivered})
	}
	for err = errors.New("not yet"); err != nil; {
		if err = db.FinishMail(r.ctx, results); err != nil {
			r.failed("finish mail", err)
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range wire {
		r.sent[c.Message.ID]++
	}
	return pass
}

// failed tells of an error that no race excuses: a person may come too late, and a database may ask to try again.
func (r *moveRace) failed(what string, err error) {
	switch fault.CodeOf(err) {
	case fault.Conflict, fault.NotFound, fault.Stale, fault.Unavailable:
	default:
		r.t.Errorf("%s: %v", what, err)
	}
}

// race activates the second version with the move, undoes it when it is over, and lets everybody work meanwhile.
func (r *moveRace) race() store.MoveRun {
	r.t.Helper()
	s, err := r.app.ApplySequence(r.ctx, r.manager, define("Race", raceSteps(2)...), false)
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := r.app.Activate(r.ctx, r.manager, r.seq, ActivateInput{Rev: s.Sequence.DraftRev, Move: &MoveInput{Mapping: raceMap}}); err != nil {
		r.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(r.ctx)
	defer stop()
	var all sync.WaitGroup
	for i, app := range r.apps {
		random := func(who uint64) *rand.Rand { return rand.New(rand.NewPCG(uint64(i), who)) }
		beside := func(part func()) {
			all.Go(func() {
				for ctx.Err() == nil {
					part()
				}
			})
		}
		beside(func() {
			if _, err := app.db.Due(r.ctx, 7); err != nil {
				r.failed("engine", err)
			}
		})
		mover := random(1)
		beside(func() { r.moveSome(app, 1+mover.IntN(9)) })
		person := random(2)
		beside(func() { r.personOn(app, person, 2) })
		pauser := random(3)
		beside(func() { r.pauseOne(app, pauser) })
		all.Go(func() {
			var wire []*store.MailCandidate
			for ctx.Err() == nil {
				wire = r.sendOn(app.db, fmt.Sprint("node", i), wire)
			}
			r.sendOn(app.db, "before", append(wire, r.sendOn(app.db, fmt.Sprint("node", i), nil)...))
		})
	}
	run := r.until(store.MoveDone)
	if _, err := r.app.UndoMove(r.ctx, r.manager, run.ID); err != nil {
		r.t.Error(err)
	}
	run = r.until(store.MoveUndone)
	stop()
	all.Wait()
	return run
}

// moveSome goes on with the move; while there is nothing to do, time passes.
func (r *moveRace) moveSome(app *App, most int) {
	more, err := change(r.ctx, app, func(tx *store.Tx) (bool, error) {
		_, more, err := tx.ContinueMove(most)
		return more, err
	})
	if err != nil {
		r.failed("move", err)
	}
	if !more {
		r.later(time.Second / 2)
	}
}

// pauseOne pauses or resumes a record.
func (r *moveRace) pauseOne(app *App, random *rand.Rand) {
	id, err := r.ids[random.IntN(len(r.ids))], error(nil)
	if random.IntN(3) == 0 {
		_, err = app.PauseEnrollment(r.ctx, r.manager, id)
	} else {
		_, err = app.ResumeEnrollment(r.ctx, r.manager, id)
	}
	if err != nil {
		r.failed("pause or resume", err)
	}
}

// until waits for the move to get there.
func (r *moveRace) until(state store.MoveRunState) store.MoveRun {
	r.t.Helper()
	for deadline := time.Now().Add(5 * time.Minute); ; {
		list, err := r.app.ListMoves(r.ctx, r.manager, r.seq, "", 1)
		if err != nil || len(list.Rows) != 1 || time.Now().After(deadline) {
			r.t.Fatalf("the moves are %+v, %v", list.Rows, err)
		}
		if list.Rows[0].State == state {
			return list.Rows[0]
		}
	}
}

// settle lets everything happen that waits for nobody.
func (r *moveRace) settle() {
	r.t.Helper()
	for range len(r.ids)/10 + 2 {
		r.sendOn(r.db, "before", nil)
	}
	r.pass(0)
}

// movedTo reads where a line says that a record was moved.
var movedTo = regexp.MustCompile(`to version (\d+), (\w+)`) // a wait says how long it is behind its name

// check holds what is promised of every record, of what people did, and of what was sent.
func (r *moveRace) check(run store.MoveRun) {
	r.t.Helper()
	if n := run.Undone + run.Kept; n != run.Moved+run.Finished || n == 0 || run.Looked > run.Total {
		r.t.Errorf("of %d and %d records %d were put back and %d kept, %d of %d looked at", run.Moved, run.Finished, run.Undone, run.Kept, run.Looked, run.Total)
	}
	kept := map[ident.Enrollment]bool{}
	r.write(func(tx *store.Tx) error {
		list, err := tx.MovedRows(run.ID, store.MovedKept, "", store.MaxPageSize)
		for _, row := range list.Rows {
			kept[row.Enrollment] = true
		}
		return err
	})
	found, sent := map[ident.Enrollment]store.Enrollment{}, 0
	r.write(func(tx *store.Tx) (err error) {
		found, err = tx.EnrollmentsByID(r.ids)
		return err
	})
	for _, id := range r.ids {
		e, ok := found[id]
		if !ok {
			r.t.Errorf("enrollment %s is lost", id)
			continue
		}
		if e.VersionNumber == 2 && !kept[id] && len(kept) < store.MaxPageSize {
			r.t.Errorf("enrollment %s is on version 2, and nobody says why", id)
		}
		r.write(func(tx *store.Tx) error {
			r.checkPlace(tx, e)
			n, err := r.checkWork(tx, e)
			sent += n
			return err
		})
	}
	for id, n := range r.sent {
		if n != 1 {
			r.t.Errorf("message %s was sent %d times", id, n)
		}
	}
	if sent != len(r.sent) {
		r.t.Errorf("%d messages say that they are sent, %d were", sent, len(r.sent))
	}
	if len(r.did) != 0 {
		r.t.Errorf("%d times what a person did is in no history: %v", len(r.did), r.did)
	}
}

// checkPlace follows the history of a record and wants it to stand where that ends, with no visit ended twice.
func (r *moveRace) checkPlace(tx *store.Tx, e store.Enrollment) {
	r.t.Helper()
	lines, err := tx.HistoryOf(e.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	slices.SortFunc(lines, func(a, b store.HistoryRow) int { return int(a.ID - b.ID) })
	version, at, over := 1, "open", false
	ended := map[int]string{}
	var told []string
	for _, l := range lines {
		told = append(told, fmt.Sprintf("%s %s#%d %s %s", l.Kind, l.Step, l.Visit, l.Outcome, l.Detail))
		switch l.Kind {
		case flow.LineStep:
			if was, twice := ended[l.Visit]; twice || l.Step != at {
				r.t.Errorf("%s: %s ended at visit %d, which %q had ended, and stood at %s: %q", e.RecordName, l.Step, l.Visit, was, at, told)
			}
			ended[l.Visit] = l.Step
			at = raceNext(version, l.Step, string(l.Outcome))
			over = over || at == ""
			if token := (step.Token{Enrollment: e.ID, Step: l.Step, Visit: l.Visit}); r.did[token] == 1 {
				delete(r.did, token)
			}
		case flow.LineMoved:
			to := movedTo.FindStringSubmatch(l.Detail)
			version, _ = strconv.Atoi(to[1])
			at, over = to[2], false
		case flow.LineExit:
			over = true
		case flow.LineConnected, flow.LineHanded, flow.LinePaused, flow.LineResumed, flow.LineWaitSkipped:
		}
	}
	if over != (e.State.Status == flow.Finished) || !over && (e.State.Step != at || e.VersionNumber != version) {
		r.t.Errorf("%s is %s at %s on version %d, want %s on version %d, over %t: %q", e.RecordName, e.State.Status, e.State.Step, e.VersionNumber, at, version, over, told)
	}
}

// checkWork wants what the place of a record needs to be open, and nothing else. It counts its messages that were sent.
func (r *moveRace) checkWork(tx *store.Tx, e store.Enrollment) (sent int, err error) {
	r.t.Helper()
	work, err := tx.UndoneActivities(e.Record)
	if err != nil {
		return 0, err
	}
	messages, err := tx.MessagesOf(e.Record, 100)
	if err != nil {
		return 0, err
	}
	here, got := step.Token{Enrollment: e.ID, Step: e.State.Step, Visit: e.State.Visit}, ""
	for _, a := range work {
		got += fmt.Sprintf("activity %d %t,", a.State, a.Token == here)
	}
	for _, m := range messages {
		switch m.State {
		case store.MessageSent:
			sent++
		case store.MessageWithdrawn:
		default:
			got += fmt.Sprintf("message %d %t,", m.State, m.Token == here)
		}
	}
	want, held := "", e.State.Status == flow.Paused
	switch e.State.Wait {
	case step.ForPerson:
		want = "activity 1 true,"
		if held {
			want = "activity 3 true,"
		}
	case step.ForMail: // only what is held has not gone yet
		if held && !slices.ContainsFunc(messages, func(m store.Message) bool { return m.Token == here && m.State == store.MessageSent }) {
			want = "message 2 true,"
		}
	case step.ForTime, step.NoWait:
	}
	if got != want {
		r.t.Errorf("%s, %s at %+v for %s, has open %q, want %q", e.RecordName, e.State.Status, here, e.State.Wait, got, want)
	}
	return sent, nil
}
