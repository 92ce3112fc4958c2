package step

// The LinkedIn steps are done by a seller on the customer's profile (spec.md 1.7). Cadenza opens the profile; nothing is
// sent by itself.
var (
	linkedinResearchKind = linkedin("research", "LinkedIn research", "The seller reads the customer's profile before the next contact.")
	linkedinIntroKind    = linkedin("introduction", "LinkedIn introduction", "The seller asks somebody they both know for an introduction.")
	linkedinConnectKind  = linkedin("connect", "LinkedIn connect", "The seller sends an invitation with a note.")
	linkedinInMailKind   = linkedin("inmail", "LinkedIn InMail", "The seller writes a message on LinkedIn.")
)

func linkedin(what, label, help string) Kind {
	k := human(Kind{Type: "linkedin_" + what, Label: label, Help: help})
	k.Group = LinkedIn
	return k
}
