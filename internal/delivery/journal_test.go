package delivery

import (
	"encoding/binary"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

func settled(ids ...ident.Message) (list []outcome) {
	for _, id := range ids {
		list = append(list, outcome{MailCandidate: &store.MailCandidate{Message: store.Message{ID: id}}})
	}
	return list
}

// TestJournal holds that a journal tells of a process which ended what it had touched and not settled, and nothing of one that
// lives.
func TestJournal(t *testing.T) {
	t.Parallel()
	if boot() == nil {
		t.Skip("this system does not tell its starts apart")
	}
	dir := t.TempDir()
	j := NewJournal(dir, "first")
	if err := j.Open(); err != nil {
		t.Fatal(err)
	}
	for id := range ident.Message(2 * journalSlots) { // more than there is room for at first
		if err := j.touch(id + 1); err != nil {
			t.Fatal(err)
		}
	}
	for id := range ident.Message(2*journalSlots - 2) {
		j.settle(settled(id + 1))
	}
	if err := j.touch(9999); err != nil {
		t.Fatal(err)
	}
	j.landed(9999)
	if list, err := FindRemains(dir); len(list) != 0 || err != nil {
		t.Errorf("a living process left %v, %v", list, err)
	}
	_ = j.file.Close() // as the end of its process does
	list, err := FindRemains(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("found %v, %v", list, err)
	}
	got := slices.Sorted(slices.Values(list[0].Touched))
	if want := []ident.Message{2*journalSlots - 1, 2 * journalSlots, 9999}; !slices.Equal(got, want) || list[0].Node != "first" || !list[0].Trusted {
		t.Errorf("%q left %v (trusted %v), want %v", list[0].Node, got, list[0].Trusted, want)
	}
	if !slices.Equal(list[0].Sent, []ident.Message{9999}) {
		t.Errorf("sent are %v, want 9999", list[0].Sent)
	}
	if err := list[0].Forget(); err != nil {
		t.Error(err)
	}
	if list, _ := FindRemains(dir); len(list) != 0 {
		t.Errorf("what is forgotten is found: %v", list)
	}
}

// TestJournalNotesOnce holds that a message which one session gives back, and another one tries, has one note: crossed out, it is not
// found, and what comes after it overwrites nothing.
func TestJournalNotesOnce(t *testing.T) {
	t.Parallel()
	if boot() == nil {
		t.Skip("this system does not tell its starts apart")
	}
	dir := t.TempDir()
	j := NewJournal(dir, "first")
	if err := j.Open(); err != nil {
		t.Fatal(err)
	}
	for _, id := range []ident.Message{1, 1, 2, 2} {
		if err := j.touch(id); err != nil {
			t.Fatal(err)
		}
	}
	j.settle(settled(1))
	want := []ident.Message{2}
	for id := range ident.Message(journalSlots) {
		if err := j.touch(id + 3); err != nil {
			t.Fatal(err)
		}
		want = append(want, id+3)
	}
	_ = j.file.Close() // as the end of its process does
	list, err := FindRemains(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("found %v, %v", list, err)
	}
	defer func() { _ = list[0].Forget() }()
	if got := slices.Sorted(slices.Values(list[0].Touched)); !slices.Equal(got, want) {
		t.Errorf("%d messages are noted, want %d; first %v", len(got), len(want), got[:min(len(got), 5)])
	}
}

// TestJournalRules holds that whatever is touched, taken and settled, one by one or many at once, a journal tells of what is left and of nothing else.
func TestJournalRules(t *testing.T) {
	t.Parallel()
	if boot() == nil {
		t.Skip("this system does not tell its starts apart")
	}
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "journal")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }()
		j := NewJournal(dir, "one")
		if err := j.Open(); err != nil {
			t.Fatal(err)
		}
		taken := map[ident.Message]bool{}
		some := rapid.SliceOfN(rapid.Int64Range(1, 3000), 1, 700)
		for range rapid.IntRange(1, 12).Draw(t, "turns") {
			for _, id := range some.Draw(t, "touched") { // some again, by another session
				id := ident.Message(id)
				if err := j.touch(id); err != nil {
					t.Fatal(err)
				}
				if taken[id] = id%3 == 0; taken[id] {
					j.landed(id)
				}
			}
			var list []ident.Message
			for _, id := range some.Draw(t, "settled") { // some twice, some never touched
				list = append(list, ident.Message(id))
				delete(taken, ident.Message(id))
			}
			j.settle(settled(list...))
		}
		_ = j.file.Close() // as the end of its process does
		found, err := FindRemains(dir)
		if err != nil || len(found) != 1 {
			t.Fatalf("found %v, %v", found, err)
		}
		defer func() { _ = found[0].Forget() }()
		var sent []ident.Message
		for id, took := range taken {
			if took {
				sent = append(sent, id)
			}
		}
		slices.Sort(sent)
		if got, want := slices.Sorted(slices.Values(found[0].Touched)), slices.Sorted(maps.Keys(taken)); !slices.Equal(got, want) {
			t.Fatalf("touched are %v, want %v", got, want)
		}
		if got := slices.Sorted(slices.Values(found[0].Sent)); !slices.Equal(got, sent) {
			t.Fatalf("sent are %v, want %v", got, sent)
		}
	})
}

// TestJournalOfAnotherStart holds that a journal from before a start of the system is not trusted: its last words may be lost.
func TestJournalOfAnotherStart(t *testing.T) {
	t.Parallel()
	if boot() == nil {
		t.Skip("this system does not tell its starts apart")
	}
	dir := t.TempDir()
	content := make([]byte, headSize+journalSlots*slotSize)
	copy(content, "another start")
	if err := os.WriteFile(filepath.Join(dir, journalPrefix+"old"+journalSuffix), content, 0o600); err != nil {
		t.Fatal(err)
	}
	if list, err := FindRemains(dir); err != nil || len(list) != 1 || list[0].Trusted {
		t.Errorf("found %v, %v", list, err)
	}
}

// TestJournalEnds holds that a journal of nothing goes with its process, and that one that was never opened is no trouble.
func TestJournalEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j := NewJournal(dir, "first")
	if err := j.touch(1); err != nil {
		t.Error(err)
	}
	j.settle(settled(1))
	if err := j.Open(); err != nil {
		t.Fatal(err)
	}
	if err := j.touch(2); err != nil {
		t.Error(err)
	}
	j.settle(settled(2))
	if err := j.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "*")); len(left) > 0 {
		t.Errorf("left %v", left)
	}
}

// TestJournalMakesItsFolder holds that the first start of an installation has a journal, too.
func TestJournalMakesItsFolder(t *testing.T) {
	t.Parallel()
	j := NewJournal(filepath.Join(t.TempDir(), "new", "data"), "first")
	if err := j.Open(); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Error(err)
	}
}

// TestJournalOfOlderRelease holds that a journal of 1,024 slots, as the releases before left it when they were killed, is read.
func TestJournalOfOlderRelease(t *testing.T) {
	t.Parallel()
	head := boot()
	if head == nil {
		t.Skip("this system does not tell its starts apart")
	}
	content := append(slices.Clone(head), make([]byte, 1024*8)...)
	binary.LittleEndian.PutUint64(content[len(head):], 7)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "sending-older.journal"), content, 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := FindRemains(dir)
	if err != nil || len(list) != 1 {
		t.Fatalf("found %d journals, %v, want one", len(list), err)
	}
	defer func() { _ = list[0].Forget() }()
	if r := list[0]; r.Node != "older" || !r.Trusted || !slices.Equal(r.Touched, []ident.Message{7}) {
		t.Errorf("read %+v", r)
	}
}
