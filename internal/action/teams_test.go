package action

import (
	"context"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

// member gives an actor with the teams that they are in now, as a new request does.
func (h *house) member(a access.Actor) access.Actor {
	h.t.Helper()
	u, err := look(h.ctx, h.app, func(tx *store.Tx) (store.User, error) { return tx.GetUser(a.ID) })
	if err != nil {
		h.t.Fatal(err)
	}
	return actorOf(u)
}

func (h *house) team(name string, members ...access.Actor) store.Team {
	h.t.Helper()
	var ids []ident.User
	for _, m := range members {
		ids = append(ids, m.ID)
	}
	team, err := h.app.CreateTeam(h.ctx, h.admin, name, ids)
	if err != nil {
		h.t.Fatal(err)
	}
	return team
}

// TestTeams holds who keeps teams, what names they have, and when one cannot be deleted.
func TestTeams(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		for _, who := range []access.Actor{h.manager, h.anna, {}} {
			if _, err := h.app.CreateTeam(h.ctx, who, "Mine", nil); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Unauthenticated) {
				t.Errorf("%s makes a team: %v", who.Name, err)
			}
		}
		north := h.team("  North \t Europe ", h.anna, h.bob, h.anna)
		if north.Name != "North Europe" || len(north.Members) != 2 {
			t.Errorf("made %+v", north)
		}
		for _, name := range []string{"", "  ", "NORTH europe", strings.Repeat("é", MaxTeamName+1)} {
			if _, err := h.app.CreateTeam(h.ctx, h.admin, name, nil); !fault.Is(err, fault.Invalid) {
				t.Errorf("a team %q: %v", name, err)
			}
		}
		gone, err := h.app.CreateUser(h.ctx, h.admin, NewUser{Name: "Cy", Email: "cy@example.com", Password: "correct horse", Role: access.Seller, Zone: "UTC"})
		if err == nil {
			_, err = h.app.UpdateUser(h.ctx, h.admin, gone.ID, UserChange{Name: "Cy", Email: "cy@example.com", Role: access.Seller, Zone: "UTC"})
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, members := range [][]ident.User{{gone.ID}, {999}, {0}} {
			if _, err := h.app.ChangeTeam(h.ctx, h.admin, north.ID, TeamChange{Members: &members}); !fault.Is(err, fault.Invalid) {
				t.Errorf("members %v: %v", members, err)
			}
		}
		name := "north EUROPE"
		if got, err := h.app.ChangeTeam(h.ctx, h.admin, north.ID, TeamChange{Name: &name, Members: &[]ident.User{h.bob.ID}}); err != nil || got.Name != name || len(got.Members) != 1 {
			t.Errorf("changed to %+v, %v", got, err)
		}

		s := h.draft(h.bob, define("Trial", call("a")))
		if _, err := h.app.ShareSequence(h.ctx, h.bob, s.ID, SharingInput{Sharing: access.SharedWithTeam, Team: north.ID}); err != nil {
			t.Fatal(err)
		}
		err = h.app.DeleteTeam(h.ctx, h.admin, north.ID)
		refused(t, "delete a team that is shared with", err, fault.Conflict, `“Trial” is shared with the team "north EUROPE"`, "Share them otherwise first")
		if _, err := h.app.HandOverSequences(h.ctx, h.bob, []ident.Sequence{s.ID}, Owner{Team: north.ID}); err != nil {
			t.Fatal(err)
		}
		refused(t, "delete a team that owns", h.app.DeleteTeam(h.ctx, h.admin, north.ID), fault.Conflict, `owns “Trial”`, "Hand them over")
		if _, err := h.app.DeleteSequence(h.ctx, h.admin, s.ID); err != nil {
			t.Fatal(err)
		}
		if err := h.app.DeleteTeam(h.ctx, h.admin, north.ID); err != nil {
			t.Errorf("delete a team whose only sequence is deleted: %v", err)
		}
		if _, err := h.app.GetTeam(h.ctx, h.anna, north.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("the deleted team: %v", err)
		}
	})
}

