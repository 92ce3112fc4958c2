package web

import (
	"errors"
	"net/http"

	"cadenza/internal/fault"
	"cadenza/internal/web/ui"
)

// showMissing answers for every address that is not in routes.go.
func (s *Server) showMissing(http.ResponseWriter, *http.Request) error {
	return fault.New(fault.NotFound, "There is nothing at this address.").
		WithHint("It may have been deleted, or the link may be wrong.")
}

// showProblem is the page for a fault: inside the frame for somebody signed in, alone otherwise.
func (s *Server) showProblem(w http.ResponseWriter, r *http.Request, f *fault.Error) error {
	status := statusOf(f.Code)
	title := problemTitle(f.Code)
	body := problemPage(f, actorOf(r).ID != 0)
	if actorOf(r).ID != 0 && f.Code != fault.Unavailable {
		if err := s.render(w, r, page{Title: title, Status: status}, problemFrame(title, body)); err == nil {
			return nil
		}
		// The frame reads the database; without it the plain page still works.
	}
	return s.write(w, r, status, plainProblem(ui.PlainProps{Title: title, Theme: themeOf(r)}, body))
}

// problemTitle heads the page of a fault.
func problemTitle(code fault.Code) string {
	switch code {
	case fault.NotFound:
		return "Not found"
	case fault.Forbidden:
		return "You may not do this"
	case fault.Conflict:
		return "This is not possible now"
	case fault.Stale:
		return "Somebody else changed this"
	case fault.Invalid, fault.Malformed:
		return "This cannot be used as it is"
	case fault.TooLarge:
		return "That is too much at once"
	case fault.TooMany:
		return "Too many attempts"
	case fault.Unavailable:
		return "Not available at the moment"
	}
	return "Something went wrong"
}

// faultSentence gives what a fault says to people, "" for other errors.
func faultSentence(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return sentence(f)
	}
	return ""
}
