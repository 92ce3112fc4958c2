package web

import (
	"context"
	"net/http"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// countedUpTo is where the outbox stops counting; see action.MessageCounts.
const countedUpTo = 10_000

// outboxList is one page of the outbox.
type outboxList struct {
	Query store.MessageQuery
	// Mine narrows to the reader's own mail.
	Mine   bool
	Page   store.Page[store.Message]
	Counts map[store.MessageState]int
	// Bounced counts those that bounced.
	Bounced int
	// Names are the users' names by id.
	Names map[ident.User]string
	// First and Next lead to the first page and the one after this, "" where there is none.
	First, Next string
	// Held says since when sending is held after a restore, and what its release would let go.
	Held store.ReleaseForecast
	// Tabs gives the address of each tab by its state.
	Tabs map[string]string
}

// bouncedState asks for sent messages that bounced. To the store they are sent; to people that is not the news.
const bouncedState = "bounced"

// state names what is shown, as the addresses of the tabs do.
func (l outboxList) state() string {
	switch {
	case len(l.Query.Bounced) > 0:
		return bouncedState
	case l.Query.State == 0:
		return allStates
	}
	return l.Query.State.String()
}

func (l outboxList) narrowed() bool {
	return l.Query.Search != "" || l.Mine || l.Query.Channel != "" || l.Query.OnRelease != ""
}

func (s *Server) showOutbox(w http.ResponseWriter, r *http.Request) error {
	actor, v := actorOf(r), s.view(r)
	l := outboxList{
		Query: store.MessageQuery{State: messageState(text(r, "state")), Search: text(r, "q"), Cursor: text(r, "cursor"), Channel: channelOf(r)},
		Mine:  text(r, "owner") == "mine", Tabs: map[string]string{},
	}
	if on := store.OnRelease(text(r, "release")); on == store.GoesOnRelease || on == store.DoubtOnRelease {
		l.Query.OnRelease = on
	}
	if text(r, "state") == bouncedState {
		l.Query.Bounced = store.Bounces()
	}
	if l.Mine {
		l.Query.User = actor.ID
	}
	l.Tabs[allStates], l.Tabs[bouncedState] = withQuery(r, "state", allStates, "release", ""), withQuery(r, "state", bouncedState, "release", "")
	for _, state := range store.MessageStates() {
		l.Tabs[state.String()] = withQuery(r, "state", state.String(), "release", "")
	}
	var err error
	if l.Bounced, err = s.app.CountBounced(r.Context(), actor); err != nil {
		return err
	}
	if l.Counts, err = s.app.MessageCounts(r.Context(), actor); err != nil {
		return err
	}
	if l.Held, err = s.app.ReleaseForecast(r.Context(), actor); err != nil {
		return err
	}
	l.open(text(r, "state"))
	if l.Page, err = s.app.ListMessages(r.Context(), actor, l.Query); err != nil {
		return err
	}
	if l.Names, err = s.userNames(r); err != nil {
		return err
	}
	if l.Query.Cursor != "" {
		l.First = withQuery(r)
	}
	if l.Page.Next != "" {
		l.Next = withQuery(r, "cursor", l.Page.Next)
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, outboxResults(v, l))
	}
	keys := []ui.KeyHint{{Key: "/", Does: "Search"}}
	return s.render(w, r, page{Title: "Outbox", Keys: keys}, outboxPage(v, l))
}

// allStates asks for the messages of all states, newest first.
const allStates = "all"

// open chooses what is shown: the queue, in its order, while anything waits and nothing else was asked for.
func (l *outboxList) open(state string) {
	if state == "" && !l.narrowed() && l.Counts[store.MessageQueued] > 0 {
		l.Query.State = store.MessageQueued
	}
	l.Query.Queue = l.Query.State == store.MessageQueued
}

// userNames gives the names of all users by id.
func (s *Server) userNames(r *http.Request) (map[ident.User]string, error) {
	users, err := s.app.ListUsers(r.Context(), actorOf(r))
	names := make(map[ident.User]string, len(users))
	for _, u := range users {
		names[u.ID] = u.Name
	}
	return names, err
}

