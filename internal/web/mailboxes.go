package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

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
	// LastSent is when a mail of it was sent last.
	LastSent time.Time
}

// mailboxForm is the state of the page of one user's mailbox.
type mailboxForm struct {
	User store.User
	// Saved is the mailbox as it is stored; its ID is zero when there is none.
	Saved store.Mailbox
	Input action.MailboxInput
	// Port and IMAPPort are the ports as they were typed.
	Port, IMAPPort string
	// Preset is the key of the provider whose servers were filled in.
	Preset string
	// Offered are the providers that it can be connected to.
	Offered  []store.Auth
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
	sent, err := s.app.LastSent(r.Context(), v.Actor)
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
			rows = append(rows, mailboxRow{u, m, sent[m.ID]})
		}
	}
	domains, err := s.app.ListDomains(r.Context(), v.Actor)
	if err != nil {
		return err
	}
	return s.render(w, r, page{Title: "Mailboxes"}, mailboxesPage(v, rows, domains))
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
	if f.Offered, err = s.app.OfferedProviders(r.Context()); err != nil {
		return f, err
	}
	if f.Input = action.InputOf(f.Saved); f.fresh() {
		f.Input = action.FreshInput(f.User)
	}
	f.Port, f.IMAPPort = strconv.Itoa(f.Input.Port), strconv.Itoa(f.Input.IMAPPort)
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
	// The form that connects the mailbox leads to the provider.
	w.Header().Set("Content-Security-Policy", contentPolicy+s.app.ProviderOrigins())
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
	f.read(r)
	if r.FormValue("then") == "fill" {
		f.fill()
		return s.renderMailbox(w, r, 0, f)
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

// read takes what was typed.
func (f *mailboxForm) read(r *http.Request) {
	rev, _ := strconv.ParseInt(r.FormValue("rev"), 10, 64) // a broken one is 0, which does not check
	f.Port, f.IMAPPort, f.Preset = text(r, "port"), text(r, "imap_port"), text(r, "preset")
	port, _ := strconv.Atoi(f.Port) // a broken one is 0, which is refused
	imapPort, _ := strconv.Atoi(f.IMAPPort)
	f.Input = action.MailboxInput{
		User: f.User.ID, Address: text(r, "address"), SenderName: text(r, "sender_name"), Host: text(r, "host"), Port: port,
		Security: store.Security(text(r, "security")), Username: text(r, "username"), Password: r.FormValue("password"),
		Signature: strings.ReplaceAll(r.FormValue("signature"), "\r\n", "\n"), Rev: rev,
		Aliases: strings.FieldsFunc(r.FormValue("aliases"), func(c rune) bool { return unicode.IsSpace(c) || c == ',' || c == ';' }),
		Auth:    store.Auth(text(r, "auth")), SentFolder: text(r, "sent_folder"), CopySent: store.SentCopy(text(r, "copy_sent")),
		IMAPHost: text(r, "imap_host"), IMAPPort: imapPort, IMAPSecurity: store.Security(text(r, "imap_security")),
	}
}

// fill puts the servers of the chosen provider into the form.
func (f *mailboxForm) fill() {
	if f.Input.Fill(f.Preset) {
		f.Port, f.IMAPPort = strconv.Itoa(f.Input.Port), strconv.Itoa(f.Input.IMAPPort)
	}
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
	case m.IMAPCheckError != "":
		s.flash(r, ui.Flash{Tone: ui.Red, Text: before + "Sending works, reading does not."})
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

// sendingBadge says how the sending of a mailbox is.
func sendingBadge(m store.Mailbox) ui.BadgeProps {
	switch {
	case m.ID == 0:
		return ui.BadgeProps{Text: "None", Tone: ui.Neutral}
	case m.GrantError != "":
		return ui.BadgeProps{Text: "Not connected", Tone: ui.Red, Dot: true, Title: m.GrantError}
	case !m.UnreachedSince.IsZero():
		return ui.BadgeProps{Text: "Cannot be reached", Tone: ui.Red, Dot: true, Title: m.SendError}
	case m.SendError != "":
		return ui.BadgeProps{Text: "Not let in", Tone: ui.Red, Dot: true, Title: m.SendError}
	case m.Paused:
		return ui.BadgeProps{Text: "Paused", Tone: ui.Amber, Dot: true, Title: "Emails wait until it is resumed."}
	case m.CheckError != "":
		return ui.BadgeProps{Text: "Does not connect", Tone: ui.Red, Dot: true, Title: m.CheckError}
	case m.CheckedAt.IsZero():
		return ui.BadgeProps{Text: "Not tested", Tone: ui.Neutral, Dot: true}
	}
	return ui.BadgeProps{Text: "Works", Tone: ui.Green, Dot: true}
}
