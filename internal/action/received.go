package action

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// ListReceived gives one page of the mail that came in and is about ours, newest first. Who may see messages may see their
// answers.
func (a *App) ListReceived(ctx context.Context, actor access.Actor, q store.ReceivedQuery) (store.Page[store.Received], error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Page[store.Received]{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Page[store.Received], error) { return tx.ListReceived(q) })
}

// GetReceived gives one received mail.
func (a *App) GetReceived(ctx context.Context, actor access.Actor, id ident.Received) (store.Received, error) {
	if err := may(actor, access.ReadMessages); err != nil {
		return store.Received{}, err
	}
	return look(ctx, a, func(tx *store.Tx) (store.Received, error) { return tx.GetReceived(id) })
}

// ReceivedMeans says what a received mail is where that is not in its text: what happened, without a full stop, and what follows from it. Either may
// be empty.
func ReceivedMeans(v store.Received) (title, text string) {
	switch v.Class {
	case message.AutomaticReply:
		title = "A program answered"
		if !v.ReturnsAt.IsZero() {
			title += ": back on " + v.ReturnsAt.UTC().Format("2 January 2006")
		}
		return title, "It neither ends a sequence nor counts as a reply."
	case message.HardBounce, message.SoftBounce:
		return BounceMeans(v.Class)
	case message.Complaint:
		return "The recipient called the email spam", "The address gets no more mail."
	case message.HumanReply, message.Unrelated:
		if v.Colleague {
			return "", "Somebody else of the customer's wrote it than was written to."
		}
	}
	return "", ""
}

// BounceMeans says what happened when a message came back, without a full stop, and what follows from it; nothing for what is no bounce.
func BounceMeans(class message.Class) (title, text string) {
	switch class {
	case message.HardBounce:
		return "The address takes no mail", "Nothing more is sent to it."
	case message.SoftBounce:
		return "One email did not arrive, or is late", "The address may still take others."
	case message.HumanReply, message.AutomaticReply, message.Complaint, message.Unrelated:
	}
	return "", ""
}

// WhatCameOf says what has become since of the enrollment whose message a received mail is about; "" where there is none.
func WhatCameOf(v store.Received) string {
	on := "its sequence"
	if v.SequenceName != "" {
		on = "“" + v.SequenceName + "”"
	}
	switch v.Standing {
	case flow.Active:
		return "It goes on in " + on + "."
	case flow.Paused:
		return "It is paused in " + on + "."
	case flow.Finished:
		return "It has left " + on + ": " + v.Exit.Describe() + "."
	}
	return ""
}
