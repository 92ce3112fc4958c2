package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"cadenza/internal/ident"
)

// Call is one call of the softphone.
type Call struct {
	ID       ident.Call
	Record   ident.Record
	User     ident.User
	Activity ident.Activity
	Incoming bool
	Number   string
	// Node is the process that carries the call.
	Node string
	// AnsweredAt is zero when nobody answered, EndedAt while the call is under way.
	StartedAt, AnsweredAt, EndedAt time.Time
	End                            CallEnd
	// Detail is what the other side said about the end.
	Detail string
	// RecordName and UserName are those of Record and User, when read from the database.
	RecordName, UserName string
}

// Seconds is how long people spoke.
func (c Call) Seconds() int {
	if c.AnsweredAt.IsZero() || c.EndedAt.Before(c.AnsweredAt) {
		return 0
	}
	return int((c.EndedAt.Sub(c.AnsweredAt) + time.Second/2) / time.Second)
}

// CallEnd is why a call is over.
type CallEnd int16

// The ends. Their numbers are stored.
const (
	CallUnderWay       CallEnd = 0
	EndedHere          CallEnd = 1
	EndedThere         CallEnd = 2
	EndedCancelled     CallEnd = 3 // by us, before anybody answered
	EndedBusy          CallEnd = 4
	EndedNoAnswer      CallEnd = 5
	EndedRefused       CallEnd = 6
	EndedUnknownNumber CallEnd = 7
	EndedWrongPassword CallEnd = 8
	EndedTrunkDown     CallEnd = 9
	EndedTrunkTrouble  CallEnd = 10
	EndedNoAudio       CallEnd = 11
	EndedBrowserLost   CallEnd = 12
	EndedTooLong       CallEnd = 13
	EndedStopped       CallEnd = 14 // the process stopped, or was killed
	EndedMissed        CallEnd = 15 // incoming, and nobody answered
	EndedDeclined      CallEnd = 16 // incoming
)

// Key gives the end as a stable word.
func (e CallEnd) Key() string {
	keys := [...]string{
		"", "hung_up", "other_side_hung_up", "cancelled", "busy", "no_answer", "refused", "unknown_number", "wrong_password",
		"trunk_down", "trunk_trouble", "no_audio", "browser_lost", "too_long", "stopped", "missed", "declined",
	}
	if int(e) < 0 || int(e) >= len(keys) {
		return ""
	}
	return keys[e]
}

const callFields = `c.id, coalesce(c.record_id, 0), coalesce(c.user_id, 0), coalesce(c.activity_id, 0), c.incoming, c.number, c.node, c.started_at,
	c.answered_at, c.ended_at, c.ending, c.detail, coalesce(r.name, ''), coalesce(u.name, '')
	from calls c left join records r on r.id = c.record_id left join users u on u.id = c.user_id `

func scanCall(rows oneRow) (Call, error) {
	var (
		c               Call
		started         int64
		answered, ended sql.NullInt64
	)
	err := rows.Scan(c.places(&started, &answered, &ended)...)
	c.began(started, answered, ended)
	return c, err
}

// places are where a row of callFields goes; began takes its times.
func (c *Call) places(started *int64, answered, ended *sql.NullInt64) []any {
	return []any{
		&c.ID, &c.Record, &c.User, &c.Activity, &c.Incoming, &c.Number, &c.Node, started, answered, ended, &c.End, &c.Detail, &c.RecordName, &c.UserName,
	}
}

func (c *Call) began(started int64, answered, ended sql.NullInt64) {
	c.StartedAt, c.AnsweredAt, c.EndedAt = time.UnixMicro(started).UTC(), moment(answered), moment(ended)
}

// InsertCall writes a call that begins now.
func (tx *Tx) InsertCall(c Call) (Call, error) {
	id, err := tx.insert(`insert into calls (record_id, user_id, activity_id, incoming, number, node, started_at, ending, detail)
		values ($1, $2, $3, $4, $5, $6, $7, 0, '')`, key(c.Record), key(c.User), key(c.Activity), c.Incoming, c.Number, c.Node, tx.Now.UnixMicro())
	if err != nil {
		return Call{}, fmt.Errorf("insert call: %w", err)
	}
	return tx.GetCall(ident.Call(id))
}

// GetCall gives one call.
func (tx *Tx) GetCall(id ident.Call) (Call, error) {
	list, err := collect(tx, scanCall, `select `+callFields+`where c.id = $1`, int64(id))
	if err == nil && len(list) == 0 {
		err = missing(sql.ErrNoRows, "call")
	}
	if err != nil {
		return Call{}, fmt.Errorf("get call: %w", err)
	}
	return list[0], nil
}

