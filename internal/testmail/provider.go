package testmail

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// The client that the Provider knows.
const (
	ProviderClient = "cadenza-client"
	ProviderSecret = "client-secret"
)

// Provider is an OAuth 2 authorization server inside the test process, as strict as real ones: exact return addresses, PKCE,
// codes that are good once, and refresh tokens that are replaced at each use. A replaced one that comes back ends the grant.
type Provider struct {
	// URL is its address; /authorize and /token are its endpoints, /introspect is asked by mail servers.
	URL string

	mu      sync.Mutex
	account string
	returns string
	count   int
	codes   map[string]consentCode
	refresh map[string]string // refresh token to account; "" when it was replaced
	access  map[string]string
	ended   map[string]bool // accounts whose grant is over
	broken  bool
	brief   bool
	renewed int
}

type consentCode struct{ account, challenge, back string }

// StartProvider starts a provider whose person signs in as account and always consents. back is the registered return address.
func StartProvider(tb testing.TB, account, back string) *Provider {
	tb.Helper()
	p := &Provider{
		account: account, returns: back, codes: map[string]consentCode{}, refresh: map[string]string{}, access: map[string]string{}, ended: map[string]bool{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	mux.HandleFunc("POST /introspect", p.introspect)
	server := httptest.NewServer(mux)
	tb.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

// Consent follows the address of a consent as a browser would, and gives what the person comes back with.
func (p *Provider) Consent(tb testing.TB, address string) url.Values {
	tb.Helper()
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Get(address)
	if err != nil {
		tb.Fatal(err)
	}
	_ = answer.Body.Close()
	back, err := answer.Location()
	if err != nil {
		tb.Fatalf("the provider answers %s and leads nowhere: %v", answer.Status, err)
	}
	return back.Query()
}

// End revokes the grant of the account, as a person does in the account's settings.
func (p *Provider) End(account string) { p.locked(func() { p.ended[account] = true }) }

// Brief lets new access tokens last a minute only, so that each use asks for another.
func (p *Provider) Brief(brief bool) { p.locked(func() { p.brief = brief }) }

// Forget makes every access token that is out worthless; refresh tokens stay good.
func (p *Provider) Forget() { p.locked(func() { p.access = map[string]string{} }) }

// Break lets requests for tokens fail by the provider's own fault, or mends it.
func (p *Provider) Break(broken bool) { p.locked(func() { p.broken = broken }) }

// Renewed counts the access tokens given for a refresh token.
func (p *Provider) Renewed() (n int) {
	p.locked(func() { n = p.renewed })
	return n
}

// Accepts tells whether an access token lets a mail server open the account.
func (p *Provider) Accepts(account, token string) (ok bool) {
	p.locked(func() { ok = p.access[token] == account && account != "" && !p.ended[account] })
	return ok
}

func (p *Provider) locked(fn func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fn()
}

func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q := r.URL.Query()
	if q.Get("client_id") != ProviderClient || q.Get("redirect_uri") != p.returns || q.Get("response_type") != "code" ||
		q.Get("code_challenge_method") != "S256" || q.Get("code_challenge") == "" || q.Get("state") == "" {
		http.Error(w, "unknown client, wrong return address or no PKCE", http.StatusBadRequest)
		return
	}
	code := p.next("code")
	p.codes[code] = consentCode{p.account, q.Get("code_challenge"), p.returns}
	delete(p.ended, p.account)
	http.Redirect(w, r, p.returns+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
}

func (p *Provider) next(kind string) string {
	p.count++
	return fmt.Sprintf("%s-%d", kind, p.count)
}

func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.broken {
		http.Error(w, "out of order", http.StatusServiceUnavailable)
		return
	}
	if r.PostFormValue("client_id") != ProviderClient || r.PostFormValue("client_secret") != ProviderSecret {
		refuse(w, http.StatusUnauthorized, "invalid_client")
		return
	}
	switch r.PostFormValue("grant_type") {
	case "authorization_code":
		code, known := p.codes[r.PostFormValue("code")]
		delete(p.codes, r.PostFormValue("code"))
		sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
		if !known || code.back != r.PostFormValue("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != code.challenge {
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		p.give(w, code.account, true)
	case "refresh_token":
		old := r.PostFormValue("refresh_token")
		account, known := p.refresh[old]
		if known && account == "" { // replaced before: somebody has a copy (RFC 9700, section 4.14.2)
			p.ended[p.account] = true
		}
		if !known || account == "" || p.ended[account] {
			refuse(w, http.StatusBadRequest, "invalid_grant")
			return
		}
		p.refresh[old] = ""
		p.renewed++
		p.give(w, account, false)
	default:
		refuse(w, http.StatusBadRequest, "unsupported_grant_type")
	}
}

func (p *Provider) give(w http.ResponseWriter, account string, first bool) {
	access, refresh := p.next("access"), p.next("refresh")
	p.access[access], p.refresh[refresh] = account, account
	lasts := 3600
	if p.brief {
		lasts = 60
	}
	answer := map[string]any{"access_token": access, "refresh_token": refresh, "token_type": "Bearer", "expires_in": lasts}
	if first {
		claims, _ := json.Marshal(map[string]any{"aud": ProviderClient, "email": account})
		answer["id_token"] = "e30." + base64.RawURLEncoding.EncodeToString(claims) + ".c2ln"
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func refuse(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"error": code, "error_description": "words that repeat secrets"})
}

// introspect answers mail servers (RFC 7662).
func (p *Provider) introspect(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	account := p.access[r.PostFormValue("token")]
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"active": account != "" && !p.ended[account], "email": account, "username": account})
}
