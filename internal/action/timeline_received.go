package action

import "cadenza/internal/message"

// previewInTimeline is how much of a received mail a timeline shows.
const previewInTimeline = 400

// ofReceived tells of the mail that came in.
func (s *story) ofReceived() []TimelineEntry {
	var list []TimelineEntry
	for _, v := range s.received {
		e := TimelineEntry{At: v.CreatedAt, Kind: "received", Received: v.ID, Class: v.Class, Detail: v.Preview(previewInTimeline)}
		who := v.SenderName
		if who == "" {
			who = v.Sender
		}
		about := ""
		if m, ok := s.mail[v.Message]; ok && m.Subject != "" {
			about = " to “" + m.Subject + "”"
		}
		switch v.Class {
		case message.HumanReply:
			e.Title = who + " replied" + about
			if v.Colleague {
				e.Title = who + ", a colleague, replied" + about
			}
		case message.AutomaticReply:
			e.Title = "Automatic reply of " + who + about
			if !v.ReturnsAt.IsZero() {
				e.Title += ": back on " + v.ReturnsAt.UTC().Format("2 January 2006")
			}
		case message.HardBounce:
			e.Title, e.Detail, e.Trouble = "An email came back: the address takes no mail", v.Detail, true
		case message.SoftBounce:
			e.Title, e.Detail, e.Trouble = "An email did not arrive, or is late", v.Detail, true
		case message.Complaint:
			e.Title, e.Detail, e.Trouble = "The recipient called an email spam", "", true
		case message.Unrelated:
			continue // such are not kept
		}
		list = append(list, e)
	}
	return list
}
