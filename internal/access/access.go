// Package access is the one table of rights: which role may do what, and to whose things.
//
// It holds roles, verbs and May, and who sees what is shared. It must never look anything up: the caller says who acts, who
// owns the thing and how it is shared.
//
// Start reading at May, then at MaySee.
package access

import "cadenza/internal/ident"

// Role is what a user is in the organisation. Each user has exactly one.
type Role string

// The roles, from the widest rights to the narrowest.
const (
	Admin           Role = "admin"
	SequenceManager Role = "sequence_manager"
	SalesManager    Role = "sales_manager"
	Seller          Role = "seller"
)

// Roles lists every role in the order in which people choose from them.
func Roles() []Role { return []Role{Admin, SequenceManager, SalesManager, Seller} }

// Label gives the role's name as people read it.
func (r Role) Label() string {
	switch r {
	case Admin:
		return "Admin"
	case SequenceManager:
		return "Sequence manager"
	case SalesManager:
		return "Sales manager"
	case Seller:
		return "Seller"
	}
	return string(r)
}

// Known tells whether the role is one of Roles.
func (r Role) Known() bool { return r.Label() != string(r) }

// Actor is who asks for something. The zero Actor is nobody and may do nothing.
type Actor struct {
	ID    ident.User
	Name  string
	Email string
	Role  Role
	// Zone is the IANA name of the user's time zone; dates are shown and read in it.
	Zone string
	// Teams are the teams that the user is a member of.
	Teams []ident.Team
	// System marks the server itself (the command line, the engine). It may do everything.
	System bool
}

// System is the actor of the command line and of the server's own chores.
func System() Actor { return Actor{Name: "Cadenza", System: true, Role: Admin, Zone: "UTC"} }

// Verb is an action that needs a right.
type Verb string

// The verbs. "Own" things are those that the actor owns or that are assigned to the actor.
const (
	ReadRecords      Verb = "read_records"
	EditRecords      Verb = "edit_records"   // create, and edit own
	EditAllRecords   Verb = "edit_all"       // edit records of others, change owners
	DeleteRecords    Verb = "delete_records" // delete own
	ImportRecords    Verb = "import_records"
	ReadSequences    Verb = "read_sequences"
	EditSequences    Verb = "edit_sequences" // create, and edit own
	ManageSequences  Verb = "manage_sequences"
	Connect          Verb = "connect"
	DoActivities     Verb = "do_activities" // do own, see all
	ManageActivities Verb = "manage_activities"
	EditTemplates    Verb = "edit_templates"
	UseFiles         Verb = "use_files" // upload files for mail, see all, delete own
	ManageFiles      Verb = "manage_files"
	UseMailbox       Verb = "use_mailbox" // edit the own mailbox
	ManageMailboxes  Verb = "manage_mailboxes"
	ReadMessages     Verb = "read_messages"
	ManageMessages   Verb = "manage_messages" // settle unknown sends of others
	ManageUsers      Verb = "manage_users"
	ManageTeams      Verb = "manage_teams"
	ManageSettings   Verb = "manage_settings"
	ManageOutcomes   Verb = "manage_outcomes" // how calls and meetings can end

	Suppress           Verb = "suppress"            // have an address written to no more
	ManageSuppressions Verb = "manage_suppressions" // have one written to again, import and export them

	SetWorkingTime    Verb = "set_working_time" // own hours and time off
	ManageWorkingTime Verb = "manage_working_time"
)

// rights is the table. A missing pair is a refusal.
var rights = map[Verb][]Role{
	ReadRecords:      {Admin, SequenceManager, SalesManager, Seller},
	EditRecords:      {Admin, SequenceManager, SalesManager, Seller},
	EditAllRecords:   {Admin, SalesManager},
	DeleteRecords:    {Admin, SalesManager, Seller},
	ImportRecords:    {Admin, SequenceManager, SalesManager, Seller},
	ReadSequences:    {Admin, SequenceManager, SalesManager, Seller},
	EditSequences:    {Admin, SequenceManager, SalesManager, Seller},
	ManageSequences:  {Admin, SequenceManager},
	Connect:          {Admin, SequenceManager, SalesManager, Seller},
	DoActivities:     {Admin, SequenceManager, SalesManager, Seller},
	ManageActivities: {Admin, SalesManager},
	EditTemplates:    {Admin, SequenceManager, SalesManager},
	UseFiles:         {Admin, SequenceManager, SalesManager, Seller},
	ManageFiles:      {Admin, SequenceManager, SalesManager},
	UseMailbox:       {Admin, SequenceManager, SalesManager, Seller},
	ManageMailboxes:  {Admin},
	ReadMessages:     {Admin, SequenceManager, SalesManager, Seller},
	ManageMessages:   {Admin, SalesManager},
	ManageUsers:      {Admin},
	ManageTeams:      {Admin}, // whoever sets members lets them see what a team keeps to itself
	ManageSettings:   {Admin},
	ManageOutcomes:   {Admin, SalesManager},

	Suppress:           {Admin, SequenceManager, SalesManager, Seller},
	ManageSuppressions: {Admin, SalesManager},

	SetWorkingTime:    {Admin, SequenceManager, SalesManager, Seller},
	ManageWorkingTime: {Admin, SalesManager},
}

// wider names the verb that gives the same right over things of others.
var wider = map[Verb]Verb{
	EditRecords:   EditAllRecords,
	DeleteRecords: EditAllRecords,
	EditSequences: ManageSequences,
	DoActivities:  ManageActivities,
	UseFiles:      ManageFiles,
	UseMailbox:    ManageMailboxes,

	SetWorkingTime: ManageWorkingTime,
}

// May tells whether the actor may do verb at all.
func May(a Actor, verb Verb) bool {
	if a.System {
		return true
	}
	for _, role := range rights[verb] {
		if role == a.Role && a.ID != 0 {
			return true
		}
	}
	return false
}

// MayOn tells whether the actor may do verb to a thing that owner owns. A thing without an owner (zero) belongs to
// everybody who has the verb.
func MayOn(a Actor, verb Verb, owner ident.User) bool {
	if !May(a, verb) {
		return false
	}
	if a.System || owner == 0 || owner == a.ID {
		return true
	}
	w, narrowed := wider[verb]
	return !narrowed || May(a, w)
}
