package message

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/mail"
	"strings"
	"time"

	"github.com/emersion/go-message"
	_ "github.com/emersion/go-message/charset" // teaches go-message the charsets of old mail
)

// ErrTooLarge is what Parse says of a message longer than SizeMax.
var ErrTooLarge = errors.New("message is too large")

// Parse reads a message. It fails only when there is no header to speak of or the message is longer than SizeMax. All
// else is read as far as it goes: text that does not say its charset is read as UTF-8 or windows-1252, a multipart without
// parts as text, a broken or endless tree of parts sets Truncated. An answer to an invitation that has no words gets some.
func Parse(raw []byte) (Incoming, error) {
	if len(raw) > SizeMax {
		return Incoming{}, fmt.Errorf("parse message: %w", ErrTooLarge)
	}
	e, err := message.ReadWithOptions(bytes.NewReader(raw), &message.ReadOptions{MaxHeaderBytes: headerMax})
	if e == nil {
		if err == nil {
			err = errors.New("no header")
		}
		return Incoming{}, fmt.Errorf("parse message: %w", headerProblem(err))
	}
	if e.Header.Len() == 0 {
		return Incoming{}, errors.New("parse message: there is no header")
	}
	var r reader
	r.fields(e.Header)
	r.part(e, fileName(e.Header), 0)
	r.in.Text = cleanText(r.text.String())
	r.in.HTML = cleanText(r.html.String())
	if words := meetingAnswer(r.in); words != "" && blank(r.in) {
		r.in.Text = cleanText(words)
	}
	return r.in, nil
}

// blank tells a mail without a word to read.
func blank(in Incoming) bool {
	return strings.TrimSpace(in.Text) == "" && (in.HTML == "" || strings.TrimSpace(PlainText(in.HTML)) == "")
}

// headerProblem hides the library's wording, which quotes the mail.
func headerProblem(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return errors.New("it breaks off in the header")
	}
	return errors.New("its header cannot be read")
}

// reader is one reading of a message.
type reader struct {
	in         Incoming
	parts      int
	text, html strings.Builder
}

// fields reads the message's header.
func (r *reader) fields(h message.Header) {
	in := &r.in
	for f := h.Fields(); f.Next(); {
		in.Headers = append(in.Headers, Header{Name: f.Key(), Value: cleanLine(decodeWords(f.Value()))})
	}
	in.Subject = in.Header("Subject")
	if from := addressList(h.Get("From")); len(from) > 0 {
		in.From = from[0]
	}
	in.ReplyTo = addressList(h.Get("Reply-To"))
	in.To = addressList(h.Get("To"))
	in.CC = addressList(h.Get("Cc"))
	if ids := idList(h.Get("Message-Id")); len(ids) > 0 {
		in.MessageID = ids[0]
	}
	if ids := idList(h.Get("In-Reply-To")); len(ids) > 0 {
		in.InReplyTo = ids[0]
	}
	in.References = idList(h.Get("References"))
	if extra := len(in.References) - referencesMax; extra > 0 {
		in.References = in.References[extra:] // the latest are the likeliest to be ours
	}
	in.Date = date(h.Get("Date"))
}

// date reads a Date field; the zero time when it cannot be read.
func date(value string) time.Time {
	if len(value) > 200 {
		return time.Time{}
	}
	at, err := mail.ParseDate(value)
	if err != nil {
		return time.Time{}
	}
	return at
}

// addressListMax bounds the strict reader of address lists, whose time grows with the square of a comment's length.
const addressListMax = 32 << 10

// addressList reads an address list, strictly if it follows RFC 5322 and by its angle brackets and @ if not.
func addressList(value string) []Address {
	var list []Address
	if len(value) <= addressListMax {
		p := mail.AddressParser{WordDecoder: &mime.WordDecoder{CharsetReader: message.CharsetReader}}
		parsed, err := p.ParseList(value)
		if err == nil {
			for _, a := range parsed {
				list = append(list, Address{Name: cleanLine(a.Name), Email: normalEmail(cleanLine(a.Address))})
			}
			return list
		}
	}
	for piece := range strings.SplitSeq(value, ",") {
		email, name := strings.TrimSpace(piece), ""
		if open := strings.LastIndexByte(email, '<'); open >= 0 {
			name, _ = readName(email[:open])
			email, _, _ = strings.Cut(email[open+1:], ">")
		}
		email = cleanLine(email)
		if len(email) <= emailMax && strings.Contains(email, "@") && !strings.ContainsAny(email, " <>\"") {
			list = append(list, Address{Name: name, Email: normalEmail(email)})
		}
	}
	return list
}

