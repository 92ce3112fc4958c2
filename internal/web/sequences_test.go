package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/flow"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// callSequence makes a sequence of a call, a wait and a task; with active it is put to work.
func (h *house) callSequence(name string, active bool) store.Sequence {
	h.t.Helper()
	actor := h.actor(access.SequenceManager)
	seq, err := h.app.CreateSequence(h.t.Context(), actor, action.SequenceInput{Name: name, Record: record.Lead})
	if err != nil {
		h.t.Fatal(err)
	}
	def := seq.Draft
	def.Steps = []step.Step{
		{ID: "call", Type: "phone_call", Name: "First call"},
		{ID: "pause", Type: "wait", Config: step.Config{"for": "2d4h"}},
		{ID: "visit", Type: "task", Name: "Offer a visit", Description: "Bring the samples."},
	}
	saved, err := h.app.SaveDraft(h.t.Context(), actor, seq.ID, seq.DraftRev, def)
	if err != nil {
		h.t.Fatal(err)
	}
	if active {
		if saved, err = h.app.Activate(h.t.Context(), actor, seq.ID, action.ActivateInput{Rev: saved.DraftRev, Note: "First"}); err != nil {
			h.t.Fatal(err)
		}
	}
	return saved.Sequence
}

// lead makes a lead that the seller owns.
func (h *house) lead(first, last string) store.Record {
	h.t.Helper()
	rec, err := h.app.CreateRecord(h.t.Context(), h.actor(access.Seller), action.RecordInput{
		Kind: record.Lead, Owner: h.users[access.Seller].ID,
		Values: record.Values{"first_name": first, "last_name": last, "company": last + " Ltd", "email": strings.ToLower(first) + "@example.com"},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return rec
}

func path(id fmt.Stringer, rest string) string { return "/sequences/" + id.String() + rest }

func TestSequenceList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	c.get("/sequences").is(http.StatusOK, "Sequences").sees("Design your first sequence", "New sequence")
	c.get("/sequences/new").is(http.StatusOK, "New sequence").labels("Name", "For which records?", "Description")
	c.post("/sequences", url.Values{"name": {" "}, "record": {"lead"}}).is(http.StatusUnprocessableEntity, "New sequence").sees("name")
	to := c.post("/sequences", url.Values{"name": {"Inbound lead"}, "record": {"lead"}, "description": {"From the web site"}}).leadsTo("/sequences/seq_")
	c.get(to).is(http.StatusOK, "Inbound lead").sees("Draft", "Lead is connected")
	h.callSequence("Trial follow-up", true)
	list := c.get("/sequences").is(http.StatusOK, "Sequences").sees("Inbound lead", "Draft", "Trial follow-up", "Active, version 1", "2 sequences", "Sequence manager Jones")
	if got := list.words("th"); strings.Join(got, " ") != " Name Status For Connected Success Owner Changed" { // the first is above the boxes
		t.Errorf("columns %q", got)
	}
	c.get("/sequences?q=trial").sees("Trial follow-up", "1 sequence").misses("Inbound lead")
	c.get("/sequences?status=inactive").sees("Inbound lead").misses("Trial follow-up")
	c.get("/sequences?record=account").sees("No sequence matches")
	c.get("/sequences?q=trial", "HX-Request", "true").is(http.StatusOK, "").misses("Work list")
	c.get("/sequences/seq_0000000000000").is(http.StatusNotFound, "Not found")
	c.get("/sequences/nonsense").is(http.StatusNotFound, "Not found")
}

func TestActivate(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", false)
	c.get(path(seq.ID, "")).is(http.StatusOK, "Trial follow-up").sees("First call", "Wait 2 days 4 hours", "Offer a visit", "Bring the samples.")
	dialog := c.get(path(seq.ID, "/activate"), "HX-Request", "true").is(http.StatusOK, "").sees("Activate version 1?", "3 steps")
	if strings.Contains(dialog.Body, "<html") {
		t.Error("the dialog came with a frame")
	}
	c.get(path(seq.ID, "/activate")).is(http.StatusOK, "Activate version 1?").labels("Note")
	rev := url.Values{"rev": {fmt.Sprint(seq.DraftRev)}, "note": {"Ready"}}
	c.post(path(seq.ID, "/activate"), url.Values{"rev": {"999"}}).is(http.StatusConflict, "Somebody else changed this")
	c.post(path(seq.ID, "/activate"), rev).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "")).sees("Version 1 is active.", "Active, version 1")
	c.get(path(seq.ID, "/versions")).is(http.StatusOK, "Trial follow-up").sees("Version 1", "Ready")
	c.get(path(seq.ID, "/versions/1")).is(http.StatusOK, "Version 1").sees("First call")
	c.get(path(seq.ID, "/versions/9")).is(http.StatusNotFound, "Not found")
	c.get(path(seq.ID, "/figures")).is(http.StatusOK, "Trial follow-up").sees("No figures yet")
	h.connect(seq, h.lead("Lena", "Roth"), h.lead("Omar", "Haddad"))
	figures := c.get(path(seq.ID, "/figures")).is(http.StatusOK, "Trial follow-up").sees("On a step now", "First call", "Here now", "100 %")
	if got := figures.words("b"); len(got) < 3 || got[1] != "2" || got[2] != "2" {
		t.Errorf("figures %q, want two connected and two on a step", got)
	}
	c.get(path(seq.ID, "/figures?version=1")).is(http.StatusOK, "Trial follow-up").sees("What became of the records on version 1.")
	c.get(path(seq.ID, "/figures?version=9")).is(http.StatusNotFound, "Not found")
	c.get(path(seq.ID, "/figures?version=x")).is(http.StatusNotFound, "Not found")

	empty, err := h.app.CreateSequence(t.Context(), h.actor(access.SequenceManager), action.SequenceInput{Name: "Empty"})
	if err != nil {
		t.Fatal(err)
	}
	c.get(path(empty.ID, "/activate")).is(http.StatusOK, "Not ready to be activated").sees("no steps")
	c.post(path(empty.ID, "/activate"), url.Values{"rev": {fmt.Sprint(empty.DraftRev)}}).is(http.StatusUnprocessableEntity, "Not ready to be activated")
}

