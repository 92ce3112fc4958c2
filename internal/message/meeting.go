package message

import "strings"

// meetingAnswer gives the words of an answer to an invitation, which most programs send without any: "Accepted: Call", and
// what its writer noted. It is "" for all other mail.
func meetingAnswer(in Incoming) string {
	for _, a := range in.Attachments {
		if a.Type != "text/calendar" {
			continue
		}
		if words := readAnswer(a.Data, in.Subject); words != "" {
			return words
		}
	}
	return ""
}

// readAnswer reads a calendar object whose method is REPLY (RFC 5546, section 3.2.3). What it does not say, the mail's
// subject says.
func readAnswer(data []byte, subject string) string {
	text := string(decodeUnsaid(data[:min(len(data), TextMax)], nil, len(data) > TextMax))
	text = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "").Replace(text) // RFC 5545, section 3.1
	var method, status, summary, comment string
	for line := range strings.Lines(text) {
		name, params, value := contentLine(strings.TrimRight(line, "\r\n"))
		switch {
		case name == "METHOD":
			method = strings.ToUpper(strings.TrimSpace(value))
		case name == "ATTENDEE" && status == "": // the one who answers is the only one whose status means something
			status = partStatus(params)
		case name == "SUMMARY" && summary == "":
			summary = calendarText(value)
		case name == "COMMENT" && comment == "":
			comment = calendarText(value)
		}
	}
	if method != "REPLY" {
		return ""
	}
	words := subject
	if status != "" && summary != "" {
		words = status + ": " + summary
	} else if status != "" && !strings.Contains(strings.ToLower(subject), strings.ToLower(status)) {
		words = status + ": " + subject
	}
	if comment != "" {
		words += "\n\n" + comment
	}
	return words
}

// contentLine parts a line of a calendar object: its name in upper case, its parameters, its value. A colon in quotation
// marks belongs to a parameter (RFC 5545, section 3.1).
func contentLine(line string) (name, params, value string) {
	quoted := false
	for i := range len(line) {
		switch {
		case line[i] == '"':
			quoted = !quoted
		case line[i] == ':' && !quoted:
			name, params, _ = strings.Cut(line[:i], ";")
			return strings.ToUpper(name), params, line[i+1:]
		}
	}
	return "", "", ""
}

// partStatus words what an attendee answered (RFC 5545, section 3.2.12); "" for no answer, or none that is known.
func partStatus(params string) string {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "PARTSTAT") {
			continue
		}
		switch strings.ToUpper(strings.Trim(value, ` "`)) {
		case "ACCEPTED":
			return "Accepted"
		case "DECLINED":
			return "Declined"
		case "TENTATIVE":
			return "Tentatively accepted"
		case "DELEGATED":
			return "Delegated"
		}
	}
	return ""
}

// calendarText reads a value of the type TEXT (RFC 5545, section 3.3.11).
func calendarText(value string) string {
	return strings.TrimSpace(strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";").Replace(value))
}
