package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Draft is an email that a person writes.
type Draft struct {
	To, CC, Subject, HTML string
	// Missing are the merge fields that the template left empty for this record.
	Missing []string
	// Template is the key of the template that it started from; empty for none.
	Template string
	// From is the address that sends it; empty while there is no mailbox.
	From string
	// Warning says why it cannot be sent as things stand; empty when it can.
	Warning string
}

// ComposeDraft starts the email of an activity from a template; an empty key takes that of the step.
func (a *App) ComposeDraft(ctx context.Context, actor access.Actor, activity ident.Activity, templateKey string) (Draft, error) {
	return Draft{}, errUnbuilt
}

// SendEmail queues the email of an activity. The activity is being sent until a server has taken the mail; then it is
// completed.
func (a *App) SendEmail(ctx context.Context, actor access.Actor, activity ident.Activity, d Draft) (store.Message, error) {
	return store.Message{}, errUnbuilt
}
