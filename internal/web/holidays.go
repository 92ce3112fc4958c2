package web

import (
	"net/http"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/calendar"
	"cadenza/internal/ident"
	"cadenza/internal/web/ui"
)

// holidaysForm is the state of the page of holidays.
type holidaysForm struct {
	action.HolidaySettings
	// Shown is the code of the region whose coming holidays are listed; "" for the organisation's.
	Shown  string
	Coming []action.ComingHoliday
	New    action.HolidayInput
	// Imported is what became of a file; nil for none.
	Imported *action.HolidayImport
	// Faults are those of the region, NewFaults those of the new holiday, FileFaults those of a file.
	Faults, NewFaults, FileFaults problems
}

func (s *Server) holidays(r *http.Request) (f holidaysForm, err error) {
	v := s.view(r)
	if err := need(v.may(access.ManageSettings)); err != nil {
		return f, err
	}
	if f.HolidaySettings, err = s.app.Holidays(r.Context(), v.Actor); err != nil {
		return f, err
	}
	f.Shown = f.Region
	if region, ok := calendar.RegionOf(r.URL.Query().Get("show")); ok {
		f.Shown = region.Code
	}
	today := calendar.DateOf(v.Now.Date())
	f.Coming, err = s.app.ComingHolidays(r.Context(), v.Actor, f.Shown, today, today+365)
	return f, err
}

func (s *Server) renderHolidays(w http.ResponseWriter, r *http.Request, status int, f holidaysForm) error {
	return s.render(w, r, page{Title: "Holidays", Status: status}, holidaysPage(s.view(r), f))
}

func (s *Server) showHolidays(w http.ResponseWriter, r *http.Request) error {
	f, err := s.holidays(r)
	if err != nil {
		return err
	}
	return s.renderHolidays(w, r, 0, f)
}

func (s *Server) saveHolidayRegion(w http.ResponseWriter, r *http.Request) error {
	f, err := s.holidays(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	if _, err := s.app.SaveHolidayRegion(r.Context(), actorOf(r), text(r, "region")); err != nil {
		var shown bool
		if f.Faults, shown = refused(err); !shown {
			return err
		}
		return s.renderHolidays(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, "Holidays saved.")
	return s.redirect(w, r, holidaysPath)
}

func (s *Server) addHoliday(w http.ResponseWriter, r *http.Request) error {
	f, err := s.holidays(r)
	if err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	f.New = action.HolidayInput{Date: text(r, "date"), Name: text(r, "name"), Region: text(r, "only"), Yearly: text(r, "yearly") != ""}
	h, err := s.app.AddHoliday(r.Context(), actorOf(r), f.New)
	if err != nil {
		var shown bool
		if f.NewFaults, shown = refused(err); !shown {
			return err
		}
		return s.renderHolidays(w, r, http.StatusUnprocessableEntity, f)
	}
	s.say(r, h.Name+" added.")
	return s.redirect(w, r, holidaysPath)
}

// importHolidays takes a CSV file of date, name and, if need be, region and yes for every year.
func (s *Server) importHolidays(w http.ResponseWriter, r *http.Request) error {
	if err := need(s.view(r).may(access.ManageSettings)); err != nil {
		return err
	}
	if err := parse(r); err != nil {
		return err
	}
	var done action.HolidayImport
	rows, failed := readUploadedRows(r)
	if failed == nil {
		done, failed = s.app.ImportHolidayFile(r.Context(), actorOf(r), rows)
	}
	f, err := s.holidays(r)
	if err != nil {
		return err
	}
	if failed != nil {
		var shown bool
		if f.FileFaults, shown = refused(failed); !shown {
			return failed
		}
		return s.renderHolidays(w, r, http.StatusUnprocessableEntity, f)
	}
	f.Imported = &done
	return s.renderHolidays(w, r, http.StatusOK, f)
}

func (s *Server) deleteHoliday(w http.ResponseWriter, r *http.Request) error {
	var id ident.Holiday
	if err := readID(r.PathValue("id"), &id); err != nil {
		return err
	}
	if err := s.app.DeleteHoliday(r.Context(), actorOf(r), id); err != nil {
		return err
	}
	s.say(r, "Holiday deleted.")
	return s.redirect(w, r, holidaysPath)
}

// regionLabel names a region by its code; none stands for the empty one.
func regionLabel(code, none string) string {
	if r, ok := calendar.RegionOf(code); ok {
		return r.Label()
	}
	return none
}

// tabs are the regions in use and the one that is shown.
func (f holidaysForm) tabs() []calendar.Region {
	tabs := f.InUse
	for _, r := range tabs {
		if r.Code == f.Shown {
			return tabs
		}
	}
	if r, ok := calendar.RegionOf(f.Shown); ok {
		tabs = append(tabs[:len(tabs):len(tabs)], r)
	}
	return tabs
}

func comingTable(v view, f holidaysForm) ui.TableProps {
	t := ui.TableProps{Caption: "Coming holidays", Compact: true, Columns: []ui.Column{{Label: "Date"}, {Label: "Name", Wide: true}}}
	for _, h := range f.Coming {
		name := ui.Cell{Text: h.Name}
		if h.Own {
			name.Sub = "Added by the organisation"
		}
		t.Rows = append(t.Rows, ui.Row{Cells: []ui.Cell{{Text: dayText(h.Date, v.Now)}, name}})
	}
	return t
}
