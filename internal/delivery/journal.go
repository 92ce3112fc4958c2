package delivery

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"cadenza/internal/ident"
)

// Journal notes in a file of this machine the messages whose texts have touched the network and that have no result in the database yet, and
// which of them a server has taken. What a killed process has claimed and not noted never left, so it may go back into the
// queue; only what was on the wire at that moment is in doubt. The file is not forced to disk: it outlives the process and not the system, and says of which start of the system it is.
//
// Invariant: a message is noted before its text touches the network, and crossed out after its result is in the database
// (TestJournal, TestCrash).
type Journal struct {
	name string

	mu    sync.Mutex
	file  *os.File
	slots map[ident.Message]int64
	free  []int64
}

const (
	journalPrefix = "sending-"
	journalSuffix = ".journal"
	// headSize is the room for the id of the system's start.
	headSize = 64
	slotSize = 8
	// sentMark is set in the slot of a message that a server has taken.
	sentMark = ident.Message(1) << 62
	// journalSlots is for what has touched the network and whose result is not written, mostly; it grows where that is not enough. A shorter
	// file is one that is only begun, so a larger number would pass over the journals of older releases.
	journalSlots = 1024
)

// bootFile holds an id of the system's start, on Linux. Elsewhere there is no journal.
const bootFile = "/proc/sys/kernel/random/boot_id"

func boot() []byte {
	id, err := os.ReadFile(bootFile)
	if err != nil || len(id) == 0 || len(id) > headSize {
		return nil
	}
	return append(id, make([]byte, headSize-len(id))...)
}

// NewJournal gives the journal of a node, in a folder of this machine. It notes nothing before Open.
func NewJournal(dir, node string) *Journal {
	return &Journal{name: filepath.Join(dir, journalPrefix+node+journalSuffix), slots: map[ident.Message]int64{}}
}

// Open begins the journal. Where the system does not tell its starts apart it goes on noting nothing.
func (j *Journal) Open() error {
	head := boot()
	if head == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(j.name), 0o700); err != nil { // nothing was uploaded yet
		return fmt.Errorf("make the folder of the journal of sending: %w", err)
	}
	file, err := os.OpenFile(j.name, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("begin the journal of sending: %w", err)
	}
	err = lock(file) // as long as this process lives, whoever has the file open
	if err == nil {
		_, err = file.Write(append(head, make([]byte, journalSlots*slotSize)...))
	}
	if err != nil {
		return errors.Join(fmt.Errorf("begin the journal of sending: %w", err), file.Close(), os.Remove(j.name))
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.file = file
	for i := range int64(journalSlots) {
		j.free = append(j.free, headSize+i*slotSize)
	}
	return nil
}

// touch notes a message, once however often it is tried. It must not touch the network after an error.
func (j *Journal) touch(id ident.Message) error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	at, noted := j.slots[id] // it was given back by another session
	if !noted {
		at = j.slot()
		j.slots[id] = at
	}
	return j.write(at, id)
}

// slot takes one that is free.
func (j *Journal) slot() (at int64) {
	n := len(j.free)
	if n == 0 {
		return int64(headSize + slotSize*len(j.slots)) // all before are taken
	}
	at, j.free = j.free[n-1], j.free[:n-1]
	return at
}

// landed notes that a server has taken a message.
func (j *Journal) landed(id ident.Message) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if at, noted := j.slots[id]; noted {
		_ = j.write(at, id|sentMark) // without it the message is in doubt, as it is now
	}
}

// settle crosses messages out, those side by side in one write.
func (j *Journal) settle(list []outcome) {
	if j == nil {
		return
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	var noted []slot
	for _, o := range list {
		if at, ok := j.slots[o.Message.ID]; ok {
			noted = append(noted, slot{at, o.Message.ID})
			delete(j.slots, o.Message.ID)
		}
	}
	slices.SortFunc(noted, func(a, b slot) int { return cmp.Compare(a.at, b.at) })
	for len(noted) > 0 {
		n := 1
		for n < len(noted) && noted[n].at == noted[n-1].at+slotSize {
			n++
		}
		_, err := j.file.WriteAt(make([]byte, n*slotSize), noted[0].at)
		for _, s := range noted[:n] {
			if err != nil { // what stays is in the database: nobody asks for it
				j.slots[s.id] = s.at
				continue
			}
			j.free = append(j.free, s.at)
		}
		noted = noted[n:]
	}
}

// slot is where a message is noted.
type slot struct {
	at int64
	id ident.Message
}

func (j *Journal) write(at int64, id ident.Message) error {
	var text [slotSize]byte
	binary.LittleEndian.PutUint64(text[:], uint64(id))
	_, err := j.file.WriteAt(text[:], at)
	return err
}

// Close ends the journal of a node that has nothing in hand. With messages in hand its file stays for the next start.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.file == nil {
		return nil
	}
	var err error
	if len(j.slots) == 0 {
		err = os.Remove(j.file.Name())
	}
	return errors.Join(err, j.file.Close())
}

// Remains is the journal of a process that ended without closing it.
type Remains struct {
	Node string
	// Touched are the messages that may have left, Sent those among them that a server has taken for sure.
	Touched, Sent []ident.Message
	// Trusted tells that the system has not been started anew since, so that nothing else can have left.
	Trusted bool

	file *os.File
}

// FindRemains gives the journals in a folder whose processes have ended. Forget each when it was dealt with.
func FindRemains(dir string) (list []Remains, err error) {
	head := boot()
	if head == nil || dir == "" {
		return nil, nil
	}
	files, err := filepath.Glob(filepath.Join(dir, journalPrefix+"*"+journalSuffix))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		file, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			continue // another node was faster
		}
		if tryLock(file) != nil {
			_ = file.Close() // its process lives
			continue
		}
		content, err := os.ReadFile(name)
		if err != nil {
			return list, errors.Join(fmt.Errorf("read a journal of sending: %w", err), file.Close())
		}
		if len(content) < headSize+journalSlots*slotSize {
			_ = file.Close() // somebody begins it at this moment
			continue
		}
		r := Remains{Node: strings.TrimSuffix(strings.TrimPrefix(filepath.Base(name), journalPrefix), journalSuffix), file: file}
		r.Trusted = bytes.Equal(content[:headSize], head)
		for at := headSize; at+slotSize <= len(content); at += slotSize {
			id := ident.Message(binary.LittleEndian.Uint64(content[at:]))
			if id == 0 {
				continue
			}
			if id&sentMark != 0 {
				id &^= sentMark
				r.Sent = append(r.Sent, id)
			}
			r.Touched = append(r.Touched, id)
		}
		list = append(list, r)
	}
	return list, nil
}

// Forget removes the journal.
func (r Remains) Forget() error { return errors.Join(os.Remove(r.file.Name()), r.file.Close()) }
