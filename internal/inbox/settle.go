package inbox

import (
	"context"

	"github.com/emersion/go-imap/v2"

	"cadenza/internal/ident"
	"cadenza/internal/store"
)

const (
	// settleMax is how many messages in doubt are looked up in one go, and settleGoes how often in one round: a restore may leave hundreds, and
	// each is a search or three.
	settleMax  = 20
	settleGoes = 10
)

// settle looks for messages whose fate is unknown among the sent mail: what is there was sent. What is not stays for a
// person, and is looked up again when all others were.
func (s *session) settle(ctx context.Context, f folders) error {
	for range settleGoes {
		list, err := s.loop.c.Memory.UnknownMail(ctx, s.box.User, s.settled, settleMax)
		if err != nil {
			return kept(err)
		}
		if len(list) > 0 {
			if err := s.settleSome(ctx, f, list); err != nil {
				return err
			}
		}
		if len(list) < settleMax {
			s.settled = 0
			return nil
		}
		s.settled = list[len(list)-1].ID
	}
	return nil
}

func (s *session) settleSome(ctx context.Context, f folders, list []store.Message) error {
	found := map[ident.Message]bool{}
	for _, folder := range []string{f.sent, f.all, inboxName} {
		if folder == "" {
			continue
		}
		err := s.within(func() error {
			_, err := s.client.Select(folder, &imap.SelectOptions{ReadOnly: true}).Wait()
			return err
		})
		if refused(err) {
			continue
		}
		if err != nil {
			return err
		}
		if err := s.settleIn(ctx, folder, list, found); err != nil {
			return err
		}
	}
	return nil
}

// settleIn looks in the folder that is open.
func (s *session) settleIn(ctx context.Context, folder string, list []store.Message, found map[ident.Message]bool) error {
	for _, m := range list {
		if found[m.ID] {
			continue
		}
		var data *imap.SearchData
		err := s.within(func() (err error) {
			data, err = s.client.UIDSearch(&imap.SearchCriteria{Header: []imap.SearchCriteriaHeaderField{{Key: "Message-Id", Value: m.RFCID}}}, nil).Wait()
			return err
		})
		if err != nil {
			return err
		}
		if set, _ := data.All.(imap.UIDSet); len(set) == 0 {
			continue
		}
		found[m.ID] = true
		settled, err := s.loop.c.Memory.SettleSent(ctx, m.ID, folder)
		if err != nil {
			return kept(err)
		}
		if settled {
			s.log.Info("a message in doubt was sent", "message", m.ID.String())
		}
	}
	return nil
}
