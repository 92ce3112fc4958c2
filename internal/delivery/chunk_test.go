package delivery_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"pgregory.net/rapid"

	"cadenza/internal/delivery"
	"cadenza/internal/store"
)

// TestChunks holds in which way texts go out: by DATA where no chunks are offered, and as chunks where they are; there the text after
// the very first one goes by DATA, whose 354 shows that the chunk was answered once. Nobody is sent DATA and BDAT for one text.
func TestChunks(t *testing.T) {
	t.Parallel()
	for _, d := range dialects {
		want := map[bool]int{false: 0, true: 4}[d.chunking()] + map[bool]int{true: 1}[d.known]
		t.Run(d.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l, smtp := d.liar(t, &liar{})
				ends, _ := inARow(t, smtp, 5, func(i int, p *delivery.Parcel) {
					if i == 3 {
						p.To = append(p.To, "tom@buyer.test")
					}
				})
				if slices.Max(ends) != store.Delivered || l.heard("BDAT") != want || l.heard("DATA") != 5-want || l.sessions.Load() != 1 {
					t.Errorf("they ended as %v, %d by BDAT and %d by DATA, want %d and %d", ends, l.heard("BDAT"), l.heard("DATA"), want, 5-want)
				}
			})
		})
	}
}

// TestChunkMisunderstood holds that a server which offers to take chunks and does not know the command costs a session and no more:
// the message goes out again by DATA, as do all after it, and nothing more is said on the session, whose other side may be taking
// the text for commands.
func TestChunkMisunderstood(t *testing.T) {
	t.Parallel()
	for _, code := range []int{500, 501, 502, 503, 504, 555} {
		for _, d := range dialects {
			for _, deaf := range []bool{false, true} {
				if !d.chunking() {
					continue
				}
				t.Run(fmt.Sprintf("%d, %s, deaf %v", code, d.name, deaf), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						nth := map[bool]int{false: 1, true: 3}[d.known] // the first text that is a chunk and has one before it
						l, smtp := d.liar(t, &liar{deaf: deaf, answers: map[string]string{fmt.Sprint(". ", nth): fmt.Sprintf("%d 5.5.1 what?\r\n", code)}})
						var left [5]int
						ends, told := inARow(t, smtp, 5, func(i int, p *delivery.Parcel) {
							p.Leaving = func() error { left[i]++; return nil }
						})
						for i := range ends {
							if ends[i] != store.Delivered || told[i] != 1 || l.arrived(numbered(i)) != 1 || left[i] != 1 && i+1 != nth {
								t.Errorf("message %d ended as %d, told %d times, arrived %d times, left %d times", i, ends[i], told[i], l.arrived(numbered(i)), left[i])
							}
						}
						if n := l.heard("BDAT"); n != nth {
							t.Errorf("%d chunks, want %d", n, nth)
						}
						if l.heard("RSET") != 0 || l.sessions.Load() != 2 {
							t.Errorf("%d resets and %d sessions, want none and 2", l.heard("RSET"), l.sessions.Load())
						}
					})
				})
			}
		}
	}
}

// TestChunkLost holds what a connection that breaks over a chunk leads to: a message that may have arrived is unknown and never sent
// again, one that cannot have arrived goes by DATA, and so do those after it, unless the server is known to take chunks.
func TestChunkLost(t *testing.T) {
	t.Parallel()
	big := append(numbered(0), strings.Repeat("All of it, and more.\r\n", 5000)...)
	for _, c := range []struct {
		name   string
		deaf   bool
		answer string
		text   []byte
		kind   store.ResultKind
	}{
		{"before its last byte", true, "", big, store.Delivered},
		{"behind its last byte", false, "", big, store.Unknown},
		{"by what cannot be understood", false, "what?\r\n", big, store.Unknown},
		{"by lines that are answered as commands, and not read any more", true, "500 what?\r\n", big, store.Retry},
	} {
		for _, d := range dialects {
			if !d.chunking() {
				continue
			}
			t.Run(c.name+", "+d.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l, smtp := d.liar(t, &liar{deaf: c.deaf, answers: map[string]string{". 1": c.answer}})
					want := c.kind
					if want == store.Delivered && d.known { // nothing speaks against chunks: as any other connection that breaks
						want = store.Retry
					}
					kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, c.text)
					if kind != want || kind == store.Retry && l.arrived(c.text) != 0 || l.arrived(c.text) > 1 {
						t.Errorf("got %d %q, arrived %d times, want %d", kind, reason, l.arrived(c.text), want)
					}
					kind, reason = smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, numbered(1))
					if n := l.heard("BDAT"); kind != store.Delivered || n != 1+map[bool]int{true: 1}[d.known] {
						t.Errorf("the next mail: %d %q, %d chunks in all", kind, reason, n)
					}
				})
			})
		}
	}
}

