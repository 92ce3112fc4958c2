package api

import (
	"context"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/store"
)

// mailProvider is a provider of mailboxes with the organisation's client there. The secret never comes out.
type mailProvider struct {
	Provider      string `json:"provider" enum:"google,microsoft"`
	ClientID      string `json:"client_id,omitempty" doc:"Absent while no client is set up."`
	HasSecret     bool   `json:"has_secret"`
	Tenant        string `json:"tenant,omitempty" doc:"The organisation's directory at Microsoft; absent for accounts of every organisation."`
	Ready         bool   `json:"ready" doc:"Whether mailboxes can be connected."`
	ReturnAddress string `json:"return_address" doc:"What to register at the provider as redirect URI."`
	Rev           int64  `json:"rev"`
}

func (d *door) mailProviderOf(ctx context.Context, c store.OAuthClient) mailProvider {
	return mailProvider{
		Provider: string(c.Provider), ClientID: c.ID, HasSecret: c.Secret != nil, Tenant: c.Tenant, Ready: c.ID != "" && c.Secret != nil,
		ReturnAddress: d.app.ConsentReturn(originOf(ctx)), Rev: c.Rev,
	}
}

// originOf is the address under which the caller reached the server. It counts only where nobody said another one, and the
// provider compares it with the one that is registered there, so that a forged one leads nowhere.
func originOf(ctx context.Context) string {
	c := callOf(ctx)
	if c == nil {
		return ""
	}
	if c.request.TLS != nil {
		return "https://" + c.request.Host
	}
	return "http://" + c.request.Host
}

// ByProvider names a provider of mailboxes.
type ByProvider struct {
	Provider string `path:"provider" enum:"google,microsoft"`
}

type putMailProvider struct {
	ByProvider
	Body struct {
		ClientID string `json:"client_id" minLength:"1"`
		Secret   string `json:"secret,omitempty" doc:"The old one stays when it is left out, as long as the client is the same."`
		Tenant   string `json:"tenant,omitempty" doc:"At Microsoft only."`
		Rev      int64  `json:"rev,omitempty" doc:"The rev that was read; a newer one is not overwritten."`
	}
}

// consentShape is how far the connection of a mailbox with a provider is.
type consentShape struct {
	State    string     `json:"state" enum:"none,waiting,connected,ended" doc:"waiting: somebody was sent to the provider and has not come back. ended: the provider does not let the mailbox in any more."`
	Provider string     `json:"provider,omitempty" enum:"google,microsoft"`
	Account  string     `json:"account,omitempty" doc:"Whose grant it is."`
	Address  string     `json:"address,omitempty" doc:"What to open in a browser, once, by the user whose token began it, who is signed in there. Only in the answer that began it."`
	Until    *time.Time `json:"until,omitempty" doc:"When a waiting one ends."`
	Reason   string     `json:"reason,omitempty" doc:"Why it ended."`
}

func consentOf(c action.ConsentState, err error) (consentShape, error) {
	return consentShape{State: string(c.Stage), Provider: string(c.Provider), Account: c.Account, Until: moment(c.Until), Reason: c.Why}, err
}

type postConsent struct {
	ByUser
	Body struct {
		Provider string `json:"provider" enum:"google,microsoft"`
	}
}

func (d *door) mailProviders() {
	handle(d, get("/mail-providers", "list-mail-providers", "List the providers that mailboxes can be connected with"), func(ctx context.Context, actor access.Actor, _ *none) (page[mailProvider], error) {
		rows, err := d.app.ListOAuthClients(ctx, actor)
		return list(rows, func(c store.OAuthClient) mailProvider { return d.mailProviderOf(ctx, c) }), err
	})
	handle(d, put("/mail-providers/{provider}", "save-mail-provider", "Set up or change the client at a provider"), func(ctx context.Context, actor access.Actor, in *putMailProvider) (mailProvider, error) {
		c, err := d.app.SaveOAuthClient(ctx, actor, action.OAuthClientInput{
			Provider: store.Auth(in.Provider), ID: in.Body.ClientID, Secret: in.Body.Secret, Tenant: in.Body.Tenant, Rev: in.Body.Rev,
		})
		return d.mailProviderOf(ctx, c), err
	})
	handleSilent(d, with(remove("/mail-providers/{provider}", "delete-mail-provider", "Take the client at a provider away with its secret"), "Mailboxes that are connected through it wait until there is one again."),
		func(ctx context.Context, actor access.Actor, in *ByProvider) error {
			_, err := d.app.SaveOAuthClient(ctx, actor, action.OAuthClientInput{Provider: store.Auth(in.Provider)})
			return err
		})
	handle(d, get("/mailboxes/{user}/consent", "get-consent", "Get how far the connection of a mailbox with a provider is"), func(ctx context.Context, actor access.Actor, in *ByUser) (consentShape, error) {
		return consentOf(d.app.ConsentOf(ctx, actor, in.User.Key))
	})
	handle(d, with(post("/mailboxes/{user}/consent", "start-consent", "Begin to connect a mailbox with a provider"), "The answer holds the address to open; a person consents there."),
		func(ctx context.Context, actor access.Actor, in *postConsent) (consentShape, error) {
			address, err := d.app.StartConsent(ctx, actor, in.User.Key, store.Auth(in.Body.Provider), originOf(ctx))
			if err != nil {
				return consentShape{}, err
			}
			s, err := consentOf(d.app.ConsentOf(ctx, actor, in.User.Key))
			s.Address = address
			return s, err
		})
}
