package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/delivery"
	"cadenza/internal/inbox"
	"cadenza/internal/oauth"
	"cadenza/internal/signin"
	"cadenza/internal/store"
	"cadenza/internal/store/storetest"
	"cadenza/internal/testmail"
	"cadenza/internal/testproc"
)

// TestMailboxOnRealServers tests the connection of mailboxes with Postfix and Dovecot: by password and by a provider's grant,
// both over STARTTLS, and what it says of sending and of reading when something is wrong.
func TestMailboxOnRealServers(t *testing.T) {
	t.Parallel()
	certificate := testproc.NewCertificate(t, "127.0.0.1")
	provider := testmail.StartProvider(t, testmail.Anna, "http://localhost"+action.ConsentPath)
	pair := testmail.StartPostfix(t, testmail.PostfixOptions{Certificate: certificate, Provider: provider})
	good := realMailbox(t, pair)
	server, reader := delivery.Server{RootCAs: certificate.Authority}, inbox.Server{RootCAs: certificate.Authority}

	right := signin.Credentials{Username: testmail.Anna, Password: testmail.Password(testmail.Anna)}
	wrong := signin.Credentials{Username: testmail.Anna, Password: "wrong"}
	token := signin.Credentials{Username: testmail.Anna, AccessToken: accessToken(t, provider)}
	const distrusted, distrustedReading = "The mail server's certificate cannot be trusted: ", "The IMAP server's certificate cannot be trusted: "
	for _, c := range []struct {
		name           string
		change         func(*store.Mailbox)
		with           signin.Credentials
		sends, reads   string
		stranger, ends bool
	}{
		{name: "password", with: right},
		{name: "token", with: token},
		{name: "named folder", with: right, change: func(m *store.Mailbox) { m.SentFolder = "Sent" }},
		{name: "in the open", with: right, change: func(m *store.Mailbox) { m.Security, m.IMAPSecurity = store.NoTLS, store.NoTLS }},
		{
			name: "wrong password", with: wrong,
			sends: "The mail server refused user name and password (535).", reads: "The IMAP server refused user name and password.",
		},
		{
			name: "unknown folder", with: right, change: func(m *store.Mailbox) { m.SentFolder = "Gesendet" },
			reads: "The account has no folder Gesendet. Enter the name of its folder of sent mail, or leave it empty.",
		},
		{
			name: "certificate of nobody known", with: right, stranger: true,
			sends: distrusted + "it is signed by nobody known here", reads: distrustedReading + "it is signed by nobody known here",
		},
		{
			name: "certificate for another name", with: right, change: func(m *store.Mailbox) { m.Host, m.IMAPHost = "localhost", "localhost" },
			sends: distrusted + "it is for another name than localhost", reads: distrustedReading + "it is for another name than localhost",
		},
		{
			name: "TLS on the wrong port", with: right, change: func(m *store.Mailbox) { m.Security, m.IMAPSecurity = store.TLS, store.TLS },
			sends: "The mail server does not speak TLS on this port.", reads: "The IMAP server does not speak TLS on this port.",
		},
		{
			name: "nobody there", with: right, change: func(m *store.Mailbox) { m.Port, m.IMAPPort = 1, 1 },
			sends: "The mail server cannot be reached: nothing listens at its address.", reads: "The IMAP server cannot be reached: nothing listens at its address.",
		},
		{
			name: "unknown name", with: right, change: func(m *store.Mailbox) { m.IMAPHost = "no-such-host.invalid" },
			reads: "The IMAP server cannot be reached: its name is not known.",
		},
		{
			name: "ended grant", with: token, ends: true,
			sends: "The mail server refused the provider's grant (535). Connect the mailbox again.", reads: "The IMAP server refused the provider's grant. Connect the mailbox again.",
		},
	} {
		box, s, r := good, server, reader
		if c.change != nil {
			c.change(&box)
		}
		if c.stranger {
			s.RootCAs, r.RootCAs = nil, nil
		}
		if c.ends {
			provider.End(testmail.Anna)
		}
		says(t, c.name+", sending", s.Probe(t.Context(), box, c.with), c.sends)
		says(t, c.name+", reading", r.Probe(t.Context(), box, c.with), c.reads)
	}
}

