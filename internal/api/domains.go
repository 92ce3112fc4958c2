package api

import (
	"context"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/domaincheck"
)

// dnsRecord is a TXT record to publish.
type dnsRecord struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// domainShape is a domain that mail is sent from, with the key that signs it. The private key never comes out.
type domainShape struct {
	Name      string     `json:"name"`
	DNSName   string     `json:"dns_name" doc:"The name as the DNS knows it: another one for a domain with letters like ü."`
	Mailboxes int        `json:"mailboxes" doc:"How many mailboxes send from it, of those that you may see."`
	Selector  string     `json:"selector,omitempty" doc:"The key's name; absent when there is no key."`
	Algorithm string     `json:"algorithm,omitempty" enum:"rsa,ed25519"`
	Signs     bool       `json:"signs" doc:"Whether mail of the domain is signed."`
	Record    *dnsRecord `json:"record,omitempty" doc:"What to publish for the key."`
}

func domainOf(d action.Domain, err error) (domainShape, error) {
	s := domainShape{Name: d.Name, DNSName: d.DNSName, Mailboxes: d.Mailboxes, Selector: d.Key.Selector, Algorithm: d.Key.Algorithm, Signs: d.Key.Signs}
	if d.Key.Domain != "" {
		r := d.Record()
		s.Record = &dnsRecord{r.Name, r.Value}
	}
	return s, err
}

type domainFinding struct {
	Level string `json:"level" enum:"good,advice,bad"`
	Text  string `json:"text"`
}

// domainReport is what is said of one of SPF, DKIM and DMARC.
type domainReport struct {
	Topic    string          `json:"topic" enum:"SPF,DKIM,DMARC"`
	Name     string          `json:"name,omitempty" doc:"Where its record stands."`
	Level    string          `json:"level" enum:"good,advice,bad" doc:"The worst of the findings."`
	Found    []string        `json:"found" doc:"The records as they are published."`
	Findings []domainFinding `json:"findings"`
	Publish  *dnsRecord      `json:"publish,omitempty" doc:"What to publish instead."`
}

func domainReportOf(r domaincheck.Report) domainReport {
	s := domainReport{Topic: r.Topic, Name: r.Name, Level: string(r.Level()), Found: texts(r.Found), Findings: []domainFinding{}}
	for _, f := range r.Findings {
		s.Findings = append(s.Findings, domainFinding{string(f.Level), f.Text})
	}
	if r.Publish.Name != "" {
		s.Publish = &dnsRecord{r.Publish.Name, r.Publish.Value}
	}
	return s
}

// ByDomain names a domain.
type ByDomain struct {
	Domain string `path:"domain"`
}

type putDKIMKey struct {
	ByDomain
	Body struct {
		Selector  string `json:"selector"`
		Algorithm string `json:"algorithm,omitempty" enum:"rsa,ed25519" doc:"Of a key that is made; rsa when it is left out."`
		PEM       string `json:"pem,omitempty" doc:"A private key that exists already; a new one is made when it is left out."`
	}
}

func (d *door) domains() {
	handle(d, with(get("/domains", "list-domains", "List the domains that mail is sent from, by name"), "Those of all mailboxes for admins, of their own for others."),
		func(ctx context.Context, actor access.Actor, _ *none) (page[domainShape], error) {
			rows, err := d.app.ListDomains(ctx, actor)
			return list(rows, func(one action.Domain) domainShape { return first(domainOf(one, nil)) }), err
		})
	handle(d, get("/domains/{domain}", "get-domain", "Get a domain that mail is sent from"), func(ctx context.Context, actor access.Actor, in *ByDomain) (domainShape, error) {
		return domainOf(d.app.GetDomain(ctx, actor, in.Domain))
	})
	handle(d, with(post("/domains/{domain}/check", "check-domain", "Check SPF, DKIM and DMARC of a domain"), "Asks the name server now."),
		func(ctx context.Context, actor access.Actor, in *ByDomain) (page[domainReport], error) {
			rows, err := d.app.CheckDomain(ctx, actor, in.Domain)
			return list(rows, domainReportOf), err
		})
	handle(d, with(put("/domains/{domain}/key", "save-dkim-key", "Make or replace the DKIM key of a domain"), "It signs nothing before start-signing."),
		func(ctx context.Context, actor access.Actor, in *putDKIMKey) (domainShape, error) {
			return domainOf(d.app.SaveDKIMKey(ctx, actor, action.DKIMInput{Domain: in.Domain, Selector: in.Body.Selector, Algorithm: in.Body.Algorithm, PEM: in.Body.PEM}))
		})
	handleSilent(d, remove("/domains/{domain}/key", "delete-dkim-key", "Delete the DKIM key of a domain"), func(ctx context.Context, actor access.Actor, in *ByDomain) error {
		return d.app.DeleteDKIMKey(ctx, actor, in.Domain)
	})
	handle(d, with(post("/domains/{domain}/start-signing", "start-signing", "Sign the mail of a domain"), "Refused until the key's record is published."),
		func(ctx context.Context, actor access.Actor, in *ByDomain) (domainShape, error) {
			return domainOf(d.app.StartSigning(ctx, actor, in.Domain))
		})
	handle(d, post("/domains/{domain}/stop-signing", "stop-signing", "Let the mail of a domain go out unsigned"), func(ctx context.Context, actor access.Actor, in *ByDomain) (domainShape, error) {
		return domainOf(d.app.StopSigning(ctx, actor, in.Domain))
	})
}
