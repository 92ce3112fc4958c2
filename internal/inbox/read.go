package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/emersion/go-imap/v2"

	"cadenza/internal/message"
	"cadenza/internal/store"
)

const (
	// lookBack is how far the first look into a mailbox goes: what was sent before may just be answered.
	lookBack = 14 * 24 * time.Hour
	// slack is added where a folder was numbered anew: SINCE knows days only, of the server's clock (RFC 9051, section 6.4.4).
	slack = 48 * time.Hour

	// headerRoom and bodyRoom are how much of a mail is fetched, whatever its size: of most the header alone.
	headerRoom = 128 << 10
	bodyRoom   = 512 << 10
	// chunkSize is how many headers are fetched at once, roundSize how many mails are looked at in one go.
	chunkSize = 20
	roundSize = 5000
	// stuckMax is how often a mail is tried that cannot be taken in.
	stuckMax = 5
)

// look opens a folder, for reading only, and reads what is new in it.
func (s *session) look(ctx context.Context, folder string) error {
	var data *imap.SelectData
	if err := s.within(func() (err error) {
		data, err = s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
		return err
	}); err != nil {
		return err
	}
	return s.readNew(ctx, folder, data)
}

// readNew reads what is new in the folder that is open. data is nil when it has been open since the last look.
func (s *session) readNew(ctx context.Context, folder string, data *imap.SelectData) error {
	for {
		c, uids, err := s.fresh(folder, data)
		if err != nil {
			return err
		}
		more := len(uids) > roundSize
		uids = uids[:min(len(uids), roundSize)]
		for chunk := range slices.Chunk(uids, chunkSize) {
			if c, err = s.take(ctx, c, chunk); err != nil {
				return err
			}
		}
		if data != nil && !more && uint32(data.UIDNext) > c.Next {
			c.Next = uint32(data.UIDNext)
		}
		if old, ok := s.cursors[folder]; !ok || old.Next != c.Next || old.Validity != c.Validity {
			if err := kept(s.loop.c.Memory.MoveCursor(ctx, s.box.ID, c)); err != nil {
				return err
			}
			s.cursors[folder] = c
		}
		if !more {
			return nil
		}
		data = nil
	}
}

// fresh gives the UIDs of mails that were not read yet, in order, and the cursor from which they go on. A folder that was
// never read, or was numbered anew, is read by date; what is known of it already is known by its Message-ID.
func (s *session) fresh(folder string, data *imap.SelectData) (c store.FolderCursor, uids []imap.UID, err error) {
	c, known := s.cursors[folder]
	if data == nil || (known && c.Validity == data.UIDValidity) {
		uids, err = s.from(c.Next)
		return c, uids, err
	}
	since := time.Now().Add(-lookBack)
	if known {
		since = c.ReadAt.Add(-slack)
	}
	c = store.FolderCursor{Folder: folder, Validity: data.UIDValidity}
	var found *imap.SearchData
	err = s.within(func() (err error) {
		found, err = s.client.UIDSearch(&imap.SearchCriteria{Since: since}, nil).Wait()
		return err
	})
	if err != nil {
		return c, nil, err
	}
	return c, newest(found), nil
}

// newest gives the UIDs that a search found, at most the newest of a round.
func newest(found *imap.SearchData) []imap.UID {
	set, _ := found.All.(imap.UIDSet)
	var uids []imap.UID
	for _, r := range slices.Backward(set) {
		if r.Start == 0 || r.Stop == 0 { // "*" has no place here
			continue
		}
		for uid := r.Stop; uid >= r.Start && len(uids) < roundSize; uid-- {
			uids = append(uids, uid)
		}
	}
	slices.Sort(uids)
	return slices.Compact(uids)
}

// from gives the UIDs from next on. "next:*" gives the last mail even when its UID is lower (RFC 9051, section 9, seq-range).
func (s *session) from(next uint32) (uids []imap.UID, err error) {
	set := imap.UIDSet{{Start: imap.UID(max(next, 1)), Stop: 0}}
	err = s.within(func() error {
		cmd := s.client.Fetch(set, &imap.FetchOptions{UID: true})
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			b, err := m.Collect()
			if err != nil {
				break
			}
			if uint32(b.UID) >= next && len(uids) < 4*roundSize {
				uids = append(uids, b.UID)
			}
		}
		return cmd.Close()
	})
	slices.Sort(uids)
	return slices.Compact(uids), err
}

// head is the beginning of a mail.
type head struct {
	uid      imap.UID
	arrived  time.Time
	concerns bool
}

