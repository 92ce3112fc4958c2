package api

import (
	"archive/zip"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"cadenza/internal/seqfile"
)

// TestFolder takes all sequences and templates of one house to another as an archive: planned first, then done, and the same when it is taken again.
func TestFolder(t *testing.T) {
	t.Parallel()
	from, to := newHouse(t), newHouse(t)
	seq := from.ask(bob, "POST", "/sequences", obj{"from_library": "trial"}).want(201)
	archive := from.ask(bob, "GET", "/sequences/export", nil).want(200).hasType(zipType).raw
	file := "sequences/" + seqfile.FileName(seq.at("name")) + ".yaml"
	alone := from.ask(bob, "GET", "/sequences/"+seq.at("id")+"/file", nil).want(200).hasType("application/yaml").raw
	if _, whole, _ := strings.Cut(unpacked(t, archive)[file], "\n"); alone != whole { // the first line names the schema beside it
		t.Errorf("the file alone is\n%s\nand in the archive\n%s", alone, whole)
	}
	from.ask(bob, "GET", "/sequences/seq_0000000000000/file", nil).want(404)
	from.ask("", "GET", "/sequences/export", nil).want(401)

	planned := to.folder("?activate=true&dry_run=true", archive).want(200).wantAt("files.0.change", "created", "files.0.sequence_id", "", "warnings.0.code", "no_opt_out_link")
	if n := to.ask(bob, "GET", "/sequences", nil).want(200).count("data"); n != 0 {
		t.Errorf("a dry run made %d sequences", n)
	}
	to.folder("?activate=true&plan=other", archive).want(409)
	to.folder("?activate=true&note=Moved+here&plan="+planned.at("plan"), archive).want(200).wantAt("files.0.change", "created")
	to.ask(bob, "GET", "/sequences", nil).want(200).wantAt("data.0.name", seq.at("name"), "data.0.status", "active")
	again := to.folder("", archive).want(200).wantAt("warnings.0", "")
	for _, f := range again.body["files"].([]any) {
		if change := f.(obj)["change"]; change != "unchanged" {
			t.Errorf("the second time %v is %v", f.(obj)["file"], change)
		}
	}
	if copied := to.ask(bob, "GET", "/sequences/export", nil).want(200).raw; copied != archive {
		t.Error("the archive of the second house is another one")
	}
}

// TestFolderRefused wants words for archives that cannot be applied, with the place of each problem, and nothing changed by them.
func TestFolderRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	good := "name: Good\nrecord: lead\nsteps:\n  - {id: ring, type: phone_call, name: Ring}\n"
	bad := packed(t, "sequences/good.yaml", good, "sequences/bad.yaml", "name: Bad\nrecord: lead\nsteps:\n  - id: ring\n    type: fax\n")
	h.folder("", bad).want(422).wantAt("errors.0.file", "sequences/bad.yaml", "errors.0.line", "5", "errors.0.column", "11")
	h.folder("", packed(t, "readme.txt", "nothing")).want(422)
	h.folder("", "no archive").want(422)
	h.ask(bob, "PUT", "/sequences/folder", packed(t, "templates/hello.html", "---\nname: Hello\nsubject: Hello\n---\n<p>Hello</p>\n"), "Content-Type", zipType).want(403)
	h.ask(max1, "PUT", "/sequences/folder", good, "Content-Type", "application/yaml").want(http.StatusUnsupportedMediaType)
	if n := h.ask(bob, "GET", "/sequences", nil).want(200).count("data"); n != 0 {
		t.Errorf("%d sequences were made", n)
	}
	h.folder("", packed(t, "sequences/good.yaml", good)).want(200).wantAt("files.0.name", "Good")
}

func (h *house) folder(query, archive string) answer {
	h.t.Helper()
	return h.ask(max1, "PUT", "/sequences/folder"+query, archive, "Content-Type", zipType)
}

// hasType fails the test unless the answer is of this media type.
func (a answer) hasType(want string) answer {
	a.t.Helper()
	if got := a.header.Get("Content-Type"); !strings.HasPrefix(got, want) {
		a.t.Errorf("%s: the type is %q, want %q", a.what, got, want)
	}
	return a
}

// packed gives an archive of names and texts.
func packed(t *testing.T, files ...string) string {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for i := 0; i+1 < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// unpacked gives the files of an archive.
func unpacked(t *testing.T, archive string) map[string]string {
	t.Helper()
	r, err := zip.NewReader(strings.NewReader(archive), int64(len(archive)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(data)
	}
	return files
}
