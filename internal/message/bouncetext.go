package message

import (
	"regexp"
	"strings"
)

// spokenMax is how much of a bounce's text is read: the reason stands before the copy of the mail.
const spokenMax = 32 << 10

// What the usual servers write when they give up, and when they go on trying. The words of Postfix, Exim, qmail, sendmail,
// Exchange, Gmail and Yahoo.
var (
	gaveUp = []string{
		"could not be delivered", "couldn't be delivered", "could not deliver", "wasn't delivered", "was not delivered", "wasn't able to deliver",
		"not able to deliver", "unable to deliver", "undeliverable", "undelivered", "delivery has failed", "delivery to the following recipient failed",
		"delivery failure", "delivery failed", "failed permanently", "did not reach", "has been rejected", "permanent fatal errors", "permanent error",
		"mail delivery failed", "returned to sender", "returned mail", "address not found", "message blocked", "message not delivered",
		"konnte nicht zugestellt werden", "unzustellbar", "nicht zugestellt", "n'a pas pu être", "non remis", "no se ha podido entregar",
		"non è stato possibile recapitare", "kon niet worden bezorgd", "kan niet worden bezorgd",
	}
	goesOn = []string{
		"has not yet been delivered", "delivery is delayed", "delivery delayed", "delayed mail", "still being retried", "still trying", "will be retried", "will retry",
		"will continue to try", "warning: could not send message", "warning: message", "delivery incomplete", "no action is required", "you do not need to resend",
		"do not need to resend", "temporary problem", "wird weiterhin versucht", "verzögert",
	}
)

// spokenBounce reads a bounce without a part for machines. ok is false for what does not read like one.
func spokenBounce(in Incoming) (list []Failure, ok bool) {
	text := in.Text
	if text == "" {
		text = PlainText(in.HTML)
	}
	text = beforeCopy(strings.ReplaceAll(text[:min(len(text), spokenMax)], "\u00a0", " "))
	lower := strings.ToLower(in.Subject + "\n" + text)
	lower = strings.Join(strings.Fields(strings.ReplaceAll(lower, "’", "'")), " ")
	delayed := containsAny(lower, goesOn)
	if !delayed && !containsAny(lower, gaveUp) {
		return nil, false
	}
	f := Failure{Status: statusCode(text), Detail: clipLine(answerIn(text))}
	if f.Status == "" {
		f.Status = replyCode(f.Detail)
	}
	if !delayed {
		f.Hard = hard(f.Status, f.Detail+" "+lower)
		if f.Status == "" && !f.Hard { // it says that it gave up, and not why
			f.Hard = !containsAny(lower, fullMailbox)
		}
	}
	for _, address := range spokenRecipients(in, text) {
		one := f
		one.Address = address
		list = append(list, one)
	}
	if list == nil {
		list = []Failure{f}
	}
	return list, true
}

// copyMark begins the copy of the mail that many servers put below their words.
var copyMark = regexp.MustCompile(`(?mi)^[-= ]*(?:below this line is a copy|this is a copy of (?:the|your) message|original message|message headers? follow|ursprüngliche nachricht|original message headers|----- message header)`)

func beforeCopy(text string) string {
	if at := copyMark.FindStringIndex(text); at != nil && at[0] > 0 {
		return text[:at[0]]
	}
	return text
}

var (
	answerForm  = regexp.MustCompile(`(?m)(?:^|[\s'"(:])([45][0-9]{2}[ \-](?:#?[45]\.[0-9]{1,3}\.[0-9]{1,3})?[^\n]{0,300}(?:\n[ \t]+[^\n]{1,200}){0,3})`)
	addressForm = regexp.MustCompile(`[^\s<>()\[\],;:"']{1,64}@[^\s<>()\[\],;:"'@]{1,190}[^\s<>()\[\],;:"'@.]`)
	idForm      = regexp.MustCompile(`(?mi)^[ \t>]*message-id:[ \t]*(<[^<>\s]{3,500}>)`)
	ownIDForm   = regexp.MustCompile(`<?(` + regexp.QuoteMeta(idPrefix) + `[^\s<>@"']{1,400}@[A-Za-z0-9.\-]{1,250})`)
)

// answerIn finds the other server's answer in the text; without one the paragraph that names an address says why.
func answerIn(text string) string {
	if m := answerForm.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		if strings.Contains(paragraph, "@") && len(paragraph) < 2000 {
			return paragraph
		}
	}
	return ""
}

// spokenRecipients finds the addresses that a bounce is about.
func spokenRecipients(in Incoming, text string) []string {
	var list []string
	add := func(address string) bool {
		address = normalEmail(cleanLine(strings.Trim(address, ".")))
		if ValidEmail(address) && !daemon(address) && !strings.HasPrefix(address, idPrefix) && address != in.From.Email && !containsFold(list, address) {
			list = append(list, address)
		}
		return len(list) < failuresMax
	}
	for _, a := range addressList(in.Header("X-Failed-Recipients")) { // Gmail and Exim
		add(a.Email)
	}
	if list != nil {
		return list
	}
	for _, found := range addressForm.FindAllString(text, failuresMax) {
		if len(in.To) > 0 && strings.EqualFold(found, in.To[0].Email) {
			continue // the mailbox that the bounce came to
		}
		if !add(found) {
			break
		}
	}
	return list
}

func containsFold(list []string, s string) bool {
	for _, one := range list {
		if strings.EqualFold(one, s) {
			return true
		}
	}
	return false
}

// spokenIDs finds the Message-IDs that a text names: those in a copied header, and all that are ours.
func spokenIDs(text string) []string {
	var ids []string
	for _, m := range ownIDForm.FindAllStringSubmatch(text, 5) {
		ids = append(ids, m[1])
	}
	for _, m := range idForm.FindAllStringSubmatch(text, 5) {
		ids = append(ids, idList(m[1])...)
	}
	return ids
}
