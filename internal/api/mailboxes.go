package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// mailboxShape is the account through which a user's mail goes out. Its password never comes out.
type mailboxShape struct {
	User           ref        `json:"user"`
	Address        string     `json:"address"`
	SenderName     string     `json:"sender_name,omitempty"`
	Host           string     `json:"host"`
	Port           int        `json:"port"`
	Security       string     `json:"security" enum:"none,starttls,tls"`
	Username       string     `json:"username,omitempty"`
	HasPassword    bool       `json:"has_password"`
	Signature      string     `json:"signature,omitempty"`
	Aliases        []string   `json:"aliases" doc:"More addresses that reach it."`
	Auth           string     `json:"auth" enum:"password,google,microsoft" doc:"How it signs in, for sending and reading."`
	SendError      string     `json:"send_error,omitempty" doc:"Why its server does not let it in, or cannot be reached: its emails wait until a save or a test mends it, or one of them gets through at send_again_at."`
	UnreachedSince *time.Time `json:"unreached_since,omitempty" doc:"Since when its server cannot be reached, where that is what send_error says."`
	SendAgainAt    *time.Time `json:"send_again_at,omitempty" doc:"When one email tries again."`
	GrantError     string     `json:"grant_error,omitempty" doc:"Why the provider does not let it in any more: it has to be connected again."`
	IMAPHost       string     `json:"imap_host,omitempty" doc:"Absent for a mailbox that is not read."`
	IMAPPort       int        `json:"imap_port"`
	IMAPSecurity   string     `json:"imap_security" enum:"none,starttls,tls"`
	SentFolder     string     `json:"sent_folder,omitempty" doc:"The folder of sent mail, where the server marks none."`
	CopySent       string     `json:"copy_sent" enum:"automatic,always,never" doc:"Whether sent emails are copied into the folder of sent mail; automatic leaves it to providers that are known to do it."`
	CopiesSent     bool       `json:"copies_sent" doc:"What copy_sent comes to for this mailbox."`
	CopyError      string     `json:"copy_error,omitempty" doc:"Why the last copy could not be made. It is tried again, and holds up nothing."`
	Paused         bool       `json:"paused" doc:"Whether its mail waits."`
	PauseReason    string     `json:"pause_reason,omitempty" doc:"Why a guard rail paused it; absent when a person did."`
	CheckedAt      *time.Time `json:"checked_at,omitempty" doc:"When it was tested last."`
	CheckError     string     `json:"check_error,omitempty" doc:"Why the test of sending failed; absent when it passed."`
	IMAPCheckError string     `json:"imap_check_error,omitempty" doc:"Why the test of reading failed; absent when it passed."`
	ReadAt         *time.Time `json:"read_at,omitempty" doc:"When it was read without trouble last."`
	ReadError      string     `json:"read_error,omitempty" doc:"What keeps it from being read."`
	Rev            int64      `json:"rev"`
}

func mailboxOf(m store.Mailbox) mailboxShape {
	return mailboxShape{
		User: ref{ID: m.User.String(), Name: m.UserName}, Address: m.Address, SenderName: m.SenderName, Host: m.Host, Port: m.Port,
		Security: string(m.Security), Username: m.Username, HasPassword: m.Secret != nil, Signature: m.Signature, Paused: m.Paused, PauseReason: m.PauseReason,
		CheckedAt: moment(m.CheckedAt), CheckError: m.CheckError, Rev: m.Rev, Aliases: texts(m.Aliases), Auth: string(m.Auth), GrantError: m.GrantError,
		SendError: m.SendError, SendAgainAt: moment(m.SendAgain), UnreachedSince: moment(m.UnreachedSince),
		IMAPHost: m.IMAPHost, IMAPPort: m.IMAPPort, IMAPSecurity: string(m.IMAPSecurity), SentFolder: m.SentFolder,
		CopySent: string(m.CopySent), CopiesSent: m.CopiesSent(), CopyError: m.CopyError,
		IMAPCheckError: m.IMAPCheckError, ReadAt: moment(m.ReadAt), ReadError: m.ReadError,
	}
}

