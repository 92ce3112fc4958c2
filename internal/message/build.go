package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"mime"
	"path"
	"slices"
	"strings"
)

// dateLayout is RFC 5322, 3.3.
const dateLayout = "Mon, 02 Jan 2006 15:04:05 -0700"

// Build makes the message as it goes over the wire: CRLF line ends, ASCII, text and HTML as alternatives, everything
// in quoted-printable. An international address before the @ is the one exception to ASCII.
//
// Line breaks in the subject and in names become spaces; in Headers they are an error. Errors name the field and never
// its value.
func Build(o Outgoing) ([]byte, error) { return Append(nil, o) }

// Append is Build in memory that is used again, behind what stands there.
func Append(before []byte, o Outgoing) ([]byte, error) {
	text, html := cleanText(o.Text), cleanText(o.HTML)
	if text == "" && html != "" {
		text = cleanText(PlainText(html))
	}
	root := alternatives(text, html, o.MessageID)
	if len(o.Attachments) > 0 {
		root = part{kind: "multipart/mixed", boundary: boundary(o.MessageID, "mixed"), parts: []part{root}}
		for _, a := range o.Attachments {
			root.parts = append(root.parts, attached(a))
		}
	}
	before = slices.Grow(before, (len(text)+len(html))*5/4+2048) // mostly enough: growing step by step costs more than writing
	start := len(before)
	fields, err := appendTopFields(before, o)
	if err != nil {
		return nil, fmt.Errorf("build message: %w", err)
	}
	out := bytes.NewBuffer(append(fields, "MIME-Version: 1.0\r\n"...))
	if err := root.writeTo(out); err != nil {
		return nil, fmt.Errorf("build message: %w", err)
	}
	if !bytes.HasSuffix(out.Bytes(), []byte("\r\n")) {
		out.WriteString("\r\n")
	}
	if out.Len()-start > SizeMax {
		return nil, fmt.Errorf("build message: it is longer than %d MiB", SizeMax>>20)
	}
	return out.Bytes(), nil
}

// appendTopFields writes the header fields of the message itself, in this order.
func appendTopFields(b []byte, o Outgoing) ([]byte, error) {
	w := fieldWriter{b: b}
	date, err := dateWord(o)
	w.add("Date", err, date)
	w.addresses("From", o.From)
	w.addresses("To", o.To)
	if len(o.CC) > 0 {
		w.addresses("Cc", o.CC...)
	}
	if len(o.BCC) > 0 {
		w.addresses("Bcc", o.BCC...)
	}
	if o.ReplyTo != nil {
		w.addresses("Reply-To", *o.ReplyTo)
	}
	w.add("Subject", nil, textWords(o.Subject)...)
	id := bareID(o.MessageID)
	if !usableID(id) || !strings.Contains(id, "@") {
		w.problems = append(w.problems, errors.New("Message-ID: it is not valid"))
	}
	w.add("Message-ID", nil, idWords(id)...)
	if words := idWords(o.InReplyTo); words != nil {
		w.add("In-Reply-To", nil, words...)
	}
	if words := idWords(o.References...); words != nil {
		w.add("References", nil, words...)
	}
	for _, h := range o.Headers {
		words, err := extraWords(h)
		if err != nil {
			w.problems = append(w.problems, err)
			continue
		}
		w.add(h.Name, nil, words...)
	}
	return w.b, errors.Join(w.problems...)
}

// fieldWriter writes header fields and gathers what is wrong with them.
type fieldWriter struct {
	b        []byte
	problems []error
}

// add writes a field, unless its words could not be made.
func (w *fieldWriter) add(name string, err error, words ...string) {
	if err != nil {
		w.problems = append(w.problems, fmt.Errorf("%s: %w", name, err))
		return
	}
	if w.b, err = appendField(w.b, name, words...); err != nil {
		w.problems = append(w.problems, err)
	}
}

func (w *fieldWriter) addresses(name string, list ...Address) {
	words, err := addressWords(list)
	w.add(name, err, words...)
}

// dateWord writes the date in its own zone, in UTC where that zone's offset has seconds.
func dateWord(o Outgoing) (string, error) {
	at := o.Date
	if y := at.Year(); at.IsZero() || y < 1900 || y > 9999 {
		return "", errors.New("it is missing or out of range")
	}
	if _, offset := at.Zone(); offset%60 != 0 {
		at = at.UTC()
	}
	return at.Format(dateLayout), nil
}

// idWords are the words of a list of ids. Ids of others that cannot be written are left out: the thread of one reader
// breaks, the mail still goes.
func idWords(ids ...string) []string {
	var words []string
	for _, id := range ids {
		if id = bareID(id); usableID(id) {
			words = append(words, "<"+id+">")
		}
	}
	return words
}

