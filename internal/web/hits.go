package web

import (
	"net/http"
	"strings"

	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// countHit takes a person's word that a hit counts which was taken for a machine's.
func (s *Server) countHit(w http.ResponseWriter, r *http.Request) error {
	var id ident.Message
	var which ident.Hit
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := readID(r.PathValue("hit"), &which); err != nil {
		return err
	}
	h, err := s.app.CountHit(r.Context(), actorOf(r), id, which)
	if err != nil {
		return err
	}
	s.say(r, "The "+h.Kind().String()+" counts now.")
	return s.redirect(w, r, messagePath(id))
}

// engagement says what customers did with a mail: "opened 3 times, 1 click, downloaded offer.pdf"; "" for nothing.
func engagement(opens, clicks int, downloaded []string) string {
	var parts []string
	switch {
	case opens == 1:
		parts = append(parts, "opened once")
	case opens > 1:
		parts = append(parts, "opened "+ui.Count(opens)+" times")
	}
	if clicks > 0 {
		parts = append(parts, plural(clicks, "click", "clicks"))
	}
	if len(downloaded) > 0 {
		parts = append(parts, "downloaded "+strings.Join(downloaded, " and "))
	}
	return strings.Join(parts, ", ")
}

// engagementFact is the line of a message's facts about that; ok is false where there is none to give.
func engagementFact(m store.Message) (f ui.Fact, ok bool) {
	switch {
	case m.State != store.MessageSent, m.Channel == message.TextChannel:
		return f, false
	case !m.Tracked:
		return ui.Fact{Label: "Followed", Value: "No"}, true
	case m.Opens+m.Clicks+m.Downloads == 0:
		return ui.Fact{Label: "Followed", Value: "Not opened yet"}, true
	}
	return ui.Fact{Label: "Followed", Value: sentenceCase(engagement(m.Opens, m.Clicks, m.Downloaded))}, true
}

func (m messageView) hitTable(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Opens, clicks and downloads", Columns: []ui.Column{{Label: "What"}, {Label: "When"}, {Label: "Counts", Wide: true}}}
	for _, h := range m.Hits {
		t.Rows = append(t.Rows, ui.Row{ID: h.ID.String(), Label: hitTitle(h), Cells: []ui.Cell{
			{Text: hitTitle(h), Sub: orElse(h.FileName, h.URL)}, {Content: ui.Time(v.exact(h.At))}, {Content: hitVerdict(m, h)},
		}})
	}
	return t
}

func hitTitle(h store.Hit) string {
	switch h.Kind() {
	case hit.Open:
	case hit.Click:
		return "Link followed"
	case hit.Download:
		return "File downloaded"
	}
	return "Opened"
}
