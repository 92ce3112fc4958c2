package action

import (
	"fmt"
	"html"
	"strings"

	"cadenza/internal/store"
)

// counted is "3 activities due", "" for none.
func counted(n int, one, many string) string {
	switch n {
	case 0:
		return ""
	case 1:
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// joinWords puts parts behind each other that are not empty.
func joinWords(parts ...string) string {
	var said []string
	for _, p := range parts {
		if p != "" {
			said = append(said, p)
		}
	}
	return strings.Join(said, ", ")
}

// digestLine is a line of a digest, with what more there is to say in a softer voice.
type digestLine struct{ text, soft, path string }

// digestPart is a heading with its lines.
type digestPart struct {
	title string
	lines []digestLine
	more  string
}

// parts are what stands in the mail, in its order: what happened, then what is to be done.
func (t digestText) parts() []digestPart {
	var parts []digestPart
	if len(t.told) > 0 {
		p := digestPart{title: "What is new"}
		for _, n := range t.told {
			title, _ := Told(n)
			p.lines = append(p.lines, digestLine{title, n.At.In(t.zone).Format("Mon 15:04"), "/notifications/" + n.ID.String()})
		}
		if t.more {
			p.more = "There is more: see your notifications."
		}
		parts = append(parts, p)
	}
	if len(t.work) > 0 {
		p := digestPart{title: "What is due"}
		if t.overdue > 0 {
			p.title += fmt.Sprintf(" (%d overdue)", t.overdue)
		}
		for _, a := range t.work {
			p.lines = append(p.lines, digestLine{a.RecordName + ": " + a.Name, t.dueWords(a), "/work/" + a.ID.String()})
		}
		if rest := t.overdue + t.today - len(t.work); rest > 0 {
			p.more = fmt.Sprintf("And %d more.", rest)
		}
		parts = append(parts, p)
	}
	return parts
}

func (t digestText) dueWords(a store.Activity) string {
	due := a.DueAt.In(t.zone)
	if a.DueAt.Before(t.now) {
		return "since " + due.Format("Mon 2 Jan")
	}
	return due.Format("15:04")
}

// goodbye says where the digest is turned off; without an address of the server there is nothing to link to.
const goodbye = "You asked for this digest. Turn it off under Profile, Notifications"

func (t digestText) plain() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Hello %s,\n", t.name)
	for _, p := range t.parts() {
		fmt.Fprintf(&b, "\n%s\n", p.title)
		for _, l := range p.lines {
			fmt.Fprintf(&b, "- %s (%s)\n", l.text, l.soft)
		}
		if p.more != "" {
			fmt.Fprintf(&b, "%s\n", p.more)
		}
	}
	b.WriteString("\n")
	if t.base != "" {
		fmt.Fprintf(&b, "Work list: %s/work\n", t.base)
	}
	b.WriteString(goodbye)
	if t.base != "" {
		fmt.Fprintf(&b, ": %s/profile#notifications", t.base)
	}
	return b.String() + ".\n"
}

func (t digestText) html() string {
	var b strings.Builder
	fmt.Fprintf(&b, "<p>Hello %s,</p>", html.EscapeString(t.name))
	for _, p := range t.parts() {
		fmt.Fprintf(&b, "<h3>%s</h3><ul>", html.EscapeString(p.title))
		for _, l := range p.lines {
			fmt.Fprintf(&b, "<li>%s <span>(%s)</span></li>", t.link(l.path, l.text), html.EscapeString(l.soft))
		}
		b.WriteString("</ul>")
		if p.more != "" {
			fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(p.more))
		}
	}
	if t.base != "" {
		fmt.Fprintf(&b, "<p>%s</p>", t.link("/work", "Open the work list"))
	}
	fmt.Fprintf(&b, "<p>%s.</p>", t.link("/profile#notifications", goodbye))
	return b.String()
}

// link leads to a page of the server, where its address is known.
func (t digestText) link(path, text string) string {
	text = html.EscapeString(text)
	if t.base == "" {
		return text
	}
	return fmt.Sprintf(`<a href="%s">%s</a>`, html.EscapeString(t.base+path), text)
}