// TestUnseen follows a sequence that is shared with nobody: for others it is not there by any way, and what runs goes on.
func TestUnseen(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		secret := h.active(h.manager, define("Secret", call("a"), mail("m", "intro")))
		lead := h.lead(h.anna, "Ada", "Lane")
		enrollment := h.connect(h.anna, secret, lead)
		if _, err := h.app.ShareSequence(h.ctx, h.anna, secret, SharingInput{Sharing: access.Private}); !fault.Is(err, fault.Forbidden) {
			t.Errorf("anna shares what is not hers: %v", err)
		}
		for _, in := range []SharingInput{{}, {Sharing: "some"}, {Sharing: access.SharedWithTeam}, {Sharing: access.Private, Team: 1}, {Sharing: access.SharedWithTeam, Team: 99}} {
			if _, err := h.app.ShareSequence(h.ctx, h.manager, secret, in); !fault.Is(err, fault.Invalid) {
				t.Errorf("shared by %+v: %v", in, err)
			}
		}
		view, err := h.app.ShareSequence(h.ctx, h.manager, secret, SharingInput{Sharing: access.Private})
		if err != nil || view.Sharing != access.Private || !view.MayEdit {
			t.Fatalf("shared: %v, %+v", err, view.Holding)
		}
		h.unseen(h.anna, secret, lead)
		for _, who := range []access.Actor{h.manager, h.admin, access.System()} {
			if _, err := h.app.GetSequence(h.ctx, who, secret); err != nil {
				t.Errorf("%s does not see it: %v", who.Name, err)
			}
		}
		// What runs goes on, by its name.
		x, err := h.app.Explain(h.ctx, h.anna, enrollment)
		if err != nil || x.Enrollment.SequenceName != "Secret" || x.SeesSequence || x.Current == nil {
			t.Errorf("explained: %+v, %v", x.Enrollment, err)
		}
		if _, err := h.app.PauseEnrollment(h.ctx, h.anna, enrollment); err != nil {
			t.Errorf("pause: %v", err)
		}
		if _, err := h.app.ResumeEnrollment(h.ctx, h.anna, enrollment); err != nil {
			t.Errorf("resume: %v", err)
		}
		if names := h.workNames(h.anna); names != "Call a" {
			t.Errorf("work of anna: %s", names)
		}
	})
}

// unseen holds that there is no such sequence for somebody, by every way to it.
func (h *house) unseen(who access.Actor, id ident.Sequence, lead ident.Record) {
	h.t.Helper()
	ctx, app := h.ctx, h.app
	one := []ident.Sequence{id}
	for what, try := range map[string]func() error{
		"get":         func() error { _, err := app.GetSequence(ctx, who, id); return err },
		"by name":     func() error { _, err := app.SequenceByName(ctx, who, "secret"); return err },
		"versions":    func() error { _, err := app.VersionHistory(ctx, who, id, 0, 0); return err },
		"version":     func() error { _, err := app.GetVersion(ctx, who, id, 1); return err },
		"difference":  func() error { _, err := app.Differ(ctx, who, id, 1, DraftNumber); return err },
		"pins":        func() error { _, err := app.PinnedTemplates(ctx, who, id, 1); return err },
		"figures":     func() error { _, err := app.Figures(ctx, who, id, 0); return err },
		"tests":       func() error { _, err := app.ABTests(ctx, who, id); return err },
		"foresee":     func() error { _, err := app.Foresee(ctx, who, id, lead, nil); return err },
		"standing":    func() error { _, err := app.StandOf(ctx, who, id); return err },
		"moves":       func() error { _, err := app.ListMoves(ctx, who, id, "", 0); return err },
		"connect":     func() error { _, err := app.Connect(ctx, who, id, []ident.Record{lead}, false); return err },
		"try connect": func() error { _, err := app.Connect(ctx, who, id, []ident.Record{lead}, true); return err },
		"connected":   func() error { _, err := app.ListEnrollments(ctx, who, store.EnrollmentQuery{Sequence: id}); return err },
		"records": func() error {
			_, err := app.ListRecords(ctx, who, store.RecordQuery{Kind: "lead", Sequence: id})
			return err
		},
		"copy":       func() error { _, err := app.CopySequence(ctx, who, id, ""); return err },
		"draft":      func() error { _, err := app.SaveDraft(ctx, who, id, 0, define("Secret", call("b"))); return err },
		"activate":   func() error { _, err := app.Activate(ctx, who, id, ActivateInput{}); return err },
		"rehearse":   func() error { _, err := app.Activate(ctx, who, id, ActivateInput{DryRun: true}); return err },
		"deactivate": func() error { _, err := app.Deactivate(ctx, who, id, PauseRecords); return err },
		"delete":     func() error { _, err := app.DeleteSequence(ctx, who, id); return err },
		"tag":        func() error { _, err := app.SetSequenceTags(ctx, who, id, nil); return err },
		"share":      func() error { _, err := app.ShareSequence(ctx, who, id, SharingInput{Sharing: "all"}); return err },
		"hand over":  func() error { _, err := app.HandOverSequences(ctx, who, one, Owner{User: who.ID}); return err },
		"archive":    func() error { _, err := app.ArchiveSequences(ctx, who, one); return err },
		"bring back": func() error { _, err := app.BringBackSequences(ctx, who, one); return err },
		"export":     func() error { _, err := app.ExportFolder(ctx, who, []string{"Secret"}); return err },
	} {
		if err := try(); !fault.Is(err, fault.NotFound) {
			h.t.Errorf("%s of an unseen sequence: %v", what, err)
		}
	}
	h.unlisted(who)
}

