package action

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"cadenza/internal/message"
)

// splitList gives the addresses of a list with commas between them.
func splitList(list string) []string {
	emails, _ := addressList(list)
	return emails
}

// wrongCopies says what is wrong with the addresses in CC or BCC: it names the one that is none.
func wrongCopies(field, list string) string {
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if _, err := message.ParseAddress(part); err != nil {
			return fmt.Sprintf("“%s” is no email address. %s takes addresses with commas between them.", clip(part), field)
		}
	}
	return fmt.Sprintf("%s takes up to %d email addresses with commas between them.", field, maxMailCC)
}

// clip bounds what is repeated of a text that somebody typed.
func clip(text string) string {
	const room = 80
	if utf8.RuneCountInString(text) > room {
		return string([]rune(text)[:room]) + "…"
	}
	return text
}

// addressList reads addresses with commas between them.
func addressList(list string) (emails []string, ok bool) {
	for part := range strings.SplitSeq(list, ",") {
		if strings.TrimSpace(part) == "" {
			continue
		}
		a, err := message.ParseAddress(part)
		if err != nil || len(emails) == maxMailCC {
			return emails, false
		}
		emails = append(emails, a.Email)
	}
	return emails, true
}
