package web

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// mailboxRow is a user with the mailbox, if there is one.
type mailboxRow struct {
	User    store.User
	Mailbox store.Mailbox
}

// mailboxForm is the state of the page of one user's mailbox.
type mailboxForm struct {
	User store.User
	// Saved is the mailbox as it is stored; its ID is zero when there is none.
	Saved store.Mailbox
	Input action.MailboxInput
	// Port is the port as it was typed.
	Port     string
	Problems problems
	// Own tells that it is the reader's mailbox.
	Own bool
}

func (f mailboxForm) fresh() bool { return f.Saved.ID == 0 }

// showMailboxes lists everybody's mailbox to who manages them; others come to their own.
func (s *Server) showMailboxes(w http.ResponseWriter, r *http.Request) error {
	v := s.view(r)
	if !v.may(access.ManageMailboxes) {
		f, err := s.mailboxOf(r, v.Actor.ID)
		if err != nil {
			return err
		}
		return s.renderMailbox(w, r, 0, f)
	}
	users, err := s.app.ListUsers(r.Context(), v.Actor)
	if err != nil {
		return err
	}
	boxes, err := s.app.ListMailboxes(r.Context(), v.Actor)
	if err != nil {
		return err
	}
	byUser := map[ident.User]store.Mailbox{}
	for _, m := range boxes {
		byUser[m.User] = m
	}
	var rows []mailboxRow
	for _, u := range users {
		if m := byUser[u.ID]; u.Active || m.ID != 0 {
			rows = append(rows, mailboxRow{u, m})
		}
	}
	return s.render(w, r, page{Title: "Mailboxes"}, mailboxesPage(v, rows))
}

// mailboxOf loads the page of a user's mailbox.
func (s *Server) mailboxOf(r *http.Request, user ident.User) (mailboxForm, error) {
	actor := actorOf(r)
	f := mailboxForm{Own: user == actor.ID}
	var err error
	if f.Saved, err = s.app.GetMailbox(r.Context(), actor, user); err != nil && !fault.Is(err, fault.NotFound) {
		return f, err
	}
	if f.User, err = s.app.GetUser(r.Context(), actor, user); err != nil {
		return f, err
	}
	m := f.Saved
	f.Input = action.MailboxInput{
		User: user, Address: m.Address, SenderName: m.SenderName, Host: m.Host, Port: m.Port, Security: m.Security,
		Username: m.Username, Signature: m.Signature, Rev: m.Rev,
	}
	if f.fresh() {
		f.Input.Address, f.Input.SenderName, f.Input.Username = f.User.Email, f.User.Name, f.User.Email
		f.Input.Port, f.Input.Security = 587, store.StartTLS
	}
	f.Port = strconv.Itoa(f.Input.Port)
	return f, nil
}

// mailboxIn loads the mailbox of a request's path.
func (s *Server) mailboxIn(r *http.Request) (mailboxForm, error) {
	var user ident.User
	if err := readID(r.PathValue("user"), &user); err != nil {
		return mailboxForm{}, err
	}
	return s.mailboxOf(r, user)
}

func (s *Server) showMailbox(w http.ResponseWriter, r *http.Request) error {
	f, err := s.mailboxIn(r)
	if err != nil {
		return err
	}
	return s.renderMailbox(w, r, 0, f)
}

func (s *Server) renderMailbox(w http.ResponseWriter, r *http.Request, status int, f mailboxForm) error {
	return s.render(w, r, page{Title: f.title(), Status: status}, mailboxPage(s.view(r), f))
}

func (f mailboxForm) title() string {
	if f.Own {
		return "Your mailbox"
	}
	return "Mailbox of " + f.User.Name
}