// unlisted holds that no list, choice or file tells somebody of the sequence Secret, though its name is taken.
func (h *house) unlisted(who access.Actor) {
	h.t.Helper()
	var told []string
	note := func(where, text string) {
		if strings.Contains(strings.ToLower(text), "secret") {
			told = append(told, where)
		}
	}
	must := func(err error) {
		if err != nil {
			h.t.Error(err)
		}
	}
	rows, err := h.app.ListSequences(h.ctx, who, store.SequenceQuery{})
	must(err)
	for _, r := range rows {
		note("list", r.Name)
	}
	choices, err := h.app.AdvanceChoices(h.ctx, who, "lead", 0)
	must(err)
	for _, c := range choices {
		note("choices of advance", c.Name)
	}
	files, err := h.app.ExportFolder(h.ctx, who, nil)
	must(err)
	for _, f := range files {
		note("files", f.Name)
	}
	tpl, err := h.app.TemplateByKey(h.ctx, who, "intro")
	must(err)
	uses, err := h.app.TemplateInUse(h.ctx, who, tpl.ID)
	must(err)
	for _, u := range uses {
		note("uses of a template", u.Name)
	}
	if len(told) > 0 {
		h.t.Errorf("told by %v", told)
	}
	problems, err := h.app.CheckDraft(h.ctx, who, define("Mine", call("c"), advance("x", "Secret")))
	must(err)
	if len(problems) == 0 || !strings.Contains(problems[0].Message, "There is no sequence") {
		h.t.Errorf("advance to an unseen sequence: %v", problems)
	}
	def := define("Secret", call("x"))
	if _, err := h.app.ApplySequence(h.ctx, who, def, true); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "not shared with you") {
		h.t.Errorf("apply an unseen name: %v", err)
	}
	refuseFile(h.ctx, h, who)
}

// refuseFile holds that a file with the name of an unseen sequence is refused, and does not say what is in it.
func refuseFile(ctx context.Context, h *house, who access.Actor) {
	h.t.Helper()
	text, err := seqfile.Format(define("Secret", call("x")))
	if err != nil {
		h.t.Fatal(err)
	}
	folder := seqfile.ReadFolder([]seqfile.File{{Name: "secret.yaml", Data: text}}, false)
	plan, err := h.app.ApplyFolder(ctx, who, folder, FolderOptions{DryRun: true})
	if err != nil {
		h.t.Fatal(err)
	}
	if c := plan.Changes[0]; !plan.Refused || len(c.Before) > 0 || !strings.Contains(c.Problems[0].Message, "not shared with you") {
		h.t.Errorf("plan of an unseen name: %+v", c)
	}
}

