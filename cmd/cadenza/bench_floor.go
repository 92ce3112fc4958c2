package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/emersion/go-smtp"
)

// plainSender is the plainest program that is as safe as ours: before a mail it writes down that the mail is being sent, with its
// text, and after it that the mail was sent. It makes no mail, asks no gate, and tells no enrollment. What it costs is what no
// sender that survives a crash can do without.
type plainSender struct {
	*mailLine
	db       *sql.DB
	postgres bool
}

// plainMail is a mail as the plain sender stores it.
type plainMail struct {
	id int
	sampled
}

// client sends what is claimed over one connection.
func (p *plainSender) client(ctx context.Context, work <-chan plainMail, sent chan<- int) error {
	client, err := smtp.Dial(p.sink.addr)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	for m := range work {
		if err := rawSend(client, m.sampled); err != nil {
			return err
		}
		select {
		case sent <- m.id:
		case <-ctx.Done():
			return nil
		}
	}
	return nil
}

const (
	plainClaim  = 300 // how many are claimed at once
	plainFinish = 300 // how many results are written at once, at most
)

// floorTurn sends n of the messages in that way, over as many connections.
func (l *mailLine) floorTurn(ctx context.Context, n int) (took spent, err error) {
	db, postgres, err := openRaw(l.address)
	if err != nil {
		return took, err
	}
	defer func() { _ = db.Close() }()
	p := &plainSender{mailLine: l, db: db, postgres: postgres}
	if err := p.queue(ctx, n); err != nil {
		return took, err
	}
	return spend(func() error { return p.sendAll(ctx, n) })
}

// queue lays n mails into a table of their own.
func (p *plainSender) queue(ctx context.Context, n int) error {
	for _, statement := range []string{
		`drop table if exists bench_mails`, `drop table if exists bench_texts`,
		`create table bench_mails (id bigint primary key, state smallint not null, at bigint not null, sender text, recipient text)`,
		`create table bench_texts (id bigint primary key, body text not null)`,
		fmt.Sprintf(`insert into bench_mails (id, state, at) with recursive n (id) as (select 1 union all select id + 1 from n where id < %d) select id, 1, id from n`, n),
		`create index bench_mails_queue on bench_mails (at) where state = 1`,
	} {
		if _, err := p.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("queue: %w", err)
		}
	}
	return nil
}

func (p *plainSender) sendAll(ctx context.Context, n int) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var first error
	var once sync.Once
	failed := func(err error) {
		if err != nil {
			once.Do(func() { first = err; stop() })
		}
	}
	work, sent := make(chan plainMail, plainClaim), make(chan int, plainFinish)
	var clients, writers sync.WaitGroup
	writers.Go(func() { defer close(work); failed(p.claimAll(ctx, n, work)) })
	for range p.command.Connections {
		clients.Go(func() { failed(p.client(ctx, work, sent)) })
	}
	writers.Go(func() { failed(p.finishAll(ctx, sent)) })
	clients.Wait()
	close(sent)
	writers.Wait()
	return errors.Join(first, ctx.Err())
}

func (p *plainSender) claimAll(ctx context.Context, n int, work chan<- plainMail) error {
	for from := 1; from <= n; from += plainClaim {
		var batch []plainMail
		for id := from; id < min(from+plainClaim, n+1); id++ {
			batch = append(batch, plainMail{id, p.sample[id%len(p.sample)]})
		}
		if err := p.write(ctx, func(tx *sql.Tx) error { return p.claim(ctx, tx, batch) }); err != nil {
			return fmt.Errorf("claim: %w", err)
		}
		for _, m := range batch {
			select {
			case work <- m:
			case <-ctx.Done():
				return nil
			}
		}
	}
	return nil
}

func (p *plainSender) claim(ctx context.Context, tx *sql.Tx, batch []plainMail) error {
	now := time.Now().UnixMicro()
	if p.postgres {
		var ids []int
		var senders, recipients, bodies []string
		for _, m := range batch {
			ids, senders, recipients, bodies = append(ids, m.id), append(senders, m.from), append(recipients, m.to[0]), append(bodies, string(m.raw))
		}
		if _, err := tx.ExecContext(ctx, `update bench_mails m set state = 3, at = $1, sender = u.s, recipient = u.r
			from unnest($2::bigint[], $3::text[], $4::text[]) as u (id, s, r) where m.id = u.id`, now, ids, senders, recipients); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `insert into bench_texts select * from unnest($1::bigint[], $2::text[])`, ids, bodies)
		return err
	}
	update, err := tx.PrepareContext(ctx, `update bench_mails set state = 3, at = $1, sender = $2, recipient = $3 where id = $4`)
	if err != nil {
		return err
	}
	insert, err := tx.PrepareContext(ctx, `insert into bench_texts values ($1, $2)`)
	if err != nil {
		return err
	}
	for _, m := range batch {
		if _, err := update.ExecContext(ctx, now, m.from, m.to[0], m.id); err != nil {
			return err
		}
		if _, err := insert.ExecContext(ctx, m.id, string(m.raw)); err != nil {
			return err
		}
	}
	return nil
}

// finishAll writes what came back, as much at once as has come.
func (p *plainSender) finishAll(ctx context.Context, sent <-chan int) error {
	for id := range sent {
		batch := []int{id}
	more:
		for len(batch) < plainFinish {
			select {
			case id, ok := <-sent:
				if !ok {
					break more
				}
				batch = append(batch, id)
			case <-time.After(2 * time.Millisecond):
				break more
			}
		}
		if err := p.write(ctx, func(tx *sql.Tx) error { return p.finish(ctx, tx, batch) }); err != nil {
			return fmt.Errorf("write results: %w", err)
		}
	}
	return nil
}

func (p *plainSender) finish(ctx context.Context, tx *sql.Tx, batch []int) error {
	now := time.Now().UnixMicro()
	if p.postgres {
		_, err := tx.ExecContext(ctx, `update bench_mails set state = 4, at = $1 where id = any($2::bigint[])`, now, batch)
		return err
	}
	update, err := tx.PrepareContext(ctx, `update bench_mails set state = 4, at = $1 where id = $2`)
	if err != nil {
		return err
	}
	for _, id := range batch {
		if _, err := update.ExecContext(ctx, now, id); err != nil {
			return err
		}
	}
	return nil
}

func (p *plainSender) write(ctx context.Context, fn func(*sql.Tx) error) error {
	tx, err := p.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := fn(tx); err != nil {
		return err
	}
	return tx.Commit()
}