// TestTree draws a sequence with conditions as nested lists, for people without scripts, and says what is wrong in a lane.
func TestTree(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", false)
	tree := `{"name":"Trial follow-up","record":"lead","steps":[{"id":"call","type":"phone_call","name":"First call"},
	  {"id":"how","type":"condition","when":{"call":"call","outcomes":["connected"]},
	   "yes":[{"id":"offer","type":"task","name":"Write the offer"},{"id":"stage","type":"condition","when":{"field":"stage","op":"=","value":"propose"},
	     "yes":[{"id":"up","type":"update_field","field":"stage","value":"close"}],"no":[]}],
	   "no":[{"id":"again","type":"phone_call"}]},
	  {"id":"visit","type":"task","name":"Offer a visit"}]}`
	saved := c.postJSON(path(seq.ID, "/draft"), fmt.Sprintf(`{"rev":%d,"sequence":%s}`, seq.DraftRev, tree)).is(http.StatusOK, "")
	if !strings.Contains(saved.Body, `"field":"/steps/1/no/0/name"`) {
		t.Errorf("the problem in the lane is missing: %s", saved.Body)
	}
	seen := c.get(path(seq.ID, "")).is(http.StatusOK, "Trial follow-up")
	seen.sees("Call connected?", "“First call”", "Yes", "Write the offer", "Stage is propose?", "Set Stage to close", "The step has no name.", "both sides go on", "Offer a visit")
	seen.sees("Step 6, Phone call: The step has no name.")
	for _, label := range []string{`aria-label="Yes of Call connected?"`, `aria-label="No of Stage is propose?"`} {
		if !strings.Contains(seen.Body, label) {
			t.Errorf("no list has %s", label)
		}
	}
	c.get(path(seq.ID, "/activate")).is(http.StatusOK, "Not ready to be activated").sees("Step 6, Phone call")
	good := strings.Replace(tree, `"type":"phone_call"}]`, `"type":"phone_call","name":"Ring again"}]`, 1)
	c.postJSON(path(seq.ID, "/draft"), fmt.Sprintf(`{"rev":%d,"sequence":%s}`, seq.DraftRev+1, good)).is(http.StatusOK, "")
	c.get(path(seq.ID, "/activate")).is(http.StatusOK, "Activate version 1?").sees("7 steps")
	c.post(path(seq.ID, "/activate"), url.Values{"rev": {fmt.Sprint(seq.DraftRev + 2)}}).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "/versions/1")).is(http.StatusOK, "Version 1").sees("Call connected?", "Ring again", "both sides go on", "End of the sequence")
}

