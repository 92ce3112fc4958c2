package step

var emailKind = human(Kind{
	Type:  "email",
	Label: "Email",
	Help:  "The seller writes or reviews an email and sends it.",
	Mails: true,
	Fields: []Field{{
		Key: "template", Label: "Template", Type: TemplateField,
		Hint: "The email starts from this template; the seller can change it.",
	}, threadField()},
})