// TestMailboxOnTheCommandLine makes a mailbox of real servers and tests it, as whoever sets a server up without a browser does.
func TestMailboxOnTheCommandLine(t *testing.T) {
	t.Parallel()
	good := realMailbox(t, testmail.NewPostfix(t))
	for kind, address := range databases(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, address(t, t.TempDir()))
			id := d.anna.ID.String()
			play := func(want int, in, line string, texts ...string) {
				t.Helper()
				said := d.play(want, in, append(strings.Fields(line), d.site...)...)
				for _, text := range texts {
					if !strings.Contains(said, text) {
						t.Errorf("%q does not say %q:\n%s", line, text, said)
					}
				}
			}
			servers := fmt.Sprintf("mailbox set %s --address %s --username %[2]s --host %s --port %d --imap-host %s --imap-port %d --imap-security none --password-file -",
				id, testmail.Anna, good.Host, good.Port, good.IMAPHost, good.IMAPPort)
			play(exitOK, "wrong\n", servers, "with a password", "not tested")
			play(exitFailed, "", "mailbox test "+id, "BAD  sending", "refused user name and password", "BAD  reading")
			play(exitOK, testmail.Password(testmail.Anna)+"\n", servers)
			play(exitOK, "", "mailbox test anna@example.com", "ok   sending  "+serverOf(good.Host, good.Port)+"\n", "ok   reading  "+serverOf(good.IMAPHost, good.IMAPPort)+"\n")
			play(exitOK, "", "mailbox list", "  works\n")
			play(exitOK, testmail.Password(testmail.Anna), "mailbox set "+id+" --imap-host= --password-file -", "it is not read")
			play(exitOK, "", "mailbox test "+id, "ok   sending", "-    reading  it is not read")
			play(exitOK, "", "mailbox test "+id+" --json", `"has_password": true`)
		})
	}
}

func says(t *testing.T, what string, err error, want string) {
	t.Helper()
	got := ""
	if err != nil {
		got = err.Error()
	}
	if want == "" && got != "" || !strings.HasPrefix(got, want) {
		t.Errorf("%s: it says %q, want %q", what, got, want)
	}
}

func realMailbox(t *testing.T, pair *testmail.Postfix) store.Mailbox {
	t.Helper()
	m := store.Mailbox{ID: 1, Address: testmail.Anna, Username: testmail.Anna, Security: store.StartTLS, IMAPSecurity: store.StartTLS}
	for address, into := range map[string]struct {
		host *string
		port *int
	}{pair.SubmissionAddr: {&m.Host, &m.Port}, pair.IMAPAddr: {&m.IMAPHost, &m.IMAPPort}} {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			t.Fatal(err)
		}
		*into.host = host
		if *into.port, err = strconv.Atoi(port); err != nil {
			t.Fatal(err)
		}
	}
	return m
}

// accessToken goes the whole way of a consent and gives the token that the mailbox signs in with.
func accessToken(t *testing.T, provider *testmail.Provider) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	app, err := action.New(action.Config{
		DB: storetest.SQLite(t, store.Options{}), Log: slog.New(slog.DiscardHandler), Key: make([]byte, action.KeySize), DataDir: t.TempDir(),
		OAuth: oauth.New(map[store.Auth]oauth.Endpoint{store.GoogleAuth: {Authorize: provider.URL + "/authorize", Token: provider.URL + "/token"}}),
	})
	if err != nil {
		t.Fatal(err)
	}
	anna, err := app.CreateUser(ctx, access.System(), action.NewUser{Name: "Anna", Email: testmail.Anna, Password: "a long password", Zone: "UTC", Role: access.Admin})
	if err != nil {
		t.Fatal(err)
	}
	actor := access.Actor{ID: anna.ID, Role: access.Admin, Zone: "UTC"}
	if _, err := app.SaveOAuthClient(ctx, actor, action.OAuthClientInput{Provider: store.GoogleAuth, ID: testmail.ProviderClient, Secret: testmail.ProviderSecret}); err != nil {
		t.Fatal(err)
	}
	address, err := app.StartConsent(ctx, actor, anna.ID, store.GoogleAuth, "http://localhost")
	if err != nil {
		t.Fatal(err)
	}
	back := provider.Consent(t, address)
	box, err := app.FinishConsent(ctx, actor, action.Returned{State: back.Get("state"), Code: back.Get("code")})
	if err != nil {
		t.Fatal(err)
	}
	c, err := app.Credentials(ctx, box)
	if err != nil {
		t.Fatal(err)
	}
	return c.AccessToken
}
