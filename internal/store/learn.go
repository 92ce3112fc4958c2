package store

import (
	"cadenza/internal/message"
	"cadenza/internal/pace"
)

// learn says what a received mail means: a reply and a bounce end or branch sequences, a complaint is an opt-out. Automatic
// replies and soft bounces are shown and do nothing.
func (tx *Tx) learn(v Received, m Message) error {
	switch v.Class {
	case message.HumanReply:
		if err := tx.proveSent(m); err != nil {
			return err
		}
		at := v.WrittenAt
		if at.Before(m.SentAt) || at.After(tx.Now) { // clocks of others are wrong, or lie
			at = tx.Now
		}
		return tx.RecordReply(ReplyFacts{Message: m.ID, Colleague: v.Colleague, At: at, Mail: v.ID})
	case message.HardBounce: // of the message's recipient, whatever else a stranger wrote into the report
		return tx.RecordBounce(BounceFacts{Message: m.ID, Detail: v.Detail})
	case message.Complaint:
		if _, err := tx.RecordOptOut(OptOutFacts{Message: m.ID, Source: FromComplaint, Note: v.Detail}); err != nil {
			return err
		}
		return tx.harmed(m.ID, pace.Complained)
	case message.AutomaticReply, message.SoftBounce, message.Unrelated:
	}
	return nil
}

// proveSent takes an answer to a message for the proof that it was sent, whatever we know of it: its Message-ID never left
// this house before.
func (tx *Tx) proveSent(m Message) error {
	if m.State != MessageUnknown && m.State != MessageQueued && m.State != MessageHeld {
		return nil
	}
	locked, err := tx.LockMessage(m.ID)
	if err != nil {
		return err
	}
	return tx.MarkSent(locked)
}
