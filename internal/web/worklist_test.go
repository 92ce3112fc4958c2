package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// record makes a record that the role owns.
func (h *house) record(role access.Role, kind record.Kind, values record.Values) store.Record {
	h.t.Helper()
	actor := h.actor(role)
	rec, err := h.app.CreateRecord(h.t.Context(), actor, action.RecordInput{Kind: kind, Values: values, Owner: actor.ID})
	if err != nil {
		h.t.Fatal(err)
	}
	return rec
}

// active makes an active sequence for leads.
func (h *house) active(name string, steps ...step.Step) store.Sequence {
	h.t.Helper()
	return h.activeWith(name, func(*flow.Options) {}, steps...)
}

// activeWith is active with options.
func (h *house) activeWith(name string, set func(*flow.Options), steps ...step.Step) store.Sequence {
	h.t.Helper()
	ctx, admin := h.t.Context(), h.actor(access.Admin)
	seq, err := h.app.CreateSequence(ctx, admin, action.SequenceInput{Name: name, Record: record.Lead})
	if err != nil {
		h.t.Fatal(err)
	}
	def := seq.Draft
	def.Name, def.Steps = name, steps
	set(&def.Options)
	v, err := h.app.SaveDraft(ctx, admin, seq.ID, seq.DraftRev, def)
	if err != nil {
		h.t.Fatal(err)
	}
	if v, err = h.app.Activate(ctx, admin, seq.ID, action.ActivateInput{Rev: v.DraftRev}); err != nil {
		h.t.Fatal(err)
	}
	return v.Sequence
}

// connect puts records on a sequence.
func (h *house) connect(seq store.Sequence, records ...store.Record) {
	h.t.Helper()
	var ids []ident.Record
	for _, r := range records {
		ids = append(ids, r.ID)
	}
	result, err := h.app.Connect(h.t.Context(), h.actor(access.Admin), seq.ID, ids, false)
	if err != nil || len(result.Refused) > 0 {
		h.t.Fatalf("connect: %v, refused %v", err, result.Refused)
	}
}

// due makes an activity by hand for the seller, due a span from now.
func (h *house) due(rec store.Record, kind, name string, in time.Duration) store.Activity {
	h.t.Helper()
	a, err := h.app.CreateActivity(h.t.Context(), h.actor(access.Seller), action.NewActivity{Record: rec.ID, Kind: kind, Name: name, DueAt: h.app.DB().Now().Add(in)})
	if err != nil {
		h.t.Fatal(err)
	}
	return a
}

// work lists everything that the seller has open.
func (h *house) work() []store.Activity {
	h.t.Helper()
	list, err := h.app.WorkList(h.t.Context(), h.actor(access.Seller), store.WorkQuery{Assignee: h.users[access.Seller].ID, Later: true})
	if err != nil {
		h.t.Fatal(err)
	}
	return list.Rows
}

// opened is the address of an activity, or of something done with it.
func opened(a store.Activity, rest string) string { return "/work/" + a.ID.String() + rest }

var (
	callStep = step.Step{ID: "call", Type: "phone_call", Name: "First call", Description: "Ask about the project"}
	taskStep = step.Step{ID: "meet", Type: "task", Name: "Schedule a meeting"}
	waitStep = step.Step{ID: "pause", Type: "wait", Config: step.Config{"for": "2d"}}
)

func TestEmptyWorkList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	seller.get("/work").is(http.StatusOK, "Work list").sees("Your work will stand here", "Import leads")
	h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	seller.get("/work").is(http.StatusOK, "Work list").sees("All done for today", "Show later").misses("Import leads")
	seller.get("/work?q=nobody").is(http.StatusOK, "Work list").sees("Nothing fits these filters")
}

func TestWorkListGroupsAndFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "company": "Nordlys Energi"})
	deal := h.record(access.Seller, record.Opportunity, record.Values{"name": "Turbines for Bergen"})
	h.due(lead, "task", "Send the price list", -49*time.Hour)
	h.due(deal, "phone_call", "Talk about the contract", 0)
	other := h.record(access.Seller, record.Account, record.Values{"name": "Herrera y Hijos"})
	h.due(other, "email", "Answer about VAT", 72*time.Hour)
	seller := h.as(access.Seller)

	seller.get("/work").is(http.StatusOK, "Work list").
		sees("Overdue", "Marta Lindqvist", "Send the price list · Nordlys Energi", "Today", "Turbines for Bergen", "2 due", "Show what is due later").
		misses("Answer about VAT")
	seller.get("/work?due=all").sees("Later", "Answer about VAT", "Hide what is due later")
	seller.get("/work?kind=phone_call").sees("Talk about the contract").misses("Send the price list")
	seller.get("/work?record=lead").sees("Send the price list").misses("Talk about the contract")
	seller.get("/work?q=bergen").sees("Talk about the contract").misses("Send the price list")
	seller.get("/work?kind=nonsense&record=nonsense").is(http.StatusOK, "Work list").sees("Send the price list")
}

func TestWorkOfOthers(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	late := h.due(lead, "task", "Send the price list", -49*time.Hour)
	h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Okafor"}), "task", "Send the other list", -48*time.Hour)
	manager, seller := h.as(access.SalesManager), h.users[access.Seller]
	of := "of=" + seller.ID.String()

	manager.get("/work").labels("Whose work list").misses("Send the price list")
	list := manager.get("/work?"+of).is(http.StatusOK, "Work list").
		sees("You see Seller Jones’ list.", "Back to mine", "Send the price list").misses("Clean up").buttons("Hand over")
	if strings.Contains(list.Body, "Go through the list one by one") {
		t.Error("somebody else's list can be gone through in flow mode")
	}
	manager.get("/work?of=everybody").sees("You see everybody’s list.", "Seller Jones · Send the price list", "Assignee")
	manager.get("/work?of=everybody&sort=assignee").sees("Seller Jones")
	manager.get("/work?" + of + "&q=nobody").sees("Nothing fits these filters")
	manager.get("/work?" + of + "&due=later").sees("Nothing fits these filters")

	// What is done there leads back there, and the manager may take it over.
	hand := manager.post("/bulk/reassign?"+of, selected(late)).is(http.StatusOK, "Hand over 1 activity").sees(h.users[access.SalesManager].Name)
	if strings.Contains(hand.Body, ">Seller Jones<") {
		t.Error("it can be handed to whoever has it")
	}
	if to := manager.post(opened(late, "/assign?"+of), url.Values{"to": {h.users[access.Admin].ID.String()}}).leadsTo("/work"); !strings.Contains(to, of) {
		t.Errorf("a hand-over leads to %s", to)
	}
	manager.get("/work?" + of).sees("is handed to Admin Jones")
	manager.get("/work?" + of).sees("Send the other list").misses("Send the price list")

	h.as(access.Seller).get("/work").misses("Whose work list")
	h.as(access.Seller).get("/work?of="+h.users[access.Admin].ID.String()).is(http.StatusForbidden, "").sees("sees its own work list, not those of others")
	manager.get("/work?of=nonsense").is(http.StatusOK, "Work list").misses("You see")
}

func TestOpenActivity(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{
		"first_name": "Marta", "last_name": "Lindqvist", "job_title": "Head of procurement",
		"company": "Nordlys Energi", "phone": "+4722001122", "mobile": "+4790012345", "time_zone": "Europe/Oslo", "do_not_phone": "true",
	})
	h.connect(h.active("Inbound", callStep, waitStep, taskStep), lead)
	call := h.work()[0]
	seller := h.as(access.Seller)

	page := seller.get(opened(call, "")).is(http.StatusOK, "Work list").
		sees("Marta Lindqvist", "Head of procurement, Nordlys Energi", "there", "Inbound, step 1 of 3", "First call", "Ask about the project",
			"+47 22 00 11 22", "Mobile +47 90 01 23 45", "Do not phone", "Then: Wait 2 days → Schedule a meeting", "Connected to Inbound").
		labels("How did it end?", "Connected", "Left voicemail", "Note")
	if !strings.Contains(page.Body, `href="tel:+4722001122"`) {
		t.Error("the number cannot be dialled")
	}
	part := seller.get(opened(call, ""), "HX-Request", "true").is(http.StatusOK, "Work list").sees("First call")
	if strings.Contains(part.Body, "<body") || strings.Contains(part.Body, "Sign out") {
		t.Error("htmx gets the whole page instead of the split view")
	}
	seller.get("/work/act_0000000000000").is(http.StatusNotFound, "")
	seller.get("/work/nonsense").is(http.StatusNotFound, "")
}

