package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/record"
)

func TestFieldFilters(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "country": "Norway"}), "task", "Send the price list", -time.Hour)
	h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Okafor", "country": "Nigeria"}), "task", "Send the other list", -time.Hour)
	admin, seller := h.as(access.Admin), h.as(access.Seller)
	form := url.Values{
		"kind": {"lead"}, "name": {"From Norway"}, "group": {"Regions"}, "shared": {"1"},
		"field": {"country", "value", ""}, "op": {"in", ">=", "="}, "value": {"norway, Denmark", "lots", ""},
	}
	admin.get("/work-filters").is(http.StatusOK, "Filters of the work list").sees("No filter by fields yet", "Always there", "Hide for all")
	admin.get("/work-filters/new?kind=account").is(http.StatusOK, "New filter").labels("Field of row 1", "Value of row 2", "For everybody").sees("Accounts that fulfil all of this")
	admin.post("/work-filters", form).is(http.StatusUnprocessableEntity, "New filter").sees("Value is not a number")
	form["field"], form["op"], form["value"], form["more"] = form["field"][:1], form["op"][:1], form["value"][:1], []string{"1"}
	admin.post("/work-filters", form).is(http.StatusOK, "New filter").labels("Value of row 2")
	form.Del("more")
	admin.post("/work-filters", form).leadsTo("/work-filters")
	page := seller.get("/work-filters").sees("Regions", "From Norway", "Leads: Country is one of norway, Denmark", "For everybody").misses("Hide for all")

	seller.get("/work").sees("Regions", "From Norway", "Send the other list")
	id := regexp.MustCompile(`ffi_\w+`).FindString(page.Body)
	seller.get("/work?filter="+id).is(http.StatusOK, "Work list").sees("Send the price list", "From Norway ×").misses("Send the other list")
	gone := "ffi_" + strings.TrimPrefix(h.users[access.Seller].ID.String(), "usr_") // the id of none
	seller.get("/work?filter="+gone+"&filter=nonsense").is(http.StatusOK, "Work list").sees("Send the other list")
	admin.get("/work?filter=" + id + "&of=" + h.users[access.Seller].ID.String()).sees("Send the price list").misses("Send the other list")

	seller.get("/work-filters/"+id).is(http.StatusOK, "From Norway")
	seller.post("/work-filters/"+id, form).is(http.StatusForbidden, "")
	admin.post("/work-filters-hide", url.Values{"name": {id}, "hide": {"1"}, "all": {"1"}}).leadsTo("/work-filters")
	seller.get("/work").misses("From Norway")
	seller.get("/work-filters").sees("Hidden from all")
	admin.post("/work-filters-hide", url.Values{"name": {"kind"}, "hide": {"1"}, "all": {"1"}}).leadsTo("/work-filters")
	seller.get("/work").misses("LinkedIn")
	seller.post("/work-filters-hide", url.Values{"name": {"kind"}, "hide": {"0"}}).leadsTo("/work-filters")
	seller.get("/work-filters").sees("An admin hides it from everybody.")
	admin.post("/work-filters-groups/delete", url.Values{"group": {"Regions"}, "shared": {"1"}}).leadsTo("/work-filters")
	admin.get("/work-filters").sees("The group “Regions” is deleted with its filters.", "No filter by fields yet")
}

// Values of a filter are chosen on the work list, with a control of the field's type, and ride in its address.
func TestFilterValues(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Lindqvist", "country": "Norway", "stage": "new", "value": "500"}), "task", "Send the price list", -time.Hour)
	h.due(h.record(access.Seller, record.Lead, record.Values{"last_name": "Okafor", "country": "Nigeria", "stage": "close", "value": "9000"}), "task", "Send the other list", -time.Hour)
	seller := h.as(access.Seller)
	form := url.Values{
		"kind": {"lead"}, "name": {"Asked"}, "when_used": {"0", "1", "2"},
		"field": {"stage", "value", "country"}, "op": {"in", ">=", "="}, "value": {"new", "", ""},
	}
	seller.post("/work-filters", url.Values{"kind": {"lead"}, "when_used": {"0"}, "field": {"email"}, "op": {"filled"}, "value": {""}}).
		is(http.StatusUnprocessableEntity, "New filter").sees("takes no value")
	seller.post("/work-filters", form).leadsTo("/work-filters")
	page := seller.get("/work-filters").sees("Stage is one of new (chosen when used) and Value is at least … (chosen when used)")
	id := regexp.MustCompile(`ffi_\w+`).FindString(page.Body)
	seller.get("/work-filters/" + id).labels("Chosen when used in row 1")

	seller.get("/work").labels("Value is at least", "Country is").sees("Stage is one of", "Qualify")
	chosen := "/work?filter=" + id
	seller.get(chosen).is(http.StatusOK, "Work list").sees("Send the price list", "Asked: new ×").misses("Send the other list")
	value := "&value." + id
	seller.get(chosen+value+".0=").sees("Send the price list", "Send the other list") // none is ticked
	seller.get(chosen+value+".0=&"+value+".0=close").sees("Send the other list", "Asked: close ×").misses("Send the price list")
	seller.get(chosen+value+".0=&"+value+".1=600&"+value+".2=nigeria").sees("Send the other list", "Asked: 600 · nigeria ×").misses("Send the price list")
	seller.get(chosen+value+".0=&"+value+".1=lots").is(http.StatusUnprocessableEntity, "Work list").
		sees("Value is not a number", "Send the price list", "Send the other list")
	seller.get(chosen + value + ".1=20000").sees("Asked: new · 20,000 ×")
	tidied := seller.get("/work?due=&q=&name=&filter="+id+value+".0=close"+value+".2=", "HX-Request", "true").Header.Get("HX-Push-Url")
	if want := "/work?filter=" + id + value + ".0=close"; tidied != want {
		t.Errorf("the address is kept as %s, want %s", tidied, want)
	}
	seller.get("/work?"+value+".1=lots").is(http.StatusOK, "Work list") // the filter is not used

	seller.post("/work/views", url.Values{"name": {"Big ones"}, "filter": {id}, "value." + id + ".0": {""}, "value." + id + ".1": {"600"}}).
		leadsTo("/work?filter=" + id + "&value." + id + ".0=&value." + id + ".1=600")
	if page := seller.get("/work").sees("Big ones"); !strings.Contains(page.Body, "value."+id+".1=600") {
		t.Error("the saved filter does not lead to its values")
	}
}
