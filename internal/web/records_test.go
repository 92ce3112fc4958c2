package web_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

func recordAt(r store.Record, rest string) string { return "/records/" + r.ID.String() + rest }

func TestRecordLists(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	for _, k := range record.Kinds() {
		seller.get("/"+k.Path()).is(http.StatusOK, k.Plural()).sees("No "+k.Path()+" yet", "Import "+k.Path(), "New "+string(k))
	}
	mine := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "company": "Nordlys"})
	h.record(access.SalesManager, record.Lead, record.Values{"last_name": "Herrera", "status": "qualified"})
	h.connect(h.active("Inbound", callStep), mine)

	seller.get("/leads").sees("Marta Lindqvist", "Nordlys", "Inbound", "Herrera", "Qualified", "2 leads")
	seller.get("/leads?owner=mine").sees("Marta").misses("Herrera")
	seller.get("/leads?owner=" + h.users[access.SalesManager].ID.String()).sees("Herrera").misses("Marta")
	seller.get("/leads?status=qualified").sees("Herrera").misses("Marta")
	seller.get("/leads?connection=connected").sees("Marta").misses("Herrera")
	seller.get("/leads?connection=unconnected").sees("Herrera").misses("Marta")
	seller.get("/leads?q=nordl").sees("Marta").misses("Herrera")
	seller.get("/leads?q=nobody").sees("No leads fit these filters", "Show all leads")
	sorted := seller.get("/leads?sort=-name").text()
	if strings.Index(sorted, "Marta Lindqvist") > strings.Index(sorted, "Herrera") {
		t.Error("-name does not put Marta Lindqvist above Herrera")
	}
	part := seller.get("/leads?q=marta", "HX-Request", "true").is(http.StatusOK, "").sees("Marta Lindqvist")
	if strings.Contains(part.Body, "<body") {
		t.Error("htmx gets the whole page instead of the table")
	}
}

// TestRelatedRecords names an account in the form of a contact, as a browser without scripts does, and finds it from both sides.
func TestRelatedRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	account := h.record(access.Seller, record.Account, record.Values{"name": "Nordlys Energi", "city": "Oslo"})
	for range 2 {
		h.record(access.Seller, record.Account, record.Values{"name": "Twin"})
	}
	if got := seller.get("/records/suggest?kind=account&field=account&account=nordl", "HX-Request", "true").Body; !strings.Contains(got, `<option value="Nordlys Energi">Oslo</option>`) {
		t.Errorf("suggestions %s", got)
	}
	if got := seller.get("/records/suggest?kind=account&field=account&account=twin", "HX-Request", "true").Body; strings.Count(got, "Twin [rec_") != 2 {
		t.Errorf("suggestions of namesakes %s", got)
	}
	form := url.Values{"last_name": {"Solberg"}, "account": {"Nordlys"}}
	refused := seller.post("/contacts", form).is(http.StatusUnprocessableEntity, "New contact").sees("There is no account called “Nordlys”")
	if refused.value("account") != "Nordlys" {
		t.Error("the refused form lost what was typed")
	}
	form.Set("account", "Twin")
	seller.post("/contacts", form).is(http.StatusUnprocessableEntity, "New contact").sees("Several accounts are called “Twin”")
	form.Set("account", "nordlys energi")
	contact := seller.post("/contacts", form).leadsTo("/records/")
	seller.get(contact).is(http.StatusOK, "Solberg").sees("Nordlys Energi")
	seller.get(recordAt(account, "")).sees("Contacts (1)", "Solberg", "Opportunities (0)", "Leads (0)")
	seller.get("/contacts?account="+account.ID.String()).sees("Solberg", "Nordlys Energi", "1 contact")

	edit := seller.get(contact + "/edit")
	if edit.value("account") != "Nordlys Energi" || edit.value("account.id") != account.ID.String() {
		t.Error("the form does not show the account by its name")
	}
	added := seller.get("/opportunities/new?account="+account.ID.String()).is(http.StatusOK, "New opportunity")
	if added.value("account") != "Nordlys Energi" || added.value("company") != "Nordlys Energi" {
		t.Error("the form of a new opportunity does not know its account")
	}
}

func TestRecordListPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for i := range 101 {
		h.record(access.Seller, record.Account, record.Values{"name": fmt.Sprintf("Account %03d", i)})
	}
	seller := h.as(access.Seller)
	page := seller.get("/accounts").sees("Account 000", "1 to 50 of 101")
	page = seller.get(page.link("Next")).sees("Account 050", "51 to 100 of 101").misses("Account 000")
	last := seller.get(page.link("Next")).sees("Account 100", "101 to 101 of 101")
	if last.link("Next") != "" {
		t.Error("there is a page after the last one")
	}
	middle := seller.get(last.link("Previous")).sees("Account 050", "51 to 100 of 101")
	seller.get(middle.link("Previous")).sees("Account 000", "1 to 50 of 101")
}

func TestCreateAndEditRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	seller.get("/leads/new").is(http.StatusOK, "New lead").labels("First name", "Last name", "Company", "Email", "Phone", "Time zone", "Do not email", "Owner")
	seller.post("/leads", url.Values{"first_name": {"Marta"}, "email": {"not an address"}, "value": {"lots"}}).
		is(http.StatusUnprocessableEntity, "New lead").sees("is not an email address", "is not a number")
	kept := seller.post("/leads", url.Values{"first_name": {"Marta"}, "email": {"not an address"}})
	if !strings.Contains(kept.Body, `value="Marta"`) || !strings.Contains(kept.Body, `value="not an address"`) {
		t.Error("the form forgot what was typed")
	}
	to := seller.post("/leads", url.Values{"first_name": {"Marta"}, "last_name": {"Lindqvist"}, "email": {"Marta@Nordlys.test"}, "do_not_phone": {"true"}}).leadsTo("/records/")
	seller.get(to).is(http.StatusOK, "Marta Lindqvist").sees("Marta Lindqvist is created.", "Do not phone", "Not on a sequence")

	form := seller.get(to+"/edit").is(http.StatusOK, "Edit Marta Lindqvist")
	rev := form.value("rev")
	seller.post(to, url.Values{"rev": {rev}, "first_name": {"Marta"}, "last_name": {"Berg"}}).leadsTo(to)
	seller.get(to).is(http.StatusOK, "Marta Berg").misses("Do not phone")
	seller.post(to, url.Values{"rev": {rev}, "last_name": {"Older"}}).
		is(http.StatusUnprocessableEntity, "").sees("Your changes are not saved", "Load the form anew")
	h.as(access.SequenceManager).post(to, url.Values{"last_name": {"Stolen"}}).is(http.StatusForbidden, "")
	seller.get("/records/rec_0000000000000").is(http.StatusNotFound, "")
}

func TestRecordPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist", "email": "marta@nordlys.test", "description": "Met at the fair"})
	h.connect(h.active("Inbound", waitStep, taskStep), lead)
	h.due(lead, "task", "Send the price list", 0)
	seller := h.as(access.Seller)
	seller.get(recordAt(lead, "")).is(http.StatusOK, "Marta Lindqvist").
		sees("Up next · Inbound, step 1 of 2", "Waits 2 days", "Skip wait", "Up next · added by hand", "Send the price list", "Met at the fair", "Connected to Inbound").
		labels("Add a note")

	seller.post(recordAt(lead, "/notes"), url.Values{"body": {""}}).is(http.StatusUnprocessableEntity, "Marta Lindqvist")
	seller.post(recordAt(lead, "/notes"), url.Values{"body": {"Wants a visit"}}).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("The note is added.", "Wants a visit")
	seller.post(recordAt(lead, "/notes"), url.Values{"body": {"More"}, "back": {"/work?kind=task"}}).leadsTo("/work?kind=task")

	seller.get(recordAt(lead, "/activities/new")).is(http.StatusOK, "Add activity").labels("Kind", "Name", "Due", "Who does it")
	seller.post(recordAt(lead, "/activities"), url.Values{"kind": {"task"}, "name": {""}, "due": {"tomorrow"}}).
		is(http.StatusUnprocessableEntity, "Add activity").sees("Choose a date and time.")
	seller.post(recordAt(lead, "/activities"), url.Values{"kind": {"phone_call"}, "name": {"Ring about the visit"}, "due": {"2031-05-06T10:15"}}).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("Ring about the visit", "6 May 2031")
}

func TestCloseAndReopenRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.connect(h.active("Inbound", taskStep), lead)
	seller := h.as(access.Seller)
	seller.get(recordAt(lead, "")).sees("Qualify", "Disqualify", "1 sequence ends for this lead")
	seller.post(recordAt(lead, "/status"), url.Values{"status": {"qualified"}}).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("is qualified", "This lead is closed", "Reopen", "Inbound ended: the record was closed").misses("Up next · Inbound")
	if left := h.work(); len(left) != 0 {
		t.Errorf("%d activities are left after closing", len(left))
	}
	seller.post(recordAt(lead, "/status"), url.Values{"status": {"open"}}).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("Not on a sequence")
}

