package track

import (
	"context"
	_ "embed" // the page and its style
	"html/template"
	"net/http"
	"strings"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// Wishes is what the page to opt out asks of the store.
type Wishes interface {
	// OptOutState gives what the page shows; a not-found fault when the message was sent to nobody.
	OptOutState(ctx context.Context, m ident.Message) (store.OptOutState, error)
	// ChooseOptOut does what whoever got the message wants, and gives what holds then.
	ChooseOptOut(ctx context.Context, m ident.Message, c store.OptOutChoice) (store.OptOutState, error)
}

var _ Wishes = (*store.DB)(nil)

const (
	optOutPath = message.PublicPath + "u/"
	// answeredQuery holds the token that only a choice that was taken has made, so no address feigns an answer.
	answeredQuery = "done"
	// choosingMax is how many opt-outs are answered at once.
	choosingMax = 50
	// choiceMax bounds a form in bytes.
	choiceMax = 4 << 10
	// choiceLimit is how long one may take.
	choiceLimit = 5 * time.Second
	// optOutPolicy lets the page have its style and send its form, to us alone.
	optOutPolicy = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)

var (
	//go:embed optout.html
	optOutText string
	//go:embed optout.css
	optOutCSS []byte

	optOutTemplate = template.Must(template.New("").Parse(optOutText))
)

func optOutStyle(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Header().Set("Cache-Control", "public, max-age=3600")
	_, _ = w.Write(optOutCSS)
}

// optOut shows the page, which changes nothing: scanners follow every link of a mail. A POST acts, whether it comes from the
// page or in one click from the reader of mail (RFC 8058, 3.2). It needs no cookie, because the token is the right. The answer
// to the page's own form stands at an address to look at, so going back and loading again send nothing twice; a reader of mail,
// which must not be redirected (RFC 8058, 3.1), is answered at once.
func (d *Door) optOut(w http.ResponseWriter, r *http.Request) {
	m, number, ok := d.signer.Read(r.PathValue("token"))
	if !ok || number != hit.OptOut || d.wishes == nil {
		d.missing(w, r)
		return
	}
	if r.Method == http.MethodPost {
		switch wait, err := d.admit(w, r, m); {
		case err != nil:
			plain(w, http.StatusBadRequest, "This request cannot be read.")
			return
		case wait > 0:
			tooMany(w, wait)
			return
		}
	}
	ctx, cancel := context.WithTimeout(r.Context(), choiceLimit)
	defer cancel()
	if !d.takePlace(ctx, r.Method == http.MethodPost) {
		w.Header().Set("Retry-After", "10")
		plain(w, http.StatusServiceUnavailable, "Too many people are here at this moment. Try again in a minute.")
		return
	}
	defer func() { <-d.choosing }()
	state, choice, err := d.choose(ctx, r, m)
	switch {
	case fault.Is(err, fault.NotFound):
		d.missing(w, r)
	case fault.Is(err, fault.Malformed):
		plain(w, http.StatusBadRequest, "This request cannot be read.")
	case err != nil:
		d.log.Error("answer an opt-out", "error", err)
		w.Header().Set("Retry-After", "10")
		plain(w, http.StatusServiceUnavailable, "This cannot be done at this moment. Try again in a minute.")
	case choice.Source == store.FromOneClick:
		plain(w, http.StatusOK, state.Words.Done)
	case r.Method == http.MethodPost:
		w.Header().Set("Location", "?"+answeredQuery+"="+d.signer.Token(m, answerOf(state))) // relative: a proxy may serve us below a path
		w.WriteHeader(http.StatusSeeOther)
	default:
		d.showOptOut(w, state, d.isAnswer(r, m, state))
	}
}

// takePlace takes one of the places of those who are answered. What is to change something waits for it, a look does not.
func (d *Door) takePlace(ctx context.Context, patient bool) bool {
	select {
	case d.choosing <- struct{}{}:
		return true
	default:
	}
	if !patient {
		return false
	}
	select {
	case d.choosing <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

func (d *Door) choose(ctx context.Context, r *http.Request, m ident.Message) (store.OptOutState, store.OptOutChoice, error) {
	state, err := d.wishes.OptOutState(ctx, m)
	if err != nil || r.Method != http.MethodPost {
		return state, store.OptOutChoice{}, err
	}
	choice, ok := choiceOf(r, state)
	if !ok {
		return state, choice, fault.New(fault.Malformed, "The form cannot be read.")
	}
	state, err = d.wishes.ChooseOptOut(ctx, m, choice)
	return state, choice, err
}

// oneClick tells of an opt-out by the reader of mail (RFC 8058, 3.2). The form is read already.
func oneClick(r *http.Request) bool { return r.PostFormValue("List-Unsubscribe") == "One-Click" }

// choiceOf reads what was chosen: in one click, on the page, or that an earlier choice is taken back.
func choiceOf(r *http.Request, s store.OptOutState) (c store.OptOutChoice, ok bool) {
	yes, no := true, false
	switch {
	case oneClick(r):
		c = store.OptOutChoice{Emails: &yes, Source: store.FromOneClick}
		if s.Channel == message.TextChannel {
			c.Emails, c.Texts = nil, &yes
		}
		return c, true
	case r.PostFormValue("do") == "resume":
		return store.OptOutChoice{Emails: &no, Texts: &no, Source: store.FromPage}, true
	case r.PostFormValue("do") != "save":
		return c, false
	}
	wish := func(name string) *bool {
		on := r.PostFormValue(name) != ""
		return &on
	}
	return store.OptOutChoice{Emails: wish("emails"), Texts: wish("texts"), Following: wish("following"), Source: store.FromPage}, true
}

// optOutView is what the page shows.
type optOutView struct {
	store.OptOutState
	Who string
	// Said is the answer to a choice, Held what keeps messages away beside it.
	Said, Held              []string
	CheckEmails, CheckTexts bool
	MayResume               bool
}

// answerOf is the number of the answer that holds. Each answer has an address of its own, so that going back from one leads to
// what stood there before it.
func answerOf(s store.OptOutState) int {
	if s.NoEmails || s.NoTexts {
		return hit.OptedOut
	}
	return hit.OptedIn
}

// isAnswer tells whether the page is to answer a choice that was taken: one that holds, because another may have been taken since.
func (d *Door) isAnswer(r *http.Request, m ident.Message, s store.OptOutState) bool {
	of, number, ok := d.signer.Read(r.URL.Query().Get(answeredQuery))
	return ok && of == m && number == answerOf(s)
}

func (d *Door) showOptOut(w http.ResponseWriter, s store.OptOutState, answer bool) {
	v := optOutView{OptOutState: s, Held: heldWords(s), CheckEmails: s.NoEmails, CheckTexts: s.NoTexts, MayResume: s.NoEmails || s.NoTexts}
	var who []string
	if s.Email != "" {
		who = append(who, veil(s.Email))
	}
	if s.Number != "" {
		who = append(who, "…"+s.Number[max(0, len(s.Number)-3):])
	}
	v.Who = strings.Join(who, " · ")
	if answer {
		v.Said, v.Held = append(answerWords(s), v.Held...), nil
	} else {
		// Whoever comes here wants less mail: the choice stands there already, and the button alone is left to press.
		v.CheckEmails = s.NoEmails || s.Channel != message.TextChannel && !v.MayResume
		v.CheckTexts = s.NoTexts || s.Channel == message.TextChannel && !v.MayResume
	}
	w.Header().Set("Content-Security-Policy", optOutPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := optOutTemplate.Execute(w, v); err != nil {
		d.log.Debug("show the page to opt out", "error", err)
	}
}

// answerWords is the answer to a choice: what holds after it. That messages come again is said only where nothing keeps them away.
func answerWords(s store.OptOutState) (said []string) {
	switch {
	case s.NoEmails || s.NoTexts:
		said = append(said, s.Words.Done)
	case !s.HeldEmails && !s.HeldTexts:
		said = append(said, s.Words.Back)
	}
	if s.NoFollowing {
		said = append(said, s.Words.Unfollowed)
	}
	return said
}

// heldWords says which messages are kept away for a reason that is not theirs.
func heldWords(s store.OptOutState) (held []string) {
	if s.HeldEmails {
		held = append(held, s.Words.Held)
	}
	if s.HeldTexts {
		held = append(held, s.Words.HeldTexts)
	}
	return held
}

// veil shows an address to whoever knows it, and to nobody else: whoever gets a mail passed on has its link, too.
func veil(email string) string {
	local, domain, _ := strings.Cut(email, "@")
	for _, first := range local {
		return string(first) + "…@" + domain
	}
	return email
}
