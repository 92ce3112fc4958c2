package testmail

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-imap/v2"
	"github.com/emersion/go-imap/v2/imapclient"
)

// recheck bounds one IDLE: a server may forget to announce a message that came just before it.
const recheck = 2 * time.Second

// Messages returns the mail in the inbox of a user, oldest first, once it holds at least n messages. The test
// fails if that takes more than 30 seconds. Nothing is marked as read.
func (p *Postfix) Messages(tb testing.TB, user string, n int) []Message {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), waitLimit)
	defer cancel()
	messages, err := p.Folder(ctx, user, "INBOX", n)
	if err != nil {
		tb.Fatalf("inbox of %s: %v", user, err)
	}
	return messages
}

// Folder returns the mail in a folder of a user, oldest first, once it holds at least n messages or ctx ends.
func (p *Postfix) Folder(ctx context.Context, user, folder string, n int) ([]Message, error) {
	arrived := make(chan struct{}, 1)
	c, err := imapclient.DialInsecure(p.IMAPAddr, &imapclient.Options{
		UnilateralDataHandler: &imapclient.UnilateralDataHandler{
			Mailbox: func(*imapclient.UnilateralDataMailbox) {
				select {
				case arrived <- struct{}{}:
				default:
				}
			},
		},
	})
	if err != nil {
		return nil, err
	}
	defer c.Close()
	defer context.AfterFunc(ctx, func() { c.Close() })() // unblocks the commands
	if err := c.Login(user, Password(user)).Wait(); err != nil {
		return nil, fmt.Errorf("sign in as %s: %w", user, err)
	}
	box, err := c.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", folder, err)
	}
	have := box.NumMessages
	for have < uint32(n) {
		if err := idle(ctx, c, arrived); err != nil {
			return nil, errors.Join(fmt.Errorf("%d messages in %s of %s, want %d", have, folder, user, n), err)
		}
		have = c.Mailbox().NumMessages
	}
	if have == 0 {
		return nil, nil
	}
	return fetch(c, user, have)
}

// idle waits for a sign of new mail, for the time to look again, or for the end of ctx.
func idle(ctx context.Context, c *imapclient.Client, arrived <-chan struct{}) error {
	cmd, err := c.Idle()
	if err != nil {
		return err
	}
	again := time.NewTimer(recheck)
	defer again.Stop()
	select {
	case <-arrived:
	case <-again.C:
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := cmd.Close(); err != nil {
		return err
	}
	if err := cmd.Wait(); err != nil {
		return err
	}
	return c.Noop().Wait() // Dovecot tells of new mail at NOOP if it had no chance before
}

func fetch(c *imapclient.Client, user string, n uint32) ([]Message, error) {
	var all imap.SeqSet
	all.AddRange(1, n)
	whole := &imap.FetchItemBodySection{Peek: true}
	buffers, err := c.Fetch(all, &imap.FetchOptions{UID: true, BodySection: []*imap.FetchItemBodySection{whole}}).Collect()
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	var messages []Message
	for _, b := range buffers {
		m := Message{To: []string{user}, Raw: b.FindBodySection(whole)}
		m.From = strings.Trim(m.Header("Return-Path"), "<>")
		m.MessageID = strings.Trim(m.Header("Message-ID"), "<>")
		messages = append(messages, m)
	}
	return messages, nil
}
