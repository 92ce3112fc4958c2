package message

// MayConcern tells by a header alone whether a mail may be about one of ours, so that the text of other people's mail is not
// even fetched: it names a Message-ID of ours, a machine wrote it, or its subject is that of an answer.
func MayConcern(in Incoming) bool {
	for _, id := range append([]string{in.InReplyTo}, in.References...) {
		if _, own := TokenOf(id); own {
			return true
		}
	}
	kind, _ := contentType(in)
	return kind == "multipart/report" || in.Header("X-Failed-Recipients") != "" || fromMachine(in) || automatic(in) ||
		answerPrefix.MatchString(in.Subject)
}
