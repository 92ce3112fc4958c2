package merge

import (
	"strings"
	"testing"

	"github.com/osteele/liquid"
	"pgregory.net/rapid"
)

// TestLiquidAgrees: within our language a template means the same to Liquid. This is what lets people bring templates
// from elsewhere, and what the package comment promises.
func TestLiquidAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		src := drawTemplate(t, 3)
		tpl, err := Parse(src)
		if err != nil {
			t.Fatalf("Parse(%q): %v", src, err)
		}
		// Blank values count as none with us only, so values here have letters; Liquid capitalizes ASCII only.
		v := drawValues(t, rapid.StringMatching(`[a-zA-Z0-9<>&'"{}%|.]{1,8}( [a-z]{1,5})?`))
		checkLikeLiquid(t, src, tpl, v)
	})
}

func TestLiquidAgreesOnMail(t *testing.T) {
	t.Parallel()
	v := Values{"first_name": "Ann", "company": "Acme", "title": "Chief", "sender.name": "Bo"}
	src := strings.ReplaceAll(mail, "\n", " ")
	if !checkLikeLiquid(t, src, mustParse(t, src), v) {
		t.Error("the usual mail was not compared")
	}
}

// checkLikeLiquid compares our text with Liquid's and tells whether it could. It does not compare what is wider in our
// language than in Liquid's.
func checkLikeLiquid(t fataler, src string, tpl *Template, v Values) (compared bool) {
	if strings.ContainsAny(src, "\n\r&\u00a0") || strings.Contains(src, "capitalize") && !ascii(v) {
		return false
	}
	bindings, ok := nest(tpl, v)
	if !ok {
		return false
	}
	judge, err := liquid.NewEngine().ParseString(src)
	if err != nil {
		return false // spacing that only we accept, as in "default : 'x'"
	}
	want, err := judge.RenderString(bindings)
	if err != nil {
		t.Fatalf("Liquid cannot fill %q with %q: %v", src, v, err)
	}
	if got, _ := tpl.Fill(v, Text); got != want {
		t.Fatalf("%q with %q:\n   got %q\nLiquid %q", src, v, got, want)
	}
	return true
}

func ascii(v Values) bool {
	for _, s := range v {
		for i := range len(s) {
			if s[i] >= 0x80 {
				return false
			}
		}
	}
	return true
}

// nest gives flat values the shape that Liquid wants. ok is false where the two shapes cannot mean the same: blank
// values, and a name that is both a field and the front of another.
func nest(tpl *Template, v Values) (bindings map[string]any, ok bool) {
	bindings = map[string]any{}
	record := map[string]any{}
	for _, f := range tpl.Fields() {
		value, has := v[f.Name]
		if has && blank(value) || f.Name == "record" || strings.HasPrefix(f.Name, "record.") {
			return nil, false
		}
		at, parts := bindings, strings.Split(f.Name, ".")
		for _, part := range parts[:len(parts)-1] {
			if at[part] == nil {
				at[part] = map[string]any{}
			}
			if at, ok = at[part].(map[string]any); !ok {
				return nil, false
			}
		}
		last := parts[len(parts)-1]
		if _, taken := at[last]; taken || last == "size" || last == "first" || last == "last" {
			return nil, false
		}
		if !has {
			at[last] = nil
			continue
		}
		at[last] = value
		if len(parts) == 1 {
			record[last] = value
		}
	}
	bindings["record"] = record
	return bindings, true
}