func TestCompleteCall(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "phone": "+4722001122"})
	h.connect(h.active("Inbound", callStep, waitStep, taskStep), lead)
	call := h.work()[0]
	later := h.due(lead, "task", "Send the price list", 0)
	seller := h.as(access.Seller)

	seller.post(opened(call, "/complete"), url.Values{"note": {"Wants an offer"}, "from": {"panel"}}).
		is(http.StatusUnprocessableEntity, "Work list").sees("Wants an offer", "problem")
	to := seller.post(opened(call, "/complete?kind="), url.Values{"outcome": {"connected"}, "note": {"Wants an offer"}, "duration": {"194"}}).leadsTo("/work/")
	if to != opened(later, "") {
		t.Errorf("leads to %s, want the next activity %s", to, opened(later, ""))
	}
	seller.get(to).sees("“First call” is completed.", "Send the price list", "connected (3:14 min)", "Wants an offer")
	seller.get(opened(call, "")).sees("Completed").misses("How did it end?")
	seller.post(opened(call, "/complete"), url.Values{"outcome": {"connected"}}).is(http.StatusUnprocessableEntity, "")
}

func TestCompleteWithHTMX(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	first := h.due(lead, "task", "First task", -time.Hour)
	second := h.due(lead, "task", "Second task", -time.Minute)
	seller := h.as(access.Seller)

	answer := seller.post(opened(first, "/complete?record=lead"), url.Values{"note": {""}}, "HX-Request", "true").is(http.StatusOK, "Work list").
		sees("Second task", "“First task” is completed.")
	if got, want := answer.Header.Get("HX-Push-Url"), opened(second, "?record=lead"); got != want {
		t.Errorf("address %q, want %q", got, want)
	}
	answer = seller.post(opened(second, "/skip"), url.Values{"note": {"No need"}}, "HX-Request", "true").is(http.StatusOK, "Work list").sees("All done for today")
	if got := answer.Header.Get("HX-Push-Url"); got != "/work" {
		t.Errorf("address %q, want the empty list", got)
	}
}

func TestSnooze(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	a := h.due(lead, "task", "Send the price list", -time.Minute)
	seller := h.as(access.Seller)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := h.app.DB().Now().In(berlin)

	seller.get(opened(a, "?do=snooze")).is(http.StatusOK, "Work list").sees("In 1 hour", " morning", "In 3 working days", "Europe/Berlin").labels("Or at")
	seller.post(opened(a, "/snooze"), url.Values{"until": {"2020-01-01T10:00"}}).
		is(http.StatusUnprocessableEntity, "Work list").sees("Choose a time that is still to come.").labels("Or at")
	seller.post(opened(a, "/snooze"), url.Values{"until": {"whenever"}}).is(http.StatusUnprocessableEntity, "").sees("Choose a date and time.")

	seller.post(opened(a, "/snooze"), url.Values{"choice": {"tomorrow"}, "until": {""}}).leadsTo("/work")
	week := calendar.Calendar{Week: calendar.DefaultWeek(berlin)}
	tomorrow, _ := week.Next(time.Date(now.Year(), now.Month(), now.Day()+1, 0, 0, 0, 0, berlin))
	if got := h.work()[0].DueAt; !got.Equal(tomorrow) {
		t.Errorf("due %v, want %v", got.In(berlin), tomorrow)
	}
	typed := now.AddDate(0, 0, 5).Format("2006-01-02") + "T14:30"
	seller.post(opened(a, "/snooze"), url.Values{"until": {typed}}).leadsTo("/work")
	if got := h.work()[0].DueAt.In(berlin).Format("2006-01-02T15:04"); got != typed {
		t.Errorf("due %v, want %v", got, typed)
	}
}

