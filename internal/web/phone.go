package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/phone"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// callShape is a call as the dock reads it.
type callShape struct {
	ID       string `json:"id"`
	State    string `json:"state"`
	Incoming bool   `json:"incoming"`
	// Mine tells that it is the reader's call already; one that rings is nobody's yet.
	Mine     bool   `json:"mine"`
	Number   string `json:"number"`
	Name     string `json:"name"`
	Record   string `json:"record,omitempty"`
	Activity string `json:"activity,omitempty"`
	// Seconds is how long people speak already, or spoke.
	Seconds  int  `json:"seconds"`
	Answered bool `json:"answered"`
	// Text says how the call ended; Asks that somebody has to say what came of it.
	Text string `json:"text,omitempty"`
	Asks bool   `json:"asks"`
}

func callOf(i phone.Info) callShape {
	c := callShape{
		ID: i.ID.String(), State: string(i.State), Incoming: i.Incoming, Mine: i.User != 0, Number: record.FormatPhone(i.Number),
		Name: i.RecordName, Record: i.Record.String(), Activity: i.Activity.String(), Answered: !i.AnsweredAt.IsZero(),
	}
	if i.State == phone.Ended {
		c.Seconds, c.Text = i.Seconds(), phone.Words(i.End, i.Detail)
		switch i.End {
		case store.EndedWrongPassword, store.EndedTrunkDown, store.EndedTrunkTrouble, store.EndedNoAudio, store.EndedDeclined, store.EndedMissed:
		default:
			c.Asks = i.Record != 0
		}
	} else if c.Answered {
		c.Seconds = int(time.Since(i.AnsweredAt) / time.Second)
	}
	return c
}

// The times of the stream of events: proxies close what is silent, and whoever was signed out meanwhile must not listen on.
const (
	eventsPing = 20 * time.Second
	eventsLast = 10 * time.Minute
)

// phoneEvents sends the list of the reader's calls whenever something about them changes (server-sent events).
func (s *Server) phoneEvents(w http.ResponseWriter, r *http.Request) error {
	actor := actorOf(r)
	watch, err := s.app.WatchCalls(actor)
	if err != nil {
		return err
	}
	defer watch.Stop()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	out := http.NewResponseController(w)
	send := func(format string, args ...any) bool {
		if _, err := fmt.Fprintf(w, format, args...); err != nil {
			return false
		}
		return out.Flush() == nil
	}
	ping := time.NewTicker(eventsPing)
	defer ping.Stop()
	last := time.NewTimer(eventsLast)
	defer last.Stop()
	for ok := send("retry: 1000\n\n"); ok; {
		select {
		case <-r.Context().Done():
			return nil
		case <-watch.Done():
			return nil
		case <-last.C:
			return nil
		case <-ping.C:
			ok = send(": here\n\n")
		case <-watch.Changed():
			list := []callShape{}
			for _, i := range s.app.MyCalls(actor) {
				list = append(list, callOf(i))
			}
			text, err := json.Marshal(list)
			if err != nil {
				return fmt.Errorf("write calls: %w", err)
			}
			ok = send("data: %s\n\n", text)
		}
	}
	return nil
}

// begun is what the dock gets for a call that begins.
type begun struct {
	ID     string `json:"id"`
	Answer string `json:"answer"`
}

func (s *Server) startCall(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	in := action.NewCall{Number: text(r, "number"), Offer: r.FormValue("offer")}
	if v := text(r, "activity"); v != "" {
		if err := readID(v, &in.Activity); err != nil {
			return err
		}
	}
	if v := text(r, "record"); v != "" {
		if err := readID(v, &in.Record); err != nil {
			return err
		}
	}
	call, answer, err := s.app.StartCall(r.Context(), actorOf(r), in)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusCreated, begun{ID: call.ID.String(), Answer: answer})
}

