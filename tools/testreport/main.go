// Command testreport reads `go test -json` and prints what a person wants to
// see: one line for each package, the whole output of what failed, every
// skipped test with its reason, and the counts.
//
// It must never hide a failure: a package that does not build, a test without an
// end and input that is not JSON all count as failed.
//
// Start reading at report.read.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"
)

func main() {
	noSkip := flag.Bool("noskip", false, "count skipped tests as failed, as CI does")
	totals := flag.String("totals", "", "append \"PASSED FAILED SKIPPED\" to this file")
	flag.Parse()
	r := newReport(os.Stdout)
	r.noSkip = *noSkip
	if err := r.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	if err := r.save(*totals); err != nil {
		fmt.Fprintln(os.Stderr, "testreport:", err)
		os.Exit(2)
	}
	if r.failed > 0 {
		os.Exit(1)
	}
}

// event is one line of `go test -json` (see `go doc test2json`).
type event struct {
	Action      string
	Package     string
	ImportPath  string
	Test        string
	Elapsed     float64
	Output      string
	FailedBuild string
}

type report struct {
	out                     io.Writer
	noSkip                  bool
	passed, failed, skipped int
	output                  map[string]*strings.Builder // by package and test
	open                    map[string]bool             // tests that run
	failedIn                map[string]int              // failed tests by package
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[string]*strings.Builder{}, open: map[string]bool{}, failedIn: map[string]int{}}
}

func (r *report) read(in io.Reader) error {
	lines := bufio.NewReader(in)
	for {
		line, err := lines.ReadBytes('\n')
		if len(line) > 0 {
			r.line(line)
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	for key := range r.open {
		r.failed++
		fmt.Fprintf(r.out, "FAIL  %s has no end\n%s", key, r.text(key))
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, r.skipped)
	return nil
}

func (r *report) line(line []byte) {
	var e event
	if err := json.Unmarshal(line, &e); err != nil {
		// go itself speaks here: a module that is missing, a flag it does not know.
		r.failed++
		fmt.Fprintf(r.out, "FAIL  %s", line)
		return
	}
	key := e.Package + "." + e.Test
	if strings.HasPrefix(e.Action, "build-") {
		key = "build of " + e.ImportPath
	}
	switch e.Action {
	case "start", "pause", "cont", "bench":
	case "run":
		r.open[key] = true
	case "output", "build-output":
		if strings.HasPrefix(e.Output, "=== ") {
			return // test2json's own marks; the key says which test speaks
		}
		if r.output[key] == nil {
			r.output[key] = &strings.Builder{}
		}
		r.output[key].WriteString(e.Output)
	case "build-fail":
		r.failed++
		fmt.Fprintf(r.out, "FAIL  %s\n%s", key, r.text(key))
	default:
		delete(r.open, key)
		if e.Test == "" {
			r.endPackage(e, key)
		} else {
			r.endTest(e, key)
		}
	}
}

func (r *report) endTest(e event, key string) {
	switch {
	case e.Action == "pass":
		r.passed++
	case e.Action == "skip" && !r.noSkip:
		r.skipped++
		fmt.Fprintf(r.out, "skip  %s\n%s", key, r.text(key))
	default:
		r.failed++
		if e.Action == "fail" {
			r.failedIn[e.Package]++
		}
		fmt.Fprintf(r.out, "FAIL  %s (%s)\n%s", key, e.Action, r.text(key))
	}
	delete(r.output, key)
}

func (r *report) endPackage(e event, key string) {
	took := time.Duration(e.Elapsed * float64(time.Second)).Round(100 * time.Millisecond)
	switch e.Action {
	case "pass":
		fmt.Fprintf(r.out, "ok    %s %s\n", e.Package, took)
	case "skip": // a package without tests
	default:
		// Without a failed test the package itself failed: it panicked, ran
		// out of time, or did not build (which was counted there).
		if r.failedIn[e.Package] == 0 && e.FailedBuild == "" {
			r.failed++
			fmt.Fprint(r.out, r.text(key))
		}
		fmt.Fprintf(r.out, "FAIL  %s %s\n", e.Package, took)
	}
	delete(r.output, key)
}

func (r *report) text(key string) string {
	if text := r.output[key]; text != nil {
		return text.String()
	}
	return ""
}

func (r *report) save(name string) error {
	if name == "" {
		return nil
	}
	file, err := os.OpenFile(name, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(file, "%d %d %d\n", r.passed, r.failed, r.skipped); err != nil {
		return err
	}
	return file.Close()
}
