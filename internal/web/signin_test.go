package web_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cadenza/internal/access"
)

func TestSetup(t *testing.T) {
	t.Parallel()
	h := newEmptyHouse(t)
	c := h.nobody()
	c.get("/").leadsTo("/sign-in")
	c.get("/sign-in").is(http.StatusOK, "Set up Cadenza first")
	for _, bare := range []string{"/setup", "/setup?key=wrong"} {
		c.get(bare).is(http.StatusForbidden, "This set-up link does not work").sees("newest link")
	}
	secret, err := h.app.SetupSecret(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c.get("/setup?key="+url.QueryEscape(secret)).is(http.StatusOK, "Set up Cadenza").labels("Your name", "Email", "Password", "Time zone")
	form := url.Values{"key": {secret}, "name": {"Ada"}, "email": {"ada@example.com"}, "password": {"short"}, "zone": {"Europe/Oslo"}}
	c.post("/setup", form).is(http.StatusUnprocessableEntity, "Set up Cadenza").sees("password", "10 characters")
	form.Set("password", housePassword)
	c.post("/setup", url.Values{"key": {"wrong"}, "name": {"Eve"}, "email": {"eve@example.com"}, "password": {housePassword}, "zone": {"UTC"}}).
		is(http.StatusForbidden, "This set-up link does not work")
	c.post("/setup", form).leadsTo("/sequences")
	c.get("/sequences").is(http.StatusOK, "Sequences").sees("Ada")
	late := h.nobody()
	late.get("/setup?key=" + url.QueryEscape(secret)).leadsTo("/sign-in")
	late.post("/setup", form).leadsTo("/sign-in")
	late.get("/sign-in").is(http.StatusOK, "Sign in").sees("Cadenza is set up already.")
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.nobody()
	next := c.get("/profile").leadsTo("/sign-in?next=%2Fprofile")
	c.get(next).is(http.StatusOK, "Sign in").labels("Email", "Password")
	email := h.users[access.Seller].Email
	c.post("/sign-in", url.Values{"email": {email}, "password": {"wrong password"}}).is(http.StatusUnprocessableEntity, "Sign in")
	c.post("/sign-in", url.Values{"email": {email}, "password": {housePassword}, "next": {"/profile"}}).leadsTo("/profile")
	c.get("/profile").is(http.StatusOK, "Profile").sees("Seller Jones")
	c.post("/sign-out", nil).leadsTo("/sign-in")
	c.get("/profile").leadsTo("/sign-in")
}

// A link cannot lead somebody away who has just signed in.
func TestSignInStaysHere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, next := range []string{"https://evil.example/", "//evil.example", `/\evil.example`, "javascript:alert(1)", "/sign-in", ""} {
		form := url.Values{"email": {h.users[access.Seller].Email}, "password": {housePassword}, "next": {next}}
		if to := h.nobody().post("/sign-in", form).leadsTo("/"); to != "/" {
			t.Errorf("next %q leads to %q", next, to)
		}
	}
}

func TestFrame(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	a := c.get("/nowhere").is(http.StatusNotFound, "Not found").sees("nothing at this address", "Work list", "Sequences")
	a.misses("Users", "Settings")
	h.as(access.Admin).get("/nowhere").sees("Users", "Settings")
	for name, part := range map[string]string{
		"Content-Security-Policy": "script-src 'self'", "X-Content-Type-Options": "nosniff",
		"Referrer-Policy": "same-origin", "Cache-Control": "no-store",
	} {
		if !strings.Contains(a.Header.Get(name), part) {
			t.Errorf("header %s is %q, want %q in it", name, a.Header.Get(name), part)
		}
	}
	for _, bad := range []string{" style=", "<script>", " onclick="} {
		if strings.Contains(a.Body, bad) {
			t.Errorf("the page holds %q, which the policy refuses", bad)
		}
	}
	h.nobody().get("/nowhere").is(http.StatusNotFound, "Not found").misses("Work list")
	c.post("/profile", url.Values{"name": {"x"}}, "Sec-Fetch-Site", "cross-site").is(http.StatusForbidden, "You may not do this")
	frag := c.get("/nowhere", "HX-Request", "true").is(http.StatusNotFound, "")
	if got, _ := url.PathUnescape(frag.Header.Get("X-Problem")); !strings.Contains(got, "nothing at this address") {
		t.Errorf("htmx is told %q", got)
	}
	c.post("/profile", url.Values{"name": {strings.Repeat("x", 2<<20)}}).is(http.StatusRequestEntityTooLarge, "That is too much at once")
}

func TestProfile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	c := h.as(access.Seller)
	c.get("/profile").is(http.StatusOK, "Profile").labels("Name", "Time zone", "Current password", "New password", "What is it for?")
	c.post("/profile", url.Values{"name": {"Sam Okafor"}, "zone": {"Mars/Base"}}).is(http.StatusUnprocessableEntity, "Profile").sees("zone")
	c.post("/profile", url.Values{"name": {"Sam Okafor"}, "zone": {"Africa/Lagos"}}).leadsTo("/profile")
	c.get("/profile").sees("Profile saved.", "Sam Okafor")

	pass := func(current, next, again string) *answer {
		return c.post("/profile/password", url.Values{"current": {current}, "password": {next}, "again": {again}})
	}
	pass("not the one", "another good one", "another good one").is(http.StatusUnprocessableEntity, "Profile")
	pass(housePassword, "another good one", "another god one").is(http.StatusUnprocessableEntity, "Profile").sees("differ")
	elsewhere := h.as(access.Seller)
	pass(housePassword, "another good one", "another good one").leadsTo("/profile")
	c.get("/profile").is(http.StatusOK, "Profile").sees("Password changed.")
	elsewhere.get("/profile").leadsTo("/sign-in")

	made := c.post("/profile/tokens", url.Values{"token_name": {"Web leads"}}).is(http.StatusOK, "Profile").sees("Web leads", "not shown again")
	if made.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the secret may be stored")
	}
	tokens, err := h.app.ListTokens(t.Context(), h.actor(access.Seller))
	if err != nil || len(tokens) != 1 {
		t.Fatalf("tokens %v, %v", tokens, err)
	}
	c.post("/profile/tokens/"+tokens[0].ID.String()+"/revoke", nil).leadsTo("/profile")
	c.get("/profile").sees("Token revoked.").misses("Web leads")
	c.post("/profile/tokens", url.Values{"token_name": {""}}).is(http.StatusUnprocessableEntity, "Profile")
}
