//go:build browser

package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// call phones, wants an outcome, and completes with a note.
func call(p *person) {
	p.t.Helper()
	dialer := p.in("region", "Call Paula Probe")
	dialer.has("link", "+49 711 654321")
	p.clicks("button", "Complete")
	p.until("be asked how the call ended", func() (bool, string) {
		missing, err := callOn[bool](p, p.find("radio", "Connected"), `function() { return !this.validity.valid }`)
		return missing && err == nil, "the outcome is not marked"
	})
	p.clicks("radio", "Connected")
	p.fills("Note", "Wants an offer for two sites")
	p.clicks("button", "Complete")
	p.sees("“Ring up” is completed.")
	p.in("region", "Work list").lacks("link", "Paula Probe…")
}

// handOver skips a call with a reason, and gives the lead's next activity to the other seller.
func handOver(p, other *person) {
	p.t.Helper()
	p.open("/work?q=Otto+Ohne")
	p.has("heading", "Otto Ohne")
	p.clicks("button", "More actions for Ring up")
	p.clicks("button", "Hand over")
	dialog := p.in("dialog", "Hand over “Ring up”")
	dialog.chooses("Who does it", "Ben Okafor")
	dialog.clicks("button", "Hand over")
	p.sees("“Ring up” is handed to Ben Okafor.")
	p.sees("Nothing fits these filters")
	other.open("/work?q=Otto+Ohne")
	other.has("heading", "Otto Ohne")
	other.clicks("link", "Skip")
	skip := other.in("dialog", "Skip “Ring up”?")
	skip.sees("The sequence goes on with its next step.")
	skip.fills("Why?", "Already called")
	skip.clicks("button", "Skip")
	other.sees("“Ring up” is skipped.")
	other.sees("Nothing fits these filters")
}

// movesClock moves the demo's clock and waits until a page that is newer than the press says so, in the words given.
func (p *person) movesClock(button string, words ...string) {
	p.t.Helper()
	p.marksPage()
	p.clicks("button", button)
	p.isNewPage()
	p.sees(append(words, "It is ", "Emails sent meanwhile:")...)
}

var ahead = regexp.MustCompile(`(?:(\d+) days? )?(?:(\d+) hours? )?ahead`)

// hoursAhead reads how far the demo's clock is ahead.
func (p *person) hoursAhead() int {
	p.t.Helper()
	said := ahead.FindStringSubmatch(p.text())
	if said == nil {
		p.t.Fatalf("the page does not say how far the clock is ahead: %s", p.text())
	}
	days, _ := strconv.Atoi(said[1]) // "" is none
	hours, _ := strconv.Atoi(said[2])
	return 24*days + hours
}

// marksPage makes the present page known again, for isNewPage.
func (p *person) marksPage() {
	p.t.Helper()
	if _, err := js[bool](p, "window.markedByTest = true"); err != nil {
		p.t.Fatalf("mark the page: %v", err)
	}
}

// isNewPage waits until another page than the marked one is there, so that what she then sees is not the old one's.
func (p *person) isNewPage() {
	p.t.Helper()
	p.until("come to a new page", func() (bool, string) {
		same, err := js[bool](p, "window.markedByTest === true")
		return err == nil && !same, "it is still the old one"
	})
}

// writeEmail opens the composer with the template filled in, changes it and sends it.
func writeEmail(p *person) {
	p.t.Helper()
	p.showsSoon("/work?q=Paula+Probe", "Send the offer")
	p.clicks("link", "Write email")
	form := p.in("form", "Email to Paula Probe")
	form.holds("To", "paula@main.test")
	form.holds("Subject", "Our offer for Probe & Co")
	p.until("see the template's paragraphs, and the signature below", func() (bool, string) {
		html, err := js[string](p, `document.querySelector("trix-editor").value`)
		return err == nil && strings.Contains(html, "Hello Paula,<br><br>"), html
	})
	form.sees("Anna Berg Cadenza demo")
	form.fills("Subject", "Our offer for both sites", "Text", "Dear Paula, here is our offer for both sites.")
	form.has("checkbox", "Offer.pdf") // the template's
	terms := filepath.Join(p.t.TempDir(), "Terms.txt")
	if err := os.WriteFile(terms, []byte("Terms"), 0o600); err != nil {
		p.t.Fatal(err)
	}
	form.uploads("Attach files…", terms) // at once, or with the form
	form.clicks("button", "Send")
	p.sees("on its way")
	p.showsSoon("/outbox?q=both+sites", "Our offer for both sites", "Sent")
	p.clicks("link", "Our offer for both sites…")
	p.has("link", "Offer.pdf", "link", "Terms.txt")
	p.clicks("link", "Plain text")
	p.sees("Dear Paula, here is our offer for both sites.")
}

// nextMorningOffered is the choice of the next working morning. The demo begins on any day from Monday to Friday, so it is
// called Tomorrow morning or Monday morning.
const nextMorningOffered = "… morning…"

// snoozeTask puts a task off, does it when it comes back, and the sequence is complete.
func snoozeTask(p *person) {
	p.t.Helper()
	p.showsSoon("/work?q=Paula+Probe", "Book a meeting")
	p.clicks("link", "Snooze")
	p.in("dialog", "Snooze “Book a meeting”").clicks("button", nextMorningOffered)
	p.sees("“Book a meeting” comes back ")
	p.sees("Nothing fits these filters")
	for days := 0; days < 3 && !p.offers("link", "Snooze"); days++ { // over a weekend at most
		p.movesClock("+1 day")
	}
	p.showsSoon("/work?q=Paula+Probe", "Book a meeting")
	p.fills("Note", "Meeting on Friday at ten")
	p.clicks("button", "Complete")
	p.sees("“Book a meeting” is completed.")
}

// tells reads the whole story in the timeline of the lead.
func (p *person) tells(lead string) {
	p.t.Helper()
	p.showsSoon(lead, "Not on a sequence", "Completed "+mainWay)
	p.sees("Connected to "+mainWay+", version 1", "sent from anna@demo.test", "Ring up: connected", "Wants an offer for two sites", "Waited 1 day",
		"Send the offer", "Book a meeting", "Meeting on Friday at ten")
}

// moveToNext moves the clock as far as something waits: the lead, which now rests for two weeks before its next email.
func moveToNext(p *person, lead string) {
	p.t.Helper()
	p.connects(lead, "Paula Probe", "Nurture")
	p.open("/sequences")
	connected := p.hoursAhead()
	p.movesClock("+1 hour", "Emails sent meanwhile: 0.")
	p.movesClock("Next due", "Emails sent meanwhile: 1.")
	// The demo begins on a working day, so how far ahead it is depends on today; the bar rounds to hours.
	if waited := p.hoursAhead() - connected; waited < 14*24-1 || waited > 14*24+1 {
		p.t.Errorf("the clock moved by %d hours, want two weeks", waited)
	}
	p.at("/sequences")
	p.clicks("link", mainWay)
	p.clicks("link", "Connected records…")
	p.in("table", "Connected records").sees("Otto Ohne")
	p.clicks("link", "Finished")
	p.in("table", "Connected records").sees("Paula Probe", "Completed")
}
