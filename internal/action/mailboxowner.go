package action

import (
	"fmt"

	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
)

// unclaimed refuses an address or alias that another user's mailbox has already: limits are kept for each mailbox, so that two of one
// address would send twice as much, and a reply belongs to one. Addresses that old has stay, also where both have them since an earlier
// release.
func unclaimed(tx *store.Tx, next, old store.Mailbox) error {
	if err := tx.LockAddresses(); err != nil {
		return err
	}
	boxes, err := tx.ListMailboxes()
	if err != nil {
		return err
	}
	owners := map[string]string{}
	for _, m := range boxes {
		for _, address := range m.Addresses() {
			if m.User != next.User {
				owners[message.AddressKey(address)] = m.UserName
			}
		}
	}
	for _, address := range old.Addresses() {
		delete(owners, message.AddressKey(address))
	}
	var problems []fault.Problem
	for i, address := range next.Addresses() {
		field := "aliases"
		if i == 0 {
			field = "address"
		}
		if owner, ok := owners[message.AddressKey(address)]; ok {
			problems = append(problems, fault.Problem{
				Field: field, Code: "taken", Message: fmt.Sprintf("%s belongs to the mailbox of %s.", address, owner), Hint: "Enter another address, or take it out of that mailbox first.",
			})
		}
	}
	if len(problems) == 0 {
		return nil
	}
	f := fault.New(fault.Conflict, "%s", problems[0].Message).WithHint(problems[0].Hint)
	f.Problems = problems
	return f
}