func TestSaveDraft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", false)
	send := func(rev int64, sequence string) *answer {
		return c.postJSON(path(seq.ID, "/draft"), fmt.Sprintf(`{"rev":%d,"sequence":%s}`, rev, sequence))
	}
	good := `{"name":"Trial follow-up","record":"lead","steps":[{"id":"call","type":"phone_call","name":"Call"},{"id":"w","type":"wait","for":"1d"}]}`
	checked := c.postJSON(path(seq.ID, "/check"), good).is(http.StatusOK, "")
	if !strings.Contains(checked.Body, `"step":"w"`) || !strings.Contains(checked.Body, "cannot end with a wait") {
		t.Errorf("check says %s", checked.Body)
	}
	saved := send(seq.DraftRev, good).is(http.StatusOK, "")
	if !strings.Contains(saved.Body, `"for":"1d"`) {
		t.Errorf("save says %s", saved.Body)
	}
	stale := send(seq.DraftRev, good).is(http.StatusConflict, "")
	if !strings.Contains(stale.Body, `"code":"stale"`) {
		t.Errorf("a second save from the same revision says %s", stale.Body)
	}
	for body, status := range map[string]int{`{`: 400, `[]`: 400, `""`: 400, `{"name":""}`: 422, `{"name":"X","steps":[{"id":"a","type":"fax"}]}`: 422} {
		send(seq.DraftRev+1, body).is(status, "")
	}
	other := h.as(access.Seller)
	other.postJSON(path(seq.ID, "/draft"), fmt.Sprintf(`{"rev":%d,"sequence":%s}`, seq.DraftRev+1, good)).is(http.StatusForbidden, "")
	other.get(path(seq.ID, "")).is(http.StatusOK, "Trial follow-up").misses("Activate")
	h.nobody().postJSON(path(seq.ID, "/draft"), `{}`).is(http.StatusUnauthorized, "")
}

func TestOptions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", false)
	c.get(path(seq.ID, "/options")).is(http.StatusOK, "Name and options").labels("Name", "Description", "End when the customer replies", "Waits count", "Activities go to", "A record may be connected")
	form := url.Values{"rev": {fmt.Sprint(seq.DraftRev)}, "name": {""}, "waits": {"working_time"}, "answer_replies": {"yes"}, "exit_on_bounce": {"yes"}, "assignee": {"connecting_user"}, "reentry": {"never"}}
	c.post(path(seq.ID, "/options"), form).is(http.StatusUnprocessableEntity, "Name and options").sees("needs a name")
	form.Set("name", "Trial, new")
	c.post(path(seq.ID, "/options"), form).leadsTo(path(seq.ID, ""))
	got, err := h.app.GetSequence(t.Context(), h.actor(access.Admin), seq.ID)
	want := flow.Options{Exits: flow.Exits{AnswerReplies: true, ExitOnBounce: true}, Waits: flow.WorkingTime, Assignee: flow.ConnectingUser, Reentry: flow.Never, Sending: flow.InWindows}
	if err != nil || got.Draft.Options != want || got.Draft.Name != "Trial, new" || len(got.Draft.Steps) != 3 {
		t.Errorf("draft %+v, %v", got.Draft, err)
	}
}

// TestOptionOfOwnWindows holds that the form takes send windows of a sequence's own, and says what is wrong with them.
func TestOptionOfOwnWindows(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Early birds", false)
	form := url.Values{"rev": {fmt.Sprint(seq.DraftRev)}, "name": {"Early birds"}, "waits": {"elapsed"}, "assignee": {"record_owner"}, "reentry": {"never"}, "sending": {"own_windows"}}
	c.post(path(seq.ID, "/options"), form).is(http.StatusUnprocessableEntity, "Name and options").sees("Give at least one day a window")
	for _, day := range []string{"monday", "tuesday"} {
		form.Set(day+"_from", "09:00")
		form.Set(day+"_to", "08:00")
	}
	c.post(path(seq.ID, "/options"), form).is(http.StatusUnprocessableEntity, "Name and options").sees("The window of Monday ends before it begins.")
	form.Set("monday_to", "11:00")
	form.Set("tuesday_to", "00:00")
	c.post(path(seq.ID, "/options"), form).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "")).sees("Mon 09:00–11:00, Tue 09:00–24:00")
}

