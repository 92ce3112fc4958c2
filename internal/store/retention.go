package store

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/portion"
)

// historySetting is for how many months the history of an enrollment is kept after its end.
const historySetting = "history_months"

// HistoryMonths gives for how many months history is kept after the end of an enrollment, 0 for ever.
func (tx *Tx) HistoryMonths() (int, error) {
	text, err := tx.setting(historySetting)
	if err != nil || text == "" {
		return 0, err
	}
	months, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("read setting %s: %w", historySetting, err)
	}
	return months, nil
}

// SaveHistoryMonths replaces the setting.
func (tx *Tx) SaveHistoryMonths(months int) error {
	return tx.saveSetting(historySetting, strconv.Itoa(months))
}

// DropHistory deletes the lines of enrollments that ended longer ago than the organisation keeps them, and gives of how many; with them what held
// their messages (ADR 0059), and what held those of no sequence that are as old. The enrollments and messages stay, with when and how they began
// and ended, and so all that is counted of them. A chore asks.
func (db *DB) DropHistory(ctx context.Context) (dropped int, err error) {
	p := portion.New(50, 500, 5000)
	for after := ident.Enrollment(0); ; {
		var ids []ident.Enrollment
		if err := db.Read(ctx, func(tx *Tx) (err error) { ids, err = tx.outlived(after, p.Size()); return err }); err != nil {
			return dropped, err
		}
		if len(ids) == 0 {
			return dropped, db.dropOldHolds(ctx)
		}
		if _, err := db.WriteSome(ctx, p, func(tx *Tx, _ int) (int, error) { return len(ids), tx.dropLines(ids) }); err != nil {
			return dropped, err
		}
		dropped += len(ids)
		after = ids[len(ids)-1]
	}
}

// outlived gives the next enrollments in their order that ended long enough ago and have history.
func (tx *Tx) outlived(after ident.Enrollment, most int) ([]ident.Enrollment, error) {
	months, err := tx.HistoryMonths()
	if err != nil || months == 0 {
		return nil, err
	}
	list, err := collect(tx, func(rows oneRow) (id ident.Enrollment, err error) { return id, rows.Scan(&id) },
		`select e.id from enrollments e join enrollment_states t on t.id = e.id
		where e.id > $1 and e.status = $2 and e.finished_at < $3 and t.last_line <> 0 order by e.id limit $4`,
		int64(after), statusCodes[flow.Finished], HistoryEnd(tx.Now, months).UnixMicro(), most)
	if err != nil {
		return nil, fmt.Errorf("find history to delete: %w", err)
	}
	return list, nil
}

// HistoryEnd is the time before which an enrollment must have ended for its history to be deleted now.
func HistoryEnd(now time.Time, months int) time.Time { return now.AddDate(0, -months, 0) }

// dropLines deletes the lines of finished enrollments. An enrollment without a last line has no history.
func (tx *Tx) dropLines(ids []ident.Enrollment) error {
	if _, err := tx.exec(linesOf(tx.in("t.id", 1))+`delete from history where id in (select id from lines)`, tx.list(ids)); err != nil {
		return fmt.Errorf("delete history: %w", err)
	}
	if err := tx.dropHolds(tx.in("m.enrollment_id", 1), tx.list(ids)); err != nil {
		return err
	}
	if _, err := tx.exec(`update enrollment_states set last_line = 0 where `+tx.in("id", 1), tx.list(ids)); err != nil {
		return fmt.Errorf("end a chain of history: %w", err)
	}
	return nil
}

// dropOldHolds deletes what held messages that no sequence made, once they are over and older than history is kept.
func (db *DB) dropOldHolds(ctx context.Context) error {
	p := portion.New(50, 500, 5000)
	for after := ident.Message(0); ; {
		var ids []ident.Message
		if err := db.Read(ctx, func(tx *Tx) (err error) { ids, err = tx.oldHeld(after, p.Size()); return err }); err != nil || len(ids) == 0 {
			return err
		}
		drop := func(tx *Tx, _ int) (int, error) { return len(ids), tx.dropHolds(tx.in("m.id", 1), tx.list(ids)) }
		if _, err := db.WriteSome(ctx, p, drop); err != nil {
			return err
		}
		after = ids[len(ids)-1]
	}
}

// oldHeld gives the next such messages in their order.
func (tx *Tx) oldHeld(after ident.Message, most int) ([]ident.Message, error) {
	months, err := tx.HistoryMonths()
	if err != nil || months == 0 {
		return nil, err
	}
	list, err := collect(tx, func(rows oneRow) (id ident.Message, err error) { return id, rows.Scan(&id) },
		`select distinct h.message_id from message_holds h join messages m on m.id = h.message_id
		where h.message_id > $1 and m.enrollment_id is null and m.created_at < $2 and m.state in ($3, $4, $5) order by h.message_id limit $6`,
		int64(after), HistoryEnd(tx.Now, months).UnixMicro(), int(MessageSent), int(MessageFailed), int(MessageWithdrawn), most)
	if err != nil {
		return nil, fmt.Errorf("find holds to delete: %w", err)
	}
	return list, nil
}
