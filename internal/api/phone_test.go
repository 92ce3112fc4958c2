package api

import (
	"strings"
	"testing"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// TestPhone sets the trunk up over the API, which never shows its password, and lists the calls of a record.
func TestPhone(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, lead := h.furnish()
	trunk := obj{"host": "127.0.0.1", "port": 1, "transport": "tcp", "user": "roth", "password": "sesame-sesame", "number": "+49 30 555000", "numbers": []string{"mobile", "phone"}}
	h.ask(anna, "GET", "/settings/phone", nil).want(403)
	h.ask(ada, "GET", "/settings/phone", nil).want(200).wantAt("ready", "false", "numbers.0", "phone")
	saved := h.ask(ada, "PUT", "/settings/phone", trunk).want(200).wantAt("has_password", "true", "number", "+4930555000", "numbers.0", "mobile", "rev", "1")
	for _, got := range []answer{saved, h.ask(ada, "GET", "/settings/phone", nil).want(200)} {
		if strings.Contains(got.raw, "sesame") {
			t.Errorf("%s gives the password away: %s", got.what, got.raw)
		}
	}
	h.ask(ada, "POST", "/settings/phone/test", nil).want(200).wantAt("check_error", "The trunk cannot be reached: it refuses the connection.")
	trunk["host"], trunk["password"] = "sip.elsewhere.example", ""
	h.ask(ada, "PUT", "/settings/phone", trunk).want(422).wantAt("errors.0.pointer", "/password")
	trunk["host"], trunk["password"] = "a b", "x"
	h.ask(ada, "PUT", "/settings/phone", trunk).want(422).wantAt("errors.0.pointer", "/host")

	var record ident.Record
	if err := record.UnmarshalText([]byte(lead)); err != nil {
		t.Fatal(err)
	}
	h.ask(anna, "GET", "/records/"+lead+"/calls", nil).want(200).wantAt("data.0.id", "")
	var call store.Call
	if err := h.db.Write(t.Context(), func(tx *store.Tx) (err error) {
		call, err = tx.InsertCall(store.Call{Record: record, Number: "+4930901820"})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if err := h.db.CallEnded(t.Context(), call.ID, store.EndedBusy, ""); err != nil {
		t.Fatal(err)
	}
	h.ask(anna, "GET", "/records/"+lead+"/calls", nil).want(200).wantAt("data.0.id", call.ID.String(), "data.0.ending", "busy", "data.0.text", "The line is busy.", "data.0.number", "+4930901820")
	h.ask(ada, "DELETE", "/settings/phone", nil).want(204)
	h.ask(ada, "GET", "/settings/phone", nil).want(200).wantAt("ready", "false", "has_password", "false")
	h.ask(ada, "POST", "/settings/phone/test", nil).want(409)
}
