package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// enrollmentShape is one record on one version of a sequence.
type enrollmentShape struct {
	ID          string     `json:"id,omitempty" doc:"Absent in the answer to a dry run."`
	Sequence    ref        `json:"sequence"`
	Version     int        `json:"version"`
	Record      ref        `json:"record"`
	RecordKind  string     `json:"record_kind" enum:"lead,opportunity,contact,account"`
	Assignee    *ref       `json:"assignee,omitempty" doc:"Who does its activities."`
	Status      string     `json:"status" enum:"active,paused,finished"`
	Step        string     `json:"step,omitempty" doc:"The id of the step where it stands; absent before the first one."`
	Wait        string     `json:"wait,omitempty" enum:"time,mail,person" doc:"What it waits for."`
	Since       *time.Time `json:"since,omitempty" doc:"When it came to the step."`
	DueAt       *time.Time `json:"due_at,omitempty" doc:"When it goes on by itself."`
	Done        int        `json:"done" doc:"How many steps are over, skipped ones included."`
	Exit        string     `json:"exit,omitempty" doc:"Why it finished: completed, replied, bounced, opted_out, suppressed, meeting_booked, field_condition, disconnected, record_closed, advanced, sequence_closed or failed."`
	ConnectedBy string     `json:"connected_by,omitempty" doc:"The user's id."`
	ConnectedAt *time.Time `json:"connected_at,omitempty" doc:"Absent in the answer to a dry run."`
	FinishedAt  *time.Time `json:"finished_at,omitempty"`
}

func enrollmentOf(e store.Enrollment) enrollmentShape {
	if e.State.Status == "" {
		e.State.Status = flow.Active // what it would be after a dry run
	}
	return enrollmentShape{
		ID: e.ID.String(), Sequence: ref{ID: e.Sequence.String(), Name: e.SequenceName}, Version: e.VersionNumber,
		Record: ref{ID: e.Record.String(), Name: e.RecordName}, RecordKind: string(e.RecordKind), Assignee: refTo(e.Assignee, e.AssigneeName),
		Status: string(e.State.Status), Step: e.State.Step, Wait: string(e.State.Wait), Since: moment(e.State.Since), DueAt: moment(e.State.DueAt),
		Done: e.State.Done, Exit: string(e.State.Exit), ConnectedBy: e.ConnectedBy.String(), ConnectedAt: moment(e.ConnectedAt), FinishedAt: moment(e.FinishedAt),
	}
}

type enrollmentQuery struct {
	Paging
	Sequence id[ident.Sequence] `query:"sequence"`
	Record   id[ident.Record]   `query:"record"`
	Status   string             `query:"status" enum:"active,paused,finished,live" doc:"live means active and paused."`
	Search   string             `query:"search" doc:"Words that the record's name must hold."`
}

type disconnecting struct {
	Enrollments []id[ident.Enrollment] `json:"enrollments" minItems:"1" doc:"At most 10,000."`
}

type disconnected struct {
	Disconnected int            `json:"disconnected"`
	Refused      []refusalShape `json:"refused"`
}

func (d *door) enrollments() {
	d.explanations()
	handle(d, get("/enrollments", "list-enrollments", "List enrollments, newest first"), func(ctx context.Context, actor access.Actor, in *enrollmentQuery) (page[enrollmentShape], error) {
		p, err := d.app.ListEnrollments(ctx, actor, store.EnrollmentQuery{
			Sequence: in.Sequence.Key, Record: in.Record.Key, Status: in.Status,
			Search: in.Search, Cursor: in.Cursor, Limit: in.Limit,
		})
		return pageOf(p, enrollmentOf), err
	})
	handle(d, get("/enrollments/{id}", "get-enrollment", "Get an enrollment"), d.enrollment)
	handle(d, get("/enrollments/{id}/history", "get-history", "Tell what happened to an enrollment, oldest first"), func(ctx context.Context, actor access.Actor, in *One[ident.Enrollment]) (page[historyShape], error) {
		rows, err := d.app.EnrollmentHistory(ctx, actor, in.ID.Key)
		return list(rows, historyOf), err
	})
	handle(d, post("/enrollments/disconnect", "disconnect-records", "Take several records off their sequences"), d.disconnectMany)
	handle(d, post("/enrollments/{id}/disconnect", "disconnect-record", "Take the record off the sequence"), d.disconnect)
	for _, verb := range []struct {
		path, id, summary string
		do                func(context.Context, access.Actor, ident.Enrollment) (store.Enrollment, error)
	}{
		{"pause", "pause-enrollment", "Hold the record where it stands", d.app.PauseEnrollment},
		{"resume", "resume-enrollment", "Let a paused record go on", d.app.ResumeEnrollment},
		{"skip_wait", "skip-wait", "End the wait in which the record stands", d.app.SkipWait},
		{"reply", "mark-replied", "Say that the customer answered the last email: a sequence that ends on a reply ends, a condition that asks for one goes on", d.app.MarkReplied},
		{"meeting", "book-meeting", "Say that a meeting with the customer is booked: every sequence of the record that ends on that ends", d.app.BookMeetingFor},
	} {
		handle(d, post("/enrollments/{id}/"+verb.path, verb.id, verb.summary), func(ctx context.Context, actor access.Actor, in *One[ident.Enrollment]) (enrollmentShape, error) {
			e, err := verb.do(ctx, actor, in.ID.Key)
			return enrollmentOf(e), err
		})
	}
}

func (d *door) enrollment(ctx context.Context, actor access.Actor, in *One[ident.Enrollment]) (enrollmentShape, error) {
	e, err := d.app.GetEnrollment(ctx, actor, in.ID.Key)
	return enrollmentOf(e), err
}

func (d *door) disconnect(ctx context.Context, actor access.Actor, in *One[ident.Enrollment]) (enrollmentShape, error) {
	_, refused, err := d.app.Disconnect(ctx, actor, []ident.Enrollment{in.ID.Key})
	if err == nil && len(refused) > 0 {
		err = refusalFault(refused[0])
	}
	if err != nil {
		return enrollmentShape{}, err
	}
	return d.enrollment(ctx, actor, in)
}

func (d *door) disconnectMany(ctx context.Context, actor access.Actor, in *body[disconnecting]) (disconnected, error) {
	ids := make([]ident.Enrollment, 0, len(in.Body.Enrollments))
	for _, e := range in.Body.Enrollments {
		ids = append(ids, e.Key)
	}
	done, refused, err := d.app.Disconnect(ctx, actor, ids)
	return disconnected{Disconnected: done, Refused: each(refused, refusalOf)}, err
}