func TestSkipAssignAndRights(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.connect(h.active("Inbound", callStep, taskStep), lead)
	call := h.work()[0]
	seller := h.as(access.Seller)

	seller.get(opened(call, "?do=skip")).sees("The sequence goes on with its next step.").labels("Why?")
	seller.post(opened(call, "/skip"), url.Values{"note": {"Met them at the fair"}}).leadsTo("/work")
	task := h.work()[0]
	if task.Name != "Schedule a meeting" {
		t.Fatalf("after the skip stands %q", task.Name)
	}
	seller.get("/records/"+lead.ID.String()).sees("First call skipped", "Met them at the fair", "1 done, 0 to come")

	seller.get(opened(task, "?do=assign")).labels("Who does it").sees("Sales manager Jones")
	seller.post(opened(task, "/assign"), url.Values{"to": {""}}).is(http.StatusUnprocessableEntity, "").sees("Choose who gets the activity.")
	seller.post(opened(task, "/assign"), url.Values{"to": {h.users[access.SalesManager].ID.String()}}).leadsTo("/work")
	seller.get("/work").sees("“Schedule a meeting” is handed to Sales manager Jones.")
	seller.get(opened(task, "")).sees("Assigned to Sales manager Jones, who finds it in the work list.").buttons("Pause sequence", "Customer replied", "Disconnect")
	seller.post(opened(task, "/complete"), url.Values{}).is(http.StatusForbidden, "")
	h.as(access.SalesManager).get("/work").sees("Schedule a meeting")
}

// Who may not do an activity but manages its sequence finds a button there, on both pages, and not a lone menu.
func TestManagersOfOthersWork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.connect(h.active("Inbound", callStep), lead)
	call := h.work()[0]
	manager := h.as(access.SequenceManager)
	for _, path := range []string{opened(call, ""), recordAt(lead, "")} {
		manager.get(path).sees("Assigned to Seller Jones").buttons("Pause sequence", "Customer replied", "Disconnect")
	}
	manager.post("/enrollments/"+call.Enrollment.String()+"/pause", nil).leadsTo(recordAt(lead, ""))
	manager.get(recordAt(lead, "")).buttons("Resume sequence", "Disconnect")
}

