package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/web/ui"
)

// page is what a handler says about a page; render adds the frame.
type page struct {
	Title string
	// Status is the HTTP status; zero is 200.
	Status  int
	Keys    []ui.KeyHint
	Scripts []string
	// Fill makes the page fill the window and scroll inside.
	Fill bool
	// Head is more for the document's head; nil for nothing.
	Head templ.Component
}

// view is what every page and fragment may need to know of its request: who reads it, and the moment in the reader's
// time zone.
type view struct {
	Actor access.Actor
	Now   time.Time
	Zone  *time.Location
	// Path is that of the page, so that nothing on it leads to itself.
	Path string
}

// view gives the request's view.
func (s *Server) view(r *http.Request) view {
	actor := actorOf(r)
	zone, err := time.LoadLocation(actor.Zone)
	if err != nil || actor.Zone == "" {
		zone = time.UTC
	}
	return view{Actor: actor, Now: s.now().In(zone), Zone: zone, Path: r.URL.Path}
}

// at gives a moment to ui.Time, in the reader's zone.
func (v view) at(t time.Time) ui.TimeProps {
	if t.IsZero() {
		return ui.TimeProps{Now: v.Now}
	}
	return ui.TimeProps{At: t.In(v.Zone), Now: v.Now}
}

// exact is at for a moment that is written out in full.
func (v view) exact(t time.Time) ui.TimeProps {
	p := v.at(t)
	p.Form = ui.Absolute
	return p
}

// may tells whether the reader has a right, so that a page offers what will work.
func (v view) may(verb access.Verb) bool { return access.May(v.Actor, verb) }

// mayOn is may for a thing that owner owns.
func (v view) mayOn(verb access.Verb, owner ident.User) bool {
	return access.MayOn(v.Actor, verb, owner)
}

// isFragment tells whether htmx asks for a part of a page. A boosted link and a page that the browser's history lost
// want the whole one.
func isFragment(r *http.Request) bool {
	h := r.Header
	return h.Get("HX-Request") == "true" && h.Get("HX-Boosted") != "true" && h.Get("HX-History-Restore-Request") != "true"
}

// render writes a whole page inside the frame of signed-in people.
func (s *Server) render(w http.ResponseWriter, r *http.Request, p page, body templ.Component) error {
	props, err := s.frame(r, p)
	if err != nil {
		return err
	}
	framed := templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		return ui.Shell(props).Render(templ.WithChildren(ctx, body), out)
	})
	return s.write(w, r, p.Status, framed)
}

// renderPlain writes a page for people who are not signed in: one card in the middle.
func (s *Server) renderPlain(w http.ResponseWriter, r *http.Request, status int, p ui.PlainProps, body templ.Component) error {
	p.Theme, p.Flash, p.Sent = themeOf(r), s.takeFlashes(r), r.Method == http.MethodPost
	framed := templ.ComponentFunc(func(ctx context.Context, out io.Writer) error {
		return ui.Plain(p).Render(templ.WithChildren(ctx, body), out)
	})
	return s.write(w, r, status, framed)
}

// fragment writes parts of a page for htmx, with the kept short messages behind them.
func (s *Server) fragment(w http.ResponseWriter, r *http.Request, status int, parts ...templ.Component) error {
	if list := s.takeFlashes(r); len(list) > 0 {
		parts = append(parts, lateFlashes(list))
	}
	return s.write(w, r, status, templ.Join(parts...))
}

