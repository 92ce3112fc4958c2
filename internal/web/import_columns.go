package web

import (
	"net/http"
	"strconv"

	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/importer"
	"cadenza/internal/web/ui"
)

// importColumns is the second page of the wizard: how the file is read, and which column fills which field.
type importColumns struct {
	action.ImportView
	Problems problems
}

func (s *Server) renderColumns(w http.ResponseWriter, r *http.Request, status int, i action.ImportView, p problems) error {
	return s.render(w, r, page{Title: "Import of " + i.FileName, Status: status, Scripts: []string{"js/import.js"}}, columnsPage(importColumns{i, p}))
}

// saveImportColumns keeps the mapping and starts the check. With "read" the file is read anew and the columns are
// guessed again.
func (s *Server) saveImportColumns(w http.ResponseWriter, r *http.Request) error {
	if err := parse(r); err != nil {
		return err
	}
	i, err := s.importOf(r)
	if err != nil {
		return err
	}
	in := action.ImportSettings{Encoding: text(r, "encoding"), Delimiter: r.FormValue("delimiter"), NoHeader: r.FormValue("header") == "", Mapping: r.Form["column"]}
	again := r.FormValue("do") == "read"
	if again {
		in.Mapping = nil
	} else if err = mapped(in.Mapping); err != nil {
		return s.refuseColumns(w, r, i, in, err)
	}
	if _, err := s.app.SetImportMapping(r.Context(), actorOf(r), i.ID, in); err != nil {
		return s.refuseColumns(w, r, i, in, err)
	}
	if again {
		return s.redirect(w, r, importPath(i.ID))
	}
	if _, err := s.app.StartImport(r.Context(), actorOf(r), i.ID, true); err != nil {
		return s.importTrouble(w, r, i.ID, err)
	}
	return s.redirect(w, r, importPath(i.ID))
}

// refuseColumns shows the columns again with what was chosen.
func (s *Server) refuseColumns(w http.ResponseWriter, r *http.Request, i action.ImportView, in action.ImportSettings, err error) error {
	p, shown := refused(err)
	if !shown {
		return err
	}
	if len(in.Mapping) == 0 {
		in.Mapping = i.Settings.Mapping
	}
	i.Settings = in
	return s.renderColumns(w, r, http.StatusUnprocessableEntity, i, p)
}

// mapped wants at least one column that fills a field.
func mapped(columns []string) error {
	for _, key := range columns {
		if key != "" {
			return nil
		}
	}
	return fault.Field("column-0", "required", "Choose a field for at least one column.")
}

// chosen is the field that a column fills, "" for none.
func (c importColumns) chosen(column int) string {
	if column < len(c.Settings.Mapping) {
		return c.Settings.Mapping[column]
	}
	return ""
}

// samples are the first values of a column that are not empty.
func (c importColumns) samples(column int) []string {
	const shown = 3
	var list []string
	for _, row := range c.Sample {
		if column < len(row) && row[column] != "" && len(list) < shown {
			list = append(list, row[column])
		}
	}
	return list
}

func (c importColumns) fieldOptions() []ui.Option {
	options := []ui.Option{{Value: "", Label: "Leave out"}}
	for _, f := range c.Fields {
		options = append(options, ui.Option{Value: f.Key, Label: f.Label})
	}
	return options
}

// leftOut counts the columns that fill no field.
func (c importColumns) leftOut() int {
	n := 0
	for i := range c.Header {
		if c.chosen(i) == "" {
			n++
		}
	}
	return n
}

func (c importColumns) columnError(column int) string {
	return c.Problems.of("mapping/" + strconv.Itoa(column))
}

func encodingOptions(now string) []ui.Option {
	var options []ui.Option
	known := false
	for _, e := range importer.Encodings() {
		options = append(options, ui.Option{Value: e.Name, Label: e.Label})
		known = known || e.Name == now
	}
	if !known && now != "" {
		options = append(options, ui.Option{Value: now, Label: now})
	}
	return options
}

func delimiterOptions(now string) []ui.Option {
	options := []ui.Option{{Value: ",", Label: "Comma ,"}, {Value: ";", Label: "Semicolon ;"}, {Value: "\t", Label: "Tab"}, {Value: "|", Label: "Bar |"}}
	for _, o := range options {
		if o.Value == now {
			return options
		}
	}
	return append(options, ui.Option{Value: now, Label: now})
}
