package action

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/domaincheck"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

const (
	// checkLimit bounds the look-ups of one check, maxZones how many names an SPF record may lead to.
	checkLimit = 10 * time.Second
	maxZones   = 20
)

// Domain is one from which mail is sent.
type Domain struct {
	// Name is for people, DNSName as the DNS knows it: they differ for an international one, which is in ASCII there (RFC 5891).
	Name, DNSName string
	// Host is the server of a mailbox of it, Mailboxes how many the actor may see.
	Host      string
	Mailboxes int
	// Key signs its mail, or will; its Domain is "" when there is none. Its Secret is never given.
	Key store.DKIMKey
}

// Record is what to publish for the domain's key.
func (d Domain) Record() domaincheck.Record {
	return domaincheck.Key{Selector: d.Key.Selector, Algorithm: d.Key.Algorithm, Public: d.Key.Public}.Record(d.DNSName)
}

// ListDomains gives the domains of the mailboxes that the actor may see, by name.
func (a *App) ListDomains(ctx context.Context, actor access.Actor) ([]Domain, error) {
	if err := may(actor, access.UseMailbox); err != nil {
		return nil, err
	}
	return look(ctx, a, func(tx *store.Tx) ([]Domain, error) { return domainsOf(tx, actor, "") })
}

// domainsOf finds the domains of the mailboxes that the actor may see, or the one of a name.
func domainsOf(tx *store.Tx, actor access.Actor, name string) (list []Domain, err error) {
	boxes, err := tx.ListMailboxes()
	if err != nil {
		return nil, err
	}
	for _, m := range boxes {
		at := message.DomainOf(m.Address)
		if at == "" || name != "" && at != name || !access.MayOn(actor, access.UseMailbox, m.User) {
			continue
		}
		i := slices.IndexFunc(list, func(d Domain) bool { return d.Name == at })
		if i < 0 {
			d := Domain{}
			d.Name, d.DNSName = message.DomainForms(at)
			i, list = len(list), append(list, d)
		}
		list[i].Mailboxes++
		_, list[i].Host = message.DomainForms(m.Host) // it may be published
	}
	for i := range list {
		list[i].Key, err = tx.DKIMKey(list[i].Name)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		list[i].Key.Secret = nil
	}
	slices.SortFunc(list, func(a, b Domain) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// GetDomain gives a domain of a mailbox that the actor may see, by either form of its name.
func (a *App) GetDomain(ctx context.Context, actor access.Actor, name string) (Domain, error) {
	if err := may(actor, access.UseMailbox); err != nil {
		return Domain{}, err
	}
	name, _ = message.DomainForms(strings.TrimSpace(name))
	return look(ctx, a, func(tx *store.Tx) (Domain, error) {
		list, err := domainsOf(tx, actor, name)
		if err != nil {
			return Domain{}, err
		}
		if name == "" || len(list) == 0 {
			return Domain{}, fault.New(fault.NotFound, "No mailbox sends from this domain.")
		}
		return list[0], nil
	})
}

// CheckDomain looks up what a domain publishes about its mail, and judges it.
func (a *App) CheckDomain(ctx context.Context, actor access.Actor, name string) ([]domaincheck.Report, error) {
	d, err := a.GetDomain(ctx, actor, name)
	if err != nil {
		return nil, err
	}
	if a.config.LookupTXT == nil {
		return nil, fault.New(fault.Unavailable, "Domains cannot be checked here.").WithHint("Check them on the running server.")
	}
	ctx, cancel := context.WithTimeout(ctx, checkLimit)
	defer cancel()
	reports := make([]domaincheck.Report, 3)
	var wait sync.WaitGroup
	for i, judge := range []func(context.Context, Domain) domaincheck.Report{a.judgeSPF, a.judgeDKIM, a.judgeDMARC} {
		wait.Go(func() { reports[i] = judge(ctx, d) })
	}
	wait.Wait()
	return reports, nil
}

// txt looks a name up. A name that does not exist has no records.
func (a *App) txt(ctx context.Context, name string) ([]string, error) {
	list, err := a.config.LookupTXT(ctx, name)
	var dns *net.DNSError
	if errors.As(err, &dns) && dns.IsNotFound {
		return nil, nil
	}
	return list, err
}

func (a *App) judgeSPF(ctx context.Context, d Domain) domaincheck.Report {
	zones := map[string][]string{}
	for todo := []string{d.DNSName}; len(todo) > 0 && len(zones) < maxZones; {
		name := todo[0]
		todo = todo[1:]
		if _, known := zones[name]; known {
			continue
		}
		list, err := a.txt(ctx, name)
		if err != nil && name == d.DNSName {
			return domaincheck.Unanswered("SPF", name)
		}
		zones[name] = list
		todo = append(todo, domaincheck.Includes(list)...)
	}
	return domaincheck.SPF(d.DNSName, d.Host, zones)
}

// judgeDKIM judges the record of our key, or of the one that a well-known server signs with. Else nothing is known.
func (a *App) judgeDKIM(ctx context.Context, d Domain) domaincheck.Report {
	key := domaincheck.Key{Selector: d.Key.Selector, Algorithm: d.Key.Algorithm, Public: d.Key.Public}
	switch {
	case d.Key.Domain != "":
	case d.Host == "smtp.gmail.com":
		key.Selector = "google"
	case d.Host == "smtp.office365.com":
		key.Selector = "selector1"
	default:
		return domaincheck.Report{Topic: "DKIM", Findings: []domaincheck.Finding{{
			Level: domaincheck.Advice, Text: "No key is kept here. That is right if the mail server signs by itself; else make one.",
		}}}
	}
	name := domaincheck.DKIMName(key.Selector, d.DNSName)
	list, err := a.txt(ctx, name)
	if err != nil {
		return domaincheck.Unanswered("DKIM", name)
	}
	return domaincheck.DKIM(d.DNSName, key, list)
}

func (a *App) judgeDMARC(ctx context.Context, d Domain) domaincheck.Report {
	for _, at := range domaincheck.Parents(d.DNSName) {
		list, err := a.txt(ctx, domaincheck.DMARCName(at))
		if err != nil {
			return domaincheck.Unanswered("DMARC", domaincheck.DMARCName(at))
		}
		if domaincheck.HasDMARC(list) {
			return domaincheck.DMARC(d.DNSName, at, list)
		}
	}
	return domaincheck.DMARC(d.DNSName, d.DNSName, nil)
}