// write renders into memory first, so that a failure on the way becomes an error page and not half a page.
func (s *Server) write(w http.ResponseWriter, r *http.Request, status int, c templ.Component) error {
	var b bytes.Buffer
	if err := c.Render(r.Context(), &b); err != nil {
		return fmt.Errorf("render %s: %w", r.URL.Path, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if status == 0 {
		status = http.StatusOK
	}
	w.WriteHeader(status)
	if _, err := w.Write(b.Bytes()); err != nil {
		s.log.Debug("answer was not taken", "request_id", requestID(r), "error", err)
	}
	return nil
}

// redirect leads to another page after a form or link, also when htmx sent it.
func (s *Server) redirect(w http.ResponseWriter, r *http.Request, path string) error {
	if isFragment(r) {
		w.Header().Set("HX-Redirect", path)
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	http.Redirect(w, r, path, http.StatusSeeOther)
	return nil
}

// refresh makes htmx load the present page anew; without htmx it leads to path.
func (s *Server) refresh(w http.ResponseWriter, r *http.Request, path string) error {
	if isFragment(r) {
		w.Header().Set("HX-Refresh", "true")
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return s.redirect(w, r, path)
}

// frame gathers what the frame shows: navigation with counts, the person, messages.
func (s *Server) frame(r *http.Request, p page) (ui.ShellProps, error) {
	v := s.view(r)
	overdue, today, err := s.app.WorkCounts(r.Context(), v.Actor, v.Actor.ID, endOfDay(v.Now))
	if err != nil {
		return ui.ShellProps{}, err
	}
	unread, _, err := s.app.UnreadNotifications(r.Context(), v.Actor)
	if err != nil {
		return ui.ShellProps{}, err
	}
	undecided, err := s.waitingMail(r.Context(), v.Actor)
	if err != nil {
		return ui.ShellProps{}, err
	}
	phone, err := s.phoneReady(r)
	if err != nil {
		return ui.ShellProps{}, err
	}
	var calls templ.Component
	if phone {
		calls, p.Scripts = dock(), append([]string{"js/phone.js"}, p.Scripts...)
		p.Keys = slices.Concat(p.Keys, phoneKeys())
	}
	return ui.ShellProps{
		Dock:   calls,
		Title:  p.Title,
		Theme:  themeOf(r),
		Nav:    navigation(v, r.URL.Path, navCounts{work: overdue + today, undecided: undecided, unread: unread}),
		Person: ui.Person{Name: v.Actor.Name, Email: v.Actor.Email, Role: v.Actor.Role.Label()},
		Account: []ui.MenuEntry{
			{Label: "Profile", Icon: "user-circle", Href: "/profile"},
			{Label: "Sign out", Icon: "logout", Action: "/sign-out", Divider: true},
		},
		Demo:    s.demoBar(v),
		Flash:   s.takeFlashes(r),
		Keys:    p.Keys,
		Scripts: p.Scripts,
		Fill:    p.Fill,
		Head:    p.Head,
		Sent:    r.Method == http.MethodPost,
	}, nil
}

// endOfDay is the end of the day on which t is, in t's zone.
func endOfDay(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, t.Location())
}

// themeOf reads which look the person chose in this browser.
func themeOf(r *http.Request) ui.Theme {
	c, err := r.Cookie(ui.ThemeCookie)
	if err != nil {
		return ui.ThemeAuto
	}
	return ui.ThemeOf(c.Value)
}

// navCounts are the counts beside places: the person's due activities, the messages that a person has to decide about, and what the
// person has not read.
type navCounts struct{ work, undecided, unread int }

// navigation lists the places that the person may visit.
func navigation(v view, path string, counts navCounts) []ui.NavSection {
	link := func(label, href, icon, key string, main bool) ui.NavLink {
		return ui.NavLink{Label: label, Href: href, Icon: icon, Key: key, Main: main, Current: path == href || strings.HasPrefix(path, href+"/")}
	}
	work := link("Work list", "/work", "list-check", "g w", true)
	work.Count = counts.work
	bell := link("Notifications", notificationsPath, "bell", "g n", true)
	bell.Count, bell.Live = counts.unread, "notifications"
	first := ui.NavSection{Links: []ui.NavLink{work, bell, link("Calendar", calendarPath, "calendar", "g k", false), link("Sequences", "/sequences", "route", "g s", true)}}
	if strings.HasPrefix(path, libraryPath) || strings.HasPrefix(path, tagsPath) || strings.HasPrefix(path, movePrefix) {
		first.Links[len(first.Links)-1].Current = true // they belong to the sequences
	}
	records := ui.NavSection{Label: "Records"}
	for _, k := range record.Kinds() {
		records.Links = append(records.Links, link(k.Plural(), recordsPath(k), string(recordIcon(k)), "g "+string(k)[:1], k == record.Lead))
	}
	records.Links[2].Key = "" // "g c" would be its key, beside "g a" of accounts; four letters are enough to learn
	email := ui.NavSection{Label: "Messages", Links: []ui.NavLink{
		link("Templates", "/templates", "template", "g t", false),
		link("Outbox", "/outbox", "send", "g x", false),
		link("Received", receivedPrefix, "inbox", "", false),
		link("Mailboxes", "/mailboxes", "at", "", false),
		link("Suppressions", suppressionsPath, "mail-off", "", false),
	}}
	email.Links[1].Count = counts.undecided
	email.Links[3].Current = email.Links[3].Current || strings.HasPrefix(path, "/domains/") // they are those of mailboxes
	sections := []ui.NavSection{first, records, email}
	admin := ui.NavSection{Label: "Organisation", Links: []ui.NavLink{link("Availability", "/availability", "calendar-user", "", false)}}
	if v.may(access.ManageUsers) {
		users := link("Users", "/users", "users", "g u", false)
		users.Current = users.Current || strings.HasPrefix(path, teamsPath) // they are of users
		admin.Links = append(admin.Links, users)
	}
	if v.may(access.ManageSettings) {
		admin.Links = append(admin.Links, link("Settings", "/settings", "settings", "", false))
	} else if v.may(access.ManageOutcomes) {
		admin.Links = append(admin.Links, link("Call outcomes", outcomesPath, "phone-check", "", false), link("Meeting outcomes", meetingOutcomesPath, "calendar-check", "", false))
	}
	return append(sections, admin)
}

// recordIcon names the icon of a kind of record in the navigation.
func recordIcon(k record.Kind) string {
	switch k {
	case record.Lead:
		return "user-plus"
	case record.Opportunity:
		return "trophy"
	case record.Contact:
		return "users"
	case record.Account:
		return "building"
	}
	return "id"
}

// wantsJSON tells whether one of our scripts asks, and reads JSON.
func wantsJSON(r *http.Request) bool {
	kind, _, _ := mime.ParseMediaType(r.Header.Get("Accept"))
	return kind == "application/json"
}

// writeJSON answers one of our scripts.
func writeJSON(w http.ResponseWriter, status int, value any) error {
	body, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("write json: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, err = w.Write(body)
	return err
}
