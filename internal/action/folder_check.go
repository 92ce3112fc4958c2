package action

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/attachment"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/merge"
	"cadenza/internal/message"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"
)

// folderCheck looks at sequences among the templates and sequences of their folder, and of the database where there is one.
type folderCheck struct {
	folder    seqfile.Folder
	templates map[string]seqfile.TemplateOf
	sequences map[string]flow.Sequence // by name in lower case
	tx        *store.Tx                // nil without a database
	actor     access.Actor
	err       error
}

func newFolderCheck(f seqfile.Folder, tx *store.Tx, actor access.Actor) *folderCheck {
	c := &folderCheck{folder: f, tx: tx, actor: actor, templates: map[string]seqfile.TemplateOf{}, sequences: map[string]flow.Sequence{}}
	for _, t := range f.Templates {
		c.templates[t.Key] = t
	}
	for _, s := range f.Sequences {
		c.sequences[strings.ToLower(s.Def.Name)] = s.Def
	}
	return c
}

// CheckFolder lists what is wrong with files wherever they are used, without a database. In a folder that is whole, what its
// sequences name must be there; otherwise it is taken to be.
func CheckFolder(f seqfile.Folder) (list []seqfile.Problem) {
	c := newFolderCheck(f, nil, access.Actor{})
	for _, t := range f.Templates {
		list = append(list, t.Problems...)
		_, more := templateOf(t)
		list = append(list, more...)
	}
	for _, s := range f.Sequences {
		list = append(list, s.Problems...)
		list = append(list, c.unfinished(s)...)
	}
	return list
}

// unfinished lists what keeps the sequence of a file from being activated. With problems of shape it says what can be
// said all the same.
func (c *folderCheck) unfinished(s seqfile.Sequence) []seqfile.Problem {
	if slices.ContainsFunc(s.Problems, unreadable) {
		return nil
	}
	var list []seqfile.Problem
	for _, p := range s.Locate(flow.Problems(s.Def, c.env(s.Def))) {
		// What is wrong with the shape is said once.
		if !slices.ContainsFunc(s.Problems, func(known seqfile.Problem) bool { return known.Line == p.Line && known.Column == p.Column }) {
			list = append(list, p)
		}
	}
	return list
}

// unreadable tells problems after which parts of the sequence are missing, so that more would be said than is wrong.
func unreadable(p seqfile.Problem) bool {
	return !slices.Contains([]string{"unknown", "unknown_key", "duplicate", "duplicate_key", "too_long", "invalid", "number"}, p.Code)
}

func (c *folderCheck) env(def flow.Sequence) flow.Env {
	env := flow.FileEnv(def)
	guess := env
	if c.tx != nil {
		outcomes, err := c.tx.Outcomes()
		c.err = firstError(c.err, err)
		env.Outcomes = outcomes
	}
	env.Template = func(key string) *flow.TemplateFacts {
		t, ok := c.templates[key]
		switch {
		case ok:
			return factsOfFile(def, t)
		case c.tx != nil:
			facts, err := templateFacts(c.tx, def, key)
			c.err = firstError(c.err, err)
			return facts
		case c.folder.Whole:
			return nil
		}
		return guess.Template(key)
	}
	env.Sequence = func(name string) *flow.SequenceFacts {
		to, ok := c.sequences[strings.ToLower(name)]
		switch {
		case ok: // those of a folder are activated together
			return &flow.SequenceFacts{Active: true, Def: to}
		case c.tx != nil:
			facts, err := sequenceFacts(c.tx.For(c.actor), name)
			c.err = firstError(c.err, err)
			return facts
		case c.folder.Whole:
			return nil
		}
		return guess.Sequence(name)
	}
	return env
}

func factsOfFile(def flow.Sequence, t seqfile.TemplateOf) *flow.TemplateFacts {
	return &flow.TemplateFacts{Name: t.Name, Channel: t.Channel, Files: len(t.Attachments), Unknown: unknownFields(def, t.Subject, t.Body)}
}

// unknownFields lists the merge fields of texts that the records of a sequence do not have.
func unknownFields(def flow.Sequence, parts ...string) (unknown []string) {
	known := func(name string) bool { return store.KnownMergeField(def.Record, name) }
	for _, part := range parts {
		// Templates are refused when they are saved with a text that cannot be parsed.
		if parsed, err := merge.Parse(part); err == nil {
			unknown = sortedUnion(unknown, parsed.Unknown(known))
		}
	}
	return unknown
}

