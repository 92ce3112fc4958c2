package action

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/seqfile"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
)

// applied applies files, which must be possible, and gives what became of each.
func (h *house) applied(files []seqfile.File, o FolderOptions) string {
	h.t.Helper()
	result, err := h.app.ApplyFolder(h.ctx, access.System(), seqfile.ReadFolder(files, true), o)
	if err != nil {
		h.t.Fatal(err)
	}
	if result.Refused {
		h.t.Fatalf("refused: %v", result.Problems(o.Drafts))
	}
	var parts []string
	for _, c := range result.Changes {
		part := c.Name + " " + c.Change
		if c.Activates {
			part += " activated"
		}
		if len(c.Adopts) > 0 {
			part += " adopts " + strings.Join(c.Adopts, " ")
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

func (h *house) exported(names ...string) []seqfile.File {
	h.t.Helper()
	files, err := h.app.ExportFolder(h.ctx, h.manager, names)
	if err != nil {
		h.t.Fatal(err)
	}
	return files
}

// manySequences makes 30 sequences of every kind of step, each of which advances to the one before it, with templates and attachments.
func manySequences(t *testing.T) (files []seqfile.File) {
	t.Helper()
	for i := range 30 {
		key := fmt.Sprintf("mail-%d", i)
		def := define(fmt.Sprintf("Größe №%d: “%s”", i, strings.Repeat("x", i)), mail("a", key), pause("b", fmt.Sprintf("%dd4h", i%28+1)), call("c"),
			step.Step{ID: "d", Type: "condition", When: &step.When{Call: &step.CallTest{Step: "c", Outcomes: []string{"connected"}}}, Yes: []step.Step{
				{ID: "e", Type: "text_message", Name: "Text", Config: step.Config{"template": "hello"}, Description: "Line one\n  line: two # no comment\n"},
			}, No: []step.Step{write("f", key)}}, task("g"))
		if i > 0 {
			def.Steps = append(def.Steps, advance("h", fmt.Sprintf("Größe №%d: “%s”", i-1, strings.Repeat("x", i-1))))
		}
		text, err := seqfile.Format(def)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files,
			seqfile.File{Name: fmt.Sprintf("sequences/s%02d.yaml", i), Data: text},
			seqfile.File{Name: "templates/" + key + ".html", Data: fmt.Appendf(nil, "---\nname: Mail %d\nsubject: \"Hello {{ first_name | default: 'you' }}, %d\"\nattachments: [notes.txt]\n---\n<p>News %d for {{ company }}</p>\n\n<p>Bye</p>\n", i, i, i)},
			seqfile.File{Name: "templates/" + key + "/notes.txt", Data: fmt.Appendf(nil, "Notes %d\n", i%3)})
	}
	return append(files, seqfile.File{Name: "templates/hello.txt", Data: []byte("---\nname: Hello\n---\nHello {{ first_name }}!\nUntil soon\n")})
}

// TestFolderRoundTrip applies thirty sequences with their templates, exports them, and applies that to the same and to an empty
// database: nothing is changed there, and the same is exported here.
func TestFolderRoundTrip(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		files := manySequences(t)
		if got := h.applied(files, FolderOptions{Activate: true}); strings.Count(got, "created activated") != 30 || strings.Count(got, "created") != 61 {
			t.Fatalf("the first time: %s", got)
		}
		if got := h.applied(files, FolderOptions{Activate: true}); strings.Count(got, "unchanged") != 61 || strings.Contains(got, "activated") {
			t.Errorf("the second time: %s", got)
		}
		first := h.exported()
		if got := h.applied(first, FolderOptions{}); strings.Count(got, "unchanged") != 63 { // the house has two templates of its own
			t.Errorf("export and apply: %s", got)
		}
		now := &atomic.Int64{}
		now.Store(h.now.Load())
		other := newHouse(t, storetest.SQLite(t, store.Options{Now: func() time.Time { return time.UnixMicro(now.Load()).UTC() }}), now)
		if got := other.applied(first, FolderOptions{}); strings.Count(got, "created") != 61 || strings.Count(got, "unchanged") != 2 {
			t.Errorf("on an empty database: %s", got)
		}
		if second := other.exported(); !reflect.DeepEqual(first, second) {
			t.Errorf("the second export differs:\n%s\n%s", first[0].Data, second[0].Data)
		}
	})
}

// TestFolderAllOrNone holds that one wrong file changes nothing, and that everything wrong is said with its place.
func TestFolderAllOrNone(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		good := seqfile.File{Name: "sequences/a.yaml", Data: []byte("name: Good\nsteps:\n  - { id: a, type: task, name: Look }\n")}
		for name, c := range map[string]struct{ text, want string }{
			"bad duration":     {"name: Bad\nsteps:\n  - { id: a, type: task, name: A }\n  - { id: w, type: wait, for: 3 days }\n  - { id: b, type: task, name: B }\n", `sequences/b.yaml:4:31: "3 days" is not a duration. Write it as 2d4h, 90m or 3d.`},
			"no unit":          {"name: Bad\nsteps:\n  - { id: a, type: task, name: A }\n  - { id: w, type: wait, for: 3 }\n  - { id: b, type: task, name: B }\n", `sequences/b.yaml:4:31: "3" is not a duration. Write it as 2d4h, 90m or 3d.`},
			"unknown type":     {"name: Bad\nsteps:\n  - { id: a, type: taks, name: A }\n", `sequences/b.yaml:3:20: There is no step type "taks".`},
			"missing template": {"name: Bad\nsteps:\n  - { id: a, type: email, name: A, template: gone }\n", `sequences/b.yaml:3:46: There is no template "gone". Choose another template.`},
			"circle of itself": {"name: Bad\nsteps:\n  - { id: u, type: update_field, field: stage, value: qualify }\n  - { id: a, type: advance, to: Bad }\n", `sequences/b.yaml:4:33: The sequence would advance to itself without a pause.`},
			"other records":    {"name: Bad\nrecord: account\nsteps:\n  - { id: t, type: task, name: A }\n  - { id: a, type: advance, to: Good }\n", `sequences/b.yaml:5:33: "Good" is for leads, this sequence is for accounts.`},
		} {
			f := seqfile.ReadFolder([]seqfile.File{good, {Name: "sequences/b.yaml", Data: []byte(c.text)}}, true)
			result, err := h.app.ApplyFolder(h.ctx, h.manager, f, FolderOptions{})
			if err != nil || !result.Refused || !strings.Contains(fmt.Sprint(result.Problems(false)), c.want) {
				t.Errorf("%s: got %v, %v, want %q", name, result.Problems(false), err, c.want)
			}
		}
		if list := h.exported(); len(list) != 2 { // the templates of the house
			t.Errorf("something was written: %d files", len(list))
		}
	})
}

