package api

import "testing"

// TestTeamsShare makes teams, hands a sequence to one, and shares it: who does not see it gets 404 by every address.
func TestTeamsShare(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.ask(max1, "POST", "/teams", obj{"name": "North"}).want(403)
	north := h.ask(ada, "POST", "/teams", obj{"name": "North", "members": []string{h.ids[bob]}}).want(201).wantAt("members.0.id", h.ids[bob], "members.0.active", "true").at("id")
	h.ask(ada, "POST", "/teams", obj{"name": " north "}).want(422).wantAt("errors.0.pointer", "/name", "errors.0.code", "taken")
	h.ask(ada, "PATCH", "/teams/"+north, obj{"members": []string{"usr_0000000000000"}}).want(422).wantAt("errors.0.pointer", "/members")
	h.ask(ada, "PATCH", "/teams/"+north, obj{"name": "North Europe"}).want(200).wantAt("name", "North Europe", "members.0.name", "Bob")
	h.ask(anna, "GET", "/teams", nil).want(200).wantAt("data.0.name", "North Europe")
	h.ask(anna, "GET", "/teams/"+north, nil).want(200)

	id := h.ask(max1, "POST", "/sequences", obj{"from_library": "trial"}).want(201).wantAt("sharing", "all", "owner.id", h.ids[max1]).at("id")
	seq := "/sequences/" + id
	h.ask(anna, "PUT", seq+"/sharing", obj{"sharing": "private"}).want(403)
	h.ask(max1, "PUT", seq+"/sharing", obj{"sharing": "team"}).want(422).wantAt("errors.0.pointer", "/team", "errors.0.code", "required")
	h.ask(max1, "PUT", seq+"/sharing", obj{"sharing": "team", "team": north}).want(200).wantAt("shared_team.name", "North Europe", "may_edit", "true")
	h.ask(bob, "GET", seq, nil).want(200).wantAt("may_edit", "false")
	for _, path := range []string{"", "/versions", "/figures", "/standing", "/moves", "/file", "/preview?record=rec_0000000000000", "/tests"} {
		h.ask(anna, "GET", seq+path, nil).want(404)
	}
	h.ask(anna, "POST", seq+"/copy", nil).want(404)
	h.ask(anna, "GET", "/enrollments?sequence="+id, nil).want(404)
	h.ask(anna, "GET", "/records/lead?sequence="+id, nil).want(404)
	if n := h.ask(anna, "GET", "/sequences", nil).want(200).count("data"); n != 0 {
		t.Errorf("anna lists %d sequences", n)
	}

	h.ask(max1, "PUT", seq+"/sharing", obj{"sharing": "private"}).want(200)
	h.ask(max1, "POST", seq+"/hand-over", obj{"team": north, "to": h.ids[bob]}).want(422).wantAt("errors.0.pointer", "/team")
	h.ask(max1, "POST", seq+"/hand-over", obj{}).want(422).wantAt("errors.0.pointer", "/to")
	h.ask(max1, "POST", seq+"/hand-over", obj{"team": north}).want(200).wantAt("owner_team.name", "North Europe", "may_edit", "false")
	h.ask(max1, "GET", seq, nil).want(404)
	h.ask(bob, "GET", "/sequences?owner_team="+north, nil).want(200).wantAt("data.0.owner_team.id", north, "data.0.sharing", "private")
	h.ask(bob, "POST", seq+"/activate", nil).want(200)
	h.ask(ada, "DELETE", "/teams/"+north, nil).want(409)
	h.ask(bob, "POST", seq+"/hand-over", obj{"to": h.ids[anna]}).want(200)
	h.ask(ada, "DELETE", "/teams/"+north, nil).want(204)
	h.ask(ada, "GET", "/teams/"+north, nil).want(404)
}
