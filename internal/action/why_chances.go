package action

import (
	"fmt"
	"slices"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// whyChances is of how many sequences is told what a connect would say, the first by name: each is a version that has to be read.
const whyChances = 20

// Chance says of some active sequences what a connect of a record would say now.
type Chance struct {
	// Code and Reason say why they refuse it, as Connect does; both are "" where they would take it.
	Code, Reason string
	// Notes say what of such a sequence would not reach the record.
	Notes     []string
	Sequences []store.Sequence
	// Change says who can connect it, or what else somebody can do about it; Place is where.
	Change string
	Place  Place
}

// chancesOf groups active sequences by what a connect would say: those that the reader sees and the record is not on. more are left out.
func chancesOf(tx *store.Tx, reader access.Actor, rec store.Record, live []Explanation) (list []Chance, more int, err error) {
	active, err := tx.For(reader).ActiveSequences(rec.Kind)
	if err != nil {
		return nil, 0, err
	}
	on := map[ident.Sequence]bool{}
	for _, x := range live {
		on[x.Enrollment.Sequence] = true
	}
	told, place := 0, map[string]int{}
	for _, s := range active {
		switch {
		case on[s.ID]:
			continue
		case told == whyChances:
			more++
			continue
		}
		told++
		c, err := chanceOf(tx, reader, s, rec)
		if err != nil {
			return nil, 0, err
		}
		key := fmt.Sprint(c.Code, "|", c.Reason, "|", c.Notes)
		i, known := place[key]
		if !known {
			i = len(list)
			place[key], list = i, append(list, c)
		}
		list[i].Sequences = append(list[i].Sequences, s)
	}
	slices.SortStableFunc(list, func(a, b Chance) int { return a.rank() - b.rank() })
	return list, more, nil
}

// Verdict says it in a sentence.
func (c Chance) Verdict() string {
	switch {
	case c.Code != "":
		return c.Reason
	case len(c.Notes) > 0 && len(c.Sequences) == 1:
		return "It would take the record, but not all would reach it."
	case len(c.Notes) > 0:
		return "They would take the record, but not all would reach it."
	case len(c.Sequences) == 1:
		return "It would take the record."
	}
	return "They would take the record."
}

// rank puts what would take the record and reach it first, and what would refuse it last.
func (c Chance) rank() int {
	switch {
	case c.Code != "":
		return 2
	case len(c.Notes) > 0:
		return 1
	}
	return 0
}

// chanceOf asks as somebody who may connect: who that is, is another answer.
func chanceOf(tx *store.Tx, reader access.Actor, s store.Sequence, rec store.Record) (c Chance, err error) {
	p, err := planConnect(tx, access.System(), s, []ident.Record{rec.ID})
	if err != nil {
		return c, err
	}
	x := Explanation{Record: rec, reader: reader}
	if len(p.refused) > 0 {
		c.Code, c.Reason = p.refused[0].Code, p.refused[0].Reason
		switch c.Code {
		case "record_closed":
			c.Change, c.Place = x.owners()+" can reopen it.", placeOf("record", rec.ID)
		case "finished_before":
			c.Change = "Whoever edits such a sequence can change that, with a new version."
		}
		return c, nil
	}
	c.Change, c.Place = x.movers()+" can connect it.", placeToConnect(reader, rec)
	for _, u := range append(p.unmailed, p.untexted...) {
		c.Notes = append(c.Notes, u.Reason+" "+u.Then)
	}
	return c, nil
}