func TestDeleteRecords(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	mine := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	other := h.record(access.SalesManager, record.Lead, record.Values{"last_name": "Herrera"})
	h.connect(h.active("Inbound", taskStep), mine)
	seller := h.as(access.Seller)
	ids := url.Values{"id": {mine.ID.String(), other.ID.String()}}
	seller.post("/leads/delete", ids).is(http.StatusOK, "Delete 2 leads?").sees("1 of them is connected to a sequence", "cannot be undone")
	dialog := seller.post("/leads/delete", ids, "HX-Request", "true").is(http.StatusOK, "").sees("Delete 2 leads?")
	if strings.Contains(dialog.Body, "<body") {
		t.Error("htmx gets a page instead of a dialog")
	}
	ids.Set("sure", "1")
	seller.post("/leads/delete", ids).is(http.StatusOK, "Not deleted").sees("Herrera", "you may delete only your own", "1 lead deleted.")
	seller.get("/leads").sees("Herrera").misses("Lindqvist")
	seller.post("/leads/delete", url.Values{}).leadsTo("/leads")
	seller.get("/leads").sees("Choose leads first")
}

func TestConnectFromList(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	one := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	two := h.record(access.Seller, record.Lead, record.Values{"last_name": "Herrera"})
	chosen := url.Values{"kind": {"lead"}, "id": {one.ID.String(), two.ID.String()}}
	seller.post("/connect/choose", chosen).is(http.StatusOK, "Connect 2 leads").sees("No active sequence for leads")

	inbound := h.active("Inbound", taskStep)
	h.active("Other", callStep, taskStep)
	h.connect(inbound, one)
	seller.post("/connect/choose", chosen).is(http.StatusOK, "Connect 2 leads").labels("Inbound", "Other").sees("1 step · 1 connected", "2 steps")
	seller.post("/connect", chosen).is(http.StatusUnprocessableEntity, "Connect 2 leads").sees("Choose a sequence.")
	chosen.Set("sequence", inbound.ID.String())
	seller.post("/connect/check", chosen).is(http.StatusOK, "Connect 2 leads").sees("1 will be connected, 1 will not", "Lindqvist: It is on this sequence already.")
	seller.post("/connect/check", chosen, "HX-Request", "true").is(http.StatusOK, "").sees("1 will be connected, 1 will not").misses("Other")
	seller.post("/connect", chosen).is(http.StatusOK, "Connected to Inbound").
		sees("1 lead is connected to “Inbound”.", "1 lead left out", "Lindqvist", "It is on this sequence already.")
	seller.get(recordAt(two, "")).sees("Up next · Inbound")
	seller.post("/connect/choose", url.Values{"kind": {"lead"}}).leadsTo("/leads")

	// and off again
	off := url.Values{"kind": {"lead"}, "id": {one.ID.String(), two.ID.String()}}
	seller.post("/disconnect/choose", off).is(http.StatusOK, "Disconnect 2 leads").labels("Take them off", "Inbound").sees("2 records")
	seller.post("/disconnect", off).leadsTo("/leads")
	seller.get("/leads").sees("No sequence was chosen")
	off.Set("from", inbound.ID.String())
	seller.post("/disconnect", off).leadsTo("/leads")
	seller.get("/leads").sees("2 records were disconnected.")
	seller.post("/disconnect/choose", off).sees("None of them is on a sequence")
}

// TestConnectUnmailed says of who cannot be emailed what becomes of the email steps, in each dialog and before the fact.
func TestConnectUnmailed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seller := h.as(access.Seller)
	one := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "do_not_email": "true", "email": "l@customer.test"})
	two := h.record(access.Seller, record.Lead, record.Values{"last_name": "Herrera"})
	inbound := h.active("Inbound", step.Step{ID: "write", Type: "email", Name: "Write to them"}, taskStep)
	chosen := url.Values{"kind": {"lead"}, "id": {one.ID.String(), two.ID.String()}, "sequence": {inbound.ID.String()}}
	words := []string{
		"2 leads cannot be emailed", "The record must not be emailed. Each email waits for the seller, who can skip it.", "Lindqvist",
		"The record has no email address. Each email step waits for a person, who adds an address or skips it.", "Herrera",
	}
	seller.post("/connect/check", chosen).is(http.StatusOK, "Connect 2 leads").sees(append(words, "All 2 leads can be connected.")...)
	seller.get(recordAt(one, "/connect")).sees("Lindqvist cannot be emailed", "The record must not be emailed.")
	manager := h.as(access.SequenceManager)
	manager.post(path(inbound.ID, "/connect/check"), chosen, "HX-Request", "true").is(http.StatusOK, "").sees(words...)
	manager.post(path(inbound.ID, "/connect/check"), chosen).is(http.StatusOK, "Connect leads to “Inbound”").sees(words...)
	seller.post("/connect", chosen).leadsTo("/leads")
	seller.get("/leads").sees("2 leads are connected to “Inbound”. 2 leads cannot be emailed.")
	seller.post("/connect", chosen).is(http.StatusOK, "Connected to Inbound").misses("cannot be emailed")
}

