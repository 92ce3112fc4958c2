package action

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

// TestRelatedRecords follows an account through all that asks for it: conditions, templates, lists, files, its deletion.
func TestRelatedRecords(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		make1 := func(kind record.Kind, key string, values record.Values) store.Record {
			t.Helper()
			r, err := h.app.CreateRecord(h.ctx, h.anna, RecordInput{Kind: kind, Values: values, ExternalKey: key})
			if err != nil {
				t.Fatal(err)
			}
			return r
		}
		north := make1(record.Account, "A-1", record.Values{"name": "Nordlys", "country": "Norway", "company_size": "800"})
		south := make1(record.Account, "", record.Values{"name": "Sol", "country": "Spain"})
		for range 2 {
			make1(record.Account, "", record.Values{"name": "Twin", "city": "Bonn"})
		}
		lead := func(first string, account ident.Record) store.Record {
			return make1(record.Lead, "", record.Values{"first_name": first, "last_name": "Lead", "email": strings.ToLower(first) + "@customer.test", "account": account.String()})
		}
		cara, dan, eve := lead("Cara", north.ID), lead("Dan", south.ID), lead("Eve", 0)
		same(t, "its account is named", cara.Links["account"].Name, "Nordlys")
		_, err := h.app.CreateRecord(h.ctx, h.anna, RecordInput{Kind: record.Lead, Values: record.Values{"last_name": "X", "account": cara.ID.String()}})
		refused(t, "a lead as account", err, fault.Invalid, "Account must be one of the accounts, and Cara Lead is a record of the kind lead")

		// Conditions, in one batch for all three.
		abroad := step.Step{
			ID: "if", Type: "condition", When: &step.When{Field: &record.Condition{Field: "account.company_size", Op: record.AtLeast, Values: []string{"500"}}},
			Yes: []step.Step{task("big")}, No: []step.Step{task("small")},
		}
		id := h.active(h.manager, define("By size", pause("wait", "1h"), abroad))
		for _, r := range []store.Record{cara, dan, eve} {
			h.connect(h.anna, id, r.ID)
		}
		h.pass(time.Hour)
		page, err := h.app.WorkList(h.ctx, h.anna, store.WorkQuery{Later: true})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, a := range page.Rows {
			got[a.RecordName] = a.Name
		}
		same(t, "the answers", fmt.Sprint(got), "map[Cara Lead:Task big Dan Lead:Task small Eve Lead:Task small]")

		// Templates.
		preview := func(rec ident.Record) Preview {
			t.Helper()
			p, err := h.app.PreviewTemplate(h.ctx, h.manager, TemplateInput{RecordKind: record.Lead, Subject: `To {{ account.name | default: "you" }}`, HTML: "<p>In {{ account.country }}, {{ account.shoe_size }}, {{ contact.name }}</p>"}, rec)
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		p := preview(cara.ID)
		same(t, "filled", p.Subject+p.HTML+fmt.Sprint(p.Unknown), "To Nordlys<p>In Norway, , </p>[account.shoe_size contact.name]")
		p = preview(eve.ID)
		same(t, "fallback and hole", p.Subject+fmt.Sprint(p.Missing), "To you[account.country]")

		// A file names accounts by their key or whole name.
		file := "Last name,Email,Account\nLead,dan@customer.test,a-1\nLead,eve@customer.test,nordlys\nNew,new@customer.test,A-1\nTwo,two@customer.test,Twin\nThree,three@customer.test,Nowhere\n"
		for _, dry := range []bool{true, false} {
			result, err := h.app.ImportNow(h.ctx, h.anna, record.Lead, strings.NewReader(file), ImportSettings{}, dry, nil)
			if err != nil {
				t.Fatal(err)
			}
			var reasons string
			for _, r := range result.Refusals {
				reasons += r.Column + ": " + r.Text + "\n"
			}
			if result.Created != 1 || result.Updated != 1 || result.Refused != 3 ||
				!strings.Contains(reasons, `Account: There is no account with the external key or name "a-1"`) ||
				!strings.Contains(reasons, `There are 2 accounts with the name "Twin"`) || !strings.Contains(reasons, `name "Nowhere"`) {
				t.Errorf("dry run %v: %+v\n%s", dry, result, reasons)
			}
		}
		named, err := h.app.ListRecords(h.ctx, h.anna, store.RecordQuery{Kind: record.Lead, Account: north.ID})
		if err != nil || len(named.Rows) != 3 || named.Rows[0].Links["account"].Name != "Nordlys" {
			t.Errorf("the leads of Nordlys: %+v, %v", named.Rows, err)
		}

		// What a person writes into the form.
		for text, want := range map[string]string{"sol": south.ID.String(), "A-1": north.ID.String(), "Any [" + north.ID.String() + "]": north.ID.String(), "Shown": cara.ID.String(), "": ""} {
			values := record.Values{"account": text}
			if err := h.app.FindLinks(h.ctx, h.anna, record.Lead, map[string]store.Link{"account": {ID: cara.ID, Name: "Shown"}}, values); err != nil || values["account"] != want {
				t.Errorf("%q is found as %q, %v", text, values["account"], err)
			}
		}
		refused(t, "two of that name", h.app.FindLinks(h.ctx, h.anna, record.Lead, nil, record.Values{"account": "Twin"}), fault.Invalid, "Several accounts", "Twin [rec_", "in Bonn")
		refused(t, "none", h.app.FindLinks(h.ctx, h.anna, record.Lead, nil, record.Values{"account": "Nowhere"}), fault.Invalid, "no account called “Nowhere”")

		// Its deletion clears what names it.
		if _, left, err := h.app.DeleteRecords(h.ctx, h.anna, []ident.Record{north.ID}); err != nil || len(left) > 0 {
			t.Fatalf("delete: %v, %v", left, err)
		}
		after, err := h.app.GetRecord(h.ctx, h.anna, cara.ID)
		if err != nil || after.Get("account") != "" || after.Get("first_name") != "Cara" || after.Rev != cara.Rev+1 {
			t.Errorf("after the deletion: %+v, %v", after, err)
		}
	})
}