// TestFolderCircle finds a circle of advances over files, with a database and without one.
func TestFolderCircle(t *testing.T) {
	t.Parallel()
	text := func(name, to string) []byte {
		return fmt.Appendf(nil, "name: %s\nsteps:\n  - { id: u, type: update_field, field: stage, value: qualify }\n  - { id: a, type: advance, to: %s }\n", name, to)
	}
	f := seqfile.ReadFolder([]seqfile.File{{Name: "a.yaml", Data: text("A", "B")}, {Name: "b.yaml", Data: text("B", "C")}, {Name: "c.yaml", Data: text("C", "A")}}, false)
	want := "a.yaml:4:33: The sequences advance in a circle without a pause: A, B, C, A. Add a wait or a step for a person to one of them."
	if got := CheckFolder(f); len(got) != 3 || got[0].String() != want {
		t.Errorf("got %v, want %q", got, want)
	}
}

// TestFolderActivation activates sequences that advance to each other, and has active ones adopt changed templates.
func TestFolderActivation(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		seq := func(name, to string) seqfile.File {
			text, err := seqfile.Format(define(name, mail("m", "hi"), pause("p", "1d"), advance("a", to)))
			if err != nil {
				t.Fatal(err)
			}
			return seqfile.File{Name: "sequences/" + name + ".yaml", Data: text}
		}
		hi := func(body string) seqfile.File {
			return seqfile.File{Name: "templates/hi.html", Data: []byte("---\nname: Hi\nsubject: Hi\n---\n" + body)}
		}
		files := []seqfile.File{seq("One", "Two"), seq("Two", "One"), hi("<p>one</p>")}
		same(t, "plan", h.applied(files, FolderOptions{Activate: true, DryRun: true}), "hi created, One created activated, Two created activated")
		same(t, "drafts", h.applied(files, FolderOptions{}), "hi created, One created, Two created")
		same(t, "activated", h.applied(files, FolderOptions{Activate: true, Note: "From git"}), "hi unchanged, One unchanged activated, Two unchanged activated")
		files[2] = hi("<p>two</p>")
		same(t, "template", h.applied(files, FolderOptions{Activate: true}), "hi updated, One unchanged adopts hi, Two unchanged adopts hi")
		h.write(func(tx *store.Tx) error {
			s, err := tx.SequenceByName("one")
			if err != nil {
				return err
			}
			pins, err := tx.TemplatePins(s.Version)
			same(t, "pins", fmt.Sprint(s.VersionNumber, len(pins), pins[0].Number), "1 1 2")
			return err
		})
		// A plan that somebody agreed to holds only as long as nothing else changes.
		files[2] = hi("<p>three</p>")
		plan, err := h.app.ApplyFolder(h.ctx, h.manager, seqfile.ReadFolder(files, true), FolderOptions{DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		h.applied([]seqfile.File{hi("<p>else</p>")}, FolderOptions{})
		_, err = h.app.ApplyFolder(h.ctx, h.manager, seqfile.ReadFolder(files, true), FolderOptions{Plan: plan.Fingerprint()})
		refused(t, "an old plan", err, fault.Stale)
	})
}

// TestFolderRights refuses who may not, and leaves the sequences of others alone.
func TestFolderRights(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		h.draft(h.manager, define("Trial", call("a")))
		f := seqfile.ReadFolder([]seqfile.File{{Name: "t.yaml", Data: []byte("name: Trial\nsteps:\n  - { id: a, type: task, name: A }\n")}}, false)
		result, err := h.app.ApplyFolder(h.ctx, h.anna, f, FolderOptions{})
		if err == nil && (!result.Refused || !strings.Contains(fmt.Sprint(result.Problems(false)), "t.yaml:1:7: The sequence belongs to Max Manager")) {
			t.Errorf("of another: %v", result.Problems(false))
		}
		_, err = h.app.ApplyFolder(h.ctx, access.Actor{}, f, FolderOptions{})
		refused(t, "nobody", err, fault.Unauthenticated)
		// Another kind of records is another sequence.
		def := flow.Sequence{Name: "Trial", Record: "account", Options: flow.DefaultOptions(), Steps: []step.Step{task("a")}}
		text, err := seqfile.Format(def)
		if err != nil {
			t.Fatal(err)
		}
		result, err = h.app.ApplyFolder(h.ctx, h.manager, seqfile.ReadFolder([]seqfile.File{{Name: "t.yaml", Data: text}}, false), FolderOptions{Drafts: true})
		if err != nil || !result.Refused {
			t.Errorf("of another kind: %+v, %v", result, err)
		}
	})
}
