package message

import "strings"

// ByColleague tells whether a reply was written by somebody else of the customer's than was written to: from another address
// of the same domain, under another name. name is the customer's. Addresses of a free-mail domain belong to strangers, so
// there another address is the customer's own, as it is where the domains differ: people answer from where they are.
func ByColleague(from Address, recipient, name string) bool {
	domain := DomainOf(from.Email)
	if strings.EqualFold(from.Email, recipient) || domain == "" || domain != DomainOf(recipient) || FreeMail(domain) {
		return false
	}
	return !samePerson(from, name)
}

// samePerson tells whether the words of a name stand in a sender's name or address, in any order: "Lindqvist, Marta".
func samePerson(from Address, name string) bool {
	local, _, _ := strings.Cut(from.Email, "@")
	has := func(words []string, word string) bool {
		for _, w := range words {
			if w == word {
				return true
			}
		}
		return false
	}
	wanted := wordsOfName(name)
	if len(wanted) < 2 {
		return false
	}
	shown, spelled := wordsOfName(from.Name), wordsOfName(local)
	inName, inAddress := true, true
	for _, w := range wanted {
		inName, inAddress = inName && has(shown, w), inAddress && has(spelled, w)
	}
	return inName || inAddress
}

func wordsOfName(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return strings.ContainsRune(" .,_-+'\"()\t", r) })
}
