package step

var automatedEmailKind = Kind{
	Type:  "automated_email",
	Label: "Automated email",
	Help:  "Cadenza sends an email from the template by itself, from the mailbox of the assignee.",
	Group: Steps,
	Mails: true,
	Fields: append([]Field{{
		Key: "template", Label: "Template", Type: TemplateField, Required: true,
		Hint: "The email is built from this template for each record.",
	}, threadField()}, lateFields()...),
	Enter: func(in In) Out {
		if why := in.Facts.NoEmail(); why != "" {
			return Leave(Skipped, why)
		}
		if out, ok := late(in, "automated_email"); ok {
			return out
		}
		return Stay(ForMail, zero, SendMail{Template: in.Step.Config.Text("template")})
	},
	Handle: func(in In, ev Event) Out { return delivered(in, ev, "automated_email") },
}

// delivered handles what becomes of a message that a step of the given kind has ordered.
func delivered(in In, ev Event, kind string) Out {
	if in.Wait == ForPerson {
		return byHand(ev)
	}
	switch e := ev.(type) {
	case MailSent:
		return Leave(Sent, "")
	case MailRefused:
		return Leave(Skipped, e.Reason)
	case MailFailed:
		return handed(in, kind, e.Reason)
	}
	return Ignore()
}