// part reads a part and those below it. name is the file that it is, empty for the mail's own text.
func (r *reader) part(e *message.Entity, name string, depth int) {
	if r.parts++; r.parts > partsMax || depth > depthMax {
		r.in.Truncated = true
		return
	}
	kind, params := mediaType(e.Header)
	if strings.HasPrefix(kind, "multipart/") && params["boundary"] != "" {
		r.partsOf(e.Body, params["boundary"], depth)
		return
	}
	switch {
	case name != "":
	case kind == "text/html":
		r.body(&r.html, e.Body, params)
		return
	case kind == "text/plain", strings.HasPrefix(kind, "multipart/"): // without boundary it is shown as it stands
		r.body(&r.text, e.Body, params)
		return
	default:
		name = "attachment"
	}
	data, err := io.ReadAll(e.Body) // bounded by SizeMax: no encoding makes a part longer than its source
	r.in.Truncated = r.in.Truncated || err != nil
	r.in.Attachments = append(r.in.Attachments, Attachment{Name: name, Type: kind, Data: data})
}

// partsOf reads the parts of a multipart. The standard reader is used for it because it bounds the headers of parts. A
// multipart in which no part begins is text, as it stands.
func (r *reader) partsOf(body io.Reader, boundary string, depth int) {
	seen := &beginning{keeps: true}
	for parts := multipart.NewReader(io.TeeReader(body, seen), boundary); r.parts < partsMax; {
		p, err := parts.NextRawPart()
		if err != nil && seen.keeps {
			r.body(&r.text, io.MultiReader(bytes.NewReader(seen.data), body), nil)
			return
		}
		seen.keeps, seen.data = false, nil
		if err != nil {
			r.in.Truncated = r.in.Truncated || !errors.Is(err, io.EOF)
			return
		}
		h := message.HeaderFromMap(p.Header)
		name := fileName(h)
		if name != "" {
			// A file is bytes: without its charset nothing translates it.
			kind, _ := mediaType(h)
			h.Set("Content-Type", kind)
		}
		// The error is an unknown charset or encoding; the part can be read as it stands.
		e, _ := message.New(h, p)
		r.part(e, name, depth+1)
	}
	r.in.Truncated = true
}

// beginning keeps what is written to it, up to one byte more than a text may have.
type beginning struct {
	data  []byte
	keeps bool
}

func (b *beginning) Write(p []byte) (int, error) {
	if b.keeps {
		b.data = append(b.data, p[:min(len(p), TextMax+1-len(b.data))]...)
	}
	return len(p), nil
}

// body adds a text part, of the type that params belong to, to the text or HTML read so far.
func (r *reader) body(to *strings.Builder, from io.Reader, params map[string]string) {
	room := TextMax - to.Len()
	data, err := io.ReadAll(io.LimitReader(from, int64(max(room, 0))+1))
	data = decodeUnsaid(data, params, len(data) > room)
	r.in.Truncated = r.in.Truncated || err != nil || len(data) > room
	data = data[:min(len(data), max(room, 0))]
	if to.Len() > 0 && len(data) > 0 {
		to.WriteByte('\n')
	}
	to.Write(data)
}

// mediaType is a part's type in lower case and its parameters; text/plain when it says nothing readable.
func mediaType(h message.Header) (kind string, params map[string]string) {
	kind, params, err := h.ContentType()
	if err != nil || kind == "" {
		kind, _, _ = strings.Cut(h.Get("Content-Type"), ";")
		kind = strings.ToLower(strings.TrimSpace(kind))
	}
	if strings.Count(kind, "/") != 1 || strings.ContainsAny(kind, " \t<>\"") {
		kind = "text/plain"
	}
	return cleanLine(kind), params
}

// fileName is the name of the file that a part is; empty for parts that belong to the mail's text.
func fileName(h message.Header) string {
	disposition, params, _ := h.ContentDisposition()
	name := params["filename"]
	if name == "" {
		_, params := mediaType(h)
		name = params["name"]
	}
	if name == "" && disposition != "attachment" {
		return ""
	}
	return attachmentName(name)
}
