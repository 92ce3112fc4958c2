package web

import (
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/step"
	"cadenza/internal/web/ui"
)

// flowView is a sequence's flow as it is drawn on the server.
type flowView struct {
	Def   flow.Sequence
	Start string
	Steps []stepCard
	// End is the mark below the last step, "" where lanes bear it.
	End string
}

// stepCard is one step in words.
type stepCard struct {
	ID, Type, Title, Sub, Description string
	Problems                          []string
	// Figure is how many came to it, and Lines what became of them, where that is shown.
	Figure string
	Lines  []figureLine
	// Lanes are Yes and No of a condition, and Join is the mark below them when something follows.
	Lanes []laneCard
	Join  string
}

// laneCard is one side of a condition.
type laneCard struct {
	Side  laneSide
	Steps []stepCard
	// Ends tells that no line leads on below the lane. End is the mark there, "" where inner lanes bear it.
	Ends bool
	End  string
}

// laneSide is a side of a condition as it is drawn.
type laneSide struct {
	Key, Label string
	Tone       ui.Tone
}

func laneSides() []laneSide {
	return []laneSide{{string(step.YesLane), "Yes", ui.Green}, {string(step.NoLane), "No", ui.Red}}
}

// flowReader puts a definition into words.
type flowReader struct {
	words    stepWords
	problems []fault.Problem
}

// readFlow puts a definition into words. problems may be nil.
func readFlow(words stepWords, problems []fault.Problem) flowView {
	r, def := flowReader{words: words, problems: problems}, words.def
	f := flowView{Def: def, Start: startLabel(def), Steps: r.cards(def.Steps, false)}
	_, f.End = listEnd(def.Steps, false)
	return f
}

// cards puts a list of steps into words: the sequence's own, or a lane's. more tells that something follows the list.
func (r flowReader) cards(list []step.Step, more bool) []stepCard {
	var cards []stepCard
	for i, st := range list {
		card := stepCard{ID: st.ID, Type: st.Type, Description: st.Description}
		card.Title, card.Sub = r.words.of(st)
		for _, p := range r.problems {
			if p.Step == st.ID {
				card.Problems = append(card.Problems, p.Message)
			}
		}
		if kind, ok := step.KindOf(st.Type); ok && kind.Branches {
			follows := i < len(list)-1
			card.Lanes = r.lanes(st, follows || more)
			if follows {
				card.Join = joinLabel(st)
			}
		}
		cards = append(cards, card)
	}
	return cards
}

func (r flowReader) lanes(st step.Step, more bool) []laneCard {
	var lanes []laneCard
	for _, side := range laneSides() {
		list := st.Lane(step.Lane(side.Key))
		lane := laneCard{Side: side, Steps: r.cards(list, more)}
		lane.Ends, lane.End = listEnd(list, more)
		lanes = append(lanes, lane)
	}
	return lanes
}

// listEnd tells whether no record goes on below a list of steps, and gives the mark to draw there.
func listEnd(list []step.Step, more bool) (ends bool, mark string) {
	if len(list) == 0 {
		return !more, endUnless(more)
	}
	last := list[len(list)-1]
	kind, _ := step.KindOf(last.Type)
	switch {
	case kind.Last:
		return true, advanceEnd
	case kind.Branches:
		return !more || flow.Ends(last), ""
	}
	return !more, endUnless(more)
}

// The marks at which a flow ends.
const (
	sequenceEnd = "End of the sequence"
	advanceEnd  = "Goes on in the other sequence"
)

func endUnless(more bool) string {
	if more {
		return ""
	}
	return sequenceEnd
}

// joinLabel says which sides of a condition go on to what follows it, "" for none.
func joinLabel(st step.Step) string {
	goesOn := func(lane []step.Step) bool { return len(lane) == 0 || !flow.Ends(lane[len(lane)-1]) }
	switch yes, no := goesOn(st.Yes), goesOn(st.No); {
	case yes && no:
		return "both sides go on"
	case yes:
		return "only Yes goes on"
	case no:
		return "only No goes on"
	}
	return ""
}

// startLabel names the event that starts a sequence: "Lead is connected".
func startLabel(def flow.Sequence) string { return def.Record.Label() + " is connected" }
