package web

import (
	"fmt"
	"net/http"
	"strconv"

	"cadenza/internal/action"
	"cadenza/internal/message"
	"cadenza/internal/report"
	"cadenza/internal/step"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// fewFigured is below how many messages a share would say more than it knows.
const fewFigured = 20

func (s *Server) showTemplateFigures(w http.ResponseWriter, r *http.Request) error {
	t, err := s.templateOf(r)
	if err != nil {
		return err
	}
	days, err := strconv.Atoi(text(r, "days"))
	if err != nil {
		days = 90
	}
	f, err := s.app.TemplateFigures(r.Context(), actorOf(r), t.ID, days)
	if err != nil {
		return err
	}
	f.Template = t // with its uses, for the head
	return s.render(w, r, page{Title: t.Name + ": figures"}, templateFiguresPage(s.view(r), figuresPage{f}))
}

// figuresPage puts a template's figures into rows.
type figuresPage struct{ action.TemplateFigures }

// results are those that a message of the template can have.
func (f figuresPage) results() []step.Result {
	if f.Template.Channel == message.TextChannel {
		return []step.Result{step.Answered}
	}
	return []step.Result{step.Opened, step.LinkOpened, step.Answered, step.Downloaded}
}

// sum adds rows up.
func (f figuresPage) sum(belongs func(store.TemplateFigures) bool) store.TemplateFigures {
	all := store.TemplateFigures{Results: map[step.Result]int64{}}
	for _, row := range f.Rows {
		if !belongs(row) {
			continue
		}
		all.Sent += row.Sent
		for r, n := range row.Results {
			all.Results[r] += n
		}
	}
	return all
}

// stats are the figures of all messages.
func (f figuresPage) stats() []ui.Stat {
	all := f.sum(func(store.TemplateFigures) bool { return true })
	stats := []ui.Stat{{Label: "Sent", Value: ui.Count(int(all.Sent))}}
	for _, r := range f.results() {
		stat := ui.Stat{Label: r.Label(), Value: countedOf(all, r)}
		if all.Sent >= fewFigured {
			stat.Value, stat.Note = shareOf(all, r), ui.Count(int(all.Results[r]))
		}
		stats = append(stats, stat)
	}
	return stats
}

func countedOf(f store.TemplateFigures, r step.Result) string {
	return fmt.Sprintf("%d of %d", f.Results[r], f.Sent)
}

func shareOf(f store.TemplateFigures, r step.Result) string {
	return fmt.Sprintf("%.1f %%", 100*report.Arm{Count: f.Sent, Hits: f.Results[r]}.Rate())
}

// group is one line of a table: what it is called, and which rows it adds up.
type group struct {
	title, href, sub string
	belongs          func(store.TemplateFigures) bool
}

// versions and sequences are the two ways in which the figures are told apart.
func (f figuresPage) versions() []group {
	var groups []group
	seen := map[int]bool{}
	for _, row := range f.Rows {
		if n := row.Version; !seen[n] {
			seen[n] = true
			g := group{title: "Version " + strconv.Itoa(n), href: templateVersionPath(f.Template.ID, n), belongs: func(r store.TemplateFigures) bool { return r.Version == n }}
			if n == f.Template.Version {
				g.sub = "The newest"
			}
			groups = append(groups, g)
		}
	}
	return groups
}

func (f figuresPage) sequences() []group {
	var groups []group
	seen := map[string]bool{}
	for _, row := range f.Rows {
		id := row.Sequence
		if seen[id.String()] {
			continue
		}
		seen[id.String()] = true
		g := group{title: row.SequenceName, belongs: func(r store.TemplateFigures) bool { return r.Sequence == id }}
		switch {
		case id == 0:
			g.title = "Written by hand"
		case row.SequenceName == "":
			g.title = "A deleted sequence"
		default:
			g.href = sequencePath(id)
		}
		groups = append(groups, g)
	}
	return groups
}

// table lists groups with their figures.
func (f figuresPage) table(caption, first string, groups []group) ui.TableProps {
	t := ui.TableProps{Caption: caption, Columns: []ui.Column{{Label: first, Wide: true}, {Label: "Sent", Numeric: true}}}
	for _, r := range f.results() {
		t.Columns = append(t.Columns, ui.Column{Label: r.Label(), Numeric: true})
	}
	for _, g := range groups {
		sum := f.sum(g.belongs)
		row := ui.Row{Cells: []ui.Cell{{Text: g.title, Href: g.href, Sub: g.sub}, {Text: ui.Count(int(sum.Sent))}}}
		for _, r := range f.results() {
			cell := ui.Cell{Text: countedOf(sum, r)}
			if sum.Sent >= fewFigured {
				cell = ui.Cell{Text: shareOf(sum, r), Sub: ui.Count(int(sum.Results[r]))}
			}
			row.Cells = append(row.Cells, cell)
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (f figuresPage) href(days int) string {
	return templatePath(f.Template.ID) + "/figures?days=" + strconv.Itoa(days)
}