// take reads a few mails and takes in those that concern us. It gives the cursor behind them.
func (s *session) take(ctx context.Context, c store.FolderCursor, uids []imap.UID) (store.FolderCursor, error) {
	heads, err := s.heads(uids)
	if err != nil {
		return c, err
	}
	for _, h := range heads {
		c.Next = max(c.Next, uint32(h.uid)+1)
		if !h.concerns {
			s.loop.counts.add(message.Unrelated)
			continue
		}
		a, ok, err := s.fetch(h)
		if err != nil {
			return c, err
		}
		if !ok { // it was deleted meanwhile, or is no mail
			continue
		}
		if err := s.receive(ctx, c, a); err != nil {
			return c, err
		}
	}
	if last := uids[len(uids)-1]; uint32(last)+1 > c.Next {
		c.Next = uint32(last) + 1
	}
	return c, nil
}

// receive takes in one mail. One that fails again and again while others do not is passed over, loudly: it must not keep
// everything behind it from being read.
func (s *session) receive(ctx context.Context, c store.FolderCursor, a store.Arrival) error {
	class, err := s.loop.c.Memory.Receive(ctx, s.box, c, a)
	if err = kept(err); err == nil {
		s.loop.counts.add(class)
		s.cursors[c.Folder] = c
		return nil
	}
	at := place{c.Folder, c.Validity, a.UID}
	if s.stuck[at]++; s.stuck[at] < stuckMax || ctx.Err() != nil {
		return err
	}
	delete(s.stuck, at)
	s.log.Error("a received mail cannot be taken in and is passed over", "uid", a.UID, "error", err)
	return nil
}

// heads fetches the headers of mails, which tell whether the rest is wanted.
func (s *session) heads(uids []imap.UID) ([]head, error) {
	section := &imap.FetchItemBodySection{Specifier: imap.PartSpecifierHeader, Peek: true, Partial: &imap.SectionPartial{Size: headerRoom}}
	var heads []head
	err := s.within(func() error {
		cmd := s.client.Fetch(imap.UIDSetNum(uids...), &imap.FetchOptions{UID: true, InternalDate: true, BodySection: []*imap.FetchItemBodySection{section}})
		for m := cmd.Next(); m != nil; m = cmd.Next() {
			b, err := m.Collect()
			if err != nil {
				break
			}
			in, ok := s.parse(b.FindBodySection(section))
			heads = append(heads, head{uid: b.UID, arrived: b.InternalDate, concerns: ok && message.MayConcern(in)})
		}
		return cmd.Close()
	})
	slices.SortFunc(heads, func(a, b head) int { return cmp.Compare(a.uid, b.uid) })
	return heads, err
}

// fetch reads the beginning of one mail; ok is false when there is nothing to read.
func (s *session) fetch(h head) (a store.Arrival, ok bool, err error) {
	section := &imap.FetchItemBodySection{Peek: true, Partial: &imap.SectionPartial{Size: bodyRoom}}
	var raw []byte
	var size int64
	err = s.within(func() error {
		list, err := s.client.Fetch(imap.UIDSetNum(h.uid), &imap.FetchOptions{UID: true, RFC822Size: true, BodySection: []*imap.FetchItemBodySection{section}}).Collect()
		for _, b := range list {
			if b.UID == h.uid {
				raw, size = b.FindBodySection(section), b.RFC822Size
			}
		}
		return err
	})
	if err != nil {
		return a, false, err
	}
	in, ok := s.parse(raw)
	if !ok {
		return a, false, nil
	}
	if in.Truncated = in.Truncated || size > int64(len(raw)); in.Date.IsZero() {
		in.Date = h.arrived
	}
	if in.MessageID == "" { // so that it is still known when it is numbered anew
		sum := sha256.Sum256(raw)
		in.MessageID = "none." + hex.EncodeToString(sum[:12])
	}
	a = store.Arrival{UID: uint32(h.uid), In: in}
	ok = s.safely(func() { a.Reading = message.Classify(in) })
	return a, ok, nil
}

// parse reads what a stranger wrote.
func (s *session) parse(raw []byte) (in message.Incoming, ok bool) {
	read := s.safely(func() {
		var err error
		in, err = message.Parse(raw)
		ok = err == nil
	})
	return in, ok && read
}

// safely runs a reader of strangers' mail. The readers are fuzzed; should one fail all the same, one mail is lost and not the
// server.
func (s *session) safely(read func()) (ok bool) {
	defer func() {
		if r := recover(); r != nil {
			s.log.Error("reading a mail failed", "error", fmt.Sprint(r))
			ok = false
		}
	}()
	read()
	return true
}
