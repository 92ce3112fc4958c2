package message

import (
	"mime"
	"regexp"
	"strconv"
	"strings"
)

// reportMax is how much of a machine-readable part is read; a block of one recipient is well under 1 KB.
const reportMax = 64 << 10

// readMediaType reads a Content-Type; what is broken gives what stands before the first semicolon.
func readMediaType(value string) (kind string, params map[string]string) {
	if len(value) > 2000 {
		value = value[:2000]
	}
	kind, params, err := mime.ParseMediaType(value)
	if err != nil && kind == "" {
		kind, _, _ = strings.Cut(value, ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	return kind, params
}

// fields is a block of header-like lines.
type fieldBlock [][2]string

// value gives the first field of a name, which is in lower case.
func (b fieldBlock) value(name string) string {
	for _, f := range b {
		if f[0] == name {
			return f[1]
		}
	}
	return ""
}

// fieldBlocks reads blocks of fields with empty lines between them (RFC 3464, 2.1). What is no field is passed over.
func fieldBlocks(data []byte, most int) []fieldBlock {
	var blocks []fieldBlock
	var block fieldBlock
	text := string(data[:min(len(data), reportMax)])
	for line := range strings.SplitSeq(text, "\n") {
		line = strings.TrimRight(line, "\r")
		switch name, value, ok := strings.Cut(line, ":"); {
		case strings.TrimSpace(line) == "":
			if block != nil {
				if blocks = append(blocks, block); len(blocks) >= most {
					return blocks
				}
			}
			block = nil
		case line[0] == ' ' || line[0] == '\t':
			if n := len(block); n > 0 {
				block[n-1][1] += " " + strings.TrimSpace(line)
			}
		case ok && !strings.ContainsAny(strings.TrimSpace(name), " \t"):
			block = append(block, [2]string{strings.ToLower(strings.TrimSpace(name)), strings.TrimSpace(value)})
		}
	}
	if block != nil {
		blocks = append(blocks, block)
	}
	return blocks
}

// returned gives the headers of the mail that a report gives back: whole, or its headers alone (RFC 3462, section 2;
// RFC 6533, section 4 for those in UTF-8).
func returned(in Incoming) []fieldBlock {
	var list []fieldBlock
	for _, a := range in.Attachments {
		switch a.Type {
		case "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "text/rfc822", "message/rfc822-headers":
			list = append(list, fieldBlocks(a.Data, 1)...)
		}
	}
	return list
}

// deliveryStatus reads the machine-readable part of a bounce (RFC 3464; RFC 6533 in UTF-8). A report without one that can
// be read is judged by its words.
func deliveryStatus(in Incoming) []Failure {
	var list []Failure
	seen := false
	for _, a := range in.Attachments {
		if a.Type != "message/delivery-status" && a.Type != "message/global-delivery-status" {
			continue
		}
		for _, b := range fieldBlocks(a.Data, failuresMax+1) {
			action := strings.ToLower(firstWord(b.value("action")))
			if action == "" && b.value("final-recipient") == "" {
				continue // the block of the whole message (2.2)
			}
			seen = true
			if f, ok := failureOf(b, action); ok && len(list) < failuresMax {
				list = append(list, f)
			}
		}
	}
	if !seen {
		list, _ = spokenBounce(in)
	}
	return list
}

// failureOf judges the block of one recipient (RFC 3464, 2.3).
func failureOf(b fieldBlock, action string) (Failure, bool) {
	f := Failure{Address: typedAddress(b.value("final-recipient")), Status: statusCode(b.value("status"))}
	if original := typedAddress(b.value("original-recipient")); original != "" { // what we wrote, before it was forwarded
		f.Address = original
	}
	_, detail, ok := strings.Cut(b.value("diagnostic-code"), ";")
	if !ok {
		detail = b.value("diagnostic-code")
	}
	f.Detail = clipLine(detail)
	// Servers put 5.0.0 for "some failure"; their own words tell more.
	if spoken := statusCode(f.Detail); spoken != "" && (f.Status == "" || strings.HasSuffix(f.Status, ".0.0")) {
		f.Status = spoken
	}
	switch action {
	case "delivered", "relayed", "expanded":
		return f, false
	case "delayed":
		return f, true
	}
	f.Hard = hard(f.Status, f.Detail)
	return f, true
}

// typedAddress reads "rfc822; ann@buyer.test" (RFC 3464, 2.3.1) and its form in UTF-8 (RFC 6533, 3).
func typedAddress(value string) string {
	kind, address, ok := strings.Cut(value, ";")
	if !ok {
		address = value
	}
	address = strings.Trim(strings.TrimSpace(address), "<>")
	if strings.EqualFold(strings.TrimSpace(kind), "utf-8") {
		address = unitext.ReplaceAllStringFunc(address, func(s string) string {
			n, err := strconv.ParseUint(s[3:len(s)-1], 16, 32)
			if err != nil || n > 0x10ffff {
				return s
			}
			return string(rune(n))
		})
	}
	address = cleanLine(address)
	if len(address) > emailMax || !strings.Contains(address, "@") || strings.ContainsAny(address, " <>\"") {
		return ""
	}
	return normalEmail(address)
}

var unitext = regexp.MustCompile(`\\x\{[0-9A-Fa-f]{1,6}\}`)

var statusForm = regexp.MustCompile(`(?:^|[^0-9.])([245]\.[0-9]{1,3}\.[0-9]{1,3})(?:[^0-9.]|\.?$|\.[^0-9])`)

// statusCode finds a status of RFC 3463 in a text; "" when there is none.
func statusCode(s string) string {
	if m := statusForm.FindStringSubmatch(s[:min(len(s), 2*detailMax)]); m != nil {
		return m[1]
	}
	return ""
}

// hard tells whether a failure is one of the address. By RFC 3463: 4.x.x passes, and of the permanent ones a full mailbox
// (x.2.2), a mail too large (x.2.3, x.3.4), time that ran out (x.4.7) and a refusal by policy (x.7.x) say that this mail did
// not arrive, not that the address takes none.
func hard(status, detail string) bool {
	lower := strings.ToLower(detail)
	if status == "" {
		status = replyCode(lower)
	}
	switch {
	case strings.HasPrefix(status, "4"):
		return false
	case containsAny(lower, unknownUser):
		return true
	case containsAny(lower, fullMailbox):
		return false
	}
	switch _, rest, _ := strings.Cut(status, "."); {
	case rest == "2.2", rest == "2.3", rest == "3.4", rest == "4.7", strings.HasPrefix(rest, "7."):
		return false
	}
	return strings.HasPrefix(status, "5")
}

var replyForm = regexp.MustCompile(`(?:^|[^0-9.])([45][0-9][0-9])(?:[ \-]|$)`)

// replyCode finds the reply code of SMTP in a server's answer, as the first digit of a status.
func replyCode(s string) string {
	if m := replyForm.FindStringSubmatch(s[:min(len(s), 2*detailMax)]); m != nil {
		return m[1][:1] + ".0.0"
	}
	return ""
}

// unknownUser and fullMailbox are what servers say whose codes say less.
var (
	unknownUser = []string{
		"user unknown", "unknown user", "no such user", "no such recipient", "no mailbox here", "mailbox unavailable", "does not exist",
		"doesn't exist", "recipient rejected", "unknown recipient", "recipient unknown", "invalid recipient", "recipientnotfound",
		"recipient not found", "address rejected", "user not found", "mailbox not found", "unknown address", "invalid mailbox",
		"account is disabled", "account has been disabled", "account that you tried to reach is disabled", "unrouteable address",
		"unrouted address", "host not found", "domain not found", "address couldn't be found", "address not found", "no longer available",
	}
	fullMailbox = []string{
		"mailbox full", "mailbox is full", "quota", "over the limit", "storage", "too large", "too big", "size limit", "message size", "try again later",
	}
)

func containsAny(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// complaint reads a feedback report (RFC 5965): a recipient called a mail of ours spam. "not-spam" is none (RFC 6430).
func (r *Reading) complaint(in Incoming) {
	r.Class = Complaint
	for _, a := range in.Attachments {
		if a.Type != "message/feedback-report" {
			continue
		}
		for _, b := range fieldBlocks(a.Data, 1) {
			if kind := strings.ToLower(firstWord(b.value("feedback-type"))); kind == "not-spam" || kind == "auth-failure" || kind == "dmarc" {
				r.Class = Unrelated
				return
			}
			f := Failure{Address: typedAddress(b.value("original-rcpt-to")), Detail: clipLine(b.value("feedback-type"))}
			if f.Address == "" {
				f.Address = typedAddress(b.value("removal-recipient"))
			}
			r.Failures = append(r.Failures, f)
		}
	}
}

func firstWord(s string) string {
	if f := strings.Fields(s); len(f) > 0 {
		return f[0]
	}
	return ""
}

// clipLine makes one line of a server's answer, of bounded length.
func clipLine(s string) string {
	s = strings.Join(strings.Fields(cleanLine(s)), " ")
	if len(s) <= detailMax {
		return s
	}
	return strings.ToValidUTF8(s[:detailMax], "") + "…"
}
