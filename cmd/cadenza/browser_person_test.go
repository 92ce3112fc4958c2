//go:build browser

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	goruntime "runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// patience is how long a person waits for something to appear. Nothing takes so long, but the machine may be busy.
const patience = 20 * time.Second

// person sits in front of a window of her own and finds things as people do: by role, label and text.
type person struct {
	t       *testing.T
	ctx     context.Context
	address string
	// trail are the things within which she looks, from the outside in.
	trail []thing
	seen  *sightings
}

// thing is what an assistive technology calls something. A name may begin or end with "…" for any text.
type thing struct{ role, name string }

func (g thing) String() string { return g.role + " “" + g.name + "”" }

func (g thing) matches(name string) bool {
	start, open := strings.CutPrefix(g.name, "…")
	start, more := strings.CutSuffix(start, "…")
	name = strings.Join(strings.Fields(name), " ")
	switch {
	case open && more:
		return strings.Contains(name, start)
	case open:
		return strings.HasSuffix(name, start)
	case more:
		return strings.HasPrefix(name, start)
	}
	return name == g.name
}

// newPerson opens a window of 1440 by 900 pixels with cookies of its own.
func newPerson(t *testing.T, chrome context.Context, address string) *person {
	t.Helper()
	ctx, cancel := chromedp.NewContext(chrome, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	p := &person{t: t, ctx: ctx, address: address, seen: &sightings{}}
	if err := chromedp.Listen(ctx, p.seen.hear(ctx)); err != nil {
		t.Fatalf("open a window: %v", err)
	}
	p.do(chromedp.EmulateViewport(1440, 900))
	must(t, p, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	p.media("light")
	must(t, p, accessibility.Enable, cdp.Empty{})
	t.Cleanup(func() {
		for _, trouble := range p.seen.take() {
			t.Errorf("the browser complains: %s", trouble)
		}
	})
	return p
}

// media sets the theme that the system of a person prefers. Nothing moves, so that things can be hit at once.
func (p *person) media(scheme string) {
	p.t.Helper()
	must(p.t, p, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
}

// must runs a command of the browser's protocol.
func must[P, R any](t *testing.T, p *person, command cdp.Command[P, R], params P) R {
	t.Helper()
	answer, err := ask(p, command, params)
	if err != nil {
		t.Fatalf("%s: %v", command.Method, err)
	}
	return answer
}

// ask gives the answer to a command of the browser's protocol, within the time that a person waits.
func ask[P, R any](p *person, command cdp.Command[P, R], params P) (R, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Call(ctx, command, params)
}

func (p *person) do(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if _, err := tell(p, chromedp.Steps(steps...)); err != nil {
		p.t.Fatalf("%v at %s", err, p.path())
	}
}

// in gives the same person looking only within something.
func (p *person) in(role, name string) *person {
	inner := *p
	inner.trail = append(append([]thing(nil), p.trail...), thing{role, name})
	return &inner
}

// open goes to an address, as by typing it.
func (p *person) open(path string) {
	p.t.Helper()
	p.do(chromedp.Navigate(p.address + path))
}

// until waits for a condition. why says what is still missing.
func (p *person) until(what string, met func() (ok bool, why string)) {
	p.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		if ok, _ := met(); ok {
			return
		}
		select {
		case <-again.C:
		case <-deadline.C:
			// A last look: what was asked for may have come while the one before took its time.
			if ok, why := met(); !ok {
				p.give(what, why)
			}
			return
		}
	}
}

// give ends the test with what the page shows.
func (p *person) give(what, why string) {
	p.t.Helper()
	text := p.text()
	if len(text) > 3000 {
		text = text[:3000] + " …"
	}
	if shot, err := tell(p, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(filepath.Join(p.t.ArtifactDir(), "page.png"), shot, 0o600)
	}
	p.t.Fatalf("%s: %s\n%s\nlooking in %v at %s, which says:\n%s", what, why, steps(), p.trail, p.path(), text)
}

// steps tells by which lines of the journey the test came here.
func steps() string {
	callers := make([]uintptr, 40)
	frames := goruntime.CallersFrames(callers[:goruntime.Callers(3, callers)])
	var lines []string
	for {
		frame, more := frames.Next()
		if file := filepath.Base(frame.File); strings.HasPrefix(file, "browser_") {
			lines = append(lines, fmt.Sprintf("%s:%d", file, frame.Line))
		}
		if !more {
			return strings.Join(lines, " < ")
		}
	}
}

// js runs a script in the page and gives its answer, also when that is a promise.
func js[T any](p *person, script string) (T, error) {
	return tell(p, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
}

// tell has the browser do something, within the time that a person waits.
func tell[T any](p *person, what chromedp.Action[T]) (T, error) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, what)
}

// path is where she is: path and query of the address.
func (p *person) path() string {
	path, err := js[string](p, "location.pathname + location.search")
	if err != nil {
		return fmt.Sprint(err)
	}
	return path
}

// at waits until the address begins with path.
func (p *person) at(path string) {
	p.t.Helper()
	p.until("be at "+path, func() (bool, string) {
		now := p.path()
		return strings.HasPrefix(now, path), "it is at " + now
	})
}

// sightings are what the browser says beside the page: complaints and questions.
type sightings struct {
	mu       sync.Mutex
	troubles []string
	// allowed are parts of complaints that belong to the journey.
	allowed []string
	// answer is what to say to a question of the browser ("Leave site?"); questions counts them.
	answer    bool
	questions int
}

// hear collects console errors, exceptions, refusals by the content security policy and failed requests.
func (s *sightings) hear(ctx context.Context) func(any) {
	return func(event any) {
		switch e := event.(type) {
		case *log.EventEntryAdded:
			if e.Entry.Level == log.EntryLevelError || e.Entry.Source == log.EntrySourceSecurity || e.Entry.Source == log.EntrySourceViolation {
				s.note(fmt.Sprintf("%s: %s (%s)", e.Entry.Source, e.Entry.Text, e.Entry.URL))
			}
		case *runtime.EventExceptionThrown:
			s.note("exception: " + exceptionText(e.ExceptionDetails))
		case *runtime.EventConsoleAPICalled:
			if e.Type == "error" || e.Type == "assert" || e.Type == "warning" {
				var words []string
				for _, a := range e.Args {
					words = append(words, string(a.Value)+a.Description)
				}
				s.note("console: " + strings.Join(words, " "))
			}
		case *page.EventJavascriptDialogOpening:
			s.mu.Lock()
			s.questions++
			answer := s.answer
			s.mu.Unlock()
			go func() {
				_, _ = chromedp.Call(ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: answer})
			}()
		}
	}
}

// note keeps a complaint. A form that is refused on purpose is none, though Chromium logs it like a missing file.
func (s *sightings) note(text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, part := range append(s.allowed, "status of 422", "status of 409") {
		if strings.Contains(text, part) {
			return
		}
	}
	if !slices.Contains(s.troubles, text) {
		s.troubles = append(s.troubles, text)
	}
}

// allow takes complaints that hold these texts as part of the journey.
func (s *sightings) allow(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.allowed = append(s.allowed, texts...)
}

// take gives the complaints since the last time.
func (s *sightings) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := s.troubles
	s.troubles = nil
	return list
}

// asked tells how often the browser has asked a question, and sets the answer for the next ones.
func (s *sightings) asked(answer bool) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer = answer
	return s.questions
}

func exceptionText(e *runtime.ExceptionDetails) string {
	if e.Exception != nil {
		return e.Text + " " + e.Exception.Description
	}
	return e.Text
}