// TestChunkRefusedRecipient holds that nobody is sent the text of a mail of which one recipient is refused, and that the session stays.
func TestChunkRefusedRecipient(t *testing.T) {
	t.Parallel()
	for _, to := range [][]string{{"marta@buyer.test"}, {"marta@buyer.test", "tom@buyer.test"}} {
		for _, d := range dialects {
			if !d.known {
				continue
			}
			t.Run(fmt.Sprintf("%d of %d, %s", len(to), len(to), d.name), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					l, smtp := d.liar(t, &liar{answers: map[string]string{fmt.Sprint("RCPT ", 1+len(to)): "550 nobody\r\n"}})
					ends, _ := inARow(t, smtp, 3, func(i int, p *delivery.Parcel) {
						if i == 1 {
							p.To = to
						}
					})
					if want := []store.ResultKind{store.Delivered, store.Rejected, store.Delivered}; !slices.Equal(ends, want) || l.heard("BDAT") != 2 || l.sessions.Load() != 1 {
						t.Errorf("they ended as %v, %d chunks over %d sessions, want %v", ends, l.heard("BDAT"), l.sessions.Load(), want)
					}
				})
			})
		}
	}
}

// TestChunksByServer holds that what is known of one server counts for all of its mailboxes, and for no other server.
func TestChunksByServer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &liar{answers: map[string]string{"EHLO": offersBoth, ". 1": "502 what?\r\n"}}
		smtp := l.open(t)
		other := liarBox
		other.ID, other.Address = 2, "ben@test.local"
		another := liarBox
		another.ID, another.Port = 3, 587
		for i, box := range []store.Mailbox{liarBox, other, another} {
			if kind, reason := smtp.Send(t.Context(), box, box.Address, []string{"marta@buyer.test"}, numbered(i)); kind != store.Delivered {
				t.Errorf("mailbox %d: %d %q", box.ID, kind, reason)
			}
			if got, want := l.heard("BDAT"), []int{1, 1, 2}[i]; got != want {
				t.Errorf("after mailbox %d: %d chunks, want %d", box.ID, got, want)
			}
		}
	})
}

// TestTextArrives holds that a text arrives as it is, whatever stands in it and however it goes out: what is behind a BDAT is the message
// byte for byte, and so is what is behind DATA without the dots that were added. Only line ends that are none are mended.
func TestTextArrives(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{".", "..", "\r\n", "\r\n.", "\r\n..", "a", "=2E", "\xc3\xa4", "\x00", "\r\n.\r\n", "BDAT 1 LAST\r\n", "\r\nQUIT\r\n", "\n", "\ra"})
	mended := strings.NewReplacer("\r\n", "\r\n", "\n", "\r\n")
	rapid.Check(t, func(rt *rapid.T) {
		var raw []byte
		for _, p := range rapid.SliceOf(piece).Draw(rt, "pieces") {
			raw = append(raw, p...)
		}
		raw = append(raw, "\r\n"...)
		want := mended.Replace(string(raw))
		synctest.Test(t, func(t *testing.T) {
			for _, d := range dialects {
				l, smtp := d.liar(t, &liar{})
				kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, raw)
				if kind != store.Delivered || l.arrived([]byte(want)) != 1 {
					rt.Fatalf("%s: %q ended as %d %q and arrived as %v", d.name, raw, kind, reason, l.yes)
				}
			}
		})
	})
}

// TestChunkAnsweredTwice holds that a server which answers a chunk twice, at once, is sent no other one.
func TestChunkAnsweredTwice(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := &liar{answers: map[string]string{"EHLO": offersBoth, ". 1": twice}}
		smtp := l.open(t)
		for i := range 3 {
			if kind, reason := smtp.Send(t.Context(), liarBox, liarBox.Address, []string{"marta@buyer.test"}, numbered(i)); kind != store.Delivered || l.arrived(numbered(i)) != 1 {
				t.Errorf("message %d: %d %q, arrived %d times", i, kind, reason, l.arrived(numbered(i)))
			}
		}
		if n := l.heard("BDAT"); n != 1 {
			t.Errorf("%d chunks, want 1", n)
		}
	})
}
