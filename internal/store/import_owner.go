package store

import (
	"fmt"
	"strings"

	"cadenza/internal/ident"
)

// ownerIndex finds active users by email address or name.
type ownerIndex struct {
	byEmail map[string]ident.User
	byName  map[string][]ident.User
	names   map[ident.User]string
}

func newOwnerIndex(users []User) *ownerIndex {
	x := &ownerIndex{byEmail: map[string]ident.User{}, byName: map[string][]ident.User{}, names: map[ident.User]string{}}
	for _, u := range users {
		x.names[u.ID] = u.Name
		if u.Active {
			x.byEmail[strings.ToLower(u.Email)] = u.ID
			x.byName[strings.ToLower(u.Name)] = append(x.byName[strings.ToLower(u.Name)], u.ID)
		}
	}
	return x
}

func (x *ownerIndex) name(id ident.User) string { return x.names[id] }

// find gives the user of the text, or a sentence why there is none.
func (x *ownerIndex) find(text string) (ident.User, string) {
	low := strings.ToLower(strings.TrimSpace(text))
	if id, ok := x.byEmail[low]; ok {
		return id, ""
	}
	switch list := x.byName[low]; len(list) {
	case 0:
		return 0, fmt.Sprintf("There is no active user %q. Use the email address or the name of a user.", text)
	case 1:
		return list[0], ""
	}
	return 0, fmt.Sprintf("Several users are called %q. Use the email address.", text)
}
