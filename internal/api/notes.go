package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

type noteShape struct {
	ID        string     `json:"id"`
	Record    string     `json:"record"`
	User      *ref       `json:"user,omitempty"`
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"created_at"`
	EditedAt  *time.Time `json:"edited_at,omitempty" doc:"When its text was changed last; absent while it is as it was written."`
}

func noteOf(n store.Note) noteShape {
	return noteShape{
		ID: n.ID.String(), Record: n.Record.String(), User: refTo(n.User, n.UserName), Body: n.Body,
		CreatedAt: n.CreatedAt.UTC(), EditedAt: moment(n.EditedAt),
	}
}

type newNote struct {
	Body string `json:"body" doc:"At most 10,000 characters."`
}

// timelineEntry is one line of a record's story.
type timelineEntry struct {
	At       time.Time  `json:"at"`
	Kind     string     `json:"kind" doc:"note, email, automated_email, phone_call, task, wait, advance, connected, exit, paused, resumed, message or received."`
	Title    string     `json:"title"`
	Detail   string     `json:"detail,omitempty"`
	By       string     `json:"by,omitempty" doc:"Who did it; absent when it happened by itself."`
	Sequence string     `json:"sequence,omitempty" doc:"The sequence's name."`
	Message  string     `json:"message,omitempty" doc:"The id of the email that it is about."`
	Received string     `json:"received,omitempty" doc:"The id of the mail that came in that it is about."`
	Parts    int        `json:"parts,omitempty" doc:"How many parts a text message was cut into."`
	Note     string     `json:"note,omitempty" doc:"The id of the note that it is."`
	Edited   *time.Time `json:"edited_at,omitempty" doc:"When that note was changed last."`
	Trouble  bool       `json:"trouble" doc:"Whether it did not go as it should."`
	Sort     string     `json:"sort" enum:"emails,calls,notes,tasks,sequence"`
	New      bool       `json:"new" doc:"Whether it happened after the token's user looked at the record last."`
}

// track is the way of a record through one sequence.
type track struct {
	Enrollment enrollmentShape `json:"enrollment"`
	Position   int             `json:"position" doc:"How many steps are behind the record, and the current one; 0 before the first."`
	Total      int             `json:"total" doc:"Position, and the longest way from here; conditions may make it shorter."`
	Current    *stepName       `json:"current,omitempty"`
	Activity   *activityShape  `json:"activity,omitempty" doc:"What a person has to do now."`
	Waiting    string          `json:"waiting,omitempty" doc:"Why nothing happens now and what comes then, as a sentence."`
	Until      *time.Time      `json:"until,omitempty" doc:"When the waiting ends, where that is known."`
	Message    *MessageRow     `json:"message,omitempty" doc:"The current step's email that is not sent yet."`
	Upcoming   []upcomingStep  `json:"upcoming"`
	Done       []historyShape  `json:"done" doc:"The steps that are over, oldest first."`
}

type stepName struct {
	ID          string `json:"id"`
	Type        string `json:"type"`
	Name        string `json:"name,omitempty"`
	Description string `json:"description,omitempty"`
}

// upcomingStep is a step to come.
type upcomingStep struct {
	ID          string     `json:"id"`
	Type        string     `json:"type"`
	Name        string     `json:"name,omitempty"`
	Description string     `json:"description,omitempty"`
	At          *time.Time `json:"at,omitempty" doc:"When it is reached, as far as that can be foreseen: see /enrollments/{id}/explanation."`
}

func stepOf(s step.Step) stepName {
	return stepName{ID: s.ID, Type: s.Type, Name: s.Name, Description: s.Description}
}

type upNext struct {
	Tracks []track         `json:"tracks" doc:"One for each sequence that the record is on."`
	Manual []activityShape `json:"manual" doc:"The open activities made by hand, by due time."`
}

type visitShape struct {
	NewSince *time.Time `json:"new_since,omitempty" doc:"When the visit before this one ended; absent at the first."`
}

type timelineQuery struct {
	One[ident.Record]
	Paging
	Show string `query:"show" enum:"emails,calls,notes,tasks,sequence" doc:"Only lines of this sort; all when it is left out."`
}

func (d *door) notes() {
	handle(d, with(post("/records/{id}/meeting", "book-record-meeting", "Say that a meeting with the customer is booked"), "Every sequence of the record that ends on that ends; those are given. None is a conflict (409)."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (page[enrollmentShape], error) {
			ended, err := d.app.BookMeeting(ctx, actor, in.ID.Key)
			return list(ended, enrollmentOf), err
		})
	handle(d, create("/records/{id}/notes", "add-note", "Add a note to a record"), func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Record, newNote]) (noteShape, error) {
		n, err := d.app.AddNote(ctx, actor, in.ID.Key, in.Body.Body)
		return noteOf(n), err
	})
	d.oneNote()
	handle(d, get("/records/{id}/timeline", "get-timeline", "Tell the story of a record, newest first"), func(ctx context.Context, actor access.Actor, in *timelineQuery) (page[timelineEntry], error) {
		p, err := d.app.TimelinePage(ctx, actor, action.TimelineQuery{Record: in.ID.Key, Show: action.TimelineShow(in.Show), Cursor: in.Cursor, Limit: in.Limit})
		return pageOf(store.Page[action.TimelineEntry]{Rows: p.Entries, Next: p.Next, Total: -1}, timelineOf), err
	})
	handle(d, with(post("/records/{id}/visit", "visit-record", "Say that the token's user looks at a record"),
		"Its notifications count as read, and the timeline marks what is new. Looks less than 30 minutes apart are one visit."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (visitShape, error) {
			since, err := d.app.Visit(ctx, actor, in.ID.Key)
			return visitShape{NewSince: moment(since)}, err
		})
	handle(d, get("/records/{id}/up-next", "get-up-next", "Say what is to do for a record, and what comes after"), func(ctx context.Context, actor access.Actor, in *One[ident.Record]) (upNext, error) {
		view, err := d.app.UpNext(ctx, actor, in.ID.Key)
		return upNext{Tracks: each(view.Tracks, trackOf), Manual: each(view.Manual, activityOf)}, err
	})
}

// oneNote is what can be done with a note that is there.
func (d *door) oneNote() {
	handle(d, get("/notes/{id}", "get-note", "Get a note"), func(ctx context.Context, actor access.Actor, in *One[ident.Note]) (noteShape, error) {
		n, err := d.app.GetNote(ctx, actor, in.ID.Key)
		return noteOf(n), err
	})
	handle(d, with(patch("/notes/{id}", "edit-note", "Change the text of a note"), "Its writer may, and who may edit its record."),
		func(ctx context.Context, actor access.Actor, in *oneAnd[ident.Note, newNote]) (noteShape, error) {
			n, err := d.app.EditNote(ctx, actor, in.ID.Key, in.Body.Body)
			return noteOf(n), err
		})
	handleSilent(d, with(remove("/notes/{id}", "delete-note", "Delete a note"), "It can be brought back within 30 days."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Note]) error {
			_, err := d.app.DeleteNote(ctx, actor, in.ID.Key)
			return err
		})
	handle(d, with(post("/notes/{id}/restore", "restore-note", "Bring a deleted note back"), "One that is not deleted stays as it is."),
		func(ctx context.Context, actor access.Actor, in *One[ident.Note]) (noteShape, error) {
			n, err := d.app.RestoreNote(ctx, actor, in.ID.Key)
			return noteOf(n), err
		})
}

func timelineOf(e action.TimelineEntry) timelineEntry {
	return timelineEntry{
		At: e.At.UTC(), Kind: e.Kind, Title: e.Title, Detail: e.Detail, By: e.By, Sequence: e.Sequence,
		Message: e.Message.String(), Received: e.Received.String(), Parts: e.Parts, Note: e.Note.String(), Edited: moment(e.Edited), Trouble: e.Trouble,
		Sort: string(e.Sort()), New: e.New,
	}
}

func trackOf(t action.Track) track {
	return track{
		Enrollment: enrollmentOf(t.Enrollment), Position: t.Position, Total: t.Total, Current: maybe(t.Current, stepOf),
		Activity: maybe(t.Activity, activityOf), Waiting: t.Waiting, Until: moment(t.Until), Message: maybe(t.Message, messageRowOf),
		Upcoming: each(t.Upcoming, func(s step.Step) upcomingStep {
			return upcomingStep{ID: s.ID, Type: s.Type, Name: s.Name, Description: s.Description, At: moment(t.Reached[s.ID])}
		}), Done: each(t.Done, historyOf),
	}
}

// maybe converts what may be missing.
func maybe[S, T any](from *S, convert func(S) T) *T {
	if from == nil {
		return nil
	}
	to := convert(*from)
	return &to
}

// historyShape is one line of an enrollment's history.
type historyShape struct {
	ID       string    `json:"id"`
	Sequence string    `json:"sequence,omitempty" doc:"The sequence's name."`
	Kind     string    `json:"kind" doc:"connected, step, handed, paused, resumed, exit or wait_skipped."`
	Step     string    `json:"step,omitempty" doc:"The step's id."`
	Visit    int       `json:"visit,omitempty" doc:"Counts the steps that the enrollment has entered."`
	Outcome  string    `json:"outcome,omitempty"`
	Detail   string    `json:"detail,omitempty"`
	Since    time.Time `json:"since" doc:"When the visit of the step began."`
	At       time.Time `json:"at"`
	By       *ref      `json:"by,omitempty"`
}

func historyOf(h store.HistoryRow) historyShape {
	return historyShape{
		ID: h.ID.String(), Sequence: h.SequenceName, Kind: string(h.Kind), Step: h.Step, Visit: h.Visit, Outcome: string(h.Outcome),
		Detail: h.Detail, Since: h.Since.UTC(), At: h.At.UTC(), By: refTo(h.By, h.ByName),
	}
}