// templateOf gives the template of a file as it is stored, but for its attachments, and what is wrong with it.
func templateOf(t seqfile.TemplateOf) (store.Template, []seqfile.Problem) {
	in := TemplateInput{Key: t.Key, Name: t.Name, RecordKind: t.Record, Channel: t.Channel, Subject: t.Subject, HTML: t.Body}
	if t.Channel == message.TextChannel {
		in.HTML, in.Text = "", t.Body
	}
	made, err := in.template()
	list := mergeProblems(t, fault.ProblemsOf(err))
	if t.Channel == message.TextChannel && len(t.Attachments) > 0 {
		list = append(list, t.Locate([]fault.Problem{{Field: "attachments", Code: "channel", Message: "A text message carries no files.", Hint: "Take attachments out."}})...)
	}
	total := 0
	for i, f := range t.Files {
		total += len(f.Data)
		_, err := attachment.Check(f.Name, f.Data)
		var wrong *fault.Error
		if errors.As(err, &wrong) {
			list = append(list, t.Locate([]fault.Problem{{Field: fmt.Sprintf("attachments/%d", i), Code: string(wrong.Code), Message: firstMessage(wrong), Hint: wrong.Hint}})...)
		}
	}
	if len(t.Attachments) > attachment.CountMax || total > attachment.TotalMax {
		list = append(list, t.Locate([]fault.Problem{{
			Field: "attachments", Code: "too_large", Message: fmt.Sprintf("At most %d files and %d MB together go with an email.", attachment.CountMax, attachment.TotalMax>>20), Hint: "Take some out.",
		}})...)
	}
	if len(t.Problems) > 0 { // said already
		list = slices.DeleteFunc(list, func(p seqfile.Problem) bool {
			return p.Field == "key" || p.Code == "required" || slices.ContainsFunc(t.Problems, func(k seqfile.Problem) bool { return k.Line == p.Line && k.Column == p.Column })
		})
	}
	return made, list
}

func firstMessage(f *fault.Error) string {
	if len(f.Problems) > 0 {
		return strings.TrimSpace(f.Problems[0].Message + " " + f.Problems[0].Hint)
	}
	return f.Message
}

// mergeProblems gives problems of a template their places; a broken merge field has one of its own in the text.
func mergeProblems(t seqfile.TemplateOf, problems []fault.Problem) []seqfile.Problem {
	var list []seqfile.Problem
	for _, p := range problems {
		field, text := seqfile.Body, t.Body
		if p.Field == "subject" {
			field, text = p.Field, t.Subject
		}
		_, err := merge.Parse(text)
		var at *merge.ParseError
		if p.Code != "merge_field" || !errors.As(err, &at) {
			list = append(list, t.Locate([]fault.Problem{p})...)
			continue
		}
		p.Message = at.Message
		if p.Hint == "" {
			p.Hint = `Write merge fields as {{ first_name | default: "there" }}.`
		}
		list = append(list, t.LocateIn(field, at.Line, at.Column, p))
	}
	return list
}

// planTemplate says what applying the file of a template would do.
func planTemplate(tx *store.Tx, t seqfile.TemplateOf) (FileChange, error) {
	c := FileChange{File: t.File, Template: true, Name: t.Key, Change: created, Problems: slices.Clone(t.Problems), content: t}
	next, problems := templateOf(t)
	c.Problems = append(c.Problems, problems...)
	if len(c.Problems) > 0 {
		return c, nil
	}
	c.template = &next
	is := t.Template
	is.Body = seqfile.TidyBody(next.HTML + next.Text)
	var err error
	if c.After, err = seqfile.FormatTemplate(is); err != nil {
		return c, err
	}
	old, err := tx.TemplateByKey(t.Key)
	if fault.Is(err, fault.NotFound) {
		c.Summary = "Email “" + next.Name + "”"
		if next.Channel == message.TextChannel {
			c.Summary = "Text message “" + next.Name + "”"
		}
		return c, nil
	}
	if err != nil {
		return c, err
	}
	if old.Channel != next.Channel {
		c.Problems = []seqfile.Problem{{File: t.File, Line: 1, Column: 1, Problem: fault.Problem{
			Code: "fixed", Message: fmt.Sprintf("The template %q is one of %ss; that cannot change.", t.Key, old.Channel), Hint: "Give the file another name.",
		}}}
		return c, nil
	}
	c.template.ID, c.template.Rev, c.template.CreatedAt = old.ID, old.Rev, old.CreatedAt
	files, err := presentFiles(tx, old.Files.IDs())
	if err != nil {
		return c, err
	}
	was := fileTemplate(old, files)
	if c.Before, err = seqfile.FormatTemplate(was); err != nil {
		return c, err
	}
	c.compareTemplate(was, is, files, t)
	return c, nil
}

