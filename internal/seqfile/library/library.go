// Package library holds the sequences that come with Cadenza: for each usual situation a file and the emails that it
// sends, ready to be used as they are.
//
// It reads what is embedded in the binary, and must never look anything up or change anything: whoever uses a sequence
// from here gets copies, which are theirs to change.
//
// Start reading at All. To add a sequence, make a folder and name it in shelf.
package library

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"
	"time"

	"go.yaml.in/yaml/v3"

	"cadenza/internal/calendar"
	"cadenza/internal/flow"
	"cadenza/internal/seqfile"
	"cadenza/internal/step"
)

// Entry is one sequence of the library. It is shared and must not be changed.
type Entry struct {
	Key string
	// Whom says in a few words for whom the sequence is.
	Whom string
	// Def has the title as its name, and says in its description what it does.
	Def       flow.Sequence
	Templates []Template
	// Steps counts what happens: all steps but waits and conditions.
	Steps int
	// Days is how long the longest way takes, in days; parts count as whole ones.
	Days int
}

// Template is an email of an entry. Its key is unique in the library.
type Template struct{ Key, Name, Subject, HTML string }

// shelf lists the folders in the order in which people look through them.
func shelf() []Entry {
	return []Entry{
		{Key: "enquiry", Whom: "Leads who have just written to you"},
		{Key: "trial", Whom: "Leads who have started a trial"},
		{Key: "first-contact", Whom: "Leads who do not know you yet"},
		{Key: "webinar", Whom: "Leads who signed up for a webinar"},
		{Key: "demo", Whom: "Opportunities with a demonstration ahead"},
		{Key: "quiet-proposal", Whom: "Opportunities whose proposal got no answer"},
		{Key: "event-invitation", Whom: "Contacts whom you want at your event"},
		{Key: "no-show", Whom: "Contacts who did not come to a meeting"},
		{Key: "win-back", Whom: "Contacts of customers who left"},
		{Key: "renewal", Whom: "Accounts with a contract that ends in two months"},
		{Key: "first-weeks", Whom: "Accounts that have just signed"},
	}
}

//go:embed */sequence.yaml */*.html
var files embed.FS

// All gives the library.
var All = sync.OnceValue(func() []Entry {
	list := shelf()
	for i := range list {
		if err := list[i].read(); err != nil {
			panic(fmt.Sprintf("the library of the binary: %s: %v", list[i].Key, err)) // a test reads them all
		}
	}
	return list
})

// Find gives one entry.
func Find(key string) (Entry, bool) {
	for _, e := range All() {
		if e.Key == key {
			return e, true
		}
	}
	return Entry{}, false
}

func (e *Entry) read() error {
	text, err := files.ReadFile(path.Join(e.Key, "sequence.yaml"))
	if err != nil {
		return err
	}
	def, problems := seqfile.Parse(text)
	if len(problems) > 0 {
		return fmt.Errorf("sequence.yaml:%s", problems[0])
	}
	e.Def = def
	for _, s := range def.Each() {
		for _, key := range s.Templates() {
			t, err := readTemplate(e.Key, key)
			if err != nil {
				return err
			}
			e.Templates = append(e.Templates, t)
		}
		if kind, _ := step.KindOf(s.Type); !kind.Branches && s.Type != "wait" {
			e.Steps++
		}
	}
	const day = 24 * time.Hour
	e.Days = int((longest(def.Steps) + day - 1) / day)
	return nil
}

// longest is how long the longest way through a list of steps takes, without the time that people and mail need.
func longest(list []step.Step) time.Duration {
	var sum time.Duration
	for _, s := range list {
		// What cannot be read takes no time; the test of the library refuses it.
		wait, _ := calendar.ParseDuration(s.Config.Text("for"))
		sum += wait
		if s.When != nil && s.When.Email != nil {
			limit, _ := calendar.ParseDuration(s.When.Email.Within)
			sum += limit
		}
		sum += max(longest(s.Yes), longest(s.No))
	}
	return sum
}

// readTemplate reads a file of HTML that begins with its name and subject between two lines "---".
func readTemplate(folder, key string) (Template, error) {
	text, err := fs.ReadFile(files, path.Join(folder, key+".html"))
	if err != nil {
		return Template{}, err
	}
	parts := bytes.SplitN(text, []byte("---\n"), 3)
	if len(parts) != 3 || len(parts[0]) > 0 {
		return Template{}, fmt.Errorf("%s.html: it does not begin with its name and subject", key)
	}
	var head struct{ Name, Subject string }
	if err := yaml.Unmarshal(parts[1], &head); err != nil {
		return Template{}, fmt.Errorf("%s.html: %w", key, err)
	}
	return Template{Key: key, Name: head.Name, Subject: head.Subject, HTML: strings.TrimSpace(string(parts[2]))}, nil
}
