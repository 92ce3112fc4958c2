package store_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"cadenza/internal/engine"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// TestCallBoard has nodes tell each other of their calls, of who is at their pages, and ask each other to do things.
func TestCallBoard(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		ctx := t.Context()
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, node := range []string{"one", "two"} {
			_, err := db.Lead(ctx, engine.NodeLease+node, node, time.Hour)
			must(err)
		}
		signal := db.CallSignal()
		call, _, err := db.CallArrived(ctx, "+4930901820", "one")
		must(err)
		select {
		case <-signal:
		default:
			t.Error("a call that comes in is no signal")
		}
		shared := func(node string) string {
			list, err := db.CallsElsewhere(ctx, node, time.Minute)
			must(err)
			text := ""
			for _, c := range list {
				text += fmt.Sprint(c.ID == call.ID, c.State, c.Rings, c.User, c.EndedAt.IsZero())
			}
			return text
		}
		same := func(what, got, want string) {
			t.Helper()
			if got != want {
				t.Errorf("%s: %q, want %q", what, got, want)
			}
		}
		must(db.ShareCall(ctx, store.SharedCall{Call: call, State: "ringing", Rings: []ident.User{3, 7}}))
		same("its own node", shared("one"), "")
		same("it rings", shared("two"), fmt.Sprint(true, "ringing", []ident.User{3, 7}, ident.User(0), true))
		call.User = 7
		must(db.ShareCall(ctx, store.SharedCall{Call: call, State: "talking"}))
		same("it is taken", shared("two"), fmt.Sprint(true, "talking", []ident.User(nil), ident.User(7), true))
		must(db.CallEnded(ctx, call.ID, store.EndedHere, ""))
		same("it is over", shared("two"), fmt.Sprint(true, "talking", []ident.User(nil), ident.User(7), false))

		must(db.SharePresence(ctx, "one", []ident.User{3, 7}))
		must(db.SharePresence(ctx, "one", []ident.User{7, 9}))
		list, err := db.PresentElsewhere(ctx, "two")
		same("who is at pages of others", fmt.Sprint(len(list), err), map[bool]string{true: "2 <nil>", false: "0 <nil>"}[db.TakesNodes()]) // SQLite has one node
		list, err = db.PresentElsewhere(ctx, "one")
		same("one's own pages", fmt.Sprint(list, err), "[] <nil>")

		ask := func(verb string, answer string, failed error) (string, error) {
			served := make(chan error, 1)
			go func() {
				for {
					signal := db.CallSignal()
					list, err := db.TakeCallRequests(ctx, "one")
					if err == nil && len(list) == 0 {
						<-signal
						continue
					}
					if err == nil && (len(list) != 1 || list[0].Verb != verb || list[0].User != 7 || list[0].Body != "v=0") {
						err = fmt.Errorf("asked was %+v", list)
					}
					served <- errors.Join(err, db.FinishCallRequest(ctx, list[0].ID, answer, failed))
					return
				}
			}()
			got, err := db.AskCall(ctx, store.CallRequest{Call: call.ID, Node: "one", User: 7, Verb: verb, Body: "v=0"})
			must(<-served)
			return got, err
		}
		got, err := ask("answer", "v=1", nil)
		same("an answer", fmt.Sprint(got, err), "v=1<nil>")
		_, err = ask("hold", "", fault.Field("keys", "invalid", "Those are no keys."))
		if p := fault.ProblemsOf(err); !fault.Is(err, fault.Invalid) || len(p) != 1 || p[0].Field != "keys" {
			t.Errorf("what stands in the way comes back as %v", err)
		}
		_, err = ask("press", "", errors.New("dial udp: no route to 10.0.0.1"))
		same("a trouble of another node", fmt.Sprint(fault.Is(err, fault.Unavailable), err), "true The server that carries the call cannot do that now. Try again in a moment.")
		again, err := db.TakeCallRequests(ctx, "one")
		same("what is left", fmt.Sprint(again, err), "[] <nil>")
	})
}
