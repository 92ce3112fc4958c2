package action

import (
	"fmt"
	"io"
	"strings"
	"testing"

	"cadenza/internal/access"
	"cadenza/internal/attachment"
	"cadenza/internal/fault"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// file uploads a small PDF of a name.
func (h *house) file(actor access.Actor, name string) store.File {
	h.t.Helper()
	f, err := h.app.UploadFile(h.ctx, actor, name, strings.NewReader("%PDF-1.4 "+name))
	if err != nil {
		h.t.Fatal(err)
	}
	return f
}

func TestUploadFile(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		f := h.file(h.anna, `C:\fakepath\Offer.pdf`)
		same(t, "file", fmt.Sprint(f.Name, " ", f.Type, " ", f.Size, " ", f.UserName), "Offer.pdf application/pdf 30 "+h.anna.Name)
		got, content, err := h.app.OpenFile(h.ctx, h.bob, f.ID)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(content)
		same(t, "content", got.Name+" "+string(raw), `Offer.pdf %PDF-1.4 C:\fakepath\Offer.pdf`)
		if err != nil {
			t.Error(err)
		}
		_, err = h.app.UploadFile(h.ctx, h.anna, "big.pdf", strings.NewReader("%PDF-"+strings.Repeat(" ", attachment.SizeMax)))
		if p := fault.ProblemsOf(err); len(p) != 1 || p[0].Code != "too_large" {
			t.Errorf("a file that is too large: %v", err)
		}
		if _, err = h.app.UploadFile(h.ctx, access.Actor{}, "a.pdf", strings.NewReader("%PDF-")); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("nobody uploads: %v", err)
		}
	})
}

// TestFilesInUse holds what keeps a file from being deleted, and by whom.
func TestFilesInUse(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		f, g := h.file(h.anna, "a.pdf"), h.file(h.manager, "b.pdf")
		made, err := h.app.CreateTemplate(h.ctx, h.manager, TemplateInput{Key: "offer", Name: "Offer", Subject: "Offer", HTML: "x", Files: []ident.File{f.ID, f.ID}})
		if err != nil {
			t.Fatal(err)
		}
		same(t, "files", fmt.Sprint(made.Files.IDs()), fmt.Sprint([]ident.File{f.ID}))
		err = h.app.DeleteFile(h.ctx, h.anna, f.ID)
		if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "the template Offer") {
			t.Errorf("a file of a template: %v", err)
		}
		if err := h.app.DeleteFile(h.ctx, h.anna, g.ID); !fault.Is(err, fault.Forbidden) {
			t.Errorf("the file of somebody else: %v", err)
		}
		got, err := h.app.GetFile(h.ctx, h.anna, f.ID)
		same(t, "templates", fmt.Sprint(got.Templates, err), "[Offer] <nil>")
		for code, files := range map[string][]ident.File{"not_found": {f.ID, 999}, "too_many": h.files(attachment.CountMax + 1)} {
			_, err := h.app.UpdateTemplate(h.ctx, h.manager, made.ID, TemplateInput{Name: "Offer", Subject: "Offer", HTML: "x", Files: files})
			if p := fault.ProblemsOf(err); len(p) != 1 || p[0].Field != "files" || p[0].Code != code {
				t.Errorf("%s: %v", code, err)
			}
		}
		if _, err := h.app.UpdateTemplate(h.ctx, h.manager, made.ID, TemplateInput{Name: "Offer", Subject: "Offer", HTML: "x"}); err != nil {
			t.Fatal(err)
		}
		if err := h.app.DeleteFile(h.ctx, h.manager, f.ID); err != nil {
			t.Errorf("a manager deletes: %v", err)
		}
		if _, _, err := h.app.OpenFile(h.ctx, h.anna, f.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a deleted file: %v", err)
		}
	})
}

func (h *house) files(n int) (ids []ident.File) {
	for i := range n {
		ids = append(ids, h.file(h.anna, fmt.Sprint("many ", i, ".pdf")).ID)
	}
	return ids
}

// TestFilesOfDraft holds that the composer starts with the template's files, and that the mail goes with those that its
// writer left in it.
func TestFilesOfDraft(t *testing.T) {
	eachHouse(t, func(t *testing.T, h *house) {
		offer, terms := h.file(h.manager, "offer.pdf"), h.file(h.anna, "terms.pdf")
		if _, err := h.app.CreateTemplate(h.ctx, h.manager, TemplateInput{Key: "offer", Name: "Offer", Subject: "Offer", HTML: "x", Files: []ident.File{offer.ID}}); err != nil {
			t.Fatal(err)
		}
		id := h.active(h.manager, define("Trial", write("w", "offer")))
		for i, c := range []struct {
			files []ident.File
			want  string
		}{{nil, "offer.pdf"}, {[]ident.File{terms.ID}, "terms.pdf"}, {[]ident.File{}, ""}} {
			h.connect(h.anna, id, h.lead(h.anna, "Cara", fmt.Sprint("Cole", i), "email", fmt.Sprintf("cara%d@buyer.test", i)))
			act := h.work(h.anna)
			d, err := h.app.ComposeDraft(h.ctx, h.anna, act.ID, "", "")
			if err != nil {
				t.Fatal(err)
			}
			same(t, "draft", fmt.Sprint(d.Files), fmt.Sprint([]ident.File{offer.ID}))
			d.Files = c.files
			m, err := h.app.SendEmail(h.ctx, h.anna, act.ID, d)
			if err != nil {
				t.Fatal(err)
			}
			names := ""
			for _, f := range m.Files {
				names += f.Name
			}
			same(t, "files", names, c.want)
			if i == 1 {
				if err := h.app.DeleteFile(h.ctx, h.anna, terms.ID); !fault.Is(err, fault.Conflict) {
					t.Errorf("a file of a waiting mail: %v", err)
				}
			}
			h.deliver(store.Delivered, "")
		}
	})
}
