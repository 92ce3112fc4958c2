// Package domaincheck judges what a domain publishes about its mail: who may send (SPF, RFC 7208), the keys of signatures
// (DKIM, RFC 6376 and 8463) and what receivers do with mail that fails both (DMARC, RFC 7489). It says what to publish.
//
// It must never look anything up: whoever asks brings the records.
//
// Start reading at SPF.
package domaincheck

import "strings"

// Level says how a finding is.
type Level string

// The levels: Good needs nothing, Advice would be better, Bad costs mails.
const (
	Good   Level = "good"
	Advice Level = "advice"
	Bad    Level = "bad"
)

// Record is one to publish: a TXT record of that name.
type Record struct{ Name, Value string }

// Finding is what is said of one of the three.
type Finding struct {
	Level Level
	// Text says what was found, and what to do about it.
	Text string
}

// Report is what is said of one of the three.
type Report struct {
	// Topic is SPF, DKIM or DMARC; Name is where its record stands.
	Topic, Name string
	// Found are the records that concern it, as they are published.
	Found    []string
	Findings []Finding
	// Publish is what to publish; its Name is "" when nothing is to be changed.
	Publish Record
}

// Level is the worst of the findings.
func (r Report) Level() Level {
	worst := Good
	for _, f := range r.Findings {
		if f.Level == Bad || f.Level == Advice && worst == Good {
			worst = f.Level
		}
	}
	return worst
}

func (r *Report) say(level Level, text string) {
	r.Findings = append(r.Findings, Finding{level, text})
}

// Unanswered is the report of a record that could not be looked up.
func Unanswered(topic, name string) Report {
	r := Report{Topic: topic, Name: name}
	r.say(Advice, "The name server did not answer. Check again in a moment.")
	return r
}

// versioned keeps the records of one version tag, such as v=spf1.
func versioned(txt []string, tag string) []string {
	var list []string
	for _, t := range txt {
		t = strings.TrimSpace(t)
		head, rest := t[:min(len(tag), len(t))], t[min(len(tag), len(t)):]
		if strings.EqualFold(head, tag) && (rest == "" || strings.ContainsAny(rest[:1], " ;\t")) {
			list = append(list, t)
		}
	}
	return list
}

// tags reads a list of tags such as "v=DMARC1; p=none" (RFC 6376, section 3.2); the names are in lower case.
func tags(text string) map[string]string {
	m := map[string]string{}
	for part := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(part, "=")
		if name = strings.ToLower(strings.TrimSpace(name)); ok && name != "" {
			if _, twice := m[name]; !twice {
				m[name] = strings.TrimSpace(value)
			}
		}
	}
	return m
}
