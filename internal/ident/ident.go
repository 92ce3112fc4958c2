// Package ident holds the ids of everything that has one: bigint keys inside, opaque words outward.
//
// An outward id ("rec_0h3v…") is the key passed through a fixed permutation, so that nobody reads counts or
// neighbours from it. It must never be taken for a secret: rights are asked of access, not of ids.
//
// Start reading at ID.
package ident

import (
	"fmt"
	"strings"
)

// Thing tells the kinds of ids apart at compile time.
type Thing interface{ prefix() string }

// ID is the key of one thing of kind T. Zero means none.
type ID[T Thing] int64

type (
	userThing        struct{}
	tokenThing       struct{}
	recordThing      struct{}
	sequenceThing    struct{}
	versionThing     struct{}
	enrollmentThing  struct{}
	activityThing    struct{}
	messageThing     struct{}
	mailboxThing     struct{}
	templateThing    struct{}
	importThing      struct{}
	noteThing        struct{}
	historyThing     struct{}
	hitThing         struct{}
	snippetThing     struct{}
	fileThing        struct{}
	suppressionThing struct{}
	timeOffThing     struct{}
	holidayThing     struct{}
	receivedThing    struct{}
	batchThing       struct{}
	workViewThing    struct{}
	fieldFilterThing struct{}
	callThing        struct{}
	notifiedThing    struct{}
	moveRunThing     struct{}
	tagThing         struct{}
	teamThing        struct{}
)

func (userThing) prefix() string        { return "usr" }
func (tokenThing) prefix() string       { return "tok" }
func (recordThing) prefix() string      { return "rec" }
func (sequenceThing) prefix() string    { return "seq" }
func (versionThing) prefix() string     { return "ver" }
func (enrollmentThing) prefix() string  { return "enr" }
func (activityThing) prefix() string    { return "act" }
func (messageThing) prefix() string     { return "msg" }
func (mailboxThing) prefix() string     { return "mbx" }
func (templateThing) prefix() string    { return "tpl" }
func (importThing) prefix() string      { return "imp" }
func (noteThing) prefix() string        { return "not" }
func (historyThing) prefix() string     { return "his" }
func (hitThing) prefix() string         { return "hit" }
func (snippetThing) prefix() string     { return "snp" }
func (fileThing) prefix() string        { return "fil" }
func (suppressionThing) prefix() string { return "sup" }
func (timeOffThing) prefix() string     { return "off" }
func (holidayThing) prefix() string     { return "hol" }
func (receivedThing) prefix() string    { return "rcv" }
func (batchThing) prefix() string       { return "bat" }
func (workViewThing) prefix() string    { return "vie" }
func (fieldFilterThing) prefix() string { return "ffi" }
func (callThing) prefix() string        { return "cal" }
func (notifiedThing) prefix() string    { return "ntf" }
func (moveRunThing) prefix() string     { return "mov" }
func (tagThing) prefix() string         { return "tag" }
func (teamThing) prefix() string        { return "tem" }

// The ids in use.
type (
	User        = ID[userThing]
	Token       = ID[tokenThing]
	Record      = ID[recordThing]
	Sequence    = ID[sequenceThing]
	Version     = ID[versionThing]
	Enrollment  = ID[enrollmentThing]
	Activity    = ID[activityThing]
	Message     = ID[messageThing]
	Mailbox     = ID[mailboxThing]
	Template    = ID[templateThing]
	Tag         = ID[tagThing]
	Import      = ID[importThing]
	Note        = ID[noteThing]
	History     = ID[historyThing]
	Hit         = ID[hitThing]
	Snippet     = ID[snippetThing]
	File        = ID[fileThing]
	Suppression = ID[suppressionThing]
	TimeOff     = ID[timeOffThing]
	Holiday     = ID[holidayThing]
	Received    = ID[receivedThing]
	Batch       = ID[batchThing]
	WorkView    = ID[workViewThing]
	FieldFilter = ID[fieldFilterThing]
	Call        = ID[callThing]

	Notification = ID[notifiedThing]
	MoveRun      = ID[moveRunThing]
	Team         = ID[teamThing]
)

// alphabet is Crockford's base 32 in lower case: no i, l, o, u.
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz"

// bodyLength is the count of base-32 digits that hold 64 bits.
const bodyLength = 13

// String gives the outward form; "" for the zero id.
func (id ID[T]) String() string {
	if id == 0 {
		return ""
	}
	var thing T
	bits := scramble(uint64(id))
	var body [bodyLength]byte
	for i := bodyLength - 1; i >= 0; i-- {
		body[i] = alphabet[bits&31]
		bits >>= 5
	}
	return thing.prefix() + "_" + string(body[:])
}

// MarshalText gives the outward form, so that JSON never shows a key.
func (id ID[T]) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText reads the outward form; an empty text is the zero id.
func (id *ID[T]) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*id = 0
		return nil
	}
	parsed, ok := Parse[T](string(text))
	if !ok {
		var thing T
		return fmt.Errorf("not an id of the form %s_…", thing.prefix())
	}
	*id = parsed
	return nil
}

// Parse reads an outward id of kind T. It refuses every text that String would not give.
func Parse[T Thing](s string) (ID[T], bool) {
	var thing T
	body, found := strings.CutPrefix(s, thing.prefix()+"_")
	if !found || len(body) != bodyLength {
		return 0, false
	}
	var bits uint64
	for i := range bodyLength {
		digit := strings.IndexByte(alphabet, body[i])
		if digit < 0 || (i == 0 && digit > 15) {
			return 0, false
		}
		bits = bits<<5 | uint64(digit)
	}
	id := ID[T](unscramble(bits))
	return id, id > 0
}

// rounds are the keys of the Feistel network; they are fixed for ever because ids stand in other people's links.
var rounds = [4]uint32{0x9e3779b9, 0x7f4a7c15, 0xbf58476d, 0x94d049bb}

func scramble(v uint64) uint64 {
	left, right := uint32(v>>32), uint32(v)
	for _, key := range rounds {
		left, right = right, left^mix(right, key)
	}
	return uint64(left)<<32 | uint64(right)
}

func unscramble(v uint64) uint64 {
	left, right := uint32(v>>32), uint32(v)
	for i := len(rounds) - 1; i >= 0; i-- {
		left, right = right^mix(left, rounds[i]), left
	}
	return uint64(left)<<32 | uint64(right)
}

func mix(v, key uint32) uint32 {
	v ^= key
	v *= 0x85ebca6b
	v ^= v >> 13
	v *= 0xc2b2ae35
	return v ^ v>>16
}
