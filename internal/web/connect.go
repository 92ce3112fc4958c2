package web

import (
	"net/http"
	"slices"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// connectChoice is the question to which sequence records are connected.
type connectChoice struct {
	Kind    record.Kind
	Records []ident.Record
	// Name is that of a single record.
	Name      string
	Sequences []store.SequenceRow
	Chosen    ident.Sequence
	// Plan is what would happen, once a sequence is chosen.
	Plan     *action.ConnectResult
	Problems problems
	Back     string
}

// subject names what is connected: "Marta Lindqvist", "12 leads".
func (c connectChoice) subject() string {
	if c.Name != "" {
		return c.Name
	}
	return countOf(c.Kind, len(c.Records))
}

// stay lets htmx connect one record in place; those who connect many may have a list to read of who was left out.
func (c connectChoice) stay() ui.Attrs {
	if len(c.Records) != 1 {
		return nil
	}
	return stayIn(c.Back, "/connect")
}

// showConnectRecord asks to which sequence one record is connected.
func (s *Server) showConnectRecord(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	rec, err := s.app.GetRecord(r.Context(), actorOf(r), id)
	if err != nil {
		return err
	}
	c := connectChoice{Kind: rec.Kind, Records: []ident.Record{id}, Name: rec.Name(), Back: recordPath(id)}
	if work := workAround(r); work != "" {
		c.Back = work
	}
	return s.askSequence(w, r, 0, c)
}

// chooseSequence asks to which sequence the ticked records of a list are connected.
func (s *Server) chooseSequence(w http.ResponseWriter, r *http.Request) error {
	c, err := readConnect(r)
	if err != nil {
		return err
	}
	if len(c.Records) == 0 {
		return s.nothingChosen(w, r, c.Kind)
	}
	return s.askSequence(w, r, 0, c)
}

// readConnect reads the form of the question.
func readConnect(r *http.Request) (connectChoice, error) {
	if err := parse(r); err != nil {
		return connectChoice{}, err
	}
	kind := record.Kind(text(r, "kind"))
	if !kind.Known() {
		kind = record.Lead
	}
	c := connectChoice{Kind: kind, Records: readIDs[ident.Record](r.Form["id"]), Name: text(r, "name"), Back: back(r, recordsPath(kind))}
	if len(c.Records) != 1 {
		c.Name = ""
	}
	_ = readID(text(r, "sequence"), &c.Chosen) // none chosen is said by the caller
	return c, nil
}

// askSequence shows the question, with the sequences that take this kind of records.
func (s *Server) askSequence(w http.ResponseWriter, r *http.Request, status int, c connectChoice) error {
	active, err := s.app.ListSequences(r.Context(), actorOf(r), store.SequenceQuery{Status: store.Active, RecordKind: c.Kind, Sort: "name"})
	if err != nil {
		return err
	}
	c.Sequences = active
	if len(active) == 1 && c.Chosen == 0 && !c.Problems.any() {
		c.Chosen = active[0].ID
	}
	if c.Chosen != 0 && c.Plan == nil {
		if err := s.planConnect(r, &c); err != nil {
			return err
		}
	}
	v := s.view(r)
	q := question{ID: "connect", Title: "Connect " + c.subject(), Text: "Choose an active sequence for " + c.Kind.Path() + ".", Back: c.Back}
	if len(active) == 0 {
		q.Text = ""
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return connectBody(v, q, c) })
}

// planConnect tries the connection without doing it.
func (s *Server) planConnect(r *http.Request, c *connectChoice) error {
	plan, err := s.app.Connect(r.Context(), actorOf(r), c.Chosen, c.Records, true)
	if err != nil {
		var shown bool
		if c.Problems, shown = refused(err); !shown {
			return err
		}
		return nil
	}
	c.Plan = &plan
	return nil
}

// checkConnect shows what connecting would do: htmx gets the summary alone.
func (s *Server) checkConnect(w http.ResponseWriter, r *http.Request) error {
	c, err := readConnect(r)
	if err != nil {
		return err
	}
	if c.Chosen != 0 {
		if err := s.planConnect(r, &c); err != nil {
			return err
		}
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, connectPlan(c))
	}
	return s.askSequence(w, r, 0, c)
}

