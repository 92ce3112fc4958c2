package seqfile

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

// Template is a template as a file holds it. The file's name is its key, and the end of the name says what it is of: .html
// for emails, .txt for text messages.
type Template struct {
	Key, Name string
	Channel   message.Channel
	// Record is the kind of records that it is for; "" for every kind.
	Record  record.Kind
	Subject string
	// Body is the HTML of an email, or a text message.
	Body string
	// Attachments are the files that go with it, as paths below the folder that is named as its key.
	Attachments []string
}

// goodKey is a key that a template can have; see action.TemplateInput.
var goodKey = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`)

const fence = "---\n"

// headExample is what the head of a template looks like.
const headExample = "Begin the file with a line ---, then name: and subject:, then a line --- and the body."

// templateText is a template that was read, with where its parts stand.
type templateText struct {
	Template
	r *reader
	// bodyLine is the line in which the body begins.
	bodyLine int
}

// parseTemplate reads a template of a file's name and text.
func parseTemplate(name string, data []byte) (templateText, []Problem) {
	t := templateText{r: newReader(), bodyLine: 1}
	base := path.Base(name)
	t.Key = strings.TrimSuffix(base, path.Ext(base))
	t.Channel = message.EmailChannel
	if path.Ext(base) == ".txt" {
		t.Channel = message.TextChannel
	}
	if len(data) > MaxSize {
		return t, tooLarge(data)
	}
	data = bytes.ReplaceAll(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")), []byte("\r\n"), []byte("\n"))
	var problems []Problem
	if !goodKey.MatchString(t.Key) {
		problems = whole("key", fmt.Sprintf("The file's name is the key of the template, and %q cannot be one.", t.Key),
			"Name the file with lower-case letters, digits, - and _, for instance intro.html.")
	}
	if !bytes.HasSuffix(data, []byte("\n")) {
		data = append(data[:len(data):len(data)], '\n')
	}
	head, body, found := bytes.Cut(bytes.TrimPrefix(data, []byte(fence)), []byte("\n"+fence))
	if !found || !bytes.HasPrefix(data, []byte(fence)) {
		return t, append(problems, Problem{Line: 1, Column: 1, Problem: fault.Problem{Code: "no_head", Message: "The template has no head.", Hint: headExample}})
	}
	t.bodyLine = bytes.Count(head, []byte{'\n'}) + 4
	t.Body = strings.TrimSpace(string(body))
	t.bodyLine += bytes.Count(body[:len(body)-len(bytes.TrimLeft(body, " \t\n"))], []byte{'\n'})
	// The fence before it is read along, so that the lines are those of the file.
	document, wrong := load(append([]byte(fence), head...))
	if document == nil {
		return t, append(problems, wrong...)
	}
	tree, _ := t.r.read("", document, 0).(map[string]any)
	problems = append(problems, t.r.problems...)
	return t, append(problems, t.head(tree)...)
}

// head takes over what the head of the file says.
func (t *templateText) head(tree map[string]any) []Problem {
	var found []fault.Problem
	add := func(key, code, message, hint string) {
		found = append(found, fault.Problem{Field: "/" + escape.Replace(key), Code: code, Message: message, Hint: hint})
	}
	known := []string{"name", "record", "subject", "attachments"}
	for key := range tree {
		if !strings.Contains(" "+strings.Join(known, " ")+" ", " "+key+" ") {
			add(key, "unknown_key", fmt.Sprintf("%q is not known here.", key), "Known are "+strings.Join(known, ", ")+".")
		}
	}
	for key, to := range map[string]*string{"name": &t.Name, "subject": &t.Subject} {
		text, ok := tree[key].(string)
		if !ok && tree[key] != nil {
			add(key, "type", "This must be a text.", "Put it in quotes.")
		}
		*to = strings.TrimSpace(text)
	}
	if t.Name = strings.Join(strings.Fields(t.Name), " "); t.Name == "" && tree["name"] == nil {
		t.Name = t.Key
	}
	kind, ok := tree["record"].(string)
	if t.Record = record.Kind(kind); tree["record"] != nil && (!ok || !t.Record.Known()) {
		add("record", "unknown", fmt.Sprintf("There is no record kind %q.", fmt.Sprint(tree["record"])), "Use lead, opportunity, contact or account, or leave it out for every kind.")
	}
	list, ok := tree["attachments"].([]any)
	if !ok && tree["attachments"] != nil {
		add("attachments", "type", "This must be a list of file names.", "Write it as [Offer.pdf].")
	}
	for i, raw := range list {
		name, ok := raw.(string)
		if !ok || name == "" || path.IsAbs(name) || path.Clean(name) != name || strings.HasPrefix(name, "..") {
			add(fmt.Sprintf("attachments/%d", i), "invalid", "This is no name of a file beside the template.",
				fmt.Sprintf("Put the file into the folder %s beside the template, and write its name here.", t.Key))
			found[len(found)-1].Field = fmt.Sprintf("/attachments/%d", i)
			continue
		}
		t.Attachments = append(t.Attachments, name)
	}
	return t.r.locate(found)
}

// Body is the field of problems with the body of a template.
const Body = "body"

// locate finds the places of problems with the fields of a template, as action names them. Those with its body say their line and
// column there.
func (t *templateText) locate(problems []fault.Problem) []Problem {
	keys := map[string]string{"record_kind": "record", "files": "attachments"}
	var out []Problem
	for _, p := range problems {
		located := Problem{Problem: p, Line: 1, Column: 1}
		field := p.Field
		if k, ok := keys[field]; ok {
			field = k
		}
		switch n := t.r.at["/"+field]; {
		case p.Field == "html" || p.Field == "text" || p.Field == Body:
			located.Line = t.bodyLine
		case n != nil:
			located.Line, located.Column = n.Line, n.Column
		}
		out = append(out, located)
	}
	return out
}

// FormatTemplate writes a template; what parses it gives the same again.
func FormatTemplate(t Template) ([]byte, error) {
	m := flow.Map{{Key: "name", Value: t.Name}}
	if t.Record != "" {
		m = append(m, flow.Entry{Key: "record", Value: string(t.Record)})
	}
	if t.Channel != message.TextChannel {
		m = append(m, flow.Entry{Key: "subject", Value: t.Subject})
	}
	if len(t.Attachments) > 0 {
		var list []any
		for _, name := range t.Attachments {
			list = append(list, name)
		}
		m = append(m, flow.Entry{Key: "attachments", Value: list})
	}
	head, err := encode(node(m))
	if err != nil {
		return nil, err
	}
	return []byte(fence + string(head) + fence + TidyBody(t.Body) + "\n"), nil
}

// TidyBody brings the body of a template into the form in which files have it: lines end in \n, and nothing stands around it.
func TidyBody(body string) string {
	return strings.TrimSpace(strings.ReplaceAll(body, "\r\n", "\n"))
}

// TemplateFile gives the name of a template's file in a folder.
func (t Template) TemplateFile() string {
	if t.Channel == message.TextChannel {
		return TemplatesDir + "/" + t.Key + ".txt"
	}
	return TemplatesDir + "/" + t.Key + ".html"
}

func encode(n *yaml.Node) ([]byte, error) {
	var b bytes.Buffer
	encoder := yaml.NewEncoder(&b)
	encoder.SetIndent(2)
	if err := encoder.Encode(n); err != nil {
		return nil, err
	}
	if err := encoder.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
