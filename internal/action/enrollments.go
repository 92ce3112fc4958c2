package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// ListEnrollments gives one page of enrollments.
func (a *App) ListEnrollments(ctx context.Context, actor access.Actor, q store.EnrollmentQuery) (store.Page[store.Enrollment], error) {
	return store.Page[store.Enrollment]{}, errUnbuilt
}

// GetEnrollment gives one enrollment.
func (a *App) GetEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return store.Enrollment{}, errUnbuilt
}

// EnrollmentHistory gives what happened to an enrollment, oldest first.
func (a *App) EnrollmentHistory(ctx context.Context, actor access.Actor, id ident.Enrollment) ([]store.HistoryRow, error) {
	return nil, errUnbuilt
}

// PauseEnrollment holds an enrollment until it is resumed.
func (a *App) PauseEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return store.Enrollment{}, errUnbuilt
}

// ResumeEnrollment lets a paused enrollment go on.
func (a *App) ResumeEnrollment(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return store.Enrollment{}, errUnbuilt
}

// SkipWait ends the wait in which an enrollment stands.
func (a *App) SkipWait(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return store.Enrollment{}, errUnbuilt
}

// MarkReplied says that the customer answered; a sequence that ends on a reply ends.
func (a *App) MarkReplied(ctx context.Context, actor access.Actor, id ident.Enrollment) (store.Enrollment, error) {
	return store.Enrollment{}, errUnbuilt
}
