package step

var textMessageKind = human(Kind{
	Type:  "text_message",
	Label: "Text message",
	Help:  "The seller writes or reviews a text message and sends it to the customer's mobile.",
	Texts: true,
	Fields: []Field{{
		Key: "template", Label: "Template", Type: TextTemplateField,
		Hint: "The text starts from this template; the seller can change it.",
	}},
})
