package delivery

import (
	"context"
	"log/slog"
	"time"

	"cadenza/internal/message"
	"cadenza/internal/pace"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// gate gives the first thing that keeps a queued message from being sent, with the moment at which that passes, or passes the
// message with its final content, which comes from content. It is the one place where that is decided, for emails and text
// messages alike: its answer is the reason on the pages, in the API and in the log, but for what the claim finds out of a whole queue.
//
// What only a person can mend goes before what passes by itself, so that nobody hears of it when the wait is over.
func gate(c *store.MailCandidate, now time.Time, content func(*store.MailCandidate) store.Verdict) store.Verdict {
	if v := unwanted(c); v.Kind != store.Pass {
		return v
	}
	if v := wayOut(c, now); v.Kind != store.Pass {
		return v
	}
	if v := tooLate(c, now); v.Kind != store.Pass {
		return v
	}
	c.Message.AttemptAt = now
	v := content(c)
	if v.Kind != store.Pass {
		if v.Blocker == store.NotBlocked {
			v.Blocker = store.BlockContent
		}
		return v
	}
	if wait := held(c, now); wait.Kind != store.Pass {
		return wait
	}
	return v
}

func blocked(kind store.VerdictKind, code store.Blocker, reason string) store.Verdict {
	return store.Verdict{Kind: kind, Blocker: code, Reason: reason}
}

// unwanted tells what nobody waits for any more, and what must not be sent.
func unwanted(c *store.MailCandidate) store.Verdict {
	text := c.Message.Channel == message.TextChannel
	switch {
	case !c.Live:
		return store.Verdict{Kind: store.Withdraw, Reason: "Its enrollment has finished."}
	case !c.RecordFound && !c.Message.Test:
		return store.Verdict{Kind: store.Withdraw, Reason: "The record was deleted."}
	case !text && c.Record.Get("do_not_email") == "true":
		return blocked(store.Refuse, store.BlockUnwanted, "The record must not be emailed.")
	case text && c.Record.Get("do_not_text") == "true":
		return blocked(store.Refuse, store.BlockUnwanted, "The record must not be sent text messages.")
	case c.Suppressed != "":
		return blocked(store.Refuse, store.BlockSuppressed, c.Suppressed)
	}
	return store.Verdict{}
}

// wayOut tells whether there is something to send with: a mailbox, or the provider of text messages. What is new fails without, so that a person hears
// of it; what waits already goes on waiting.
func wayOut(c *store.MailCandidate, now time.Time) store.Verdict {
	switch {
	case c.Message.Channel == message.TextChannel:
		if !c.Provider.Ready() {
			return blocked(store.Fail, store.BlockNoBox, "No provider of text messages is set up. An admin does that under Settings.")
		}
	case c.Pacing.NoMailbox && c.Message.User != 0 && c.Message.Blocker != store.NotBlocked:
		// It waited when the mailbox was deleted.
		return store.Verdict{Kind: store.Later, Blocker: store.BlockNoBox, At: now.Add(noWindow), Reason: noMailbox(c)}
	case c.Pacing.MailboxGone:
		return blocked(store.Fail, store.BlockBoxGone, "The mailbox from which this conversation began does not exist any more. Write to the customer from another one.")
	case c.Message.User == 0:
		return blocked(store.Fail, store.BlockNoBox, "The record has no owner, so there is no mailbox to send from. Give it an owner.")
	case c.Mailbox.ID == 0:
		return blocked(store.Fail, store.BlockNoBox, noMailbox(c))
	}
	return store.Verdict{}
}

func noMailbox(c *store.MailCandidate) string {
	return sender(c) + " has no mailbox. Set one up under Mailboxes."
}

func sender(c *store.MailCandidate) string { return firstOf(c.User.Name, "The assignee") }

// tooLate tells what was to be sent so long ago that it does not fit any more: the server was down, or runs from an old backup
// (spec.md 13, decision 19).
func tooLate(c *store.MailCandidate, now time.Time) store.Verdict {
	late := now.Sub(c.Pacing.QueuedFor)
	if c.Pacing.LateAfter <= 0 || c.Pacing.QueuedFor.IsZero() || late <= c.Pacing.LateAfter {
		return store.Verdict{}
	}
	kind := store.Fail
	if c.Pacing.LateSkip {
		kind = store.Refuse
	}
	return blocked(kind, store.BlockTooLate, step.LateReason(late))
}

// held tells what passes by itself, or when somebody resumes the mailbox.
func held(c *store.MailCandidate, now time.Time) store.Verdict {
	email := c.Message.Channel != message.TextChannel
	if email && c.Mailbox.Paused {
		if c.Pacing.PauseReason != "" {
			return store.Verdict{Kind: store.Later, Blocker: store.BlockGuard, Turn: true, At: now, Reason: "The mailbox of " + sender(c) + " was stopped: " + c.Pacing.PauseReason}
		}
		return store.Verdict{Kind: store.Later, Blocker: store.BlockPaused, Turn: true, At: now, Reason: "The mailbox of " + sender(c) + " is paused."}
	}
	if email && c.Mailbox.GrantError != "" {
		return store.Verdict{Kind: store.Later, Blocker: store.BlockGrant, Turn: true, At: now, Reason: "The mailbox of " + sender(c) + " has to be connected again: its sign-in has ended."}
	}
	if why := c.Pacing.ShutOut(now); email && why != "" {
		code := store.BlockShutOut
		if c.Pacing.Unreached() {
			code = store.BlockUnreached
		}
		return store.Verdict{Kind: store.Later, Blocker: code, Turn: true, At: now, Reason: "The mailbox of " + sender(c) + " cannot send: " + why}
	}
	if !c.Back.IsZero() {
		return store.Verdict{Kind: store.Later, Blocker: store.BlockAway, At: c.Back, Reason: c.User.Name + " is away, and automated messages wait for the return."}
	}
	if v := window(c, now); v.Kind != store.Pass {
		return v
	}
	turn := c.Pacing.Next(c.Message, now)
	if turn.Why == pace.Open {
		return store.Verdict{}
	}
	v := store.Verdict{Kind: store.Later, At: turn.At, Turn: true}
	v.Blocker, v.Reason = c.Pacing.Says(turn, now)
	return v
}

// noWindow is when a message is looked at again for which no window opens within a year.
const noWindow = 24 * time.Hour

// window tells whether an automated message has to wait for a send window, in the zone of the customer.
func window(c *store.MailCandidate, now time.Time) store.Verdict {
	if c.Pacing.AnyTime || c.Message.Activity != 0 || c.Message.Test {
		return store.Verdict{}
	}
	hold, held := c.SendHours().Hold(now)
	if !held {
		return store.Verdict{}
	}
	v := store.Verdict{Kind: store.Later, Blocker: store.BlockWindow, Reason: hold.Reason, At: hold.Until}
	if hold.Holiday {
		v.Blocker = store.BlockHoliday
	}
	if v.At.IsZero() {
		v.At = now.Add(noWindow)
	}
	return v
}

// tell logs what became of the messages that a claim did not take: as it stands in their rows, once it does.
func (l *Loop) tell(ctx context.Context, looked []*store.MailCandidate) {
	for _, c := range looked {
		v := c.Answer
		if v == nil {
			continue
		}
		facts := []slog.Attr{slog.String("message", c.Message.ID.String())}
		if v.Blocker != store.NotBlocked {
			facts = append(facts, slog.String("blocker", string(v.Blocker)))
		}
		if at := v.OpensAt(); !at.IsZero() {
			facts = append(facts, slog.Time("opens_at", at))
		}
		what := "message held up"
		switch v.Kind {
		case store.Fail:
			what = "message cannot be sent"
		case store.Refuse:
			what = "message must not be sent"
		case store.Withdraw:
			what = "message withdrawn"
			facts = append(facts, slog.String("reason", v.Reason))
		case store.Later, store.Pass, store.Leave:
		}
		l.c.Log.LogAttrs(ctx, slog.LevelDebug, what, facts...)
	}
}
