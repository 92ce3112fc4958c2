package delivery

import (
	"context"
	"fmt"

	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// accompany completes the verdict on a message that passes with its files. One that was deleted is not left out in
// silence: the text may speak of it.
func accompany(c *store.MailCandidate, v store.Verdict) store.Verdict {
	if v.Kind != store.Pass {
		return v
	}
	for _, f := range c.Files {
		if f.Deleted {
			return store.Verdict{Kind: store.Fail, Reason: fmt.Sprintf("The file %s was deleted. Take it out of the template, or attach another one.", firstOf(f.Name, "that goes with it"))}
		}
	}
	v.Files = c.Files
	return v
}

// carried reads the files that a message carries itself: those of one that is not followed, so that nobody's wish costs
// them the file. Without trouble the result is Delivered so far.
func (e *emails) carried(ctx context.Context, c *store.MailCandidate) ([]message.Attachment, handover) {
	h := handover{kind: store.Delivered}
	if c.Message.Tracked {
		return nil, h
	}
	var list []message.Attachment
	for _, f := range c.Files {
		content, err := e.c.Outbox.ReadFile(ctx, f)
		if err != nil {
			e.c.Log.Error("read file of message", "error", err, "message", c.Message.ID.String(), "file", f.ID.String())
			if h.kind = store.Retry; fault.Is(err, fault.NotFound) {
				h.kind = store.Rejected
			}
			h.reason = fmt.Sprintf("The file %s cannot be read.", f.Name)
			return nil, h
		}
		list = append(list, message.Attachment{Name: f.Name, Type: f.Type, Data: content})
	}
	return list, h
}
