package action

import (
	"fmt"
	"strings"
	"testing"

	"cadenza/internal/fault"
)

func TestSnippets(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		in := SnippetInput{Name: "How to reach us", HTML: `<p>Ask {{ sender.first_name }} or write to {{ city }} or {{ job_title | default: "us" }}<script>x</script></p>`}
		_, err := h.app.CreateSnippet(h.ctx, h.anna, in)
		refused(t, "a seller writes one", err, fault.Forbidden)
		one, err := h.app.CreateSnippet(h.ctx, h.manager, in)
		if err != nil || one.Key != "how-to-reach-us" || strings.Contains(one.HTML, "script") {
			t.Fatalf("created %+v, %v", one, err)
		}
		for _, c := range []struct {
			change SnippetInput
			want   string
		}{
			{SnippetInput{HTML: "<p>x</p>"}, "name:"},
			{SnippetInput{Name: "A", HTML: " "}, "html:"},
			{SnippetInput{Name: "A", HTML: "{{ moon }}"}, "moon"},
			{SnippetInput{Name: "A", HTML: "{{ moon"}, "html:"},
			{SnippetInput{Name: "A", HTML: strings.Repeat("long ", 4000)}, "16 KiB"},
			{SnippetInput{Name: "A", Key: "In Tro", HTML: "x"}, "key:"},
			{SnippetInput{Name: "A", Key: one.Key, HTML: "x"}, "key:"},
		} {
			_, err := h.app.CreateSnippet(h.ctx, h.manager, c.change)
			refused(t, fmt.Sprintf("%.60v", c.change), err, fault.Invalid, c.want)
		}
		second, err := h.app.CreateSnippet(h.ctx, h.manager, SnippetInput{Name: in.Name, HTML: "x"})
		same(t, "the key of another one of the same name", fmt.Sprint(second.Key, err), "how-to-reach-us-2<nil>")

		next, err := h.app.UpdateSnippet(h.ctx, h.manager, second.ID, SnippetInput{Name: "Terms", Key: "terms", HTML: "y", Rev: second.Rev})
		same(t, "changed", fmt.Sprint(next.Key, next.Rev, next.HTML, err), "terms2y<nil>")
		_, err = h.app.UpdateSnippet(h.ctx, h.manager, second.ID, SnippetInput{Name: "Terms", HTML: "z", Rev: second.Rev})
		refused(t, "an older revision", err, fault.Stale)
		_, err = h.app.UpdateSnippet(h.ctx, h.manager, second.ID, SnippetInput{Name: "Terms", Key: one.Key, HTML: "z"})
		refused(t, "the key of another one", err, fault.Invalid, "key:")

		list, err := h.app.ListSnippets(h.ctx, h.anna, "REACH")
		same(t, "search", fmt.Sprint(len(list), err), "1 <nil>")
		act := h.byHand(h.lead(h.anna, "Cara", "Cole"))
		filled, err := h.app.SnippetsForEmail(h.ctx, h.anna, act.ID)
		if err != nil || len(filled) != 2 {
			t.Fatalf("for an email: %+v, %v", filled, err)
		}
		same(t, "filled", filled[0].Filled, "<p>Ask Anna or write to {{ city }} or us</p>")
		same(t, "missing", fmt.Sprint(filled[0].Missing, filled[1].Missing), "[city] []")
		_, err = h.app.SendEmail(h.ctx, h.anna, act.ID, Draft{To: "a@b.test", Subject: "S", HTML: filled[0].Filled})
		refused(t, "sent with the field in it", err, fault.Invalid, "“City” is empty")

		refused(t, "a seller deletes one", h.app.DeleteSnippet(h.ctx, h.anna, one.ID), fault.Forbidden)
		if err := h.app.DeleteSnippet(h.ctx, h.manager, one.ID); err != nil {
			t.Fatal(err)
		}
		refused(t, "delete it again", h.app.DeleteSnippet(h.ctx, h.manager, one.ID), fault.NotFound)
	})
}
