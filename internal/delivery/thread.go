package delivery

import (
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// inThread gives the subject of a mail: that of the mail before it where it belongs into its thread, because mail programs
// look at the subject, too (RFC 5322, section 3.6.5).
func inThread(c *store.MailCandidate, own string) string {
	if len(c.Pacing.Thread) == 0 {
		return own
	}
	return message.ReplySubject(c.Pacing.Thread[0].Subject)
}

// maxReferences bounds the ids of earlier mail that a mail carries: the first one and the last ones, which is what RFC 5322,
// section 3.6.4, lets programs that shorten the list keep.
const maxReferences = 12

// references gives the ids that tie a mail to those before it.
func references(c *store.MailCandidate) (inReplyTo string, list []string) {
	before := c.Pacing.Thread
	if len(before) == 0 {
		return "", nil
	}
	if len(before) > maxReferences {
		before = append(before[:1:1], before[len(before)-maxReferences+1:]...)
	}
	for _, e := range before {
		list = append(list, e.RFCID)
	}
	return list[len(list)-1], list
}
