package api

import (
	"context"

	"cadenza/internal/access"
)

// meShape is the user in whose name a token acts.
type meShape struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role" enum:"admin,sequence_manager,sales_manager,seller"`
	Zone  string `json:"zone" doc:"IANA time zone."`
}

func (d *door) me() {
	handle(d, get("/me", "get-me", "Say in whose name the token acts"), func(_ context.Context, actor access.Actor, _ *none) (meShape, error) {
		return meShape{ID: actor.ID.String(), Name: actor.Name, Email: actor.Email, Role: string(actor.Role), Zone: actor.Zone}, nil
	})
}