// CallsOf gives the newest calls of a record; its timeline asks.
func (tx *Tx) CallsOf(rec ident.Record, limit int) ([]Call, error) {
	list, err := collect(tx, scanCall, `select `+callFields+`where c.record_id = $1 order by c.id desc limit $2`, int64(rec), limit)
	if err != nil {
		return nil, fmt.Errorf("list calls of record: %w", err)
	}
	return list, nil
}

// SetCallActivity says which activity a call belongs to.
func (tx *Tx) SetCallActivity(id ident.Call, activity ident.Activity) error {
	if _, err := tx.exec(`update calls set activity_id = $2 where id = $1`, int64(id), key(activity)); err != nil {
		return fmt.Errorf("set activity of call: %w", err)
	}
	return nil
}

// CallAnswered writes down that a call was answered; here by user, when it came in.
func (db *DB) CallAnswered(ctx context.Context, id ident.Call, user ident.User) error {
	return db.Write(ctx, func(tx *Tx) error {
		_, err := tx.exec(`update calls set answered_at = $2, user_id = $3 where id = $1 and ended_at is null`, int64(id), tx.Now.UnixMicro(), key(user))
		if err != nil {
			return fmt.Errorf("answer call: %w", err)
		}
		return nil
	})
}

// CallEnded writes down that a call is over. Only the first end counts.
func (db *DB) CallEnded(ctx context.Context, id ident.Call, end CallEnd, detail string) error {
	return db.Write(ctx, func(tx *Tx) error {
		n, err := tx.exec(`update calls set ended_at = $2, ending = $3, detail = $4 where id = $1 and ended_at is null`,
			int64(id), tx.Now.UnixMicro(), int16(end), clip(detail))
		if err != nil {
			return fmt.Errorf("end call: %w", err)
		}
		if n == 0 || end != EndedMissed {
			return nil
		}
		c, err := tx.GetCall(id)
		if err != nil {
			return err
		}
		return tx.tellOfRecord(news{kind: NotifyMissed}, c.Record, 0, fmt.Sprintf("c%d", id), int64(id))
	})
}

// CallArrived writes down a call that comes in, and finds the record whose number it is: see RecordsByNumber.
func (db *DB) CallArrived(ctx context.Context, number, node string) (c Call, owner ident.User, err error) {
	err = db.Write(ctx, func(tx *Tx) error {
		found, err := tx.RecordsByNumber(number, 1)
		if err != nil {
			return err
		}
		c = Call{Incoming: true, Number: number, Node: node}
		if len(found) > 0 {
			c.Record, owner = found[0].ID, found[0].Owner
		}
		c, err = tx.InsertCall(c)
		return err
	})
	return c, owner, err
}

// RecordsByNumber finds the records that have a number, in the order in which a call is shown with them: open ones first, contacts
// before accounts before opportunities before leads, then what was changed last (spec.md 6.10).
func (tx *Tx) RecordsByNumber(number string, limit int) ([]Record, error) {
	if number == "" {
		return nil, nil
	}
	d := tx.db.dialect
	list, err := collect(tx, func(rows oneRow) (Record, error) { return scanRecord(rows) }, `select `+recordColumns+recordTables+`
		where (r.phone = $1 and r.phone <> '') or `+d.field("r.fields", "mobile")+` = $1 or `+d.field("r.fields", "home_phone")+` = $1
		order by r.open desc, case r.kind when 'contact' then 1 when 'account' then 2 when 'opportunity' then 3 else 4 end, r.updated_at desc, r.id
		limit $2`, number, limit)
	if err != nil {
		return nil, fmt.Errorf("find records by number: %w", err)
	}
	return list, nil
}

// ExpireCalls ends the calls of nodes that are gone, as ExpireSending does with messages.
func (db *DB) ExpireCalls(ctx context.Context, node string) (int64, error) {
	var count int64
	err := db.Write(ctx, func(tx *Tx) (err error) {
		dead, args := tx.gone("calls.node", node, 3)
		count, err = tx.exec(`update calls set ended_at = $1, ending = $2 where ended_at is null and `+dead, append([]any{tx.Now.UnixMicro(), int16(EndedStopped)}, args...)...)
		if err != nil {
			return err
		}
		return tx.tidyCallBoard(node)
	})
	return count, err
}