// saveMailbox saves, and with the main button tests the connection at once.
func (s *Server) saveMailbox(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.mailboxIn(r)
	if err != nil {
		return err
	}
	rev, _ := strconv.ParseInt(r.FormValue("rev"), 10, 64) // a broken one is 0, which does not check
	f.Port = text(r, "port")
	port, _ := strconv.Atoi(f.Port) // a broken one is 0, which is refused
	f.Input = action.MailboxInput{
		User: f.User.ID, Address: text(r, "address"), SenderName: text(r, "sender_name"), Host: text(r, "host"), Port: port,
		Security: store.Security(text(r, "security")), Username: text(r, "username"), Password: r.FormValue("password"),
		Signature: strings.ReplaceAll(r.FormValue("signature"), "\r\n", "\n"), Rev: rev,
	}
	if _, err := s.app.SaveMailbox(r.Context(), actorOf(r), f.Input); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderMailbox(w, r, http.StatusUnprocessableEntity, f)
	}
	if r.FormValue("then") != "test" {
		s.say(r, "Mailbox saved.")
		return s.redirect(w, r, mailboxPath(f.User.ID))
	}
	return s.tryMailbox(w, r, f.User.ID, "Mailbox saved. ")
}

func (s *Server) testMailbox(w http.ResponseWriter, r *http.Request) error {
	var user ident.User
	if err := readID(r.PathValue("user"), &user); err != nil {
		return err
	}
	return s.tryMailbox(w, r, user, "")
}

// tryMailbox tests the connection; what came of it stands on the mailbox's page.
func (s *Server) tryMailbox(w http.ResponseWriter, r *http.Request, user ident.User, before string) error {
	m, err := s.app.TestMailbox(r.Context(), actorOf(r), user)
	switch {
	case fault.Is(err, fault.Unavailable) && before != "":
		s.say(r, strings.TrimSpace(before))
	case err != nil:
		return err
	case m.CheckError != "":
		s.flash(r, ui.Flash{Tone: ui.Red, Text: before + "The connection does not work."})
	default:
		s.say(r, before+"The connection works.")
	}
	return s.redirect(w, r, mailboxPath(user))
}

// pauseMailbox stops or starts the sending.
func (s *Server) pauseMailbox(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	var user ident.User
	if err := readID(r.PathValue("user"), &user); err != nil {
		return err
	}
	paused := r.FormValue("paused") == "true"
	if _, err := s.app.PauseMailbox(r.Context(), actorOf(r), user, paused); err != nil {
		return err
	}
	if paused {
		s.say(r, "Paused. Emails wait until the mailbox is resumed.")
	} else {
		s.say(r, "Resumed. Emails go out again.")
	}
	return s.redirect(w, r, mailboxPath(user))
}

func (s *Server) showDeleteMailbox(w http.ResponseWriter, r *http.Request) error {
	f, err := s.mailboxIn(r)
	if err != nil {
		return err
	}
	q := question{ID: "delete-mailbox", Title: "Delete " + f.Saved.Address + "?", Size: ui.Small, Back: mailboxPath(f.User.ID)}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteMailboxBody(q, f) })
}

func (s *Server) deleteMailbox(w http.ResponseWriter, r *http.Request) error {
	f, err := s.mailboxIn(r)
	if err != nil {
		return err
	}
	if err := s.app.DeleteMailbox(r.Context(), actorOf(r), f.User.ID); err != nil {
		return err
	}
	s.say(r, "The mailbox was deleted.")
	return s.redirect(w, r, "/mailboxes")
}

// mailboxBadge says how a mailbox is.
func mailboxBadge(m store.Mailbox) ui.BadgeProps {
	switch {
	case m.ID == 0:
		return ui.BadgeProps{Text: "None", Tone: ui.Neutral}
	case m.Paused:
		return ui.BadgeProps{Text: "Paused", Tone: ui.Amber, Dot: true, Title: "Emails wait until it is resumed."}
	case m.CheckError != "":
		return ui.BadgeProps{Text: "Does not connect", Tone: ui.Red, Dot: true, Title: m.CheckError}
	case m.CheckedAt.IsZero():
		return ui.BadgeProps{Text: "Not tested", Tone: ui.Neutral, Dot: true}
	}
	return ui.BadgeProps{Text: "Works", Tone: ui.Green, Dot: true}
}