func TestConnectFromRecord(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"first_name": "Marta", "last_name": "Lindqvist"})
	inbound := h.active("Inbound", taskStep)
	seller := h.as(access.Seller)
	seller.get(recordAt(lead, "/connect")).is(http.StatusOK, "Connect Marta Lindqvist").sees("Marta Lindqvist can be connected.")
	seller.post("/connect", url.Values{"kind": {"lead"}, "name": {"Marta Lindqvist"}, "id": {lead.ID.String()}, "sequence": {inbound.ID.String()}, "back": {recordAt(lead, "")}}).
		leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("Marta Lindqvist is connected to “Inbound”.", "Schedule a meeting")
	seller.get(recordAt(lead, "/connect"), "HX-Request", "true").sees("Marta Lindqvist cannot be connected", "It is on this sequence already.")
}

func TestMoveEnrollment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.connect(h.active("Inbound", waitStep, taskStep), lead)
	live, err := h.app.ListEnrollments(t.Context(), h.actor(access.Admin), store.EnrollmentQuery{Record: lead.ID})
	if err != nil || len(live.Rows) != 1 {
		t.Fatalf("%d enrollments, %v", len(live.Rows), err)
	}
	at := "/enrollments/" + live.Rows[0].ID.String()
	seller := h.as(access.Seller)
	seller.get(recordAt(lead, "")).sees("Why is this here?")
	seller.get(at).sees("Lindqvist in Inbound", "Why it stands here", "What holds it", "can skip the wait", "What comes next", "Schedule a meeting", "All steps", "Days to go")
	if over := seller.get(at, "HX-Request", "true").sees("Show the whole path", "can skip the wait"); strings.Contains(over.Body, "<body") {
		t.Error("the explanation over the record is a whole page")
	}
	move := func(verb string, sees ...string) {
		t.Helper()
		seller.post(at+"/"+verb, url.Values{}).leadsTo(recordAt(lead, ""))
		seller.get(recordAt(lead, "")).sees(sees...)
	}
	move("pause", "Inbound: paused for this record.", "Paused by Seller Jones", "Resume")
	move("resume", "Inbound: goes on for this record.", "Skip wait")
	move("skip-wait", "Inbound: the wait is over.", "Schedule a meeting", "Complete")
	move("skip-wait", "does not stand in a wait")
	move("replied", "does not end on a reply")
	move("disconnect", "Inbound: disconnected.", "Disconnected from Inbound", "Not on a sequence")
	seller.get(at).sees("Disconnected by Seller Jones", "Ended").misses("What comes next")
	h.as(access.Seller).get("/enrollments/enr_0000000000000").is(http.StatusNotFound, "")
	h.as(access.Seller).post("/enrollments/enr_0000000000000/pause", url.Values{}).is(http.StatusNotFound, "")
}

func TestFailedStep(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	nurture := h.active("Nurture", taskStep)
	inbound := h.active("Inbound", taskStep, step.Step{ID: "next", Type: "advance", Config: step.Config{"to": "Nurture"}})
	lead := h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist"})
	h.connect(inbound, lead)
	if _, err := h.app.Deactivate(t.Context(), h.actor(access.Admin), nurture.ID, action.PauseRecords); err != nil {
		t.Fatal(err)
	}
	seller := h.as(access.Seller)
	seller.post(opened(h.work()[0], "/complete"), url.Values{}).leadsTo("/work")
	failed := h.work()[0]
	seller.get(opened(failed, "")).sees("This step could not run by itself", "Retry", "Done by hand", "Skip", "Failed")
	seller.get("/work?kind=failed").sees("Failed")
	seller.post(opened(failed, "/retry"), url.Values{}).leadsTo("/work")
	seller.get(recordAt(lead, "")).sees("This step could not run by itself")
	again := h.work()[0]
	seller.post(opened(again, "/complete"), url.Values{"note": {"Talked to them"}, "back": {recordAt(lead, "")}}).leadsTo(recordAt(lead, ""))
	seller.get(recordAt(lead, "")).sees("Talked to them", "Completed Inbound")
}

// link gives where the link of this name leads, "" when there is none.
func (a *answer) link(name string) string {
	for n := range a.doc.Descendants() {
		if n.Data == "a" && textOf(n) == name {
			for _, attr := range n.Attr {
				if attr.Key == "href" {
					return attr.Val
				}
			}
		}
	}
	return ""
}

// value gives what stands in the field of this name.
func (a *answer) value(name string) string {
	for n := range a.doc.Descendants() {
		var is bool
		var value string
		for _, attr := range n.Attr {
			is = is || attr.Key == "name" && attr.Val == name
			if attr.Key == "value" {
				value = attr.Val
			}
		}
		if is {
			return value
		}
	}
	return ""
}
