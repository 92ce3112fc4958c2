package web

import (
	"context"
	"net/http"

	"cadenza/internal/access"
	"cadenza/internal/ident"
)

func (s *Server) followRecord(w http.ResponseWriter, r *http.Request) error {
	id, err := recordOf(r)
	if err != nil {
		return err
	}
	on := text(r, "on") == "1"
	if err := s.app.Follow(r.Context(), actorOf(r), id, on); err != nil {
		return err
	}
	if isFragment(r) {
		return s.fragment(w, r, 0, followButton(id, on))
	}
	return s.redirect(w, r, recordPath(id))
}

func (s *Server) unopenActivity(w http.ResponseWriter, r *http.Request) error {
	return s.act(w, r, "", func(ctx context.Context, actor access.Actor, id ident.Activity, _ activityForm) (string, error) {
		a, err := s.app.Unsee(ctx, actor, id)
		return "“" + a.Name + "” counts as not opened.", err
	})
}