// connectChosen connects the records and says who was left out and why.
func (s *Server) connectChosen(w http.ResponseWriter, r *http.Request) error {
	c, err := readConnect(r)
	if err != nil {
		return err
	}
	var result action.ConnectResult
	if c.Chosen == 0 {
		err = fault.Field("sequence", "required", "Choose a sequence.")
	} else {
		result, err = s.app.Connect(r.Context(), actorOf(r), c.Chosen, c.Records, false)
	}
	if err != nil {
		var shown bool
		if c.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askSequence(w, r, http.StatusUnprocessableEntity, c)
	}
	name := s.sequenceName(r, c.Chosen, result)
	said := connectedSentence(c, len(result.Connected), name)
	if len(result.Refused) == 0 {
		said = withUnreached(said, c.Kind, c.Name, result)
		s.flash(r, ui.Flash{Text: said, Href: sequencePath(c.Chosen) + "/connected", LinkText: "Show"})
		return s.comeBack(w, r, c.Back)
	}
	if isFragment(r) { // one record, over the work list
		s.flash(r, ui.Flash{Tone: ui.Red, Text: said + " " + result.Refused[0].Reason})
		return s.comeBack(w, r, c.Back)
	}
	return s.render(w, r, page{Title: "Connected to " + name}, connectResult(c, name, said, result))
}

// sequenceName gives the name of a sequence, without a look-up when the result carries it.
func (s *Server) sequenceName(r *http.Request, id ident.Sequence, result action.ConnectResult) string {
	if len(result.Connected) > 0 {
		return result.Connected[0].SequenceName
	}
	seq, err := s.app.GetSequence(r.Context(), actorOf(r), id)
	if err != nil {
		return "the sequence"
	}
	return seq.Name
}

func connectedSentence(c connectChoice, n int, sequence string) string {
	switch {
	case n == 0:
		return "Nothing was connected to “" + sequence + "”."
	case n == 1 && c.Name != "":
		return c.Name + " is connected to “" + sequence + "”."
	case n == 1:
		return "1 " + kindWord(c.Kind, 1) + " is connected to “" + sequence + "”."
	}
	return countOf(c.Kind, n) + " are connected to “" + sequence + "”."
}

// disconnectChoice is one sequence that some of the ticked records are on.
type disconnectChoice struct {
	Sequence    store.Enrollment
	Enrollments []ident.Enrollment
}

// chooseDisconnect asks from which of their sequences the ticked records are taken, and takes them off.
func (s *Server) chooseDisconnect(w http.ResponseWriter, r *http.Request) error {
	c, err := readConnect(r)
	if err != nil {
		return err
	}
	if len(c.Records) == 0 {
		return s.nothingChosen(w, r, c.Kind)
	}
	live, err := s.liveOf(r, c.Records)
	if err != nil {
		return err
	}
	var choices []disconnectChoice
	for _, e := range live {
		at := slices.IndexFunc(choices, func(d disconnectChoice) bool { return d.Sequence.Sequence == e.Sequence })
		if at < 0 {
			choices = append(choices, disconnectChoice{Sequence: e})
			at = len(choices) - 1
		}
		choices[at].Enrollments = append(choices[at].Enrollments, e.ID)
	}
	q := question{ID: "disconnect", Title: "Disconnect " + c.subject(), Size: ui.Small, Back: c.Back}
	return s.ask(w, r, 0, q, func(q question) templ.Component { return disconnectChoices(q, c, choices) })
}

// disconnectChosen takes records off the ticked sequences.
func (s *Server) disconnectChosen(w http.ResponseWriter, r *http.Request) error {
	c, err := readConnect(r)
	if err != nil {
		return err
	}
	sequences := readIDs[ident.Sequence](r.Form["from"])
	live, err := s.liveOf(r, c.Records)
	if err != nil {
		return err
	}
	var ids []ident.Enrollment
	for _, e := range live {
		if slices.Contains(sequences, e.Sequence) {
			ids = append(ids, e.ID)
		}
	}
	if len(ids) == 0 {
		s.flash(r, ui.Flash{Tone: ui.Red, Text: "No sequence was chosen, so nothing was disconnected."})
		return s.redirect(w, r, c.Back)
	}
	done, refusals, err := s.app.Disconnect(r.Context(), actorOf(r), ids)
	if err != nil {
		return err
	}
	if done > 0 {
		s.say(r, plural(done, "record was", "records were")+" disconnected.")
	}
	return s.showRefusals(w, r, refusalProps{Title: "Not disconnected", Intro: plural(len(refusals), "record was", "records were") + " left on the sequence.", Refused: refusals, Back: c.Back})
}