// messageState reads a state by its name; an unknown one is 0, which means all.
func messageState(name string) store.MessageState {
	for _, state := range store.MessageStates() {
		if state.String() == name {
			return state
		}
	}
	return 0
}

// outboxTabs leads to the messages of each state.
func (l outboxList) outboxTabs() ui.TabsProps {
	p := ui.TabsProps{Label: "Messages by state"}
	add := func(label, state string, n int) {
		tab := ui.Tab{Label: label, Href: l.Tabs[state], Current: l.state() == state}
		switch {
		case n >= countedUpTo:
			tab.Count = ui.Count(countedUpTo) + "+"
		case n > 0:
			tab.Count = ui.Count(n)
		}
		p.Tabs = append(p.Tabs, tab)
	}
	add("All", allStates, 0)
	for _, state := range store.MessageStates() {
		add(stateWord(state), state.String(), l.Counts[state])
		if state == store.MessageSent {
			add("Bounced", bouncedState, l.Bounced)
		}
	}
	return p
}

// stateWord names a state on its tab: what is queued is what people wait for.
func stateWord(state store.MessageState) string {
	if state == store.MessageQueued {
		return "Waiting"
	}
	return sentenceCase(state.String())
}

// queue is the table of what waits, in the order in which it will go.
func (l outboxList) queue(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Messages that wait", Columns: []ui.Column{
		{Label: "Goes out"}, {Label: "Message"}, {Label: "To"}, {Label: "From", HidePhone: true}, {Label: "Why it waits", Wide: true},
	}}
	for _, m := range l.Page.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: m.ID.String(), Label: messageTitle(m), Cells: []ui.Cell{
			{Content: messageWhen(v, m)},
			{Text: messageTitle(m), Href: messagePath(m.ID), Sub: textWord(m)},
			{Text: recipientName(m), Sub: m.Recipient},
			{Text: orElse(l.Names[m.User], m.Sender), Soft: true},
			{Text: action.WhyWaiting(m, v.Now), Soft: m.Reason == ""},
		}})
	}
	return t
}

func (l outboxList) table(v view) ui.TableProps {
	t := ui.TableProps{Caption: "Messages", Columns: []ui.Column{
		{Label: "Message", Wide: true}, {Label: "To"}, {Label: "From", HidePhone: true}, {Label: "State"}, {Label: "When"},
	}}
	for _, m := range l.Page.Rows {
		t.Rows = append(t.Rows, ui.Row{ID: m.ID.String(), Label: messageTitle(m), Cells: []ui.Cell{
			{Text: messageTitle(m), Href: messagePath(m.ID), Sub: joined(" · ", textWord(m), m.Reason, m.Bounce.Detail, engagement(m.Opens, m.Clicks, m.Downloaded))},
			{Text: recipientName(m), Sub: m.Recipient},
			{Text: orElse(l.Names[m.User], m.Sender), Soft: true},
			{Badge: messageBadge(m)},
			{Content: messageWhen(v, m)},
		}})
	}
	return t
}

// messageTitle is the subject, or what is known before the mail is written: its template.
func messageTitle(m store.Message) string {
	if m.Channel == message.TextChannel {
		return textTitle(m)
	}
	if m.Subject == "" && m.Template != "" {
		return "Email from template " + m.Template
	}
	return orElse(m.Subject, "No subject")
}

// messageBadge shows a state with its meaning.
func messageBadge(m store.Message) *ui.BadgeProps {
	b := ui.BadgeProps{Text: sentenceCase(m.State.String()), Dot: true}
	switch m.State {
	case store.MessageQueued:
		b.Tone, b.Title = ui.Blue, "It goes out by itself when its time has come."
	case store.MessageHeld:
		b.Tone, b.Title = ui.Amber, "The record's sequence is paused."
	case store.MessageSending:
		b.Tone, b.Title = ui.Blue, "It is being handed over."
	case store.MessageSent:
		b.Tone, b.Title = ui.Green, "The mail server or the provider has taken it."
		if back, ok := bounceWords(m.Bounce); ok {
			b.Text, b.Tone, b.Title = back.Badge, back.Tone, back.Title+"."
		}
	case store.MessageFailed:
		b.Tone, b.Title = ui.Red, "It cannot be sent as it is."
	case store.MessageWithdrawn:
		b.Tone, b.Title = ui.Neutral, "It is not needed any more and will not be sent."
	case store.MessageUnknown:
		b.Tone, b.Title = ui.Amber, "Nobody knows whether it was sent. A person has to decide."
	}
	return &b
}

