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

// wrongCC says what is wrong with a list of addresses: it names the one that is none.
func wrongCC(list string) string {
	for part := range strings.SplitSeq(list, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if _, err := message.ParseAddress(part); err != nil {
			return fmt.Sprintf("“%s” is no email address. CC takes addresses with commas between them.", clip(part))
		}
	}
	return fmt.Sprintf("CC takes up to %d email addresses with commas between them.", maxMailCC)
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
