package web

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

const meetingsPath = "/meetings"

// newMeetingPath leads to the form of a meeting with a record.
func newMeetingPath(id ident.Record) string { return meetingsPath + "/new?record=" + id.String() }

// meetingFields are what a form says of a meeting, beside its name and who goes.
type meetingFields struct {
	// Begins is a local time, Length a number of minutes.
	Begins, Length, Place, People string
}

// meetingForm books a meeting with a record.
type meetingForm struct {
	View  view
	Users []store.User
	// Record is whom it is with; where nobody said, its id is zero and With is what was typed.
	Record store.Record
	With   string
	// Ends are the enrollments that the meeting ends.
	Ends                        []store.Enrollment
	Name, Description, Assignee string
	meetingFields
	// From is the page over which it was asked for, and to which it leads back.
	From     string
	Problems problems
}

func (f meetingForm) button() string { return "Book meeting" }

// showNewMeeting shows the form: from a record it knows whom, from the calendar when.
func (s *Server) showNewMeeting(w http.ResponseWriter, r *http.Request) error {
	f, err := s.readMeeting(r)
	if err != nil {
		return err
	}
	f.Assignee, f.Length = f.View.Actor.ID.String(), minutesOf(action.DefaultMeeting)
	f.Begins = soon(f.View)
	if at, err := readLocalTime(f.View, r.FormValue("begins")); err == nil {
		f.Begins = at.Format(localTime)
	}
	return s.askMeeting(w, r, 0, f)
}

// soon is the next full hour that leaves some minutes to get there.
func soon(v view) string {
	return v.Now.In(v.Zone).Add(75 * time.Minute).Truncate(time.Hour).Format(localTime)
}

func minutesOf(d time.Duration) string { return strconv.Itoa(int(d / time.Minute)) }

// readMeeting loads what the form stands on: the record, whose sequences would end, and who can go.
func (s *Server) readMeeting(r *http.Request) (f meetingForm, err error) {
	ctx, actor := r.Context(), actorOf(r)
	f.View, f.From = s.view(r), "/work"
	if f.Users, err = s.app.ListUsers(ctx, actor); err != nil {
		return f, err
	}
	var id ident.Record
	if readID(r.FormValue("record"), &id) == nil && id != 0 {
		if f.Record, err = s.app.GetRecord(ctx, actor, id); err != nil {
			return f, err
		}
		if f.Ends, err = s.app.MeetingEnds(ctx, actor, id); err != nil {
			return f, err
		}
		f.From = recordPath(id)
	}
	f.From = back(r, cmp.Or(workAround(r), f.From))
	return f, nil
}

func (s *Server) askMeeting(w http.ResponseWriter, r *http.Request, status int, f meetingForm) error {
	q := question{ID: "book-meeting", Title: "Book a meeting", Back: f.From}
	if f.Record.ID != 0 {
		q.Text = "With " + joined(", ", f.Record.Name(), companyBeside(f.Record)) + "."
	}
	if isFragment(r) {
		w.Header().Set("HX-Reswap", "innerHTML")
	}
	return s.ask(w, r, status, q, func(q question) templ.Component { return meetingBody(q, f) })
}

// companyBeside gives the company of a record that is not named after it.
func companyBeside(r store.Record) string {
	if company := r.Get("company"); company != r.Name() {
		return company
	}
	return ""
}

// bookMeeting makes the meeting, and says which sequences ended by that.
func (s *Server) bookMeeting(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	f, err := s.readMeeting(r)
	if err != nil {
		return err
	}
	f.With, f.Name, f.Description, f.Assignee = text(r, "with"), text(r, "name"), text(r, "description"), text(r, "assignee")
	f.meetingFields = readMeetingFields(r)
	made, err := s.makeMeeting(r, f)
	if err != nil {
		var shown bool
		if f.Problems, shown = refused(err); !shown {
			return err
		}
		return s.askMeeting(w, r, http.StatusUnprocessableEntity, f)
	}
	said := "“" + made.Activity.Name + "” is booked for " + made.Activity.DueAt.In(f.View.Zone).Format("Mon 2 Jan, 15:04") + "."
	for _, e := range made.Ended {
		said += " “" + e.SequenceName + "” ended."
	}
	s.flash(r, ui.Flash{Text: said, Href: activityPath(made.Activity.ID), LinkText: "Show"})
	if at, err := url.Parse(f.From); err == nil && at.Path == calendarPath {
		return s.backToCalendar(w, r, readCalendarQuery(at.Query()))
	}
	return s.comeBack(w, r, f.From)
}

func (s *Server) makeMeeting(r *http.Request, f meetingForm) (action.Made, error) {
	in := action.NewActivity{Record: f.Record.ID, Kind: step.Meeting, Name: f.Name, Description: f.Description}
	var err error
	if in.Record == 0 {
		if in.Record, err = s.app.FindRecord(r.Context(), actorOf(r), f.With); err != nil {
			return action.Made{}, fieldNamed(err, "record", "with")
		}
	}
	if in.Name == "" {
		rec, err := s.app.GetRecord(r.Context(), actorOf(r), in.Record)
		if err != nil {
			return action.Made{}, err
		}
		in.Name = cutTo("Meeting with "+rec.Name(), flow.MaxStepName)
	}
	if f.Assignee != "" && readID(f.Assignee, &in.Assignee) != nil {
		return action.Made{}, fault.Field("assignee", "invalid", "Choose who goes.")
	}
	if in.DueAt, in.EndsAt, err = f.span(f.View); err != nil {
		return action.Made{}, err
	}
	in.Place, in.People = f.Place, f.people()
	return s.app.MakeActivity(r.Context(), actorOf(r), in)
}