// onCall reads which call is meant, and the form.
func onCall(r *http.Request) (id ident.Call, err error) {
	if err := readID(r.PathValue("id"), &id); err != nil {
		return 0, err
	}
	return id, parse(r)
}

func (s *Server) answerCall(w http.ResponseWriter, r *http.Request) error {
	id, err := onCall(r)
	if err != nil {
		return err
	}
	answer, err := s.app.AnswerCall(r.Context(), actorOf(r), id, r.FormValue("offer"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, begun{ID: id.String(), Answer: answer})
}

// silently answers a script that waits for nothing.
func silently(w http.ResponseWriter, err error) error {
	if err == nil {
		w.WriteHeader(http.StatusNoContent)
	}
	return err
}

func (s *Server) hangUp(w http.ResponseWriter, r *http.Request) error {
	id, err := onCall(r)
	if err != nil {
		return err
	}
	return silently(w, s.app.HangUp(r.Context(), actorOf(r), id, text(r, "lost") != ""))
}

func (s *Server) pressKeys(w http.ResponseWriter, r *http.Request) error {
	id, err := onCall(r)
	if err != nil {
		return err
	}
	return silently(w, s.app.PressKeys(r.Context(), actorOf(r), id, text(r, "keys")))
}

func (s *Server) holdCall(w http.ResponseWriter, r *http.Request) error {
	id, err := onCall(r)
	if err != nil {
		return err
	}
	return silently(w, s.app.HoldCall(r.Context(), actorOf(r), id, text(r, "on") != ""))
}

// callOutcomeForm asks how a call went that is over.
type callOutcomeForm struct {
	Call     store.Call
	Outcomes step.Outcomes
	Form     activityForm
}

func (s *Server) readCallOutcome(r *http.Request) (f callOutcomeForm, err error) {
	id, err := onCall(r)
	if err != nil {
		return f, err
	}
	if f.Call, err = s.app.GetCall(r.Context(), actorOf(r), id); err != nil {
		return f, err
	}
	f.Outcomes, err = s.app.Outcomes(r.Context(), actorOf(r))
	return f, err
}

func (s *Server) showCallOutcome(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readCallOutcome(r)
	if err != nil {
		return err
	}
	return s.fragment(w, r, 0, callOutcome(f))
}

// logCall takes what came of a call. The page behind the dock is loaded anew: the activity is done, the next step is there.
func (s *Server) logCall(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readCallOutcome(r)
	if err != nil {
		return err
	}
	f.Form = readActivityForm(r)
	act, err := s.app.LogCall(r.Context(), actorOf(r), f.Call.ID, action.Done{Outcome: f.Form.Outcome, Note: f.Form.Note})
	if err != nil {
		var shown bool
		if f.Form.Problems, shown = refused(err); !shown {
			return err
		}
		return s.fragment(w, r, http.StatusUnprocessableEntity, callOutcome(f))
	}
	s.say(r, "The call is logged.")
	return s.redirect(w, r, pageBehind(r, act.ID))
}

// pageBehind is the page from which a fragment was asked for, the work list instead of that of the activity which is done now.
func pageBehind(r *http.Request, done ident.Activity) string {
	u, err := url.Parse(r.Header.Get("HX-Current-URL"))
	if err != nil || u.Path == "" || u.Path == activityPath(done) {
		return "/work"
	}
	return localPath(u.RequestURI())
}

// phoneReady tells whether the page gets a dock.
func (s *Server) phoneReady(r *http.Request) (bool, error) {
	ready, err := s.app.PhoneReady(r.Context())
	if fault.Is(err, fault.Unavailable) {
		return false, nil
	}
	return ready, err
}

// phoneKeys are the keys of a running call; they also work while somebody types.
func phoneKeys() []ui.KeyHint {
	return []ui.KeyHint{{Key: "Ctrl+Shift+m", Does: "Mute the call, or speak again"}, {Key: "Ctrl+Shift+h", Does: "End the call"}}
}
