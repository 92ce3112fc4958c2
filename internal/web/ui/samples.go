package ui

import (
	"time"

	"github.com/a-h/templ"
)

// Sample shows one component, or a few that belong together, as it is used.
// The golden tests and the storybook are made of all of them.
type Sample struct {
	Name  string // file name of its golden
	Title string
	View  templ.Component
}

// SampleNow is the moment at which all samples are looked at.
func SampleNow() time.Time { return time.Date(2025, time.March, 4, 9, 12, 0, 0, time.UTC) }

// Samples are the parts that stand on ordinary pages.
func Samples() []Sample {
	return []Sample{
		{"header", "Page header and tabs", sampleHeader()},
		{"buttons", "Buttons", sampleButtons()},
		{"badges", "Badges, kinds, people, keys", sampleBadges()},
		{"alerts", "Alerts", sampleAlerts()},
		{"toolbar", "Toolbar", sampleToolbar()},
		{"table", "Table with selection", sampleTable()},
		{"empty", "Empty states", sampleEmpty()},
		{"form", "Form", sampleForm()},
		{"formbad", "Form with problems", sampleBadForm()},
		{"import", "Import", sampleImport()},
		{"cards", "Cards, facts, figures", sampleCards()},
		{"timeline", "Timeline and steps", sampleTimeline()},
		{"dialogs", "Dialogs and menus", sampleDialogs()},
		{"rich", "Formatted text", sampleRich()},
	}
}

// SamplePages are whole pages.
func SamplePages(theme Theme) []Sample {
	return []Sample{
		{"parts", "All parts", sampleParts(theme)},
		{"worklist", "Work list", sampleWorkPage(theme, false)},
		{"record", "Work list, on a phone with a record open", sampleWorkPage(theme, true)},
		{"leads", "A list", sampleListPage(theme)},
		{"designer", "Designer", sampleDesignerPage(theme)},
		{"signin", "Sign-in", sampleSignIn(theme)},
	}
}

// ago and ahead are moments around SampleNow.
func ago(d time.Duration) TimeProps {
	return TimeProps{At: SampleNow().Add(-d), Now: SampleNow()}
}

func due(d time.Duration) TimeProps {
	return TimeProps{At: SampleNow().Add(d), Now: SampleNow(), Form: Due, Late: d < -9*time.Hour}
}

func sampleNav(current string) []NavSection {
	link := func(label, href, icon, key string, main bool, count int) NavLink {
		return NavLink{Label: label, Href: href, Icon: icon, Key: key, Main: main, Count: count, Current: label == current}
	}
	return []NavSection{
		{Links: []NavLink{
			link("Work list", "/work", "checkbox", "g w", true, 17),
			link("Leads", "/leads", "user-circle", "g l", true, 0),
			link("Opportunities", "/opportunities", "trophy", "g o", false, 0),
			link("Contacts", "/contacts", "id", "g c", false, 0),
		}},
		{Label: "Engagement", Links: []NavLink{
			link("Sequences", "/sequences", "route", "g s", true, 0),
			link("Templates", "/templates", "template", "g t", false, 0),
			link("Outbox", "/outbox", "send", "g b", false, 2),
			link("Reports", "/reports", "chart-bar", "g r", false, 0),
		}},
		{Label: "Administration", Links: []NavLink{
			link("Mailboxes", "/mailboxes", "mail", "", false, 0),
			link("Settings", "/settings", "settings", "", false, 0),
		}},
	}
}

func sampleShell(title string, theme Theme) ShellProps {
	return ShellProps{
		Title:  title,
		Theme:  theme,
		Nav:    sampleNav(title),
		Person: Person{Name: "Anna Berg", Email: "anna@cadenza.test", Role: "Seller"},
		Account: []MenuEntry{
			{Label: "Your profile", Icon: "user", Href: "/profile"},
			{Label: "Sign out", Icon: "logout", Action: "/sign-out", Divider: true},
		},
		Keys: []KeyHint{{"c", "Call"}, {"d", "Complete"}, {"z", "Snooze"}, {"s", "Skip"}, {"g w", "Go to the work list"}, {"g l", "Go to leads"}},
	}
}

func sampleTableProps() TableProps {
	row := func(id, name, sub, stage string, tone Tone, owner, value string, at TimeProps) Row {
		return Row{Value: id, Label: name, Cells: []Cell{
			{Text: name, Href: "/leads/" + id, Sub: sub},
			{Badge: &BadgeProps{Text: stage, Tone: tone, Dot: true}},
			{Text: owner, Soft: true},
			{Text: value},
			{Content: Time(at)},
		}}
	}
	props := TableProps{
		Caption: "Leads",
		Select:  &Selection{Name: "id", Form: "bulk"},
		Columns: []Column{
			{Label: "Name", SortHref: "?sort=name", Sorted: Ascending, Wide: true},
			{Label: "Stage", SortHref: "?sort=stage"},
			{Label: "Owner", HidePhone: true},
			{Label: "Value", SortHref: "?sort=value", Numeric: true},
			{Label: "Changed", SortHref: "?sort=changed"},
		},
		Rows: []Row{
			row("1", "Marta Lindqvist", "Nordlys Energi AS", "Qualify", Blue, "Anna Berg", "€ 48,000", ago(17*time.Hour)),
			row("2", "Dr. Anneliese von Hohenstein-Wallrabenstein-Zwischenbrugger", "Wallrabenstein Maschinenbau und Anlagentechnik GmbH & Co. KG", "Propose", Violet, "Maximiliane Oberhuber-Schwarzenegger", "€ 1,250,000", ago(40*time.Minute)),
			row("3", "Tomás Herrera", "Herrera y Hijos", "Won", Green, "Anna Berg", "€ 12,400", ago(50*time.Hour)),
			row("4", "Yuki Tanaka", "Tanaka Seiki KK", "Stalled", Amber, "Ben Adeyemi", "€ 9,900", ago(2000*time.Hour)),
			row("5", "Sam Okafor", "", "Lost", Red, "Ben Adeyemi", "", ago(9000*time.Hour)),
		},
	}
	props.Rows[0].Selected = true
	return props
}

