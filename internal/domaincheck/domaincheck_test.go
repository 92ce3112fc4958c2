package domaincheck_test

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cadenza/internal/domaincheck"
)

// wants checks a report: its level, a piece of what is said, and the value to publish.
func wants(t *testing.T, name string, r domaincheck.Report, level domaincheck.Level, said, publish string) {
	t.Helper()
	text := ""
	for _, f := range r.Findings {
		text += f.Text + "\n"
	}
	if r.Level() != level || !strings.Contains(text, said) || r.Publish.Value != publish {
		t.Errorf("%s: got %s %q, publish %q; want %s %q, publish %q", name, r.Level(), text, r.Publish.Value, level, said, publish)
	}
}

func TestSPF(t *testing.T) {
	t.Parallel()
	const google, microsoft, own = "smtp.gmail.com", "smtp.office365.com", "mail.example.com"
	wide := "v=spf1"
	for i := range 11 {
		wide += fmt.Sprintf(" a:m%d.example.com", i)
	}
	for _, c := range []struct {
		name, host string
		txt        []string
		level      domaincheck.Level
		said       string
		publish    string
	}{
		{"none", own, []string{"google-site-verification=x"}, domaincheck.Bad, "no SPF record", "v=spf1 a:mail.example.com ~all"},
		{"none at Google", google, nil, domaincheck.Bad, "no SPF record", "v=spf1 include:_spf.google.com ~all"},
		{"none at an IP address", "192.0.2.7", nil, domaincheck.Bad, "no SPF record", "v=spf1 ip4:192.0.2.7 ~all"},
		{"another version", own, []string{"v=spf10 -all"}, domaincheck.Bad, "no SPF record", "v=spf1 a:mail.example.com ~all"},
		{"good", google, []string{"x=y", "v=spf1 include:_spf.google.com ~all"}, domaincheck.Good, "one record", ""},
		{"good by redirect", own, []string{"v=spf1 redirect=_spf.example.com"}, domaincheck.Good, "one record", ""},
		{"upper case", microsoft, []string{"V=SPF1 INCLUDE:spf.protection.outlook.com -ALL"}, domaincheck.Good, "one record", ""},
		{
			"two", google,
			[]string{"v=spf1 include:_spf.google.com ~all", "v=spf1 ip4:192.0.2.1 include:_spf.google.com -all"},
			domaincheck.Bad, "2 SPF records", "v=spf1 include:_spf.google.com ip4:192.0.2.1 ~all",
		},
		{"too many", own, []string{wide + " ~all"}, domaincheck.Bad, "It needs 11 look-ups", ""},
		{"too many by includes", own, []string{"v=spf1 include:nine.test include:nine.test mx ~all"}, domaincheck.Bad, "It needs 12 look-ups", ""},
		{"a circle", own, []string{"v=spf1 include:circle.test ~all"}, domaincheck.Good, "one record", ""},
		{"everybody", own, []string{"v=spf1 +all"}, domaincheck.Bad, "everybody may send", ""},
		{"all without a sign", own, []string{"v=spf1 mx all"}, domaincheck.Bad, "everybody may send", ""},
		{"neutral", own, []string{"v=spf1 mx ?all"}, domaincheck.Advice, "?all", ""},
		{"no end", own, []string{"v=spf1 mx"}, domaincheck.Advice, "does not say what holds for all others", ""},
		{"ptr", own, []string{"v=spf1 ptr ~all"}, domaincheck.Advice, "uses ptr", ""},
		{
			"another server's", microsoft,
			[]string{"v=spf1 include:_spf.google.com ~all"},
			domaincheck.Bad, "smtp.office365.com, is not among",
			"v=spf1 include:spf.protection.outlook.com include:_spf.google.com ~all",
		},
		{"included deeper", google, []string{"v=spf1 include:deeper.test ~all"}, domaincheck.Good, "one record", ""},
	} {
		zones := map[string][]string{
			"example.com": c.txt, "nine.test": {wide[:strings.LastIndex(wide[:strings.LastIndex(wide, " ")], " ")] + " -all"},
			"circle.test": {"v=spf1 include:example.com include:circle.test ~all"}, "deeper.test": {"v=spf1 include:_spf.google.com -all"},
		}
		wants(t, c.name, domaincheck.SPF("example.com", c.host, zones), c.level, c.said, c.publish)
	}
	got := domaincheck.Includes([]string{"v=spf1 include:a.test. ?include:%{i}.b.test a:c.test redirect=d.test", "include:e.test"})
	if want := []string{"a.test", "d.test"}; !slices.Equal(got, want) {
		t.Errorf("includes: got %v, want %v", got, want)
	}
}

