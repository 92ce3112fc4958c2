package main

import (
	"strings"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	const passing = `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"quiet\n"}
{"Action":"pass","Package":"p","Test":"TestA"}
{"Action":"pass","Package":"p","Elapsed":1.26}
`
	for name, c := range map[string]struct {
		in, want string
		noSkip   bool
		failed   int
	}{
		"pass": {in: passing, want: "ok    p 1.3s\n1 passed, 0 failed, 0 skipped\n"},
		"fail": {in: `{"Action":"run","Package":"p","Test":"TestA"}
{"Action":"output","Package":"p","Test":"TestA","Output":"=== RUN   TestA\n"}
{"Action":"output","Package":"p","Test":"TestA","Output":"got 1\n"}
{"Action":"fail","Package":"p","Test":"TestA"}
{"Action":"fail","Package":"p"}
`, want: "FAIL  p.TestA (fail)\ngot 1\nFAIL  p 0s\n0 passed, 1 failed, 0 skipped\n", failed: 1},
		"skip": {in: `{"Action":"skip","Package":"p","Test":"TestA"}` + "\n", want: "skip  p.TestA\n0 passed, 0 failed, 1 skipped\n"},
		"skip in ci": {
			in: `{"Action":"skip","Package":"p","Test":"TestA"}` + "\n", noSkip: true,
			want: "FAIL  p.TestA (skip)\n0 passed, 1 failed, 0 skipped\n", failed: 1,
		},
		"build": {in: `{"ImportPath":"p","Action":"build-output","Output":"p.go:1: no\n"}
{"ImportPath":"p","Action":"build-fail"}
{"Action":"fail","Package":"p","FailedBuild":"p"}
`, want: "FAIL  build of p\np.go:1: no\nFAIL  p 0s\n0 passed, 1 failed, 0 skipped\n", failed: 1},
		"panic outside a test": {in: `{"Action":"output","Package":"p","Output":"panic: no\n"}
{"Action":"fail","Package":"p"}
`, want: "panic: no\nFAIL  p 0s\n0 passed, 1 failed, 0 skipped\n", failed: 1},
		"cut off":    {in: `{"Action":"run","Package":"p","Test":"TestA"}`, want: "FAIL  p.TestA has no end\n0 passed, 1 failed, 0 skipped\n", failed: 1},
		"go says no": {in: "go: no such module\n", want: "FAIL  go: no such module\n0 passed, 1 failed, 0 skipped\n", failed: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			r := newReport(&out)
			r.noSkip = c.noSkip
			if err := r.read(strings.NewReader(c.in)); err != nil {
				t.Fatal(err)
			}
			if out.String() != c.want || r.failed != c.failed {
				t.Errorf("got %d failed and:\n%swant %d and:\n%s", r.failed, out.String(), c.failed, c.want)
			}
		})
	}
}
