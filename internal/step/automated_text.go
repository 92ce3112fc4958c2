package step

var automatedTextKind = Kind{
	Type:  "automated_text",
	Label: "Automated text message",
	Help:  "Cadenza sends a text message from the template by itself, through the provider of the organisation.",
	Group: Steps,
	Texts: true,
	Fields: append([]Field{{
		Key: "template", Label: "Template", Type: TextTemplateField, Required: true,
		Hint: "The text is made from this template for each record.",
	}}, lateFields()...),
	Enter: func(in In) Out {
		if why := in.Facts.NoText(); why != "" {
			return Leave(Skipped, why)
		}
		if out, ok := late(in, "automated_text"); ok {
			return out
		}
		return Stay(ForMail, zero, SendText{Template: in.Step.Config.Text("template")})
	},
	Handle: func(in In, ev Event) Out { return delivered(in, ev, "automated_text") },
}
