package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
)

// resolver is the DNS that a desk asks: names with their TXT records.
type resolver map[string][]string

func (r resolver) lookUp(_ context.Context, name string) ([]string, error) { return r[name], nil }

// asks plays a command line of a desk whose names are looked up in a resolver. It must say all of the texts, and gives all that it said.
func (d *desk) asks(r resolver, want int, line string, texts ...string) string {
	d.t.Helper()
	var said bytes.Buffer
	env := &environment{
		ctx: d.t.Context(), getenv: func(string) string { return "" }, stdin: strings.NewReader(""), stdout: &said, stderr: &said, lookUpTXT: r.lookUp,
	}
	parser, err := newParser(env)
	if err != nil {
		d.t.Fatal(err)
	}
	command, err := parser.Parse(append(strings.Fields(line), d.site...))
	if err != nil {
		d.t.Fatalf("%q: %v", line, err)
	}
	if code := report(&said, command.Run(env)); code != want {
		d.t.Errorf("%q ended with %d, want %d", line, code, want)
	}
	for _, text := range texts {
		if !strings.Contains(said.String(), text) {
			d.t.Errorf("%q does not say %q:\n%s", line, text, said.String())
		}
	}
	return said.String()
}

// TestDomainsOnTheCommandLine follows a key from its making to signed mail and away again.
func TestDomainsOnTheCommandLine(t *testing.T) {
	t.Parallel()
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			d.says(exitOK, "user create ada@example.com --name Ada --role admin")
			d.says(exitOK, "user create cy@example.com --name Cy")
			dns := resolver{"example.com": {"v=spf1 ip4:127.0.0.1 -all"}, "_dmarc.example.com": {"v=DMARC1; p=reject; rua=mailto:d@example.com"}}
			d.says(exitOK, "domain list", "example.com ", "1 mailbox ", "no DKIM key here", "1 listed")
			d.says(exitOK, "domain list --as anna@example.com --json", `"name": "example.com"`, `"mailboxes": 1`, `"signs": false`)
			d.says(exitOK, "domain list --as cy@example.com", "0 listed")
			d.says(exitOK, "domain list --as cy@example.com --json", "[]")
			d.says(exitFailed, "domain check elsewhere.example", "No mailbox sends from elsewhere.example. See cadenza domain list.")
			d.says(exitFailed, "domain check example.com --as cy@example.com", "No mailbox sends from example.com.")
			d.asks(dns, exitOK, "domain check Example.COM --as anna@example.com", "ok   SPF   example.com", "     published  v=spf1", "-    DKIM  no record is known", "else make one.", "ok   DMARC _dmarc.example.com")

			d.says(exitOK, "domain dkim show example.com", "example.com has no key here.")
			d.says(exitFailed, "domain dkim start example.com", "The domain has no key yet. Make one first.")
			d.says(exitFailed, "domain dkim delete example.com", "example.com has no key.")
			d.says(exitFailed, "domain dkim make example.com --as anna@example.com", "may not")
			d.says(exitFailed, "domain dkim make example.com --selector a_b", "- --selector: Selector must be a word")
			d.says(exitMisused, "domain dkim make example.com --algorithm dsa", "--algorithm must be one of")
			d.says(exitFailed, "domain dkim make example.com --pem-file nowhere.pem", "nowhere.pem cannot be read")
			d.says(exitFailed, "domain dkim make example.com --pem-file -", "- --pem-file: Paste a private key in PEM form")
			d.says(exitOK, "domain dkim make example.com --as ada@example.com", "selector   cadenza", "algorithm  rsa", "signing    not yet", "name       cadenza._domainkey.example.com", "value      v=DKIM1; k=rsa; p=MII")
			d.signing(dns)
			d.rotates(dns)
		})
	}
}