func TestWriteEmail(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := t.Context()
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@nordlys.test"})
	for _, in := range []action.TemplateInput{
		{Key: "offer", Name: "Offer", Subject: "Offer for {{ company }}", HTML: "<p>Hello {{ first_name }}</p>"},
		{Key: "short", Name: "Short one", Subject: "One more thing", HTML: "<p>Hi {{ first_name }}</p>"},
	} {
		if _, err := h.app.CreateTemplate(ctx, h.actor(access.Admin), in); err != nil {
			t.Fatal(err)
		}
	}
	h.connect(h.active("Offers", step.Step{ID: "offer", Type: "email", Name: "Send the offer", Config: step.Config{"template": "offer"}}), lead)
	mail := h.work()[0]
	seller := h.as(access.Seller)

	seller.get(opened(mail, "?do=email")).is(http.StatusOK, "Work list").sees("You have no mailbox yet", "Set up the mailbox")
	if _, err := h.app.SaveMailbox(ctx, h.actor(access.Seller), action.MailboxInput{
		User: h.users[access.Seller].ID, Address: "seller@cadenza.test",
		SenderName: "Sam Seller", Host: "127.0.0.1", Port: 2525, Security: store.NoTLS,
	}); err != nil {
		t.Fatal(err)
	}
	page := seller.get(opened(mail, "?do=email")).labels("Template", "To", "CC", "Subject", "Text").
		sees("From seller@cadenza.test", "Before you send", "Offer for {{ company }} “Company” is empty for Marta Lindqvist.").misses("You have no mailbox yet")
	if !strings.Contains(page.Body, `value="marta@nordlys.test"`) || !strings.Contains(page.Body, "Hello Marta") || !strings.Contains(page.Body, `value="Offer for`) {
		t.Error("the draft is not filled from the template")
	}
	seller.post(opened(mail, "/draft"), url.Values{"template": {"short"}}).is(http.StatusOK, "Work list").sees("Hi Marta").misses("Before you send")

	typed := url.Values{"mail_to": {"marta@nordlys.test"}, "subject": {"Our offer {{ company }}"}, "html": {"<p>My own words</p>"}, "template": {"offer"}}
	seller.post(opened(mail, "/email"), typed).is(http.StatusUnprocessableEntity, "Work list").sees("is empty for Marta Lindqvist", "My own words", "Leave the empty fields out")
	typed.Set("empty_fields", "1")
	typed.Set("mail_to", "nobody")
	seller.post(opened(mail, "/email"), typed).is(http.StatusUnprocessableEntity, "").sees("needs one email address", "My own words")
	typed.Set("mail_to", "marta@nordlys.test")
	seller.post(opened(mail, "/email"), typed).leadsTo("/work")
	seller.get(opened(mail, "")).sees("The email to marta@nordlys.test is on its way.", "Sending")
	messages, err := h.app.ListMessages(ctx, h.actor(access.Admin), store.MessageQuery{})
	if err != nil || len(messages.Rows) != 1 || messages.Rows[0].Subject != "Our offer" {
		t.Fatalf("the outbox holds %+v, %v", messages.Rows, err)
	}
}

func TestEmailWarnings(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	unwilling := h.record(access.Seller, record.Lead, record.Values{"last_name": "Okafor", "email": "sam@okafor.test", "do_not_email": "true"})
	unknown := h.record(access.Seller, record.Lead, record.Values{"last_name": "Raman"})
	seller := h.as(access.Seller)
	a := h.due(unwilling, "email", "Write to them", 0)
	seller.get(opened(a, "")).sees("has asked not to get emails")
	seller.get(opened(a, "?do=email")).sees("must not be emailed")
	seller.post(opened(a, "/email"), url.Values{"mail_to": {"sam@okafor.test"}, "subject": {"Hello"}, "html": {"<p>Hi</p>"}}).
		is(http.StatusUnprocessableEntity, "").sees("must not be emailed")
	seller.get(opened(h.due(unknown, "email", "Write to them", 0), "")).sees("No email address", "Add an address")
	// a phone call is no email
	call := h.due(unknown, "phone_call", "Ring them", 0)
	seller.get(opened(call, "")).sees("No phone number yet", "Add a number")
}

// TestLinkedIn opens the profile from the step, or says where to enter it.
func TestLinkedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	known := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "linkedin": "https://www.linkedin.com/in/marta"})
	h.connect(h.active("Social", step.Step{ID: "look", Type: "linkedin_research", Name: "Look at the profile"}, taskStep), known)
	seller := h.as(access.Seller)
	page := seller.get(opened(h.work()[0], "")).is(http.StatusOK, "Work list").sees("Look at the profile", "Open LinkedIn profile", "Complete").labels("Note")
	if !strings.Contains(page.Body, `href="https://www.linkedin.com/in/marta" target="_blank" rel="noopener noreferrer"`) {
		t.Error("the profile cannot be opened")
	}
	seller.get("/work?kind=linkedin").sees("Look at the profile")
	seller.get("/work?kind=task").misses("Look at the profile")
	unknown := h.record(access.Seller, record.Lead, record.Values{"last_name": "Solberg"})
	h.due(unknown, "task", "Something else", time.Hour)
	seller.get("/work?kind=linkedin").misses("Something else")
}

