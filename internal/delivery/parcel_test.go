package delivery_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"cadenza/internal/delivery"
	"cadenza/internal/store"
)

// inARow hands messages over one after the other, and gives how each ended. told counts how often they were told so.
func inARow(t *testing.T, smtp *delivery.SMTP, n int, change func(int, *delivery.Parcel)) (ends []store.ResultKind, told []int) {
	ends, told = make([]store.ResultKind, n), make([]int, n)
	var list []delivery.Parcel
	for i := range n {
		p := delivery.Parcel{From: liarBox.Address, To: []string{"marta@buyer.test"}, Raw: numbered(i)}
		p.Landed = func(kind store.ResultKind, _ string) { ends[i] = kind; told[i]++ }
		if change != nil {
			change(i, &p)
		}
		list = append(list, p)
	}
	smtp.SendEach(t.Context(), liarBox, list...)
	return ends, told
}

func numbered(i int) []byte { return fmt.Appendf(nil, raw, fmt.Sprint("m", i)) }

const twice = "250 fine\r\n250 fine\r\n"

const offersPipelining = "250-liar.test\r\n250 PIPELINING\r\n"

// TestInARow holds what becomes of messages in a row, of which the commands of one go out together with the text of the one before,
// when something happens between them: it concerns that message alone.
func TestInARow(t *testing.T) {
	t.Parallel()
	all := []store.ResultKind{store.Delivered, store.Delivered, store.Delivered}
	second := func(kind store.ResultKind) []store.ResultKind {
		return []store.ResultKind{store.Delivered, kind, store.Delivered}
	}
	first := func(kind store.ResultKind) []store.ResultKind {
		return []store.ResultKind{kind, store.Delivered, store.Delivered}
	}
	for _, c := range []struct {
		name     string // with a * where it is about commands that go out together, with a ! where it is about a 354
		answers  map[string]string
		change   func(int, *delivery.Parcel)
		want     []store.ResultKind
		sessions int64
	}{
		{"nothing", nil, nil, all, 1},
		{"a text is refused", map[string]string{". 1": "550 no\r\n"}, nil, first(store.Rejected), 2},
		{"a text is refused for now", map[string]string{". 1": "451 later\r\n"}, nil, first(store.Retry), 2},
		{"a recipient is refused, and the text*", map[string]string{"RCPT 2": "550 nobody\r\n", "DATA 2": "554 no recipients\r\n"}, nil, second(store.Rejected), 1},
		{"a recipient is refused, but it waits for the text*!", map[string]string{"RCPT 2": "550 nobody\r\n"}, nil, second(store.Rejected), 2},
		{"no more mail over this session*", map[string]string{"MAIL 2": "421 enough\r\n", "RCPT 2": ""}, nil, all, 2},
		{"gone with the yes", map[string]string{"MAIL 2": ""}, nil, all, 2},
		{"gone without a yes", map[string]string{". 1": ""}, nil, first(store.Unknown), 2},
		{"one yes too many!", map[string]string{". 1": twice}, nil, all, 2},
		{"one no too many!", map[string]string{". 1": "250 fine\r\n554 no\r\n"}, nil, all, 2},
		{"one yes too many to the recipient", map[string]string{"RCPT 2": twice}, nil, all, 2},
		{"one yes too many before the text!", map[string]string{"DATA 2": "354 go on\r\n250 fine\r\n"}, nil, all, 2},
		{"no note can be made", nil, func(i int, p *delivery.Parcel) {
			if i == 1 {
				p.Leaving = func() error { return errors.New("disk full") }
			}
		}, second(store.Retry), 2},
		{"one goes to two", nil, func(i int, p *delivery.Parcel) {
			if i == 1 {
				p.To = append(p.To, "tom@buyer.test")
			}
		}, all, 1},
		{"an address cannot be written", nil, func(i int, p *delivery.Parcel) {
			if i == 1 {
				p.To = []string{"a>b@buyer.test"}
			}
		}, second(store.Rejected), 2},
	} {
		for _, d := range dialects {
			if strings.Contains(c.name, "*") && !d.pipelining() || strings.Contains(c.name, "!") && d.known || c.answers["DATA 2"] != "" && d.chunking() {
				continue
			}
			t.Run(c.name+", "+d.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l, smtp := d.liar(t, &liar{answers: c.answers})
					ends, told := inARow(t, smtp, 3, c.change)
					if !slices.Equal(ends, c.want) || !slices.Equal(told, []int{1, 1, 1}) {
						t.Errorf("they ended as %v, told %v times, want %v", ends, told, c.want)
					}
					if n := l.sessions.Load(); d.pipelining() && n != c.sessions {
						t.Errorf("%d sessions, want %d", n, c.sessions)
					}
				})
			})
		}
	}
}

// TestInARowRules holds for servers that say and do anything: each message ends once, what is said to be sent was taken once, what
// may be tried again or was refused was not taken, and what is unknown was taken once at most.
func TestInARowRules(t *testing.T) {
	t.Parallel()
	words := []string{"MAIL", "RCPT", "DATA", ".", "RSET"}
	answers := []string{"250 fine\r\n", "450 later\r\n", "550 no\r\n", "421 bye\r\n", "503 order\r\n", "", "what?\r\n", "250-a\r\n250 b\r\n", "25"}
	ended := map[store.ResultKind]int{}
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.SampledFrom(dialects).Draw(rt, "dialect")
		// Whoever says yes twice, and go on where that is not asked, deceives anybody.
		answer := rapid.SampledFrom(append(answers, rapid.SampledFrom([]string{twice, "354 go on\r\n"}).Draw(rt, "lie")))
		liar := &liar{answers: map[string]string{}, deaf: rapid.Bool().Draw(rt, "deaf")}
		for range rapid.IntRange(1, 6).Draw(rt, "lies") {
			at := fmt.Sprint(rapid.SampledFrom(words).Draw(rt, "word"), " ", rapid.IntRange(1, 6).Draw(rt, "nth"))
			liar.answers[at] = answer.Draw(rt, at)
			if liar.answers[at] == twice && d.chunking() && (d.known || at != ". 1") { // of a proven server it need not show (ADR 0068)
				delete(liar.answers, at)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			l, smtp := d.liar(t, liar)
			ends, told := inARow(t, smtp, 5, nil)
			synctest.Wait()
			for i, kind := range ends {
				ended[kind]++
				taken := l.arrived(numbered(i))
				if told[i] != 1 || kind == store.Delivered && taken != 1 || kind == store.Unknown && taken > 1 || kind != store.Delivered && kind != store.Unknown && taken != 0 {
					rt.Fatalf("message %d of %d ended as %d, told %d times, and was taken %d times; the server says %q", i, len(ends), kind, told[i], taken, l.answers)
				}
			}
		})
	})
	if ended[store.Delivered] == 0 || ended[store.Unknown] == 0 || ended[store.Retry] == 0 || ended[store.Rejected] == 0 {
		t.Errorf("the servers were too good: %v", ended)
	}
}