// signing publishes the key of example.com and has its mail signed.
func (d *desk) signing(dns resolver) {
	d.t.Helper()
	d.asks(dns, exitFailed, "domain check example.com", "BAD  DKIM  cadenza._domainkey.example.com", "There is no DKIM record", "     publish this TXT record:\n     name       cadenza._domainkey.example.com\n     value      v=DKIM1; k=rsa; p=MII")
	d.asks(dns, exitFailed, "domain check example.com --json", `"level": "bad"`, `"publish": {`)
	d.asks(dns, exitFailed, "domain dkim start example.com", "The key is not published as it should be.", "Publish the record that is shown")
	k, err := d.h.app.GetDomain(d.t.Context(), access.System(), "example.com")
	if err != nil {
		d.t.Fatal(err)
	}
	dns[k.Record().Name] = []string{k.Record().Value}
	d.asks(dns, exitOK, "domain check example.com", "ok   DKIM  cadenza._domainkey.example.com")
	d.asks(dns, exitFailed, "domain dkim start example.com --as anna@example.com", "may not")
	d.asks(dns, exitOK, "domain dkim start example.com", "Mail of example.com is signed from now on.")
	d.says(exitOK, "domain list", "signed with the DKIM key cadenza")
	d.says(exitOK, "domain dkim stop example.com --json", `"signs": false`)
	d.says(exitOK, "domain list", "has the DKIM key cadenza, is not signed")
}

// rotates puts another key in the place of the one that is there, and takes it away.
func (d *desk) rotates(dns resolver) {
	d.t.Helper()
	d.says(exitFailed, "domain dkim make example.com --selector next", "- --replace: example.com has the key cadenza already.")
	d.says(exitOK, "domain dkim make example.com --selector next --algorithm ed25519 --replace", "selector   next", "value      v=DKIM1; k=ed25519; p=")
	file := filepath.Join(d.t.TempDir(), "key.pem")
	// The key of RFC 8410, section 10.3.
	const pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n"
	if err := os.WriteFile(file, []byte(pem), 0o600); err != nil {
		d.t.Fatal(err)
	}
	said := d.asks(dns, exitOK, "domain dkim make example.com --selector kept --replace --pem-file "+file, "selector   kept", "algorithm  ed25519", "p=Gb9ECWmEzf6FQbrBZ9w7lshQhqowtrbLDFw4rXAxZuE=")
	said += d.asks(dns, exitOK, "domain dkim show example.com --json", `"selector": "kept"`, `"name": "kept._domainkey.example.com"`)
	if strings.Contains(said, "PRIVATE") || strings.Contains(said, "MC4CAQ") {
		d.t.Errorf("the private key comes out:\n%s", said)
	}
	d.says(exitFailed, "domain dkim delete example.com --as anna@example.com", "may not")
	d.says(exitOK, "domain dkim delete example.com", "The key kept of example.com was deleted. Take its record out of the DNS as well.")
	d.says(exitOK, "domain list", "no DKIM key here")
}

// TestInternationalDomainOnTheCommandLine finds a domain with letters like ü by either form of its name, and says the one to publish.
func TestInternationalDomainOnTheCommandLine(t *testing.T) {
	t.Parallel()
	d := newDesk(t, "sqlite:"+filepath.Join(t.TempDir(), "test.db"))
	in := action.MailboxInput{User: d.anna.ID, Address: "anna@bücher.example", Host: "127.0.0.1", Port: 2525, Security: store.NoTLS}
	if _, err := d.h.app.SaveMailbox(t.Context(), d.anna, in); err != nil {
		t.Fatal(err)
	}
	d.says(exitOK, "domain list", "bücher.example (xn--bcher-kva.example)")
	d.says(exitOK, "domain dkim make xn--bcher-kva.example", "name       cadenza._domainkey.xn--bcher-kva.example")
	d.asks(resolver{}, exitFailed, "domain check bücher.example", "BAD  SPF   xn--bcher-kva.example", "name       cadenza._domainkey.xn--bcher-kva.example")
}