// compareTemplate says what differs between a template and its file.
func (c *FileChange) compareTemplate(was, is seqfile.Template, files []store.File, t seqfile.TemplateOf) {
	var parts []string
	for _, part := range []struct {
		differs bool
		word    string
	}{
		{was.Name != is.Name, "name"},
		{was.Record != is.Record, "kind of records"},
		{was.Subject != is.Subject, "subject"},
		// What was cleaned when it was saved may look a little different once it is cleaned again.
		{was.Body != is.Body && was.Body != seqfile.TidyBody(t.Body), "text"},
		{!sameFiles(files, t.Files), "attachments"},
	} {
		if part.differs {
			parts = append(parts, part.word)
		}
	}
	if c.Change = unchanged; len(parts) > 0 {
		c.Change = updated
		c.Summary = "Another " + strings.Join(parts, ", ")
		return
	}
	c.After = c.Before
}

func sameFiles(files []store.File, of []seqfile.File) bool {
	return slices.EqualFunc(files, of, func(f store.File, d seqfile.File) bool {
		return f.Name == attachment.CleanName(d.Name) && f.SHA256 == sumOf(d.Data)
	})
}

// planSequence says what applying the file of a sequence would do, but for its activation.
func (c *folderCheck) planSequence(actor access.Actor, s seqfile.Sequence) (FileChange, error) {
	p := FileChange{File: s.File, Name: s.Def.Name, Change: created, Problems: slices.Clone(s.Problems), def: s.Def}
	p.Unfinished = c.unfinished(s)
	if c.err != nil || len(p.Problems) > 0 {
		return p, c.err
	}
	var err error
	if p.After, err = seqfile.Format(s.Def); err != nil {
		return p, err
	}
	old, err := c.tx.For(actor).SequenceByName(s.Def.Name)
	if fault.Is(err, fault.NotFound) {
		p.Summary = plural(s.Def.Count(), "step")
		taken, err := nameTakenUnseen(c.tx, s.Def.Name)
		p.Problems = append(p.Problems, s.Locate(taken)...)
		return p, err
	}
	if err != nil {
		return p, err
	}
	p.old, p.Sequence = old, old.ID
	if p.Before, err = seqfile.Format(old.Draft); err != nil {
		return p, err
	}
	if p.Change = unchanged; string(p.Before) != string(p.After) {
		p.Change = updated
		p.tell(old.Draft)
	}
	if old.RecordKind != s.Def.Record {
		p.Problems = append(p.Problems, s.Locate([]fault.Problem{{
			Field: "/record", Code: "fixed", Message: fmt.Sprintf("The sequence is for %s; that cannot change.", old.RecordKind.Path()), Hint: "Give this one another name.",
		}})...)
	}
	if p.Change == updated && !access.MayWith(actor, access.EditSequences, old.Holding) {
		p.Problems = append(p.Problems, s.Locate([]fault.Problem{{
			Field: "/name", Code: "forbidden", Message: "The sequence belongs to " + ownerText(old) + ", and you may change your own only.", Hint: "Give this one another name, or ask them.",
		}})...)
	}
	draft := old
	draft.Draft = s.Def
	tests, err := testProblems(c.tx, draft)
	p.Unfinished = append(p.Unfinished, s.Locate(tests)...)
	return p, err
}

func ownerText(s store.Sequence) string {
	if s.OwnerName == "" {
		return "nobody"
	}
	return s.OwnerName
}

func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// tell says what differs from a sequence's draft.
func (c *FileChange) tell(old flow.Sequence) {
	t := flow.Telling{Old: old, New: c.def}
	changes := flow.Diff(old, c.def)
	c.Summary = t.Summary(changes)
	if old.Name != c.def.Name {
		c.Lines = append(c.Lines, "Name: "+old.Name+" → "+c.def.Name)
	}
	if c.Summary == "" && len(c.Lines) > 0 {
		c.Summary = c.Lines[0]
	}
	for _, ch := range changes {
		title := "“" + t.Title(ch) + "”"
		if kind := t.Type(ch); kind != "" {
			title += " (" + strings.ToLower(kind) + ")"
		}
		switch ch.Kind {
		case flow.StepAdded:
			c.Lines = append(c.Lines, "Added "+title+" "+t.Where(ch))
		case flow.StepRemoved:
			c.Lines = append(c.Lines, "Removed "+title)
		case flow.StepMoved:
			c.Lines = append(c.Lines, "Moved "+title+" "+t.Where(ch))
		case flow.StepChanged, flow.OptionsChanged:
			c.Lines = append(c.Lines, changedLines(t, ch, title)...)
		}
	}
}

func changedLines(t flow.Telling, ch flow.Change, title string) (lines []string) {
	if ch.Kind == flow.OptionsChanged {
		title = "Options"
	}
	for _, f := range t.Fields(ch) {
		from, to := f.From, f.To
		if from == "" {
			from = "nothing"
		}
		if to == "" {
			to = "nothing"
		}
		lines = append(lines, fmt.Sprintf("%s, %s: %s → %s", title, strings.ToLower(f.Label), shortened(from, 60), shortened(to, 60)))
	}
	if ch.Moved {
		lines = append(lines, title+" moved "+t.Where(ch))
	}
	return lines
}
