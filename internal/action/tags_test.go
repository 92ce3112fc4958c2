package action

import (
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestTags holds the rules of the tree, and what becomes of it and of sequences when a tag goes.
func TestTags(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		make := func(parent ident.Tag, name string) ident.Tag {
			t.Helper()
			tag, err := h.app.CreateTag(h.ctx, h.manager, parent, name)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return tag.ID
		}
		tree := func(want string) {
			t.Helper()
			list, err := h.app.ListTags(h.ctx, h.bob)
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, tag := range list {
				said = append(said, fmt.Sprintf("%s %d", tag.Path, tag.Sequences))
			}
			same(t, "the tree", strings.Join(said, ", "), want)
		}
		region := make(0, "Region")
		europe := make(region, "Europe")
		alps := make(europe, " The  Alps ")
		tyrol := make(alps, "Tyrol")
		east := make(region, "East")
		make(0, "Tyrol")
		for _, c := range []struct {
			parent ident.Tag
			name   string
			want   fault.Code
		}{
			{tyrol, "Too deep", fault.Invalid},
			{0, "region", fault.Invalid},
			{0, "a/b", fault.Invalid},
			{0, " ", fault.Invalid},
			{0, strings.Repeat("x", MaxTagName+1), fault.Invalid},
			{999, "Lost", fault.NotFound},
		} {
			if _, err := h.app.CreateTag(h.ctx, h.manager, c.parent, c.name); !fault.Is(err, c.want) {
				t.Errorf("%q: %v, want %s", c.name, err, c.want)
			}
		}
		if _, err := h.app.CreateTag(h.ctx, h.bob, 0, "Mine"); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a seller makes a tag: %v", err)
		}
		tree("Region 0, Region/East 0, Region/Europe 0, Region/Europe/The Alps 0, Region/Europe/The Alps/Tyrol 0, Tyrol 0")

		trial := h.draft(h.manager, define("Trial", call("a"))).ID
		other := h.draft(h.manager, define("Other", call("a"))).ID
		for id, tags := range map[ident.Sequence][]ident.Tag{trial: {alps, europe, alps}, other: {east}} {
			if _, err := h.app.SetSequenceTags(h.ctx, h.bob, id, tags); err != nil {
				t.Fatal(err)
			}
		}
		found := func(tag ident.Tag, want string) {
			t.Helper()
			rows, err := h.app.ListSequences(h.ctx, h.bob, store.SequenceQuery{Tag: tag})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "those with the tag", withTags(rows), want)
		}
		found(region, "Other Region/East Trial Region/Europe Region/Europe/The Alps")
		found(alps, "Trial Region/Europe Region/Europe/The Alps")
		found(tyrol, "")

		if err := h.app.DeleteTag(h.ctx, h.manager, europe); err != nil {
			t.Fatal(err)
		}
		tree("Region 0, Region/East 1, Region/The Alps 1, Region/The Alps/Tyrol 0, Tyrol 0")
		found(0, "Other Region/East Trial Region/The Alps")
		if _, err := h.app.RenameTag(h.ctx, h.manager, alps, "EAST"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a name that is taken: %v", err)
		}
		// The child may have the very name of what it takes the place of, but not that of another one.
		if _, err := h.app.RenameTag(h.ctx, h.manager, alps, "tyrol"); err != nil {
			t.Fatal(err)
		}
		if err := h.app.DeleteTag(h.ctx, h.manager, alps); err != nil {
			t.Fatal(err)
		}
		if err := h.app.DeleteTag(h.ctx, h.manager, region); !fault.Is(err, fault.Conflict) {
			t.Errorf("two of a name side by side: %v", err)
		}
		tree("Region 0, Region/East 1, Region/Tyrol 0, Tyrol 0")
		if _, err := h.app.SetSequenceTags(h.ctx, h.bob, trial, []ident.Tag{alps}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a tag that is gone: %v", err)
		}
	})
}

// withTags says the sequences, each with the paths of its tags.
func withTags(rows []store.SequenceRow) string {
	var said []string
	for _, r := range rows {
		said = append(said, r.Name)
		for _, tag := range r.Tags {
			said = append(said, tag.Path)
		}
	}
	return strings.Join(said, " ")
}