func cutTo(text string, most int) string {
	if utf8.RuneCountInString(text) <= most {
		return text
	}
	return string([]rune(text)[:most-1]) + "…"
}

// fieldNamed gives a fault about a field of the input under the name that the form has for it.
func fieldNamed(err error, field, name string) error {
	found, shown := refused(err)
	if !shown || found.of(field) == "" {
		return err
	}
	return fault.Field(name, "invalid", found.of(field))
}

func readMeetingFields(r *http.Request) meetingFields {
	return meetingFields{Begins: text(r, "begins"), Length: text(r, "length"), Place: text(r, "place"), People: text(r, "people")}
}

// meetingFieldsOf fills the form with a meeting as it is.
func meetingFieldsOf(a store.Activity, zone *time.Location) meetingFields {
	return meetingFields{Begins: a.DueAt.In(zone).Format(localTime), Length: minutesOf(a.Length), Place: a.Place, People: strings.Join(a.People, "\n")}
}

// span reads when the meeting begins and ends.
func (f meetingFields) span(v view) (begins, ends time.Time, err error) {
	if begins, err = readLocalTime(v, f.Begins); err != nil {
		return begins, ends, fault.Field("begins", "invalid", "Choose a date and time.")
	}
	minutes, err := strconv.Atoi(f.Length)
	if err != nil || minutes < 1 || minutes > 24*60 {
		return begins, ends, fault.Field("length", "range", "Choose how long it lasts, 24 hours at most.")
	}
	return begins, begins.Add(time.Duration(minutes) * time.Minute), nil
}

// people are those that the form names, one to a line or with commas between them.
func (f meetingFields) people() []string {
	return strings.FieldsFunc(f.People, func(r rune) bool { return r == '\n' || r == ',' || r == ';' })
}

// lengthOptions are how long a meeting can last; what it lasts now is one of them.
func (f meetingFields) lengthOptions() []ui.Option {
	minutes := []int{15, 30, 45, 60, 90, 120, 180, 240, 480}
	if now, err := strconv.Atoi(f.Length); err == nil && !slices.Contains(minutes, now) && now > 0 {
		minutes = append(minutes, now)
		slices.Sort(minutes)
	}
	var options []ui.Option
	for _, m := range minutes {
		options = append(options, ui.Option{Value: strconv.Itoa(m), Label: spanWords(time.Duration(m) * time.Minute)})
	}
	return options
}

// endsText says which sequences the meeting ends: "“Inbound” ends by that."
func (f meetingForm) endsText() string {
	var names []string
	for _, e := range f.Ends {
		names = append(names, "“"+e.SequenceName+"”")
	}
	if len(names) == 1 {
		return names[0] + " ends when the meeting is booked: no more email of it goes out."
	}
	return strings.Join(names, ", ") + " end when the meeting is booked: no more email of them goes out."
}

// meetingTime says when a meeting is: "Tue 1 Dec, 10:00 – 10:30".
func meetingTime(v view, a store.Activity) string {
	from, to := a.DueAt.In(v.Zone), a.EndsAt().In(v.Zone)
	form := "15:04"
	if from.Format(time.DateOnly) != to.Format(time.DateOnly) {
		form = "Mon 2 Jan, 15:04"
	}
	return from.Format("Mon 2 Jan, 15:04") + " – " + to.Format(form)
}

// placeLink gives the address of a meeting's place, "" for a place that is none.
func placeLink(a store.Activity) string {
	for _, word := range strings.Fields(a.Place) {
		if u, err := url.Parse(word); err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != "" {
			return word
		}
	}
	return ""
}

// meetingBadge says how a meeting stands, in the corner of its panel.
func meetingBadge(v view, a store.Activity) *ui.BadgeProps {
	at, ends := a.DueAt.In(v.Zone), a.EndsAt().In(v.Zone)
	badge := &ui.BadgeProps{Text: "Begins " + ui.RelativeTime(at, v.Now), Tone: ui.Neutral, Title: meetingTime(v, a)}
	switch {
	case v.late(at):
		badge.Text, badge.Tone = "Was "+ui.RelativeTime(at, v.Now), ui.Red
	case !ends.After(v.Now):
		badge.Text, badge.Tone = "Over since "+ends.Format("15:04"), ui.Amber
	case !at.After(v.Now):
		badge.Text, badge.Tone = "Now, until "+ends.Format("15:04"), ui.Amber
	}
	return badge
}

// showMeetingSuggestions lists records of every kind that fit what was written into the form.
func (s *Server) showMeetingSuggestions(w http.ResponseWriter, r *http.Request) error {
	var found []store.RecordRow
	for _, kind := range record.Kinds() {
		p, err := s.app.ListRecords(r.Context(), actorOf(r), store.RecordQuery{Kind: kind, Search: r.URL.Query().Get("with"), Limit: maxSuggestions / len(record.Kinds()) * 2})
		if err != nil {
			return err
		}
		found = append(found, p.Rows...)
	}
	return s.fragment(w, r, 0, suggestions(found))
}
