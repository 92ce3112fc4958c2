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
	User        ref        `json:"user"`
	Address     string     `json:"address"`
	SenderName  string     `json:"sender_name,omitempty"`
	Host        string     `json:"host"`
	Port        int        `json:"port"`
	Security    string     `json:"security" enum:"none,starttls,tls"`
	Username    string     `json:"username,omitempty"`
	HasPassword bool       `json:"has_password"`
	Signature   string     `json:"signature,omitempty"`
	Paused      bool       `json:"paused" doc:"Whether its mail waits."`
	CheckedAt   *time.Time `json:"checked_at,omitempty" doc:"When it was tested last."`
	CheckError  string     `json:"check_error,omitempty" doc:"Why the test failed; absent when it passed."`
	Rev         int64      `json:"rev"`
}

func mailboxOf(m store.Mailbox) mailboxShape {
	return mailboxShape{
		User: ref{ID: m.User.String(), Name: m.UserName}, Address: m.Address, SenderName: m.SenderName, Host: m.Host, Port: m.Port,
		Security: string(m.Security), Username: m.Username, HasPassword: m.Secret != nil, Signature: m.Signature, Paused: m.Paused,
		CheckedAt: moment(m.CheckedAt), CheckError: m.CheckError, Rev: m.Rev,
	}
}

type mailboxInput struct {
	Address    string `json:"address"`
	SenderName string `json:"sender_name,omitempty"`
	Host       string `json:"host"`
	Port       int    `json:"port"`
	Security   string `json:"security" enum:"none,starttls,tls"`
	Username   string `json:"username,omitempty"`
	Password   string `json:"password,omitempty" doc:"The old one stays when it is left out. Another server or account needs it again."`
	Signature  string `json:"signature,omitempty"`
	Rev        int64  `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
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
	handle(d, with(post("/mailboxes/{user}/test", "test-mailbox", "Try to sign in at the mailbox's server"), "That the server refuses is an answer too: see check_error."),
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
	})
	return mailboxOf(m), err
}