// TestUpNextTellsOfConditions shows a condition that lies ahead by its question, with where its lanes begin.
func TestUpNextTellsOfConditions(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	reached := step.Step{
		ID: "reached", Type: "condition", When: &step.When{Call: &step.CallTest{Step: callStep.ID, Outcomes: []string{"connected", "busy"}}},
		Yes: []step.Step{{ID: "visit", Type: "task", Name: "Offer a visit"}},
	}
	h.connect(h.active("Branching", callStep, reached, taskStep), lead)
	page := h.as(access.Seller).get(opened(h.work()[0], "")).is(http.StatusOK, "Work list")
	page.sees("Then: “First call”: connected or busy? → Schedule a meeting", "Yes: Offer a visit · No: goes on", "step 1 of 4")
}

func TestWorkListOrdersAndSavedFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "value": "80000"})
	first := h.due(lead, "task", "Send the price list", -49*time.Hour)
	h.due(lead, "phone_call", "Talk about the contract", 0)
	seller := h.as(access.Seller)

	seller.get("/work?sort=priority").is(http.StatusOK, "Work list").sees("Medium priority", "50 Send the price list")
	seller.get("/work?sort=kind").sees("Phone call", "Task")
	seller.get("/work").sees("not opened yet")
	seller.get(opened(first, "")).is(http.StatusOK, "Work list").sees("Priority 50", "overdue for 2 days", "worth 80k")
	seller.get("/work?unopened=1").sees("Talk about the contract", "Not opened ×").misses("49 Send the price", "Lindqvist not opened yet Send the price list")
	seller.post(opened(first, "/unopened"), url.Values{})
	seller.get("/work?unopened=1").sees("Lindqvist not opened yet Send the price list")

	follow := "/records/" + lead.ID.String() + "/follow"
	seller.post(follow, url.Values{"on": {"1"}})
	seller.get("/work?followed=1").sees("Send the price list", "Lindqvist followed")
	seller.post(follow, url.Values{"on": {"0"}})
	seller.get("/work?followed=1").sees("Nothing fits these filters")

	seller.post("/work/views", url.Values{"kind": {"phone_call"}, "due": {"today"}, "name": {"Calls of today"}})
	seller.get("/work").sees("Calls of today")
	seller.post("/work/views", url.Values{"kind": {"phone_call"}, "name": {" "}})
	seller.get("/work").sees("Give the filter a name.")
	seller.post("/work/views", url.Values{"name": {"All"}, "shared": {"1"}})
	seller.get("/work").misses("All Due Until")
}

func TestWorkListByFieldOfTheRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for name, close := range map[string]string{"Turbines": "2031-07-15", "Rotors": "2031-02-01", "Masts": ""} {
		h.due(h.record(access.Seller, record.Opportunity, record.Values{"name": name, "last_name": "Ek", "close_date": close, "value": "12500"}), "task", "Call about "+name, 0)
	}
	seller := h.as(access.Seller)
	seller.get("/work").sees("A field of the record", "Expected close", "Company size")
	seller.get("/work?record=lead").sees("A field of the record").misses("Expected close")
	list := seller.get("/work?sort=-field:close_date").is(http.StatusOK, "Work list")
	list.sees("Expected close in July 2031", "Expected close 15 Jul 2031", "Expected close in February 2031", "No expected close")
	for _, to := range []string{"/work?sort=field%3Aclose_date", "/work?sort=field%3Avalue"} {
		if !strings.Contains(list.Body, `href="`+to+`"`) {
			t.Errorf("no link to %s", to)
		}
	}
	seller.get("/work?sort=field:value").sees("Value 10,000 to 99,999", "Value 12,500")
	seller.get("/work?sort=field:colour").is(http.StatusOK, "Work list").sees("Today") // an old address: the organisation's order
	seller.post("/work/views", url.Values{"sort": {"field:value"}, "name": {"Big first"}})
	seller.get("/work").sees("Big first")

	h.as(access.Admin).post("/settings/work-list", url.Values{"sort": {"field:close_date"}, "due": {"1"}, "engagement": {"0"}, "value": {"0"}, "age": {"0"}, "full_value": {"1"}, "after_done": {"next"}})
	seller.get("/work").sees("Expected close in July 2031")
}

func TestWorkListSettingsPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.as(access.Seller).get("/settings/work-list").is(http.StatusForbidden, "You may not do this")
	admin := h.as(access.Admin)
	admin.get("/settings/work-list").is(http.StatusOK, "Work list").sees("Weight of Due", "Value that gets all points", "Opportunities")
	form := url.Values{
		"rev": {"1"}, "sort": {"priority"}, "due": {"10"}, "engagement": {"0"}, "value": {"90"}, "age": {"0"}, "full_value": {"1000"}, "after_done": {"next"},
		"cards.lead.second": {"activity", "job_title", "", ""}, "cards.lead.third": {"city", "", "", ""},
	}
	admin.post("/settings/work-list", form)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "city": "Oslo", "job_title": "Buyer", "value": "500"})
	h.due(lead, "task", "Send the price list", 0)
	h.as(access.Seller).get("/work").sees("Medium priority", "Send the price list · Buyer", "Oslo", "worth 500")
	form.Set("due", "much")
	form.Set("rev", "2")
	admin.post("/settings/work-list", form).sees("A weight is a whole number from 0 to 100.")

	t.Log("what follows a completed activity can be the same for everybody")
	form.Set("due", "10")
	form.Set("after_done", "dance")
	admin.post("/settings/work-list", form).is(http.StatusUnprocessableEntity, "Work list").sees("must be next, stay or ask")
	form.Set("after_done", "stay")
	form.Set("after_done_fixed", "on")
	admin.post("/settings/work-list", form).leadsTo("/settings/work-list")
	seller := h.as(access.Seller)
	seller.get("/profile").sees("Stay on the record Your organisation has chosen this for everybody. An admin can change it.").misses("Go to the next one")
	seller.post("/profile/work", url.Values{"after_done": {"next"}}).is(http.StatusUnprocessableEntity, "Profile").sees("Ask an admin to change it.")
	due := h.due(lead, "task", "Call her", 0)
	seller.post(opened(due, "/complete"), url.Values{"from": {"panel"}}, "HX-Request", "true").is(http.StatusOK, "Work list").sees("Done. What else there is for this record stands below.")
}

// What is open beside the list stays, and its seller is told when somebody else has done it.
func TestRowsOfAChangedList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	first := h.due(lead, "task", "Send the price list", 0)
	seller := h.as(access.Seller)
	rows := "/work/rows?open=" + first.ID.String()
	seller.get(rows).sees("Lindqvist", "Send the price list").misses("Sign out", "meanwhile")
	if _, err := h.app.SkipActivity(h.t.Context(), h.actor(access.Admin), first.ID, ""); err != nil {
		t.Fatal(err)
	}
	seller.get(rows + "&told=1").misses("meanwhile")
	seller.get(rows).misses("Lindqvist not opened yet")
}

// A seller chooses what the icons of cards show, and takes the organisation's again.
func TestCardIcons(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.due(h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist"}), "task", "Send the price list", 0)
	seller := h.as(access.Seller)
	shows := func(initials bool) {
		t.Helper()
		if got := strings.Contains(seller.get("/work").Body, "kind-initials"); got != initials {
			t.Errorf("initials on the card: %v, want %v", got, initials)
		}
	}
	shows(false)
	seller.get("/profile").sees("Icons in the work list", "As in the organisation")
	seller.post("/profile/work", url.Values{"after_done": {"next"}, "icon.lead": {"initials"}}).leadsTo("/profile")
	shows(true)
	seller.post("/profile/work", url.Values{"after_done": {"next"}, "icon.lead": {""}}).leadsTo("/profile")
	shows(false)
	h.as(access.Admin).get("/settings/work-list").labels("Icon of leads", "The same icons for everybody")
}