func TestConnectFromSequence(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", true)
	marta, tomas := h.lead("Marta", "Lindqvist"), h.lead("Tomas", "Herrera")
	c.get(path(seq.ID, "/connected")).is(http.StatusOK, "Trial follow-up").sees("No record is connected", "Connect leads")
	c.get(path(seq.ID, "/connect")).is(http.StatusOK, "Connect leads to “Trial follow-up”").sees("Marta Lindqvist", "Tomas Herrera")
	c.get(path(seq.ID, "/connect?q=herrera&id="+marta.ID.String())).sees("Marta Lindqvist", "Tomas Herrera")
	c.get(path(seq.ID, "/connect?q=nobody")).sees("Nothing found")
	c.post(path(seq.ID, "/connect"), nil).is(http.StatusUnprocessableEntity, "").sees("No record is chosen")
	c.post(path(seq.ID, "/connect"), url.Values{"id": {marta.ID.String(), tomas.ID.String()}}).leadsTo(path(seq.ID, "/connected"))
	c.get(path(seq.ID, "/connected")).sees("2 records are connected.", "Marta Lindqvist", "0 of 3", "Active")
	c.post(path(seq.ID, "/connect"), url.Values{"id": {marta.ID.String()}}).is(http.StatusOK, "0 records are connected.").sees("1 record was not connected", "Marta Lindqvist")
	c.get(path(seq.ID, "/connected?q=herr")).sees("Tomas Herrera").misses("Marta")

	page, err := h.app.ListEnrollments(t.Context(), h.actor(access.Admin), store.EnrollmentQuery{Sequence: seq.ID, Search: "Marta"})
	if err != nil || len(page.Rows) != 1 {
		t.Fatalf("enrollments %v, %v", page.Rows, err)
	}
	one := url.Values{"id": {page.Rows[0].ID.String()}}
	c.post(path(seq.ID, "/disconnect"), one).is(http.StatusOK, "Disconnect 1 record?").sees("open activities are cancelled")
	one.Set("sure", "yes")
	c.post(path(seq.ID, "/disconnect"), one).leadsTo(path(seq.ID, "/connected"))
	c.get(path(seq.ID, "/connected")).sees("1 record was disconnected.").misses("Marta")
	c.get(path(seq.ID, "/connected?status=finished")).sees("Marta Lindqvist", "Disconnected")
}

func TestDeactivateCopyDelete(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.SequenceManager)
	seq := h.callSequence("Trial follow-up", true)
	marta := h.lead("Marta", "Lindqvist")
	c.post(path(seq.ID, "/connect"), url.Values{"id": {marta.ID.String()}}).leadsTo(path(seq.ID, "/connected"))
	c.get(path(seq.ID, "/deactivate")).is(http.StatusOK, "Deactivate “Trial follow-up”?").sees("1 record is connected", "Pause them", "Disconnect them")
	c.post(path(seq.ID, "/deactivate"), url.Values{"mode": {"pause"}}).leadsTo(path(seq.ID, ""))
	c.get(path(seq.ID, "")).sees("The sequence is inactive. 1 record is paused.", "Inactive")
	c.get(path(seq.ID, "/deactivate")).is(http.StatusConflict, "This is not possible now")
	c.get(path(seq.ID, "/activate")).sees("1 record goes on at once")

	c.get(path(seq.ID, "/copy")).is(http.StatusOK, "Copy this sequence").labels("Name of the copy")
	c.post(path(seq.ID, "/copy"), url.Values{"name": {"Trial follow-up"}}).is(http.StatusUnprocessableEntity, "Copy this sequence")
	c.get(c.post(path(seq.ID, "/copy"), url.Values{"name": {"Second trial"}}).leadsTo("/sequences/seq_")).is(http.StatusOK, "Second trial").sees("First call")

	c.get(path(seq.ID, "/delete")).is(http.StatusOK, "Delete “Trial follow-up”?").sees("1 record is connected")
	c.post(path(seq.ID, "/delete"), nil).leadsTo("/sequences")
	c.get("/sequences").sees("“Trial follow-up” is deleted. 1 record was disconnected.", "Second trial")
	c.get(path(seq.ID, "")).is(http.StatusNotFound, "Not found")
}
