package action

import "cadenza/internal/store"

// InputOf gives the input that leaves a mailbox as it is, for doors that change some of it. Its password is not in it, and stays.
func InputOf(m store.Mailbox) MailboxInput {
	return MailboxInput{
		User: m.User, Address: m.Address, SenderName: m.SenderName, Host: m.Host, Port: m.Port, Security: m.Security,
		Username: m.Username, Signature: m.Signature, Rev: m.Rev, Aliases: m.Aliases, Auth: m.Auth,
		IMAPHost: m.IMAPHost, IMAPPort: m.IMAPPort, IMAPSecurity: m.IMAPSecurity, SentFolder: m.SentFolder, CopySent: m.CopySent,
	}
}

// FreshInput is where the input for a user's mailbox begins that is not there yet: as most of them are, without servers.
func FreshInput(u store.User) MailboxInput {
	return MailboxInput{
		User: u.ID, Address: u.Email, SenderName: u.Name, Username: u.Email, Port: 587, Security: store.StartTLS,
		IMAPPort: 993, IMAPSecurity: store.TLS, Auth: store.PasswordAuth, CopySent: store.CopyAutomatic,
	}
}

// Fill puts the servers of a well-known provider into the input, and tells whether there is one of this key.
func (in *MailboxInput) Fill(key string) bool {
	p, known := presetOf(key)
	if known {
		in.Host, in.Port, in.Security = p.Host, p.Port, p.Security
		in.IMAPHost, in.IMAPPort, in.IMAPSecurity = p.IMAPHost, p.IMAPPort, p.IMAPSecurity
	}
	return known
}