func sampleGroups() []WorkGroup {
	return []WorkGroup{
		{Label: "Overdue", Count: 3, Rows: []WorkRow{
			{Href: "/work/1", Kind: KindPhoneCall, Title: "Marta Lindqvist", Sub: "Call while it is fresh · Nordlys Energi", Time: due(-20 * time.Hour), Current: true},
			{Href: "/work/2", Kind: KindEmail, Title: "Tomás Herrera", Sub: "Send the offer · Herrera y Hijos", Time: due(-48 * time.Hour), Unread: true},
			{Href: "/work/3", Kind: KindTask, Title: "Yuki Tanaka", Sub: "Offer a visit · Tanaka Seiki KK", Time: due(-72 * time.Hour)},
		}},
		{Label: "Today", Count: 14, Rows: []WorkRow{
			{Href: "/work/4", Kind: KindPhoneCall, Title: "Dr. Anneliese von Hohenstein-Wallrabenstein", Sub: "First call · Wallrabenstein Maschinenbau und Anlagentechnik GmbH", Time: due(18 * time.Minute), Unread: true},
			{Href: "/work/5", Kind: KindEmail, Title: "Sam Okafor", Sub: "Remind by hand · Okafor Logistics", Time: due(48 * time.Minute)},
			{Href: "/work/6", Kind: KindEmail, Title: "Priya Raman", Sub: "Answer the reply · Raman Textiles", Badge: &BadgeProps{Text: "replied", Tone: Green}, Unread: true},
			{Href: "/work/7", Kind: KindPhoneCall, Title: "Luc Moreau", Sub: "Second call · Atelier Moreau", Time: due(123 * time.Minute)},
			{Href: "/work/8", Kind: KindTask, Title: "Ewa Nowak", Sub: "Schedule a meeting · Nowak Med", Time: due(228 * time.Minute)},
			{Href: "/work/9", Kind: KindTextMessage, Title: "Amina Diallo", Sub: "Confirm by text · Diallo & Fils", Time: due(300 * time.Minute)},
		}},
	}
}

func sampleEntries() []TimelineEntry {
	return []TimelineEntry{
		{Kind: KindPhoneCall, Planned: true, Parts: []Part{{Text: "Call while it is fresh"}}, Detail: "due", Time: ago(20 * time.Hour)},
		{Kind: KindClicked, Parts: []Part{{Text: "Followed the link "}, {Text: "pricing", Strong: true}, {Text: " in “Introduction”"}}, Time: ago(17*time.Hour + 10*time.Minute)},
		{Kind: KindOpened, Parts: []Part{{Text: "Opened “Introduction” twice"}}, Detail: "one more hit came from a mail scanner and is not counted", Time: ago(17*time.Hour + 14*time.Minute)},
		{Kind: KindAutomatedEmail, Parts: []Part{{Text: "Automated email "}, {Text: "Introduction", Strong: true}, {Text: " sent from anna@cadenza.test"}}, Time: ago(96*time.Hour + 12*time.Minute)},
		{Kind: KindConnected, Parts: []Part{{Text: "Connected to "}, {Text: "Trial follow-up", Href: "/sequences/1"}, {Text: ", version 4"}}, Time: ago(96*time.Hour + 14*time.Minute)},
	}
}

func sampleFacts() []Fact {
	return []Fact{
		{Label: "Company", Value: "Nordlys Energi AS"},
		{Label: "Stage", Content: Badge(BadgeProps{Text: "Qualify", Tone: Blue, Dot: true})},
		{Label: "Value", Value: "€ 48,000"},
		{Label: "Owner", Value: "Anna Berg"},
		{Label: "Email", Value: "marta.lindqvist.procurement@nordlys-energi.test", Href: "mailto:marta.lindqvist.procurement@nordlys-energi.test"},
		{Label: "Phone", Value: "+47 22 00 11 22", Href: "tel:+4722001122"},
		{Label: "Source"},
		{Label: "Time zone", Value: "Europe/Oslo"},
	}
}

func sampleLines() []StepLine {
	return []StepLine{
		{Kind: KindAutomatedEmail, Title: "Introduction", Sub: "Sent, opened twice", State: StepDone, Time: ago(96 * time.Hour)},
		{Kind: KindTask, Title: "Look at their site", State: StepSkipped, Time: ago(30 * time.Hour)},
		{Kind: KindPhoneCall, Title: "Call while it is fresh", Sub: "Due since yesterday", State: StepCurrent},
		{Kind: KindWait, Title: "Wait 3 days", Sub: "Working time of the seller"},
		{Kind: KindEmail, Title: "Send the offer"},
	}
}
