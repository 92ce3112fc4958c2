package domaincheck

import (
	"fmt"
	"net/netip"
	"strings"
)

// maxLookups is how many look-ups a receiver makes for one domain before it gives up (RFC 7208, section 4.6.4).
const maxLookups = 10

// SPF judges who may send for a domain. zones holds the TXT records of the domain and of all that its record includes; see
// Includes. host is the server that the mailbox sends through.
func SPF(domain, host string, zones map[string][]string) Report {
	r := Report{Topic: "SPF", Name: domain, Found: versioned(zones[domain], "v=spf1")}
	want := sender(host)
	switch len(r.Found) {
	case 0:
		r.say(Bad, "There is no SPF record. Receivers cannot tell who may send for this domain.")
		r.Publish = Record{domain, "v=spf1 " + want + " ~all"}
		return r
	case 1:
	default:
		r.say(Bad, fmt.Sprintf("There are %d SPF records. Receivers then use none of them: make them one.", len(r.Found)))
		r.Publish = Record{domain, merged(r.Found)}
		return r
	}
	record := r.Found[0]
	if n := lookups(domain, zones, map[string]bool{}); n > maxLookups {
		r.say(Bad, fmt.Sprintf("It needs %d look-ups; receivers make at most %d and then take it for broken. Take out what does not send any more.", n, maxLookups))
	}
	all, redirect := "", false
	for term := range strings.FieldsSeq(strings.ToLower(record)) {
		redirect = redirect || strings.HasPrefix(term, "redirect=")
		switch bare := strings.TrimLeft(term, "+-~?"); {
		case bare == "all":
			all = term[:len(term)-len(bare)]
			if all == "" {
				all = "+"
			}
		case bare == "ptr" || strings.HasPrefix(bare, "ptr:"):
			r.say(Advice, "It uses ptr, which many receivers ignore (RFC 7208, section 5.5).")
		}
	}
	switch {
	case all == "+":
		r.say(Bad, "It ends with +all, so that everybody may send for this domain. End it with ~all.")
	case all == "?":
		r.say(Advice, "It ends with ?all, which says nothing about others. End it with ~all.")
	case all == "" && !redirect:
		r.say(Advice, "It does not say what holds for all others. End it with ~all.")
	}
	if provider(host) && !includes(domain, strings.TrimPrefix(want, "include:"), zones, map[string]bool{}) {
		r.say(Bad, "The server of this mailbox, "+host+", is not among those that may send.")
		r.Publish = Record{domain, strings.Replace(record, record[:len("v=spf1")], record[:len("v=spf1")]+" "+want, 1)}
	}
	if len(r.Findings) == 0 {
		r.say(Good, "There is one record, and receivers can use it.")
	}
	return r
}

// Includes gives the names whose records a domain's SPF record needs.
func Includes(txt []string) []string {
	var names []string
	for _, record := range versioned(txt, "v=spf1") {
		for term := range strings.FieldsSeq(strings.ToLower(record)) {
			term = strings.TrimLeft(term, "+-~?")
			for _, prefix := range []string{"include:", "redirect="} {
				if name, ok := strings.CutPrefix(term, prefix); ok && name != "" && !strings.Contains(name, "%") {
					names = append(names, strings.TrimSuffix(name, "."))
				}
			}
		}
	}
	return names
}

// lookups counts what a receiver looks up; a name that includes itself is counted once.
func lookups(name string, zones map[string][]string, seen map[string]bool) int {
	if seen[name] {
		return 0
	}
	seen[name] = true
	n := 0
	for _, record := range versioned(zones[name], "v=spf1") {
		for term := range strings.FieldsSeq(strings.ToLower(record)) {
			term = strings.TrimLeft(term, "+-~?")
			kind, _, _ := strings.Cut(strings.ReplaceAll(strings.ReplaceAll(term, "=", ":"), "/", ":"), ":")
			switch kind {
			case "include", "redirect", "a", "mx", "ptr", "exists":
				n++
			}
		}
	}
	for _, next := range Includes(zones[name]) {
		n += lookups(next, zones, seen)
	}
	return n
}

func includes(name, want string, zones map[string][]string, seen map[string]bool) bool {
	if seen[name] {
		return false
	}
	seen[name] = true
	for _, next := range Includes(zones[name]) {
		if next == want || includes(next, want, zones, seen) {
			return true
		}
	}
	return false
}

// sender is the term that lets a server send.
func sender(host string) string {
	switch host = strings.ToLower(host); {
	case host == "smtp.gmail.com":
		return "include:_spf.google.com"
	case host == "smtp.office365.com":
		return "include:spf.protection.outlook.com"
	case strings.HasSuffix(host, ".zoho.com"):
		return "include:zoho.com"
	case strings.HasSuffix(host, ".fastmail.com"):
		return "include:spf.messagingengine.com"
	case host == "":
		return "mx"
	}
	if ip, err := netip.ParseAddr(host); err == nil {
		if ip.Is4() {
			return "ip4:" + host
		}
		return "ip6:" + host
	}
	return "a:" + host
}

// provider tells that a server's term is known for sure.
func provider(host string) bool { return strings.HasPrefix(sender(host), "include:") }

// merged makes one record of several: every term once, and the most careful end.
func merged(records []string) string {
	var terms []string
	seen := map[string]bool{}
	for _, record := range records {
		for _, term := range strings.Fields(record)[1:] {
			if strings.TrimLeft(strings.ToLower(term), "+-~?") != "all" && !seen[term] {
				seen[term] = true
				terms = append(terms, term)
			}
		}
	}
	return strings.Join(append(append([]string{"v=spf1"}, terms...), "~all"), " ")
}