// TestOwnedByTeam hands a sequence to a team: its members are told, and do with it what an owner may.
func TestOwnedByTeam(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		north := h.team("North", h.bob)
		s := h.draft(h.manager, define("Trial", call("a")))
		one := []ident.Sequence{s.ID}
		if _, err := h.app.ShareSequence(h.ctx, h.manager, s.ID, SharingInput{Sharing: access.Private}); err != nil {
			t.Fatal(err)
		}
		for _, to := range []Owner{{}, {User: h.bob.ID, Team: north.ID}, {Team: 99}} {
			if _, err := h.app.HandOverSequences(h.ctx, h.manager, one, to); !fault.Is(err, fault.Invalid) {
				t.Errorf("to %+v: %v", to, err)
			}
		}
		last, err := h.app.HandOverSequence(h.ctx, h.manager, s.ID, Owner{Team: north.ID})
		if err != nil || last.OwnerName != "North" || last.Owner != 0 || last.MayEdit {
			t.Errorf("handed over: %+v, %v", last.Holding, err)
		}
		if _, err := h.app.GetSequence(h.ctx, h.manager, s.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a private sequence of a team, for a manager: %v", err)
		}
		bob := h.member(h.bob)
		view, err := h.app.SaveDraft(h.ctx, bob, s.ID, 0, define("Trial", call("b")))
		if err != nil || !view.MayManage {
			t.Errorf("a member edits: %v", err)
		}
		told, err := h.app.Notifications(h.ctx, bob, NotificationQuery{})
		if err != nil || len(told.Rows) != 1 {
			t.Fatalf("told: %+v, %v", told.Rows, err)
		}
		if title, _ := Told(told.Rows[0]); title != "Max Manager handed North “Trial”" {
			t.Errorf("told: %q", title)
		}
		for q, want := range map[*store.SequenceQuery]int{{Teams: bob.Teams}: 1, {Teams: []ident.Team{}}: 0, {Owner: bob.ID}: 0} {
			if rows, err := h.app.ListSequences(h.ctx, bob, *q); err != nil || len(rows) != want {
				t.Errorf("%+v lists %d, %v", q, len(rows), err)
			}
		}
		copied, err := h.app.CopySequence(h.ctx, bob, s.ID, "")
		if err != nil || copied.Sharing != access.Private || copied.Owner != bob.ID {
			t.Errorf("copied: %+v, %v", copied.Holding, err)
		}
		h.team("South", h.anna)
		if _, err := h.app.ChangeTeam(h.ctx, h.admin, north.ID, TeamChange{Members: &[]ident.User{}}); err != nil {
			t.Fatal(err)
		}
		if _, err := h.app.GetSequence(h.ctx, h.member(h.bob), s.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("who left the team still sees it: %v", err)
		}
		if n, err := h.app.HandOverSequences(h.ctx, h.admin, one, Owner{User: h.anna.ID}); n != 1 || err != nil {
			t.Errorf("an admin hands it on: %d, %v", n, err)
		}
		if _, err := h.app.ShareSequence(h.ctx, h.anna, s.ID, SharingInput{Sharing: access.SharedWithAll}); err != nil {
			t.Errorf("anna shares it: %v", err)
		}
		_, err = h.app.ShareSequence(h.ctx, h.manager, s.ID, SharingInput{Sharing: access.Private})
		refused(t, "out of one's own sight", err, fault.Invalid, "any more. Ask Anna Berg")

		mine := h.draft(h.manager, define("Mine", call("a"))).ID
		_, err = h.app.ShareSequences(h.ctx, h.manager, []ident.Sequence{mine, s.ID}, SharingInput{Sharing: access.Private})
		refused(t, "one of several out of one's own sight", err, fault.Invalid, "any more. Ask Anna Berg")
		if seq, err := h.app.GetSequence(h.ctx, h.anna, mine); err != nil || seq.Sharing != access.SharedWithAll {
			t.Errorf("the other one is shared with %q, %v; want it as it was", seq.Sharing, err)
		}
		if n, err := h.app.ShareSequences(h.ctx, h.admin, []ident.Sequence{mine, s.ID}, SharingInput{Sharing: access.Private}); n != 2 || err != nil {
			t.Errorf("an admin keeps %d private, %v; want 2", n, err)
		}
	})
}
