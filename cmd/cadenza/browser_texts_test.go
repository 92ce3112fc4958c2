//go:build browser

package main

import (
	"context"
	"testing"
)

// testTexts sends text messages through the demo's provider: one by itself, and one by hand that a seller writes.
func testTexts(t *testing.T, chrome context.Context, demo string) {
	anna := signedIn(t, chrome, demo, "Anna Berg")
	lead := anna.createsLead("Tara", "Text", "tara@text.test", "+49 711 654321")
	anna.connects(lead, "Tara Text", "Trade fair follow-up")
	anna.showsSoon("/outbox?channel=text&q=tara", "Hello Tara, Anna from Cadenza here.", "Text message, 1 part", "Sent")

	anna.showsSoon(lead, "Text message Hello by text sent from Cadenza")
	anna.clicks("button", "Skip wait")
	anna.sees("the wait is over.")
	anna.showsSoon(lead, "Write text message")
	anna.clicks("link", "Write text message…")
	anna.sees("From Cadenza. Sending completes the activity.")
	anna.fills("Text", "Hello Tara, ten o'clock tomorrow?")
	anna.sees("33 characters · 1 part")
	anna.clicks("button", "Send…")
	anna.sees("The text message to +49711654321 is on its way.")
	anna.showsSoon(lead, "Text message Announce the call sent from Cadenza", "Call after the fair")
}