func TestDMARC(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, at string
		txt      []string
		level    domaincheck.Level
		said     string
		publish  string
	}{
		{"none", "example.com", []string{"v=spf1 -all"}, domaincheck.Bad, "no DMARC record", "v=DMARC1; p=none; rua=mailto:dmarc@example.com"},
		{"good", "example.com", []string{"v=DMARC1; p=reject; rua=mailto:d@example.com"}, domaincheck.Good, "protects", ""},
		{"begins", "example.com", []string{"v=DMARC1;p=none;rua=mailto:d@example.com"}, domaincheck.Advice, "policy is none", ""},
		{"no reports", "example.com", []string{"v=DMARC1; p=quarantine"}, domaincheck.Advice, "Nobody gets reports", ""},
		{"reports to nowhere", "example.com", []string{"v=DMARC1; p=quarantine; rua=d@example.com"}, domaincheck.Advice, "mailto:", ""},
		{"a part", "example.com", []string{"v=DMARC1; p=reject; pct=20; rua=mailto:d@example.com"}, domaincheck.Advice, "20 %", ""},
		{"no policy", "example.com", []string{"v=DMARC1; rua=mailto:d@example.com"}, domaincheck.Bad, "no policy", "v=DMARC1; p=none; rua=mailto:dmarc@example.com"},
		{"two", "example.com", []string{"v=DMARC1; p=none", "v=DMARC1; p=reject"}, domaincheck.Bad, "several", "v=DMARC1; p=none"},
		{"of the domain above", "com.test", []string{"v=DMARC1; p=reject; sp=none; rua=mailto:d@com.test"}, domaincheck.Advice, "policy is none", ""},
	} {
		wants(t, c.name, domaincheck.DMARC("example.com", c.at, c.txt), c.level, c.said, c.publish)
	}
	if got := domaincheck.Parents("mail.sales.example.com"); !slices.Equal(got, []string{"mail.sales.example.com", "sales.example.com", "example.com"}) {
		t.Errorf("parents: %v", got)
	}
}

func TestDKIM(t *testing.T) {
	t.Parallel()
	public := func(bits int) string {
		key, err := rsa.GenerateKey(rand.Reader, bits)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
		if err != nil {
			t.Fatal(err)
		}
		return base64.StdEncoding.EncodeToString(raw)
	}
	good, short := public(2048), public(1024)
	edKey, _, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ed := base64.StdEncoding.EncodeToString(edKey)
	publish := "v=DKIM1; k=rsa; p=" + good
	for _, c := range []struct {
		name    string
		ours    string
		txt     []string
		level   domaincheck.Level
		said    string
		publish string
	}{
		{"not published", good, nil, domaincheck.Bad, "no DKIM record", publish},
		{"good", good, []string{publish}, domaincheck.Good, "is published", ""},
		{"good in pieces", good, []string{"v=DKIM1; k=rsa; p=" + good[:100] + " " + good[100:]}, domaincheck.Good, "is published", ""},
		{"good by the server", "", []string{publish}, domaincheck.Good, "is published", ""},
		{"Ed25519", ed, []string{"v=DKIM1; k=ed25519; p=" + ed}, domaincheck.Good, "is published", ""},
		{"another", good, []string{"v=DKIM1; p=" + short}, domaincheck.Bad, "Another key", publish},
		{"revoked", good, []string{"v=DKIM1; p="}, domaincheck.Bad, "was revoked", publish},
		{"short", "", []string{"v=DKIM1; p=" + short}, domaincheck.Advice, "1024 bits", ""},
		{"nonsense", "", []string{"v=DKIM1; p=QUJD"}, domaincheck.Bad, "cannot be read", ""},
		{"test", good, []string{publish + "; t=s:y"}, domaincheck.Advice, "marked as a test", ""},
		{"old hash", good, []string{publish + "; h=sha1"}, domaincheck.Bad, "SHA-256", publish},
		{"other version", good, []string{"v=DKIM2; p=" + good}, domaincheck.Bad, "version", publish},
		{"two", good, []string{publish, publish}, domaincheck.Bad, "several", publish},
	} {
		wants(t, c.name, domaincheck.DKIM("example.com", domaincheck.Key{Selector: "s1", Algorithm: "rsa", Public: c.ours}, c.txt), c.level, c.said, c.publish)
	}
}
