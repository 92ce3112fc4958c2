package web

import (
	"strconv"
	"strings"

	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/priority"
	"cadenza/internal/record"
	"cadenza/internal/store"
	"cadenza/internal/web/ui"
)

// workGroups puts the rows of a page under the names of their groups, which count the whole list.
func workGroups(v view, l workList, open ident.Activity) []ui.WorkGroup {
	var groups []ui.WorkGroup
	last := -1
	for _, a := range l.Rows {
		if a.Group != last {
			last = a.Group
			g := ui.WorkGroup{Label: l.Groups[last].Label, Count: l.Groups[last].Count}
			if g.Label == "Overdue" && g.Count > 1 && l.Filter.own() {
				g.Href, g.LinkText = cleanUpPath, "Clean up"
			}
			groups = append(groups, g)
		}
		g := &groups[len(groups)-1]
		g.Rows = append(g.Rows, workRow(v, l, a, open))
	}
	return groups
}

func workRow(v view, l workList, a action.WorkRow, open ident.Activity) ui.WorkRow {
	due := v.at(a.DueAt)
	due.Form, due.Late = ui.Due, v.late(a.DueAt)
	card := l.Settings.Cards[a.RecordKind]
	row := ui.WorkRow{
		ID: "row-" + a.ID.String(), Href: l.Filter.activity(a.ID, ""), Kind: activityKind(a.Kind), Title: a.RecordName,
		Sub: cardLine(card.Second, a), Third: joined(" · ", sortedBy(l, a), cardLine(card.Third, a)), Time: due, Current: a.ID == open, Attrs: swapWork(l.Filter.activity(a.ID, "")),
		Unread: a.SeenAt.IsZero(), Followed: a.Followed, Pick: a.ID.String(), PickForm: bulkForm,
	}
	switch card.Icon {
	case action.IconInitials:
		row.Initials = a.RecordName
	case action.IconRecord:
		row.Kind = ui.Kind(a.RecordKind)
	}
	if l.Sort == action.ByPriority || l.Sort == "-"+action.ByPriority {
		row.Mark = priorityBadge(a.Priority)
	}
	if a.Behalf != 0 {
		row.Sub = "For " + a.BehalfName + " · " + row.Sub // first, because long lines are cut
	}
	if l.Filter.Of == everybody {
		row.Sub = orElse(a.AssigneeName, "Nobody") + " · " + row.Sub
	}
	switch {
	case a.ScheduledAt.After(v.Now):
		row.Badge = &ui.BadgeProps{Text: "Scheduled", Tone: ui.Blue, Icon: "clock"}
	case a.State == store.ActivitySending:
		row.Badge = &ui.BadgeProps{Text: "sending", Tone: ui.Blue}
	case a.Trouble != "":
		row.Badge = &ui.BadgeProps{Text: "Failed", Tone: ui.Red, Title: a.Trouble}
	case !l.Drafts[a.ID].IsZero():
		row.Badge = &ui.BadgeProps{Text: "Draft", Tone: ui.Neutral, Title: "You have begun its email."}
	}
	return row
}

// cardLine writes a line of a card; what the record does not have is left out.
func cardLine(parts []string, a action.WorkRow) string {
	var words []string
	for _, key := range parts {
		if w := cardPart(key, a); w != "" && w != a.RecordName {
			words = append(words, w)
		}
	}
	return strings.Join(words, " · ")
}

func cardPart(key string, a action.WorkRow) string {
	switch key {
	case "activity":
		return a.Name
	case "company":
		return a.Company
	case "sequence":
		return a.SequenceName
	case "priority":
		return "Priority " + strconv.Itoa(a.Priority.Total)
	}
	value := a.Record.Get(key)
	field, known := record.FieldOf(a.RecordKind, key)
	switch {
	case !known || value == "":
		return ""
	case field.Type == record.Bool:
		return field.Label
	case field.Type == record.Number:
		return field.Label + " " + numberText(value)
	}
	return value
}

// numberText writes a number with its thousands apart, when it is a whole one.
func numberText(value string) string {
	n, err := strconv.Atoi(value)
	if err != nil {
		return value
	}
	return ui.Count(n)
}

// priorityTones are the colours of the levels.
var priorityTones = map[priority.Level]ui.Tone{priority.High: ui.Red, priority.Medium: ui.Amber, priority.Low: ui.Neutral}

func priorityBadge(s priority.Score) *ui.BadgeProps {
	return &ui.BadgeProps{Text: strconv.Itoa(s.Total), Tone: priorityTones[s.Level()], Title: "Priority " + strconv.Itoa(s.Total) + ": " + priorityWhy(s)}
}

// priorityWhy gives the reasons of a priority that count, in one line.
func priorityWhy(s priority.Score) string {
	var whys []string
	for _, p := range s.Parts {
		if p.Weight > 0 && p.Points > 0 {
			whys = append(whys, p.Why)
		}
	}
	return strings.Join(whys, ", ")
}
