package domaincheck

import (
	"fmt"
	"strconv"
	"strings"
)

// DMARCName is where a domain's record stands.
func DMARCName(domain string) string { return "_dmarc." + domain }

// Parents gives the names whose DMARC record counts for a domain, nearest first: its own and those of the domains above it
// that are not top-level.
func Parents(domain string) []string {
	var names []string
	for strings.Contains(domain, ".") {
		names = append(names, domain)
		_, domain, _ = strings.Cut(domain, ".")
	}
	return names
}

// HasDMARC tells whether there is a DMARC record among the records of a name.
func HasDMARC(txt []string) bool { return len(versioned(txt, "v=DMARC1")) > 0 }

// DMARC judges what receivers do with mail of the domain that fails both others. at is the domain under which txt was found:
// the domain itself, or one above it.
func DMARC(domain, at string, txt []string) Report {
	r := Report{Topic: "DMARC", Name: DMARCName(at), Found: versioned(txt, "v=DMARC1")}
	reports := "rua=mailto:dmarc@" + domain
	switch len(r.Found) {
	case 0:
		r.say(Bad, "There is no DMARC record. Large receivers refuse mail to many recipients without one.")
		r.Name, r.Publish = DMARCName(domain), Record{DMARCName(domain), "v=DMARC1; p=none; " + reports}
		return r
	case 1:
	default:
		r.say(Bad, "There are several DMARC records, so that receivers use none. Keep one.")
		r.Publish = Record{r.Name, r.Found[0]}
		return r
	}
	t := tags(r.Found[0])
	policy := strings.ToLower(t["p"])
	if sp := strings.ToLower(t["sp"]); at != domain && sp != "" {
		policy = sp
	}
	switch policy {
	case "quarantine", "reject":
	case "none":
		r.say(Advice, "Its policy is none: it is good to begin with. Once the reports show that all your mail passes, go on to p=quarantine.")
	default:
		r.say(Bad, "It has no policy that receivers know (p=none, quarantine or reject).")
		r.Publish = Record{r.Name, "v=DMARC1; p=none; " + reports}
	}
	rua, ok := t["rua"]
	switch {
	case !ok || rua == "":
		r.say(Advice, "Nobody gets reports (rua=), so that nobody sees who sends in your name. Add "+reports+".")
	case !strings.HasPrefix(strings.ToLower(rua), "mailto:"):
		r.say(Advice, "The address for reports (rua=) must begin with mailto:.")
	}
	if pct, ok := t["pct"]; ok {
		if n, err := strconv.Atoi(pct); err == nil && n < 100 {
			r.say(Advice, fmt.Sprintf("It counts for %d %% of the mail only (pct=).", n))
		}
	}
	if len(r.Findings) == 0 {
		r.say(Good, "There is one record, and it protects the domain.")
	}
	return r
}