// TestTagsOnSeveral holds that tags are put on several sequences or taken off all of them, or off none, and that others stay.
func TestTagsOnSeveral(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		var tags []ident.Tag
		for _, name := range []string{"East", "Region", "Tyrol"} {
			tag, err := h.app.CreateTag(h.ctx, h.manager, 0, name)
			if err != nil {
				t.Fatal(err)
			}
			tags = append(tags, tag.ID)
		}
		east, region, tyrol := tags[0], tags[1], tags[2]
		trial, other := h.draft(h.manager, define("Trial", call("a"))).ID, h.draft(h.manager, define("Other", call("a"))).ID
		if _, err := h.app.SetSequenceTags(h.ctx, h.bob, other, []ident.Tag{east}); err != nil {
			t.Fatal(err)
		}
		both := []ident.Sequence{trial, other, trial}
		step := func(takeOff bool, chosen []ident.Tag, changed int, want string) {
			t.Helper()
			if n, err := h.app.TagSequences(h.ctx, h.bob, both, chosen, takeOff); n != changed || err != nil {
				t.Errorf("the tags of %d changed, %v; want %d", n, err, changed)
			}
			rows, err := h.app.ListSequences(h.ctx, h.bob, store.SequenceQuery{})
			if err != nil {
				t.Fatal(err)
			}
			same(t, "the tags", withTags(rows), want)
		}
		step(false, []ident.Tag{tyrol, region}, 2, "Other East Region Tyrol Trial Region Tyrol")
		step(false, []ident.Tag{east, tyrol}, 1, "Other East Region Tyrol Trial East Region Tyrol")
		step(true, []ident.Tag{region, tyrol}, 2, "Other East Trial East")
		step(true, []ident.Tag{region}, 0, "Other East Trial East")
		for name, chosen := range map[string][]ident.Tag{"a tag that is gone": {tyrol, 999}, "no tag": nil} {
			if _, err := h.app.TagSequences(h.ctx, h.bob, both, chosen, false); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		step(true, []ident.Tag{region}, 0, "Other East Trial East")
	})
}

// TestHandOverAndArchive holds who may do it, who is told, and what an archived sequence does not do.
func TestHandOverAndArchive(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		trial := h.active(h.anna, define("Trial", call("a")))
		both := []ident.Sequence{h.draft(h.anna, define("Draft", call("a"))).ID, trial, trial}
		if _, err := h.app.HandOverSequences(h.ctx, h.bob, both, Owner{User: h.bob.ID}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("bob takes what is not his: %v", err)
		}
		for _, to := range []ident.User{0, 999} {
			if _, err := h.app.HandOverSequences(h.ctx, h.anna, both, Owner{User: to}); !fault.Is(err, fault.Invalid) {
				t.Errorf("to user %d: %v", to, err)
			}
		}
		if n, err := h.app.HandOverSequences(h.ctx, h.anna, both, Owner{User: h.bob.ID}); n != 2 || err != nil {
			t.Errorf("%d handed over, %v", n, err)
		}
		told, err := h.app.Notifications(h.ctx, h.bob, NotificationQuery{})
		if err != nil || len(told.Rows) != 2 {
			t.Fatalf("bob is told %d times, %v", len(told.Rows), err)
		}
		title, _ := Told(told.Rows[0])
		if !strings.HasPrefix(title, h.anna.Name+" handed you “") {
			t.Errorf("bob is told %q", title)
		}

		one := []ident.Sequence{trial}
		if _, err := h.app.ArchiveSequences(h.ctx, h.bob, one); !fault.Is(err, fault.Conflict) {
			t.Errorf("an active one is archived: %v", err)
		}
		h.connect(h.bob, trial, h.lead(h.bob, "Cara", "Cole"))
		deactivate := func(mode DeactivateMode) {
			t.Helper()
			if _, err := h.app.Deactivate(h.ctx, h.bob, trial, mode); err != nil {
				t.Fatal(err)
			}
		}
		deactivate(PauseRecords)
		if _, err := h.app.ArchiveSequences(h.ctx, h.bob, one); !fault.Is(err, fault.Conflict) {
			t.Errorf("one with paused records is archived: %v", err)
		}
		if _, err := h.app.Activate(h.ctx, h.bob, trial, ActivateInput{}); err != nil {
			t.Fatal(err)
		}
		deactivate(DisconnectRecords)
		for _, want := range []int{1, 0} {
			if n, err := h.app.ArchiveSequences(h.ctx, h.bob, one); n != want || err != nil {
				t.Errorf("%d archived, %v", n, err)
			}
		}
		for _, dry := range []bool{true, false} {
			if _, err := h.app.Activate(h.ctx, h.bob, trial, ActivateInput{DryRun: dry}); !fault.Is(err, fault.Conflict) {
				t.Errorf("an archived one is activated: %v", err)
			}
		}
		if _, err := h.app.ApplySequence(h.ctx, h.bob, define("Trial", task("b")), false); !fault.Is(err, fault.Conflict) {
			t.Errorf("an archived one is changed: %v", err)
		}
		rows, err := h.app.ListSequences(h.ctx, h.bob, store.SequenceQuery{Status: store.Archived})
		if err != nil || len(rows) != 1 || rows[0].Finished != 1 {
			t.Errorf("archived: %+v, %v", rows, err)
		}
		if n, err := h.app.BringBackSequences(h.ctx, h.bob, one); n != 1 || err != nil {
			t.Errorf("%d brought back, %v", n, err)
		}
		if _, err := h.app.Activate(h.ctx, h.bob, trial, ActivateInput{}); err != nil {
			t.Error(err)
		}
	})
}
