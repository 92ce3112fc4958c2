package action

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
)

// TimelineEntry is one line of a record's story.
type TimelineEntry struct {
	At time.Time
	// Kind names the icon: note, email, automated_email, phone_call, task, wait, advance, connected, exit, paused,
	// resumed or message.
	Kind string
	// Title is a sentence without a full stop; Detail is what was written or why.
	Title, Detail string
	// By is who did it; empty when it happened by itself.
	By       string
	Sequence string
	// Message is the mail that the line is about; zero for none.
	Message ident.Message
	// Trouble marks what did not go as it should.
	Trouble bool
}

// Timeline gives the story of a record, newest first.
func (a *App) Timeline(ctx context.Context, actor access.Actor, id ident.Record, limit int) ([]TimelineEntry, error) {
	return nil, errUnbuilt
}
