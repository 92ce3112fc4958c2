package action

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cadenza/internal/access"
	"cadenza/internal/fault"
	"cadenza/internal/importer"
	"cadenza/internal/store"
)

// HolidayImport is what became of a list of holidays.
type HolidayImport struct {
	// Known are those of a date on which the same region has a holiday already.
	Added, Known int
	// Header says which row of a file was taken for the names of its columns; empty for none.
	Header  string
	Refused []ListRefusal
}

// ImportHolidayFile adds the holidays of a file, which may have a header.
func (a *App) ImportHolidayFile(ctx context.Context, actor access.Actor, rows []importer.CellRow) (HolidayImport, error) {
	rows, _, header := withoutHeader(rows, namesDate)
	out, err := a.ImportHolidays(ctx, actor, rows)
	out.Header = header
	return out, err
}

// namesDate tells the heading of a column of dates.
func namesDate(heading string) bool {
	return slices.Contains([]string{"date", "day", "holiday", "datum", "tag", "feiertag", "jour", "fecha", "dia", "día", "data", "giorno"}, strings.ToLower(heading))
}

// ImportHolidays adds holidays of the organisation from rows: date, name, and if need be the code of a region and yes for one of every
// year. What is wrong with a row holds up no other.
func (a *App) ImportHolidays(ctx context.Context, actor access.Actor, rows []importer.CellRow) (HolidayImport, error) {
	if err := may(actor, access.ManageSettings); err != nil {
		return HolidayImport{}, err
	}
	return change(ctx, a, func(tx *store.Tx) (out HolidayImport, err error) {
		list, err := tx.OwnHolidays()
		if err != nil {
			return out, err
		}
		for _, row := range rows {
			h, err := holidayOf(row)
			if err != nil {
				out.Refused = append(out.Refused, ListRefusal{Line: row.Line, Text: cellAt(row.Cells, 0), Reason: fault.ProblemsOf(err)[0].Message})
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

// holidayOf reads a row, or says what is wrong with it.
func holidayOf(row importer.CellRow) (store.Holiday, error) {
	if row.Problem != "" {
		return store.Holiday{}, fault.Field("row", "unreadable", row.Problem)
	}
	h, err := HolidayInput{Date: cellAt(row.Cells, 0), Name: cellAt(row.Cells, 1), Region: cellAt(row.Cells, 2)}.check()
	if err == nil {
		h.Yearly, err = readYearly(cellAt(row.Cells, 3))
	}
	return h, err
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
