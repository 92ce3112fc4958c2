package seqfile

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/record"
)

const intro = "---\nname: Introduction\nsubject: 'Hello {{ first_name | default: \"there\" }}'\nattachments: [Offer.pdf]\n---\n<p>Hi</p>\n"

// filesOf makes files of names and texts.
func filesOf(pairs ...string) (files []File) {
	for i := 0; i < len(pairs); i += 2 {
		files = append(files, File{Name: pairs[i], Data: []byte(pairs[i+1])})
	}
	return files
}

func problemsOf(f Folder) string {
	var out []string
	for _, s := range f.Sequences {
		for _, p := range s.Problems {
			out = append(out, p.String())
		}
	}
	for _, t := range f.Templates {
		for _, p := range t.Problems {
			out = append(out, p.String())
		}
	}
	return strings.Join(out, "\n")
}

func TestReadFolder(t *testing.T) {
	t.Parallel()
	f := ReadFolder(filesOf("templates/intro.html", intro, "sequences/in.yaml", inbound, "templates/intro/Offer.pdf", "%PDF", "README.md", "x",
		"templates/hello.txt", "---\nname: Hello\n---\nHello {{ first_name }}\n"), true)
	if got := problemsOf(f); got != "" {
		t.Fatal(got)
	}
	if len(f.Sequences) != 1 || len(f.Templates) != 2 || f.Sequences[0].Def.Name != "Inbound lead" {
		t.Fatalf("got %+v", f)
	}
	hello, intro := f.Templates[0], f.Templates[1]
	if hello.Key != "hello" || hello.Channel != message.TextChannel || hello.Body != "Hello {{ first_name }}" {
		t.Errorf("got %+v", hello.Template)
	}
	if intro.Body != "<p>Hi</p>" || len(intro.Files) != 1 || intro.Files[0].Name != "Offer.pdf" || string(intro.Files[0].Data) != "%PDF" {
		t.Errorf("got %+v", intro)
	}
}

