package record

import "github.com/nyaruka/phonenumbers"

// TextNumber gives the number to which a record's text messages go, in E.164: its mobile, else its phone. ok is false when
// neither is an international number.
func (r Record) TextNumber() (number string, ok bool) {
	for _, field := range []string{"mobile", "phone"} {
		if number, ok = CanonicalTextNumber(r.Get(field)); ok {
			return number, true
		}
	}
	return "", false
}

// CanonicalTextNumber gives an international number in E.164. One with an extension is no number for text messages.
func CanonicalTextNumber(text string) (number string, ok bool) {
	n, err := phonenumbers.Parse(text, "")
	if err != nil || n.GetExtension() != "" || !phonenumbers.IsPossibleNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}
