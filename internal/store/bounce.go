package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/ident"
	"cadenza/internal/message"
)

// Bounce is what came back for a sent message: the worst of the reports about it.
type Bounce struct {
	// Class is message.HardBounce or message.SoftBounce; "" when nothing came back.
	Class message.Class
	// Detail is what the server said; it may be "".
	Detail string
	// Mail is the report, At when it was read.
	Mail ident.Received
	At   time.Time
}

// Bounces lists the classes of received mail that say that a message bounced, the worst first.
func Bounces() []message.Class { return []message.Class{message.HardBounce, message.SoftBounce} }

// bouncedMail is the condition of received_bounced_idx, as the index says it.
const bouncedMail = `v.class in (3, 4)`

// findBounces says of messages what came back for them.
func (tx *Tx) findBounces(list []Message) error {
	places := map[ident.Message]*Message{}
	var ids []ident.Message
	for i := range list {
		if list[i].State == MessageSent && list[i].Channel == message.EmailChannel {
			places[list[i].ID] = &list[i]
			ids = append(ids, list[i].ID)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	type row struct {
		message ident.Message
		bounce  Bounce
	}
	rows, err := collect(tx, func(rows oneRow) (r row, err error) {
		var class int16
		var at int64
		err = rows.Scan(&r.message, &class, &r.bounce.Detail, &r.bounce.Mail, &at)
		r.bounce.Class, r.bounce.At = classOf[class], time.UnixMicro(at).UTC()
		return r, err
	}, `select v.message_id, v.class, v.detail, v.id, v.created_at from received v where `+bouncedMail+` and `+tx.in("v.message_id", 1)+` order by v.id`, tx.list(ids))
	if err != nil {
		return fmt.Errorf("find bounces: %w", err)
	}
	for _, r := range rows {
		// Of two that say the same the first is the news; a hard one outweighs the soft ones before it.
		if known := places[r.message]; known.Bounce.Class == "" || known.Bounce.Class == message.SoftBounce && r.bounce.Class == message.HardBounce {
			known.Bounce = r.bounce
		}
	}
	return nil
}

// CountBounced counts the sent messages that bounced, up to 10,000.
func (tx *Tx) CountBounced() (n int, err error) {
	err = tx.row(`select count(*) from (select distinct v.message_id from received v join messages m on m.id = v.message_id
		where `+bouncedMail+` and m.state = 4 limit $1) as part`, countLimit).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count bounced messages: %w", err)
	}
	return n, nil
}

// bounced narrows to sent messages that came back so; one that came back in both ways is a hard one.
func (f *filter) bounced(classes []message.Class) {
	codes := make([]string, len(classes))
	for i, c := range classes {
		codes[i] = strconv.Itoa(int(classCodes[c]))
	}
	f.and("m.state = 4")
	f.and("m.id in (select v.message_id from received v where " + bouncedMail + " and v.class in (" + strings.Join(codes, ", ") + "))")
	if !slices.Contains(classes, message.HardBounce) {
		f.and("not exists (select 1 from received v where " + bouncedMail + " and v.class = 3 and v.message_id = m.id)")
	}
}
