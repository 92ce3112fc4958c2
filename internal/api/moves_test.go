package api

import (
	"context"
	"testing"

	"cadenza/internal/store"
)

const callFirst = `name: Inbound lead
record: lead
steps:
  - { id: ring, type: phone_call, name: Ring first }
  - { id: call, type: phone_call, name: First call, description: Ask about the project }
`

// carryOut goes on with moves until there is nothing to do now.
func (h *house) carryOut() {
	h.t.Helper()
	for more := true; more; {
		err := h.db.Write(context.Background(), func(tx *store.Tx) (err error) {
			_, more, err = tx.ContinueMove(100)
			return err
		})
		if err != nil {
			h.t.Fatal(err)
		}
	}
}

// TestMovesAPI looks at where a record stands, moves it with an activation, and puts it back.
func TestMovesAPI(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	sequence, lead := h.furnish()
	way := "/sequences/" + sequence
	h.ask(anna, "POST", way+"/connect", obj{"records": []string{lead}}).want(200)
	h.ask(max1, "GET", way+"/standing", nil).want(200).wantAt("version", "1", "draft", "false", "rows", "[]")
	name := h.ask(max1, "GET", way, nil).want(200).at("name")
	h.ask(max1, "PUT", "/sequences/apply", "name: "+name+callFirst[len("name: Inbound lead"):], "Content-Type", "application/yaml").want(200).wantAt("change", "updated")
	h.ask(max1, "GET", way+"/standing", nil).want(200).wantAt("version", "2", "draft", "true", "rows.0.step", "intro", "rows.0.count", "1", "rows.0.wait_person", "1",
		"rows.0.suggested.to", "call", "rows.0.same", "false", "steps.0.id", "ring")

	moves := []obj{{"version": 1, "step": "intro", "do": "to", "to": "ring"}}
	h.ask(max1, "POST", way+"/moves?dry_run=true", obj{"moves": moves}).want(201).wantAt("move.total", "1", "preview.0.record.name", "Lena Roth",
		"preview.0.to_name", "Ring first", "preview.0.cancels", "The open activity is cancelled.", "preview.0.then", "Ring first is due.")
	h.ask(anna, "POST", way+"/moves", obj{"moves": moves}).want(403)
	h.ask(max1, "POST", way+"/moves", obj{"moves": moves}).want(422).wantAt("errors.0.code", "same_version")
	for code, bad := range map[string]obj{
		"unknown_version": {"version": 7, "step": "intro", "do": "finish"}, "unknown_step": {"version": 1, "step": "gone", "do": "finish"}, "empty": {"version": 1, "step": "intro", "do": "stay"},
	} {
		h.ask(max1, "POST", way+"/moves?dry_run=true", obj{"moves": []obj{bad}}).want(422).wantAt("errors.0.code", code)
	}

	h.ask(max1, "POST", way+"/activate", obj{"moves": moves, "reason": "Nobody reads it."}).want(200).wantAt("version", "2")
	run := h.ask(max1, "GET", way+"/moves", nil).want(200).wantAt("data.0.state", "waiting", "data.0.total", "1", "data.0.moves.0.to", "ring").at("data.0.id")
	h.ask(max1, "POST", way+"/moves", obj{"moves": moves}).want(409)
	h.ask(max1, "POST", "/moves/"+run+"/undo", nil).want(409)
	h.carryOut()
	h.ask(max1, "GET", "/moves/"+run, nil).want(200).wantAt("state", "done", "looked", "1", "moved", "1", "held", "0")
	h.ask(anna, "GET", "/enrollments?status=live&record="+lead, nil).want(200).wantAt("data.0.step", "ring", "data.0.version", "2")
	h.ask(anna, "GET", "/records/"+lead+"/timeline", nil).want(200).wantAt("data.0.kind", "moved", "data.0.title", "Moved from version 1, Introduction, to version 2, Ring first", "data.0.detail", "Nobody reads it.")
	h.ask(anna, "POST", "/moves/"+run+"/undo", nil).want(403)
	h.ask(max1, "POST", "/moves/"+run+"/undo", nil).want(200).wantAt("state", "undoing")
	h.carryOut()
	h.ask(max1, "GET", "/moves/"+run, nil).want(200).wantAt("state", "undone", "undone", "1", "kept", "0", "undo_until", "")
	h.ask(max1, "GET", "/moves/"+run+"/left", nil).want(200).wantAt("data", "[]")
	h.ask(anna, "GET", "/enrollments?status=live&record="+lead, nil).want(200).wantAt("data.0.step", "intro", "data.0.version", "1")
}
