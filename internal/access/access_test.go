package access

import (
	"testing"

	"cadenza/internal/ident"
)

// table is the whole table of rights as people agreed on it: for each verb the roles that may do it to own things, and
// those that may do it to things of others as well.
var table = map[Verb]struct{ own, all string }{
	ReadRecords:      {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager seller"},
	EditRecords:      {"admin sequence_manager sales_manager seller", "admin sales_manager"},
	EditAllRecords:   {"admin sales_manager", "admin sales_manager"},
	DeleteRecords:    {"admin sales_manager seller", "admin sales_manager"},
	ImportRecords:    {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager seller"},
	ReadSequences:    {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager seller"},
	EditSequences:    {"admin sequence_manager sales_manager seller", "admin sequence_manager"},
	ManageSequences:  {"admin sequence_manager", "admin sequence_manager"},
	Connect:          {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager seller"},
	DoActivities:     {"admin sequence_manager sales_manager seller", "admin sales_manager"},
	ManageActivities: {"admin sales_manager", "admin sales_manager"},
	EditTemplates:    {"admin sequence_manager sales_manager", "admin sequence_manager sales_manager"},
	UseFiles:         {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager"},
	ManageFiles:      {"admin sequence_manager sales_manager", "admin sequence_manager sales_manager"},
	UseMailbox:       {"admin sequence_manager sales_manager seller", "admin"},
	ManageMailboxes:  {"admin", "admin"},
	ReadMessages:     {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager seller"},
	ManageMessages:   {"admin sales_manager", "admin sales_manager"},
	ManageUsers:      {"admin", "admin"},
	ManageTeams:      {"admin", "admin"},
	ManageSettings:   {"admin", "admin"},
	ManageOutcomes:   {"admin sales_manager", "admin sales_manager"},

	Suppress:           {"admin sequence_manager sales_manager seller", "admin sequence_manager sales_manager seller"},
	ManageSuppressions: {"admin sales_manager", "admin sales_manager"},

	SetWorkingTime:    {"admin sequence_manager sales_manager seller", "admin sales_manager"},
	ManageWorkingTime: {"admin sales_manager", "admin sales_manager"},
}

func TestTable(t *testing.T) {
	t.Parallel()
	const me, other = ident.User(1), ident.User(2)
	for verb := range rights {
		if _, ok := table[verb]; !ok {
			t.Errorf("the verb %s is not in the table", verb)
		}
	}
	for verb, want := range table {
		var may, own, all, ownerless string
		for _, role := range Roles() {
			actor := Actor{ID: me, Role: role}
			add := func(list *string, yes bool) {
				if yes && *list != "" {
					*list += " "
				}
				if yes {
					*list += string(role)
				}
			}
			add(&may, May(actor, verb))
			add(&own, MayOn(actor, verb, me))
			add(&all, MayOn(actor, verb, other))
			add(&ownerless, MayOn(actor, verb, 0))
		}
		for _, check := range []struct{ what, got, want string }{
			{"at all", may, want.own},
			{"own things", own, want.own},
			{"things of others", all, want.all},
			{"things of nobody", ownerless, want.own},
		} {
			if check.got != check.want {
				t.Errorf("%s on %s: got %q, want %q", verb, check.what, check.got, check.want)
			}
		}
		for what, nobody := range map[string]Actor{"nobody": {}, "an unknown role": {ID: me, Role: "boss"}, "a role without a user": {Role: Admin}} {
			if May(nobody, verb) || MayOn(nobody, verb, me) || MayOn(nobody, verb, 0) {
				t.Errorf("%s may %s", what, verb)
			}
		}
		if !May(System(), verb) || !MayOn(System(), verb, other) {
			t.Errorf("the system may not %s", verb)
		}
	}
	if May(Actor{ID: me, Role: Admin}, "unheard_of") {
		t.Error("an admin may do what is not in the table")
	}
}

func TestRoles(t *testing.T) {
	t.Parallel()
	for _, r := range Roles() {
		if !r.Known() || r.Label() == "" {
			t.Errorf("role %s: known %v, label %q", r, r.Known(), r.Label())
		}
	}
	if Role("boss").Known() || Role("").Known() {
		t.Error("a made-up role is known")
	}
}
