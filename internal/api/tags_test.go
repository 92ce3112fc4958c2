package api

import "testing"

// TestTags builds a tree, tags a sequence as a seller does, filters by a tag above it, and deletes a level.
func TestTags(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seq := h.ask(bob, "POST", "/sequences", obj{"name": "Trial"}).want(201).at("id")
	h.ask(bob, "POST", "/tags", obj{"name": "Region"}).want(403)
	region := h.ask(max1, "POST", "/tags", obj{"name": "Region"}).want(201).wantAt("path", "Region", "level", "1").at("id")
	europe := h.ask(max1, "POST", "/tags", obj{"name": "Europe", "parent": region}).want(201).wantAt("path", "Region/Europe", "parent", region).at("id")
	h.ask(max1, "POST", "/tags", obj{"name": "a/b"}).want(422).wantAt("errors.0.pointer", "/name")
	h.ask(max1, "POST", "/tags", obj{"name": "x", "parent": "tag_0000000000000"}).want(404)

	h.ask(anna, "PUT", "/sequences/"+seq+"/tags", obj{"tags": []string{europe}}).want(200).wantAt("tags.0.path", "Region/Europe")
	h.ask(anna, "GET", "/sequences?tag="+region, nil).want(200).wantAt("data.0.name", "Trial")
	h.ask(max1, "PATCH", "/tags/"+region, obj{"name": "Market"}).want(200).wantAt("path", "Market")
	h.ask(anna, "GET", "/tags", nil).want(200).wantAt("data.1.path", "Market/Europe", "data.1.sequences", "1")
	h.ask(max1, "DELETE", "/tags/"+region, nil).want(204)
	h.ask(anna, "GET", "/sequences/"+seq, nil).want(200).wantAt("tags.0.path", "Europe")
	h.ask(anna, "PUT", "/sequences/"+seq+"/tags", obj{"tags": []string{region}}).want(422).wantAt("errors.0.pointer", "/tags")
}

// TestSequenceOwners hands a sequence over, archives it and brings it back.
func TestSequenceOwners(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	seq := "/sequences/" + h.ask(bob, "POST", "/sequences", obj{"from_library": "trial"}).want(201).at("id")
	h.ask(anna, "POST", seq+"/hand-over", obj{"to": h.ids[anna]}).want(403)
	h.ask(bob, "POST", seq+"/hand-over", obj{"to": "usr_0000000000000"}).want(422).wantAt("errors.0.pointer", "/to")
	h.ask(bob, "POST", seq+"/hand-over", obj{"to": h.ids[anna]}).want(200).wantAt("owner.name", "Anna", "may_edit", "false")

	h.ask(anna, "POST", seq+"/activate", nil).want(200)
	h.ask(anna, "POST", seq+"/archive", nil).want(409)
	h.ask(anna, "POST", seq+"/deactivate", nil).want(200)
	h.ask(anna, "POST", seq+"/archive", nil).want(200).wantAt("status", "archived", "may_edit", "false")
	h.ask(anna, "POST", seq+"/activate", nil).want(409)
	if n := h.ask(bob, "GET", "/sequences", nil).want(200).count("data"); n != 0 {
		t.Errorf("%d sequences are shown", n)
	}
	h.ask(bob, "GET", "/sequences?status=archived", nil).want(200).wantAt("data.0.status", "archived")
	h.ask(anna, "POST", seq+"/bring-back", nil).want(200).wantAt("status", "inactive", "may_edit", "true")
}