type mailboxInput struct {
	Address      string   `json:"address"`
	SenderName   string   `json:"sender_name,omitempty"`
	Host         string   `json:"host,omitempty" doc:"Needed with a password; with a grant it is the provider's."`
	Port         int      `json:"port,omitempty"`
	Security     string   `json:"security,omitempty" enum:"none,starttls,tls"`
	Aliases      []string `json:"aliases,omitempty"`
	Auth         string   `json:"auth,omitempty" enum:"password,google,microsoft" doc:"password when it is left out. google and microsoft can be chosen once they are set up; then somebody connects it by a browser."`
	IMAPHost     string   `json:"imap_host,omitempty" doc:"Left out for a mailbox that is not read."`
	IMAPPort     int      `json:"imap_port,omitempty"`
	IMAPSecurity string   `json:"imap_security,omitempty" enum:"none,starttls,tls"`
	SentFolder   string   `json:"sent_folder,omitempty"`
	CopySent     string   `json:"copy_sent,omitempty" enum:"automatic,always,never" doc:"automatic when it is left out."`
	Username     string   `json:"username,omitempty"`
	Password     string   `json:"password,omitempty" doc:"The old one stays when it is left out. Another server or account needs it again."`
	Signature    string   `json:"signature,omitempty"`
	Rev          int64    `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
}

// ByUser names a mailbox by the user whose it is.
type ByUser struct {
	User id[ident.User] `path:"user"`
}

type putMailbox struct {
	ByUser
	Body mailboxInput
}

func (d *door) mailboxes() {
	handle(d, with(get("/mailboxes", "list-mailboxes", "List mailboxes"), "Admins see all, others their own."), func(ctx context.Context, actor access.Actor, _ *none) (page[mailboxShape], error) {
		rows, err := d.app.ListMailboxes(ctx, actor)
		return list(rows, mailboxOf), err
	})
	handle(d, get("/mailboxes/{user}", "get-mailbox", "Get the mailbox of a user"), func(ctx context.Context, actor access.Actor, in *ByUser) (mailboxShape, error) {
		m, err := d.app.GetMailbox(ctx, actor, in.User.Key)
		return mailboxOf(m), err
	})
	handle(d, put("/mailboxes/{user}", "save-mailbox", "Make or change the mailbox of a user"), d.saveMailbox)
	handleSilent(d, remove("/mailboxes/{user}", "delete-mailbox", "Delete the mailbox of a user with its password"), func(ctx context.Context, actor access.Actor, in *ByUser) error {
		return d.app.DeleteMailbox(ctx, actor, in.User.Key)
	})
	d.domains()
	d.mailProviders()
	handle(d, with(post("/mailboxes/{user}/test", "test-mailbox", "Try to sign in at the mailbox's servers"), "That a server refuses is an answer too: see check_error and imap_check_error."),
		func(ctx context.Context, actor access.Actor, in *ByUser) (mailboxShape, error) {
			m, err := d.app.TestMailbox(ctx, actor, in.User.Key)
			return mailboxOf(m), err
		})
	for verb, paused := range map[string]bool{"pause": true, "resume": false} {
		summary := map[bool]string{true: "Let the mail of a mailbox wait", false: "Let the mail of a mailbox go out again"}[paused]
		handle(d, post("/mailboxes/{user}/"+verb, verb+"-mailbox", summary), func(ctx context.Context, actor access.Actor, in *ByUser) (mailboxShape, error) {
			m, err := d.app.PauseMailbox(ctx, actor, in.User.Key, paused)
			return mailboxOf(m), err
		})
	}
}

func (d *door) saveMailbox(ctx context.Context, actor access.Actor, in *putMailbox) (mailboxShape, error) {
	b := in.Body
	m, err := d.app.SaveMailbox(ctx, actor, action.MailboxInput{
		User: in.User.Key, Address: b.Address, SenderName: b.SenderName, Host: b.Host, Port: b.Port,
		Security: store.Security(b.Security), Username: b.Username, Password: b.Password, Signature: b.Signature, Rev: b.Rev,
		Aliases: b.Aliases, Auth: store.Auth(b.Auth), IMAPHost: b.IMAPHost, IMAPPort: b.IMAPPort, IMAPSecurity: store.Security(b.IMAPSecurity), SentFolder: b.SentFolder, CopySent: store.SentCopy(b.CopySent),
	})
	return mailboxOf(m), err
}