// part is one part of the message's tree: either a body with its encoding, or parts with a boundary.
type part struct {
	kind     string // media type
	param    string // a further word of Content-Type
	fields   []byte // further header fields
	encoding string
	text     string // of one in quoted-printable
	body     []byte // of one in base64
	boundary string
	parts    []part
}

// alternatives is the body: text alone, or text and HTML of the same content, the richer one last (RFC 2046, 5.1.4).
func alternatives(text, html, id string) part {
	form := func(kind, s string) part {
		return part{kind: kind, param: "charset=utf-8", encoding: "quoted-printable", text: s}
	}
	if html == "" {
		return form("text/plain", text)
	}
	return part{
		kind: "multipart/alternative", boundary: boundary(id, "alternative"),
		parts: []part{form("text/plain", text), form("text/html", html)},
	}
}

// boundary makes a boundary from the message's id. It holds "=_", which neither quoted-printable nor base64 can
// contain, so no content can ever end a part (RFC 2045, 6.7).
func boundary(id, use string) string {
	sum := sha256.Sum256([]byte(use + "\x00" + id))
	return "=_" + hex.EncodeToString(sum[:15])
}

// attached is the part of an attachment.
func attached(a Attachment) part {
	p := part{kind: attachmentType(a.Type), encoding: "base64", body: a.Data}
	// FormatMediaType gives the two words "attachment;" and the name, in the form of RFC 2231 where it needs to.
	words := strings.SplitN(mime.FormatMediaType("attachment", map[string]string{"filename": attachmentName(a.Name)}), " ", 2)
	if raw, err := appendField(nil, "Content-Disposition", words...); err == nil {
		p.fields = raw
	}
	return p
}

// attachmentType is a media type without parameters. Types that hold parts of their own must not be base64 (RFC 2046,
// 5.1 and 5.2), so they go as plain bytes.
func attachmentType(s string) string {
	kind, _, err := mime.ParseMediaType(s)
	if err != nil || !strings.Contains(kind, "/") || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "message/") {
		return "application/octet-stream"
	}
	return kind
}

// attachmentName is a file's name without its folders, short enough for one line.
func attachmentName(s string) string {
	s = path.Base(strings.ReplaceAll(cleanLine(s), `\`, "/"))
	for len(s) > 150 {
		s = s[:len(s)-1]
	}
	if s = strings.ToValidUTF8(s, ""); s == "" || s == "." || s == ".." || s == "/" {
		return "attachment"
	}
	return s
}

// writeTo writes the part: its header, and its body or the parts below.
func (p part) writeTo(out *bytes.Buffer) error {
	if err := p.writeHeader(out); err != nil {
		return err
	}
	for i, below := range p.parts {
		if i > 0 { // the line end before a boundary is the boundary's (RFC 2046, 5.1.1)
			out.WriteString("\r\n")
		}
		writeStrings(out, "--", p.boundary, "\r\n")
		if err := below.writeTo(out); err != nil {
			return err
		}
	}
	if p.boundary != "" {
		writeStrings(out, "\r\n--", p.boundary, "--\r\n")
	}
	switch p.encoding {
	case "quoted-printable":
		out.Write(appendQuoted(out.AvailableBuffer(), p.text))
	case "base64":
		writeBase64(out, p.body)
	}
	return nil
}

func (p part) writeHeader(out *bytes.Buffer) error {
	words := []string{p.kind}
	if p.boundary != "" {
		words = []string{p.kind + ";", `boundary="` + p.boundary + `"`}
	} else if p.param != "" {
		words = []string{p.kind + ";", p.param}
	}
	kind, err := appendField(out.AvailableBuffer(), "Content-Type", words...)
	if err != nil {
		return err
	}
	out.Write(kind)
	if p.encoding != "" {
		writeStrings(out, "Content-Transfer-Encoding: ", p.encoding, "\r\n")
	}
	out.Write(p.fields)
	out.WriteString("\r\n")
	return nil
}

func writeStrings(out *bytes.Buffer, list ...string) {
	for _, s := range list {
		out.WriteString(s)
	}
}

// base64Line is how many bytes make a line of 76 characters, the longest that RFC 2045, 6.8 allows.
const base64Line = 57

func writeBase64(out *bytes.Buffer, body []byte) {
	out.Grow(len(body)/base64Line*78 + 78)
	n := 0
	for line := range slices.Chunk(body, base64Line) {
		if n++; n > 1 {
			out.WriteString("\r\n")
		}
		out.Write(base64.StdEncoding.AppendEncode(out.AvailableBuffer(), line))
	}
}
