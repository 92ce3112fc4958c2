//go:build browser

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"testing"
)

// testNotifications has a colleague report a reply over the API while a seller looks on, and the seller read of it and turn a kind off.
func testNotifications(t *testing.T, chrome context.Context, _ string) {
	demo := startDemo(t)
	mia := signedIn(t, chrome, demo, "Mia Torres")
	call := mia.overTheAPI("notifications")

	anna := signedIn(t, chrome, demo, "Anna Berg")
	anna.open("/notifications")
	anna.clicks("button", "Mark all as read")
	anna.sees("All are marked as read.")
	anna.lacks("button", "Mark all as read")

	enrollment, name := enrollmentOf(t, call, "Anna Berg")
	call("POST", "/events", map[string]any{"enrollment": enrollment, "result": "replied"})
	anna.has("link", "Unread: "+name+" replied…")
	anna.has("link", "Notifications 1")
	anna.audit(axeSource(t))
	anna.clicks("link", "Unread: "+name+" replied…")
	anna.at("/records/")
	anna.has("heading", name)
	anna.has("link", "Notifications") // with no count
	anna.open("/notifications?show=unread")
	anna.sees("Nothing unread")
	anna.clicks("link", "Show all")
	anna.clicks("button", "Mark as unread")
	anna.has("link", "Notifications 1")

	anna.clicks("link", "Settings")
	anna.at("/profile")
	anna.clicks("checkbox", "Somebody handed you an activity")
	anna.clicks("button", "Save notifications")
	anna.sees("Saved what you are told of.")
	record := call("GET", "/enrollments/"+enrollment, nil)["record"].(map[string]any)["id"]
	ids := call("GET", "/users", nil)["data"].([]any)
	for _, u := range ids {
		user := u.(map[string]any)
		if user["name"] == "Anna Berg" || user["name"] == "Ben Okafor" {
			call("POST", "/activities", map[string]any{"record": record, "kind": "task", "name": "Compare the plans", "assignee": user["id"]})
		}
	}
	ben := signedIn(t, chrome, demo, "Ben Okafor")
	ben.open("/notifications")
	ben.has("link", "Unread: Mia Torres handed you “Compare the plans” for "+name)
	anna.open("/notifications")
	anna.seesNot("Compare the plans")

	// Anna looked at the record before; what Mia writes meanwhile is new to her, and stays so until the visit ends.
	anna.movesClock("+1 hour")
	call("POST", fmt.Sprint("/records/", record, "/notes"), map[string]any{"body": "They decide on Friday."})
	for range 2 {
		anna.open(fmt.Sprint("/records/", record))
		anna.sees("new since", "They decide on Friday.")
	}
	anna.clicks("link", "Calls")
	anna.seesNot("They decide on Friday.")
	anna.clicks("link", "Notes")
	anna.sees("They decide on Friday.")
	anna.audit(axeSource(t))
}

// apiCall asks the API and gives what it answers.
type apiCall func(method, path string, body any) map[string]any

// overTheAPI makes a token for the person, and a way to ask in their name.
func (p *person) overTheAPI(name string) apiCall {
	p.t.Helper()
	p.open("/profile")
	p.fills("What is it for?", name)
	p.clicks("button", "Create token")
	p.sees("The token is made")
	token, err := js[string](p, `document.getElementById("token-secret").value ?? document.getElementById("token-secret").textContent`)
	if err != nil {
		p.t.Fatal(err)
	}
	return func(method, path string, body any) map[string]any {
		p.t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			p.t.Fatal(err)
		}
		r, err := http.NewRequestWithContext(p.t.Context(), method, p.address+"/api/v1"+path, bytes.NewReader(text))
		if err != nil {
			p.t.Fatal(err)
		}
		if body == nil {
			r.Body = http.NoBody
		}
		r.Header.Set("Authorization", "Bearer "+token)
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			p.t.Fatal(err)
		}
		defer func() { _ = answer.Body.Close() }()
		var said map[string]any
		if err := json.NewDecoder(answer.Body).Decode(&said); err != nil || answer.StatusCode >= 300 {
			p.t.Fatalf("%s %s: %s, %v, %v", method, path, answer.Status, said, err)
		}
		return said
	}
}

// enrollmentOf finds an active enrollment of a record of the owner to which a mail was sent, and the record's name.
func enrollmentOf(t *testing.T, call apiCall, owner string) (id, name string) {
	t.Helper()
	for _, row := range call("GET", "/messages?state=sent&channel=email&limit=200", nil)["data"].([]any) {
		m := row.(map[string]any)
		enrollment, _ := m["enrollment"].(string)
		if enrollment == "" {
			continue
		}
		e := call("GET", fmt.Sprint("/enrollments/", enrollment), nil)
		record := e["record"].(map[string]any)
		whole := call("GET", fmt.Sprint("/records/", record["id"]), nil)
		if by, _ := whole["owner"].(map[string]any); e["status"] == "active" && by != nil && by["name"] == owner {
			return fmt.Sprint(e["id"]), fmt.Sprint(record["name"])
		}
	}
	t.Fatal("no mail of an active enrollment was sent for " + owner)
	return "", ""
}
