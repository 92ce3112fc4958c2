//go:build browser

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// found is one thing on the page now.
type found struct {
	name   string
	object runtime.RemoteObjectID
}

// errMissing says that a thing is not there (yet).
var errMissing = errors.New("there is none")

// look gives the things of a role that match, as assistive technology sees them: what is hidden, or lies behind an open
// dialog, is not there. limit ends the search early; zero means all.
func (p *person) look(g thing, limit int) ([]found, error) {
	roots, err := p.roots()
	if err != nil {
		return nil, err
	}
	var list []found
	for _, root := range roots {
		params := accessibility.QueryAXTreeParams{ObjectID: root, Role: g.role}
		if !strings.Contains(g.name, "…") {
			params.AccessibleName = g.name
		}
		answer, err := ask(p, accessibility.QueryAXTree, params)
		if err != nil {
			return nil, err
		}
		for _, node := range answer.Nodes {
			name := wordOf(node.Name)
			if node.Ignored || !g.matches(name) {
				continue
			}
			resolved, err := ask(p, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: node.BackendDOMNodeID})
			if err != nil {
				return nil, err
			}
			if resolved.Object.ObjectID == root {
				continue
			}
			list = append(list, found{name, resolved.Object.ObjectID})
			if len(list) == limit {
				return list, nil
			}
		}
	}
	return list, nil
}

// roots are the places of the page in which she looks.
func (p *person) roots() ([]runtime.RemoteObjectID, error) {
	if n := len(p.trail); n > 0 {
		outer := *p
		outer.trail = p.trail[:n-1]
		list, err := outer.look(p.trail[n-1], 0)
		if err == nil && len(list) == 0 {
			err = fmt.Errorf("%v: %w", p.trail[n-1], errMissing)
		}
		var ids []runtime.RemoteObjectID
		for _, f := range list {
			ids = append(ids, f.object)
		}
		return ids, err
	}
	document, err := js[*runtime.RemoteObject](p, "document")
	if err != nil {
		return nil, err
	}
	return []runtime.RemoteObjectID{document.ObjectID}, nil
}

func wordOf(v *accessibility.Value) string {
	var text string
	if v == nil || json.Unmarshal(v.Value, &text) != nil {
		return ""
	}
	return text
}

// callOn runs a function of the page on a thing.
func callOn[T any](p *person, f found, function string, args ...any) (T, error) {
	on := func(c *runtime.CallFunctionOnParams) {
		yes := true
		c.ObjectID, c.AwaitPromise = f.object, &yes
	}
	return tell(p, chromedp.CallFunctionOn[T](function, on, args...))
}

// find waits for a thing and gives the first one.
func (p *person) find(role, name string) found {
	p.t.Helper()
	var one found
	g := thing{role, name}
	p.until("find "+g.String(), func() (bool, string) {
		list, err := p.look(g, 1)
		if err != nil {
			return false, err.Error()
		}
		if len(list) == 0 {
			return false, errMissing.Error()
		}
		one = list[0]
		return true, ""
	})
	return one
}

// has waits for things of these roles and names: "button", "Save", "link", "Leads".
func (p *person) has(pairs ...string) {
	p.t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		p.find(pairs[i], pairs[i+1])
	}
}

// lacks waits until there is no such thing.
func (p *person) lacks(role, name string) {
	p.t.Helper()
	g := thing{role, name}
	p.until("see no "+g.String(), func() (bool, string) {
		list, err := p.look(g, 1)
		if errors.Is(err, errMissing) {
			return true, ""
		}
		if err != nil {
			return false, err.Error()
		}
		return len(list) == 0, "it is still there"
	})
}

// names gives the names of all things of a role, in the order of the page.
func (p *person) names(role, name string) []string {
	p.t.Helper()
	var names []string
	p.until("list "+role, func() (bool, string) {
		list, err := p.look(thing{role, name}, 0)
		if err != nil {
			return false, err.Error()
		}
		names = nil
		for _, f := range list {
			names = append(names, strings.Join(strings.Fields(f.name), " "))
		}
		return true, ""
	})
	return names
}

// text is what can be read, with single spaces.
func (p *person) text() string {
	const visible = `() => document.body?.innerText ?? ""`
	if len(p.trail) == 0 {
		text, err := js[string](p, "("+visible+")()")
		if err != nil {
			return fmt.Sprint(err)
		}
		return flat(text)
	}
	roots, err := p.roots()
	if err != nil {
		return fmt.Sprint(err)
	}
	var all []string
	for _, root := range roots {
		text, err := callOn[string](p, found{object: root}, `function() { return this.innerText ?? this.textContent ?? "" }`)
		if err != nil {
			return fmt.Sprint(err)
		}
		all = append(all, text)
	}
	return flat(strings.Join(all, " "))
}

func flat(text string) string { return strings.Join(strings.Fields(text), " ") }

// sees waits until all these texts can be read.
func (p *person) sees(texts ...string) {
	p.t.Helper()
	for _, text := range texts {
		p.until("see “"+text+"”", func() (bool, string) { return strings.Contains(p.text(), text), "it is not there" })
	}
}

// seesNot waits until a text cannot be read any more.
func (p *person) seesNot(text string) {
	p.t.Helper()
	p.until("see no “"+text+"”", func() (bool, string) { return !strings.Contains(p.text(), text), "it is still there" })
}
