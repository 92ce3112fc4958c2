package action

import (
	"fmt"

	"cadenza/internal/access"
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
		if owner, ok := owners[message.AddressKey(address)]; ok {
			problems = append(problems, fault.Problem{
				Field: addressField(i), Code: "taken", Message: fmt.Sprintf("%s belongs to the mailbox of %s.", address, owner), Hint: "Enter another address, or take it out of that mailbox first.",
			})
		}
	}
	return taken(problems)
}

// notSignedInBy refuses an address by which a colleague signs in, who would find it taken; replies to it are for them. Who manages
// mailboxes may know better: a team's address may be somebody's account.
func notSignedInBy(tx *store.Tx, actor access.Actor, next, old store.Mailbox) error {
	if access.May(actor, access.ManageMailboxes) {
		return nil
	}
	users, err := tx.ListUsers()
	if err != nil {
		return err
	}
	owners := map[string]string{}
	for _, u := range users {
		if u.Active && u.ID != next.User {
			owners[message.AddressKey(u.Email)] = u.Name
		}
	}
	for _, address := range old.Addresses() {
		delete(owners, message.AddressKey(address))
	}
	var problems []fault.Problem
	for i, address := range next.Addresses() {
		if owner, ok := owners[message.AddressKey(address)]; ok {
			problems = append(problems, fault.Problem{
				Field: addressField(i), Code: "taken", Message: fmt.Sprintf("%s is the address of %s, who signs in with it.", address, owner), Hint: "Enter another address, or ask an admin to enter this one.",
			})
		}
	}
	return taken(problems)
}

// addressField names the field of one of a mailbox's addresses, the first of which is its own.
func addressField(i int) string {
	if i == 0 {
		return "address"
	}
	return "aliases"
}

func taken(problems []fault.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	f := fault.New(fault.Conflict, "%s", problems[0].Message).WithHint(problems[0].Hint)
	f.Problems = problems
	return f
}