// TestFolderSaysWhere names file, line and column of what is wrong with a folder.
func TestFolderSaysWhere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		files []File
		want  string
	}{
		{"one name in two files", filesOf("a.yaml", "name: Trial\nsteps: []\n", "b.yaml", "# x\nname: TRIAL\nsteps: []\n"), `b.yaml:2:7: Another file has a sequence "TRIAL": a.yaml:1:7. Give one`},
		{"one key in two files", filesOf("a.html", "---\nsubject: A\n---\nx", "a.txt", "---\nname: A\n---\nx"), `a.txt:1:1: Another file is the template "a", too: a.html:1:1.`},
		{"no head", filesOf("a.html", "<p>x</p>"), "a.html:1:1: The template has no head. Begin the file with a line ---"},
		{"a head without its end", filesOf("a.html", "---\nname: A\n<p>x</p>"), "a.html:1:1: The template has no head."},
		{"a bad name", filesOf("My mail.html", "---\nname: A\nsubject: B\n---\nx"), `My mail.html: The file's name is the key of the template, and "My mail" cannot be one.`},
		{"an unknown key", filesOf("a.html", "---\nname: A\ntitle: B\n---\nx"), `a.html:3:1: "title" is not known here. Known are name, record, subject, attachments.`},
		{"a wrong kind", filesOf("a.html", "---\nname: A\nrecord: deal\n---\nx"), `a.html:3:9: There is no record kind "deal".`},
		{"a key twice", filesOf("a.html", "---\nname: A\nname: B\n---\nx"), `a.html:3:1: The key "name" stands here twice.`},
		{"a missing attachment", filesOf("t/a.html", "---\nname: A\nattachments: [B.pdf]\n---\nx"), "t/a.html:3:15: There is no file a/B.pdf. Put it into that folder"},
		{"a way out", filesOf("t/a.html", "---\nname: A\nattachments: [../B.pdf]\n---\nx"), "t/a.html:3:15: This is no name of a file beside the template."},
		{"2 MB", filesOf("a.html", "---\nname: A\nsubject: B\n---\n"+strings.Repeat("x", 2<<20)), "a.html:5:1: The file has 2097179 bytes; at most 1 MiB are read."},
		{"a tab in a head", filesOf("a.html", "---\nname: A\n\tsubject: B\n---\nx"), "a.html:3:1: The line is indented with a tab"},
		{"nothing in the head", filesOf("a.html", "---\n\n---\nx"), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := problemsOf(ReadFolder(c.files, false)); !strings.Contains(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

// TestLocateInTemplate finds places in the body and in the head.
func TestLocateInTemplate(t *testing.T) {
	t.Parallel()
	tpl := ReadFolder(filesOf("a.html", "---\nname: A\nsubject: B\n---\n\n<p>one</p>\n<p>{{ x }</p>\n"), false).Templates[0]
	for field, want := range map[string]string{Body: "a.html:7:4: ", "subject": "a.html:3:10: "} {
		if got := tpl.LocateIn(field, 2, 4, fault.Problem{}).Place(); got != want {
			t.Errorf("%s: got %q, want %q", field, got, want)
		}
	}
}

func TestPick(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ names, want string }{
		{"b.yaml a.yaml .git/x.yaml", "[a.yaml b.yaml] false"},
		{"compose.yaml sequences/a.yaml templates/i.html .github/sequences/x.yaml", "[sequences/a.yaml templates/i.html] true"},
		{"crm/sequences/team/a.yaml crm/other.yaml", "[crm/sequences/team/a.yaml] true"},
	} {
		picked, whole := Pick(strings.Fields(c.names))
		if got := fmt.Sprint(picked, whole); got != c.want {
			t.Errorf("%s: got %s, want %s", c.names, got, c.want)
		}
	}
}

// TestTemplateRoundTrip holds that a template is the same after it was written and read.
func TestTemplateRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`[a-zA-Zäß日 :#'"{}\[\]&*!|>%@<\-]{0,40}`)
		want := Template{
			Key: "intro", Name: strings.Join(strings.Fields("N"+text.Draw(t, "name")), " "), Channel: message.EmailChannel,
			Record: rapid.SampledFrom(append(record.Kinds(), "")).Draw(t, "kind"), Subject: strings.TrimSpace("S" + text.Draw(t, "subject")),
			Body: strings.TrimSpace(rapid.StringMatching(`(<p>[a-zß\n -]{0,20}</p>\n?|---\n){0,6}`).Draw(t, "body")),
		}
		file, err := FormatTemplate(want)
		if err != nil {
			t.Fatal(err)
		}
		f := ReadFolder(filesOf(want.TemplateFile(), string(file)), false)
		if problems := problemsOf(f); problems != "" || !reflect.DeepEqual(f.Templates[0].Template, want) {
			t.Fatalf("got  %+v\nwant %+v\n%s\nfile:\n%s", f.Templates[0].Template, want, problems, file)
		}
	})
}

func TestZip(t *testing.T) {
	t.Parallel()
	want := filesOf("sequences/a.yaml", "name: A", "templates/b.html", "x")
	data, err := Zip(want)
	if err != nil {
		t.Fatal(err)
	}
	got, whole, err := Unzip(data)
	if err != nil || !whole || !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, %v, %v", got, whole, err)
	}
	for name, files := range map[string][]File{
		"a way out": filesOf("../a.yaml", "x"), "a bomb": {{Name: "a.yaml", Data: make([]byte, MaxFolder+1)}},
		"two of a name": filesOf("a.yaml", "x", "a.yaml", "y"),
	} {
		data, err := Zip(files)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, err := Unzip(data); fault.CodeOf(err) == "" {
			t.Errorf("%s: got %v, want a refusal", name, err)
		}
	}
	if _, _, err := Unzip([]byte("PK no archive")); !fault.Is(err, fault.Invalid) {
		t.Errorf("no archive: %v", err)
	}
}

// FuzzFolder holds that no text of a template or archive makes the reader fall over.
func FuzzFolder(f *testing.F) {
	f.Add([]byte(intro))
	f.Add([]byte("---\n---\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		folder := ReadFolder([]File{{Name: "a.html", Data: data}}, false)
		tpl := folder.Templates[0]
		for _, p := range tpl.Problems {
			if lines := strings.Count(string(data), "\n") + 1; p.Line > lines {
				t.Fatalf("%s stands behind the end of %q", p, data)
			}
		}
		if files, whole, err := Unzip(data); err == nil {
			ReadFolder(files, whole)
		}
	})
}
