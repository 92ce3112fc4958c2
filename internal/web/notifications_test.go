package web_test

import (
	"bufio"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/record"
	"cadenza/internal/store"
)

// TestNotificationsPage has the seller be told of what the admin hands over, read it, and turn it off.
func TestNotificationsPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rec := h.record(access.Seller, record.Lead, record.Values{"last_name": "Cole"})
	give := func(name string) {
		t.Helper()
		_, err := h.app.CreateActivity(t.Context(), h.actor(access.Admin), action.NewActivity{Record: rec.ID, Kind: "task", Name: name, Assignee: h.actor(access.Seller).ID})
		if err != nil {
			t.Fatal(err)
		}
	}
	c := h.as(access.Seller)
	c.get("/notifications").is(http.StatusOK, "Notifications").sees("Nothing to tell you yet")
	give("Call back")
	give("Send the offer")
	c.get("/notifications").is(http.StatusOK, "Notifications").sees("handed you “Send the offer” for Cole", "Mark all as read")
	list, err := h.app.Notifications(t.Context(), h.actor(access.Seller), action.NotificationQuery{})
	if err != nil || len(list.Rows) != 2 {
		t.Fatalf("%d notifications, %v", len(list.Rows), err)
	}
	newest := list.Rows[0]
	c.get("/notifications/" + newest.ID.String()).leadsTo("/work/" + newest.Activity.String())
	h.as(access.Admin).get("/notifications/"+newest.ID.String()).is(http.StatusNotFound, "Not found")
	c.get("/notifications?show=unread").is(http.StatusOK, "Notifications").sees("Call back").misses("Send the offer")
	c.post("/notifications/"+newest.ID.String()+"/read", url.Values{"on": {"0"}, "show": {"unread"}}).leadsTo("/notifications?show=unread")
	c.post("/notifications/read", url.Values{"up_to": {newest.ID.String()}}).leadsTo("/notifications")
	c.get("/notifications?show=unread").is(http.StatusOK, "Notifications").sees("Nothing unread")

	on := url.Values{}
	for _, k := range store.NotificationKinds() {
		if k != store.NotifyHandover {
			on.Set("notify_"+string(k), "on")
		}
	}
	on.Set("digest", "07:00")
	c.post("/profile/notifications", on).leadsTo("/profile#notifications")
	c.get("/profile").is(http.StatusOK, "Profile").sees("Digest by mail on working days", "you have none yet")
	on.Set("digest", "noon")
	c.post("/profile/notifications", on).is(http.StatusUnprocessableEntity, "Profile").sees("The digest goes out from a full hour on")
	give("Not told of")
	c.get("/notifications?show=unread").is(http.StatusOK, "Notifications").sees("Nothing unread")
}

// TestStream holds that a page hears of a notification on the stream that it has anyway.
func TestStream(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	rec := h.record(access.Seller, record.Lead, record.Values{"last_name": "Cole"})
	c := h.as(access.Seller)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.base+"/live", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := c.http.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	lines := bufio.NewScanner(answer.Body)
	hears := func(want string) {
		t.Helper()
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), want) {
				return
			}
		}
		t.Fatalf("the stream ended before %q: %v", want, lines.Err())
	}
	hears("event: work")
	hears("event: notifications")
	hears("data: 0-0")
	_, err = h.app.CreateActivity(t.Context(), h.actor(access.Admin), action.NewActivity{Record: rec.ID, Kind: "task", Name: "Call back", Assignee: h.actor(access.Seller).ID})
	if err != nil {
		t.Fatal(err)
	}
	hears("event: notifications")
	hears("data: 1-")
}
