package web

import (
	"net/http"
	"slices"

	"cadenza/internal/action"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// receivedPrefix is the page of all mail that came in.
const receivedPrefix = "/received"

// receivedList is the state of the page of mail that came in.
type receivedList struct {
	Query store.ReceivedQuery
	// Mine narrows to the reader's own mailbox.
	Mine        bool
	Page        store.Page[store.Received]
	First, Next string
}

func (l receivedList) narrowed() bool { return l.Query.Class != "" || l.Mine }

func (s *Server) showReceivedList(w http.ResponseWriter, r *http.Request) error {
	l := receivedList{Query: store.ReceivedQuery{Class: message.Class(text(r, "class")), Cursor: text(r, "cursor")}, Mine: text(r, "owner") == "mine"}
	if !slices.Contains(message.Classes(), l.Query.Class) {
		l.Query.Class = ""
	}
	if l.Mine {
		l.Query.User = actorOf(r).ID
	}
	var err error
	if l.Page, err = s.app.ListReceived(r.Context(), actorOf(r), l.Query); err != nil {
		return err
	}
	if l.Query.Cursor != "" {
		l.First = withQuery(r, "cursor", "")
	}
	if l.Page.Next != "" {
		l.Next = withQuery(r, "cursor", l.Page.Next)
	}
	v := s.view(r)
	if isFragment(r) {
		return s.fragment(w, r, 0, receivedResults(v, l))
	}
	return s.render(w, r, page{Title: "Received"}, receivedListPage(v, l))
}

func receivedFilters(l receivedList) []ui.Filter {
	classes := []ui.Option{{Label: "Everything"}}
	for _, c := range message.Classes() {
		classes = append(classes, ui.Option{Value: string(c), Label: c.Label()})
	}
	return []ui.Filter{
		{Name: "class", Label: "What", Value: string(l.Query.Class), Options: classes},
		{Name: "owner", Label: "To", Value: mineValue(l.Mine), Options: []ui.Option{{Label: "Everybody"}, {Value: "mine", Label: "You"}}},
	}
}

func receivedTable(v view, l receivedList) ui.TableProps {
	t := ui.TableProps{Caption: "Received mail", Columns: []ui.Column{{Label: "From", Wide: true}, {Label: "What"}, {Label: "About"}, {Label: "What came of it", HidePhone: true}, {Label: "When"}}}
	for _, one := range l.Page.Rows {
		about := ui.Cell{Text: "A deleted record", Soft: true}
		if one.RecordName != "" {
			about = ui.Cell{Text: one.RecordName, Href: recordPath(one.Record)}
		}
		from := orElse(one.SenderName, one.Sender)
		t.Rows = append(t.Rows, ui.Row{ID: one.ID.String(), Label: from, Cells: []ui.Cell{
			{Text: from, Sub: one.Subject, Href: receivedPath(one.ID)},
			{Content: ui.Badge(receivedView{Received: one}.badge())},
			about,
			cameOf(one),
			{Content: ui.Time(v.at(one.CreatedAt))},
		}})
	}
	return t
}

// cameOf says what a received mail means and what came of it.
func cameOf(v store.Received) ui.Cell {
	title, _ := action.ReceivedMeans(v)
	came := action.WhatCameOf(v)
	if came == "" {
		return ui.Cell{Text: title, Soft: true}
	}
	return ui.Cell{Text: came, Sub: title, Href: enrollmentPath(v.Enrollment)}
}
