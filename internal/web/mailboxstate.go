package web

import (
	"slices"

	"cadenza/internal/action"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// mailboxBadge says how a mailbox is, of both ways: the one that does not work comes first.
func mailboxBadge(m store.Mailbox) ui.BadgeProps {
	sends, reads := sendingBadge(m), readingBadge(m)
	if reads.Tone == ui.Red && sends.Tone != ui.Red {
		return reads
	}
	return sends
}

// readingBadge says how the reading of a mailbox is.
func readingBadge(m store.Mailbox) ui.BadgeProps {
	switch {
	case m.ID == 0 || !m.Reads():
		return ui.BadgeProps{Text: "Not read", Tone: ui.Neutral}
	case m.GrantError != "":
		return ui.BadgeProps{Text: "Not connected", Tone: ui.Red, Dot: true, Title: m.GrantError}
	case m.ReadError != "":
		return ui.BadgeProps{Text: "Does not read", Tone: ui.Red, Dot: true, Title: m.ReadError}
	case m.IMAPCheckError != "":
		return ui.BadgeProps{Text: "Does not connect", Tone: ui.Red, Dot: true, Title: m.IMAPCheckError}
	case m.ReadAt.IsZero() && m.CheckedAt.IsZero():
		return ui.BadgeProps{Text: "Not tested", Tone: ui.Neutral, Dot: true}
	}
	return ui.BadgeProps{Text: "Works", Tone: ui.Green, Dot: true}
}

// trouble says under a mailbox's address what keeps it from working, and the remedy.
func trouble(m store.Mailbox) string {
	switch {
	case m.GrantError != "":
		return m.GrantError + " Connect it again."
	case m.SendError != "":
		return m.SendError + " Emails wait."
	case m.CheckError != "":
		return m.CheckError
	case m.ReadError != "":
		return m.ReadError
	case m.IMAPCheckError != "":
		return m.IMAPCheckError
	case m.Paused && m.PauseReason != "":
		return "Stopped by a guard rail: " + m.PauseReason + " Find out why, then resume it."
	case m.Paused:
		return "Paused: emails wait until it is resumed."
	}
	return ""
}

func shutOutTitle(m store.Mailbox) string {
	if m.UnreachedSince.IsZero() {
		return "The mail server does not let it in"
	}
	return "Its mail server cannot be reached"
}

// shutOutText says why emails wait at a mailbox that its server does not let in, and what is done about it.
func shutOutText(v view, m store.Mailbox) string {
	return m.SendError + " Emails wait, none is lost. They go as soon as what is saved works, or a test of the connection does; one of them tries by itself about " +
		m.SendAgain.In(v.Now.Location()).Format("15:04") + "."
}

// testAlerts say what the last test found out, of both ways apart, unless something newer is known.
func (f mailboxForm) testAlerts() []ui.AlertProps {
	m := f.Saved
	var list []ui.AlertProps
	switch {
	case m.CheckedAt.IsZero():
		list = append(list, ui.AlertProps{Tone: ui.Blue, Title: "Not tested yet", Text: "It was not tested yet with what is saved."})
	case m.SendError != "" || m.GrantError != "": // what is said of that is the newer truth
	case m.CheckError != "":
		list = append(list, ui.AlertProps{Tone: ui.Red, Title: "Sending failed its last test", Text: m.CheckError})
	default:
		list = append(list, ui.AlertProps{Tone: ui.Green, Title: "Sending works"})
	}
	switch {
	case m.ReadError != "":
		list = append(list, ui.AlertProps{Tone: ui.Red, Title: "It cannot be read", Text: m.ReadError})
	case m.IMAPCheckError != "":
		list = append(list, ui.AlertProps{Tone: ui.Red, Title: "Reading failed its last test", Text: m.IMAPCheckError})
	case m.Reads() && !m.CheckedAt.IsZero() && m.GrantError == "":
		list = append(list, ui.AlertProps{Tone: ui.Green, Title: "Reading works"})
	}
	return list
}

// authOptions are the ways to sign in: those that can be chosen here, and the one that is in force.
func (f mailboxForm) authOptions() []ui.Option {
	options := []ui.Option{{Value: string(store.PasswordAuth), Label: "User name and password"}}
	for _, p := range action.Providers() {
		if slices.Contains(f.Offered, p) || p == f.Saved.Auth || p == f.Input.Auth {
			options = append(options, ui.Option{Value: string(p), Label: "Account at " + action.ProviderName(p)})
		}
	}
	return options
}

func (f mailboxForm) authHint() string {
	if f.Input.Auth.OAuth() {
		return "The servers are the provider's. Use the button beside the form to connect."
	}
	return ""
}

func (f mailboxForm) connectLabel(p store.Auth) string {
	if f.Saved.Auth == p {
		return "Connect again with " + action.ProviderName(p)
	}
	return "Connect with " + action.ProviderName(p)
}

func presetOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Choose…"}}
	for _, p := range action.Presets() {
		options = append(options, ui.Option{Value: p.Key, Label: p.Name})
	}
	return options
}

func (f mailboxForm) presetHint() string {
	for _, p := range action.Presets() {
		if p.Key == f.Preset {
			return p.Hint
		}
	}
	return ""
}

// pausedText says why a mailbox is paused, and what to do about it.
func pausedText(m store.Mailbox) string {
	if m.PauseReason != "" {
		return "A guard rail stopped it: " + m.PauseReason + " Emails wait. Find out why, then resume it."
	}
	return "Emails wait until it is resumed."
}
