package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/ident"
)

// CallRequest is what somebody does with a call that another node carries.
type CallRequest struct {
	ID   int64
	Call ident.Call
	// Node is the one that carries the call.
	Node string
	User ident.User
	// Verb and Body are words between the phones.
	Verb, Body string
}

// oldRequest is when a request counts as forgotten: whoever asked has long given up.
const oldRequest = time.Minute

// AskCall has the node of a call do something and waits for its answer. The request is gone afterwards, whatever came of it.
func (db *DB) AskCall(ctx context.Context, r CallRequest) (answer string, err error) {
	err = db.Write(ctx, func(tx *Tx) (err error) {
		r.ID, err = tx.insert(`insert into call_requests (call_id, node, user_id, verb, body, asked_at, taken) values ($1, $2, $3, $4, $5, $6, $7)`,
			int64(r.Call), r.Node, int64(r.User), r.Verb, r.Body, tx.Now.UnixMicro(), false)
		if err != nil {
			return fmt.Errorf("ask the node of a call: %w", err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	defer func() {
		_ = db.Write(context.WithoutCancel(ctx), func(tx *Tx) error { // what stays behind is tidied away
			_, err := tx.exec(`delete from call_requests where id = $1`, r.ID)
			return err
		})
	}()
	again := time.NewTicker(time.Second) // a signal may be lost with its connection
	defer again.Stop()
	for {
		changed := db.CallSignal()
		if answer, done, err := db.callAnswer(ctx, r.ID); done || err != nil {
			return answer, err
		}
		select {
		case <-changed:
		case <-again.C:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

func (db *DB) callAnswer(ctx context.Context, id int64) (answer string, done bool, err error) {
	var said, wrong sql.NullString
	err = db.Read(ctx, func(tx *Tx) error {
		return tx.row(`select answer, fault from call_requests where id = $1`, id).Scan(&said, &wrong)
	})
	if err == nil && wrong.Valid {
		return "", true, readFault(wrong.String)
	}
	if err != nil {
		err = fmt.Errorf("read the answer of the node of a call: %w", err)
	}
	return said.String, said.Valid, err
}

// TakeCallRequests gives what is asked of the calls of a node, each once.
func (db *DB) TakeCallRequests(ctx context.Context, node string) (list []CallRequest, err error) {
	err = db.Write(ctx, func(tx *Tx) (err error) {
		list, err = collect(tx, func(rows oneRow) (r CallRequest, err error) {
			return r, rows.Scan(&r.ID, &r.Call, &r.Node, &r.User, &r.Verb, &r.Body)
		}, `select id, call_id, node, user_id, verb, body from call_requests where node = $1 and not taken order by id`, node)
		if err != nil || len(list) == 0 {
			return err
		}
		_, err = tx.tx.ExecContext(tx.ctx, `update call_requests set taken = $3 where node = $1 and id <= $2`, node, list[len(list)-1].ID, true) // it tells nobody
		return err
	})
	if err != nil {
		err = fmt.Errorf("take what is asked of calls: %w", err)
	}
	return list, err
}

// FinishCallRequest answers a request, with what stood in its way when failed is not nil.
func (db *DB) FinishCallRequest(ctx context.Context, id int64, answer string, failed error) error {
	var wrong any
	if failed != nil {
		text, err := writeFault(failed)
		if err != nil {
			return err
		}
		wrong = text
	}
	return db.Write(ctx, func(tx *Tx) error {
		if _, err := tx.exec(`update call_requests set answer = $2, fault = $3 where id = $1`, id, answer, wrong); err != nil {
			return fmt.Errorf("answer what was asked of a call: %w", err)
		}
		return nil
	})
}

// faultShape is how a fault goes from node to node.
type faultShape struct {
	Code     fault.Code      `json:"code"`
	Message  string          `json:"message"`
	Hint     string          `json:"hint"`
	Problems []fault.Problem `json:"problems"`
}

// writeFault makes a text of an error. What is no fault is for the log of the node where it happened.
func writeFault(err error) (string, error) {
	var f *fault.Error
	if !errors.As(err, &f) {
		f = fault.New(fault.Unavailable, "The server that carries the call cannot do that now.").WithHint("Try again in a moment.")
	}
	text, err := json.Marshal(faultShape{f.Code, f.Message, f.Hint, f.Problems})
	return string(text), err
}

func readFault(text string) error {
	var s faultShape
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return fmt.Errorf("read the fault of another node: %w", err)
	}
	return &fault.Error{Code: s.Code, Message: s.Message, Hint: s.Hint, Problems: s.Problems}
}

// tidyCallBoard deletes what nodes that are gone have left behind, and requests that nobody waits for any more.
func (tx *Tx) tidyCallBoard(node string) error {
	dead, args := tx.gone("call_presence.node", node, 1)
	if _, err := tx.exec(`delete from call_presence where `+dead, args...); err != nil {
		return fmt.Errorf("delete who was at pages of nodes that are gone: %w", err)
	}
	if _, err := tx.exec(`delete from call_requests where asked_at < $1`, tx.Now.Add(-oldRequest).UnixMicro()); err != nil {
		return fmt.Errorf("delete forgotten requests: %w", err)
	}
	return nil
}
