package message

import (
	"regexp"
	"strings"
)

// attribution is the line above quoted text, in the languages of the usual programs. It may run over two lines.
var attribution = regexp.MustCompile(`^(?i:(?:on|am|le|el|il|op|em|den|dne|w dniu|за|в)\s.{4,300}(?:wrote|schrieb(?:\s.{1,200})?|a écrit|escribió|ha scritto|schreef(?:\s.{1,200})?|escreveu|skrev(?:\s.{1,200})?|napsal\(?a?\)?|napisał\(?a?\)?|написал\(?а?\)?|пишет)\s?:|.{1,200}\s(?:пишет|wrote|schrieb)\s?:)\s*$`)

// originalMark begins the mail below an answer of an office program.
var originalMark = regexp.MustCompile(`^(?i:[-_ ]{3,}\s*(?:original message|ursprüngliche nachricht|original-nachricht|originalnachricht|message d'origine|message original|mensaje original|messaggio originale|oorspronkelijk bericht|mensagem original|forwarded message|weitergeleitete nachricht).*|_{20,}|-{20,})\s*$`)

// headOfMail is the first line of the header block that office programs repeat.
var headOfMail = regexp.MustCompile(`^(?i:\*?(?:from|von|de|da|van|från|fra|od|от)\s?:\*?\s.{0,300}[@<\[].*)$`)

// StripQuote gives what a person wrote anew in a mail: without the text that it answers and without the signature below the
// usual mark. A mail that is nothing but quoted text is given as it is.
func StripQuote(text string) string {
	lines := strings.Split(text, "\n")
	var kept []string
	for i := 0; i < len(lines); i++ {
		line := strings.TrimRight(lines[i], " \t\r")
		bare := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(bare, ">"):
			continue
		case lines[i] == "-- " || lines[i] == "-- \r": // RFC 3676, 4.3
			return orWhole(kept, text)
		case len(bare) > 800:
		case originalMark.MatchString(bare) && mailFollows(lines[i+1:]):
			return orWhole(kept, text)
		case headOfMail.MatchString(bare) && headFollows(lines[i+1:]):
			return orWhole(kept, text)
		default:
			n := attributionLines(bare, lines[i+1:])
			if n > 0 && quoteFollows(lines[i+n:]) {
				i += n - 1
				continue
			}
			if n > 0 {
				return orWhole(kept, text)
			}
		}
		kept = append(kept, line)
	}
	return orWhole(kept, text)
}

// attributionLines tells over how many lines an attribution runs that begins here; 0 for none.
func attributionLines(line string, next []string) int {
	if attribution.MatchString(line) {
		return 1
	}
	if len(next) > 0 && len(line) > 3 && attribution.MatchString(line+" "+strings.TrimSpace(next[0])) && !strings.HasPrefix(strings.TrimSpace(next[0]), ">") {
		return 2
	}
	return 0
}

func quoteFollows(next []string) bool {
	for _, line := range next[:min(len(next), 4)] {
		if bare := strings.TrimSpace(line); bare != "" {
			return strings.HasPrefix(bare, ">")
		}
	}
	return false
}

// mailFollows tells that a line of signs is followed by the head of a mail or is the last of its kind.
func mailFollows(next []string) bool {
	for _, line := range next[:min(len(next), 4)] {
		if bare := strings.TrimSpace(line); bare != "" {
			return headOfMail.MatchString(bare) || strings.HasPrefix(bare, ">") || strings.Contains(bare[:min(len(bare), 60)], ":")
		}
	}
	return false
}

// headFollows tells that more fields of a header stand below.
func headFollows(next []string) bool {
	fields := 0
	for _, line := range next[:min(len(next), 6)] {
		if name, _, ok := strings.Cut(strings.TrimSpace(line), ":"); ok && len(name) < 20 && !strings.Contains(strings.TrimSpace(name), " ") {
			fields++
		}
	}
	return fields >= 2
}

func orWhole(kept []string, text string) string {
	if s := strings.TrimSpace(strings.Join(kept, "\n")); s != "" {
		return s
	}
	return strings.TrimSpace(text)
}

// previewMax is how much of a text is looked through for what is new in it.
const previewMax = 64 << 10

// Preview gives the beginning of what a mail says, for a list: at most size bytes of text without quotes.
func Preview(in Incoming, size int) string {
	text := in.Text
	if strings.TrimSpace(text) == "" && in.HTML != "" {
		text = PlainText(in.HTML)
	}
	text = StripQuote(text[:min(len(text), previewMax)])
	if len(text) > size {
		text = strings.ToValidUTF8(text[:size], "") + "…"
	}
	return text
}

// ReplySubject gives the subject of an answer to a mail: its own, with one "Re: " before it (RFC 5322, section 3.6.5).
func ReplySubject(subject string) string {
	for {
		rest, found := strings.CutPrefix(subject, "Re: ")
		if !found {
			return "Re: " + subject
		}
		subject = rest
	}
}
