package action

import (
	"context"
	"fmt"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/calendar"
	"cadenza/internal/fault"
	"cadenza/internal/importer"
	"cadenza/internal/store"
)

// HolidayImport is what became of a list of holidays.
type HolidayImport struct {
	// Known are those of a date on which the same region has a holiday already.
	Added, Known int
	Refused      []RefusedHoliday
}

// RefusedHoliday is a row that is no holiday, with why.
type RefusedHoliday struct {
	Line   int
	Reason string
}

// ImportHolidays adds holidays of the organisation from rows: date, name, and if need be the code of a region and yes for one of every
// year. A first row without a date is a header. What is wrong with a row holds up no other.
func (a *App) ImportHolidays(ctx context.Context, actor access.Actor, rows []importer.CellRow) (HolidayImport, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return HolidayImport{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (out HolidayImport, err error) {
		list, err := tx.OwnHolidays()
		if err != nil {
			return out, err
		}
		for i, row := range rows {
			in, yearly, empty := holidayRow(row.Cells)
			if _, err := calendar.ParseDate(in.Date); empty || i == 0 && err != nil {
				continue
			}
			h, err := in.check()
			if err == nil {
				h.Yearly, err = readYearly(yearly)
			}
			if err != nil {
				out.Refused = append(out.Refused, RefusedHoliday{Line: row.Line, Reason: fault.ProblemsOf(err)[0].Message})
				continue
			}
			if takenHoliday(list, h) {
				out.Known++
				continue
			}
			if len(list) >= maxOwnHolidays {
				return out, fullOfHolidays()
			}
			if h.ID, err = tx.InsertHoliday(h, actor.ID); err != nil {
				return out, err
			}
			list, out.Added = append(list, h), out.Added+1
		}
		return out, tx.Audit(actor.ID, "import_holidays", "settings", 0, fmt.Sprintf("%d added, %d known, %d refused", out.Added, out.Known, len(out.Refused)))
	})
}

// holidayRow reads the cells of a row; empty tells that all of them are.
func holidayRow(row []string) (in HolidayInput, yearly string, empty bool) {
	cell := func(i int) string {
		if i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	return HolidayInput{Date: cell(0), Name: cell(1), Region: cell(2)}, cell(3), strings.Join(row, "") == ""
}

// readYearly reads whether a holiday comes every year.
func readYearly(text string) (bool, error) {
	switch strings.ToLower(text) {
	case "yes", "true", "1":
		return true, nil
	case "", "no", "false", "0":
		return false, nil
	}
	return false, fault.Field("yearly", "invalid", "Whether it comes every year is neither yes nor no.")
}