// filters are those above the table. What happens on release is asked only while something is held.
func (l outboxList) filters() []ui.Filter {
	list := []ui.Filter{
		{Name: "owner", Label: "From", Value: mineValue(l.Mine), Options: []ui.Option{{Label: "Everybody"}, {Value: "mine", Label: "You"}}},
		{Name: "channel", Label: "Of", Value: string(l.Query.Channel), Options: channelOptions()},
	}
	if !l.Held.Since.IsZero() && l.Query.State == store.MessageQueued {
		list = append(list, ui.Filter{Name: "release", Label: "On release", Value: string(l.Query.OnRelease), Options: []ui.Option{
			{Label: "All"}, {Value: string(store.GoesOnRelease), Label: "Goes out"}, {Value: string(store.DoubtOnRelease), Label: "Waits for a word"},
		}})
	}
	return list
}

// releasePath leads to what waits and goes out on release, or comes to wait for a person's word.
func releasePath(o store.OnRelease) string { return "/outbox?state=queued&release=" + string(o) }

// heldWords says on the outbox what is held, and what its release does.
func (l outboxList) heldWords(v view) string {
	return "Since " + l.Held.Since.In(v.Zone).Format("2 Jan, 15:04") + ". On release " + l.releaseWords() +
		" Before that, give the server time to read the mailboxes, enter opt-outs that are missing, and say of the unknown ones what became of them."
}

func (l outboxList) releaseWords() string {
	goes, doubt := "nothing that waits would go out", ""
	if n := int(l.Held.Goes); n > 0 {
		goes = messagesWord(n) + " would go out, as windows and limits allow"
	}
	if n := int(l.Held.Doubt); n > 0 {
		doubt = "; " + messagesWord(n) + " may have been sent before the restore, and would wait for a person's word"
	}
	return goes + doubt + "."
}

func messagesWord(n int) string {
	if n == 1 {
		return "1 message"
	}
	return ui.Count(n) + " messages"
}

// pagination leads through the outbox. A cursor only leads on, so the way back is to the first page.
func (l outboxList) pagination() ui.PaginationProps {
	return ui.PaginationProps{Prev: l.First, Next: l.Next, Label: "Pages of messages"}
}

// waitingMail counts the messages that the reader has to decide about: those whose sending was cut off.
func (s *Server) waitingMail(ctx context.Context, actor access.Actor) (int, error) {
	if !access.May(actor, access.ReadMessages) {
		return 0, nil
	}
	q := store.MessageQuery{State: store.MessageUnknown}
	if !access.May(actor, access.ManageMessages) {
		q.User = actor.ID
	}
	list, err := s.app.ListMessages(ctx, actor, q)
	return len(list.Rows), err
}

// addressName splits "Anna Berg <anna@example.com>" into name and address.
func addressName(sender string) (name, address string) {
	name, rest, found := strings.Cut(sender, "<")
	if !found {
		return "", strings.TrimSpace(sender)
	}
	return strings.Trim(strings.TrimSpace(name), `"`), strings.TrimSuffix(strings.TrimSpace(rest), ">")
}

// recipientName says whom a message is for.
func recipientName(m store.Message) string {
	if m.IsDigest() {
		return "Digest"
	}
	if m.Test {
		return "Test of a template"
	}
	return orElse(m.RecordName, "Deleted record")
}

// releaseSending lets messages go again after a restore.
func (s *Server) releaseSending(w http.ResponseWriter, r *http.Request) error {
	if err := s.app.ReleaseSending(r.Context(), actorOf(r)); err != nil {
		return err
	}
	s.say(r, "Messages go again. What is in doubt still waits for a person's word.")
	return s.redirect(w, r, "/outbox")
}
