package web

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const trunkPath = "/settings/phone"

// trunkForm is the page of the trunk.
type trunkForm struct {
	// Saved is the trunk as it is stored; it is not Ready when there is none.
	Saved    store.Trunk
	Input    action.TrunkInput
	Port     string
	Problems problems
}

func (s *Server) trunk(r *http.Request) (trunkForm, error) {
	t, err := s.app.GetTrunk(r.Context(), actorOf(r))
	f := trunkForm{Saved: t}
	f.Input = action.TrunkInput{
		Host: t.Host, Port: t.Port, Transport: t.Transport, Domain: t.Domain, User: t.User, Login: t.Login, Number: t.Number,
		Register: t.Register, Numbers: t.Order(), Rev: t.Rev,
	}
	if t.Port != 0 {
		f.Port = strconv.Itoa(t.Port)
	}
	if !t.Ready() {
		f.Input.Transport = "tls"
	}
	return f, err
}

func (s *Server) showTrunk(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	f, err := s.trunk(r)
	if err != nil {
		return err
	}
	return s.renderTrunk(w, r, 0, f)
}

func (s *Server) renderTrunk(w http.ResponseWriter, r *http.Request, status int, f trunkForm) error {
	return s.render(w, r, page{Title: "Phone", Status: status}, trunkPage(s.view(r), f))
}

func (s *Server) saveTrunk(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.trunk(r)
	if err != nil {
		return err
	}
	rev, _ := strconv.ParseInt(text(r, "rev"), 10, 64) // a broken one is 0, which does not check
	f.Port = text(r, "port")
	port, err := strconv.Atoi(f.Port)
	if err != nil && f.Port != "" {
		port = -1 // which is refused with the reason
	}
	f.Input = action.TrunkInput{
		Host: text(r, "host"), Port: port, Transport: text(r, "transport"), Domain: text(r, "domain"), User: text(r, "user"),
		Login: text(r, "login"), Password: r.FormValue("password"), NoPassword: text(r, "no_password") != "", Number: text(r, "number"),
		Register: text(r, "register") != "", Numbers: chosenNumbers(r), Rev: rev,
	}
	if _, err := s.app.SaveTrunk(r.Context(), actorOf(r), f.Input); err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.renderTrunk(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Trunk saved. Test the connection to see whether it works.")
	return s.redirect(w, r, trunkPath)
}

// chosenNumbers reads the order of the numbers; a place left empty is left out.
func chosenNumbers(r *http.Request) []string {
	var list []string
	for _, place := range []string{"first", "second", "third"} {
		if v := text(r, place); v != "" {
			list = append(list, v)
		}
	}
	return list
}

// testTrunk signs in to the saved trunk; what came of it stands on the page.
func (s *Server) testTrunk(w http.ResponseWriter, r *http.Request) error {
	t, note, err := s.app.TestTrunk(r.Context(), actorOf(r))
	switch {
	case err != nil:
		return err
	case t.CheckError != "":
		s.flash(r, ui.Flash{Tone: ui.Red, Text: "The trunk does not work."})
	case note != "":
		s.say(r, note)
	default:
		s.say(r, "The trunk lets us in.")
	}
	return s.redirect(w, r, trunkPath)
}

func (s *Server) showDeleteTrunk(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	q := question{ID: "delete-trunk", Title: "Remove the trunk?", Size: ui.Small, Back: trunkPath}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return deleteTrunkBody(q) })
}

func (s *Server) deleteTrunk(w http.ResponseWriter, r *http.Request) error {
	if err := s.app.DeleteTrunk(r.Context(), actorOf(r)); err != nil {
		return err
	}
	s.say(r, "The trunk was removed.")
	return s.redirect(w, r, trunkPath)
}

// trunkBadge says how the trunk is.
func trunkBadge(t store.Trunk) ui.BadgeProps {
	switch {
	case !t.Ready():
		return ui.BadgeProps{Text: "None", Tone: ui.Neutral}
	case t.CheckError != "":
		return ui.BadgeProps{Text: "Does not work", Tone: ui.Red, Dot: true, Title: t.CheckError}
	case t.CheckedAt.IsZero():
		return ui.BadgeProps{Text: "Not tested", Tone: ui.Neutral, Dot: true}
	}
	return ui.BadgeProps{Text: "Works", Tone: ui.Green, Dot: true}
}

func transportOptions() []ui.Option {
	return []ui.Option{{Value: "tls", Label: "TLS"}, {Value: "tcp", Label: "TCP, not encrypted"}, {Value: "udp", Label: "UDP, not encrypted"}}
}

// numberAt gives the field that stands at a place of the order.
func numberAt(list []string, place int) string {
	if place < len(list) {
		return list[place]
	}
	return ""
}

func numberOptions(optional bool) []ui.Option {
	options := []ui.Option{{Value: "phone", Label: "Phone (business)"}, {Value: "mobile", Label: "Mobile"}, {Value: "home_phone", Label: "Home phone"}}
	if optional {
		options = append([]ui.Option{{Value: "", Label: "None"}}, options...)
	}
	return options
}

func trunkPasswordHint(t store.Trunk) string {
	if t.Secret != nil {
		return "A password is kept and never shown. Leave it empty to keep it."
	}
	return "Kept encrypted and never shown. Empty where the trunk knows us by our address."
}
