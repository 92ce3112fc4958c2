package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/ident"
	"cadenza/internal/message"
	"cadenza/internal/record"
	"cadenza/internal/seqfile"
	"cadenza/internal/store"

	_ "embed"
)

// demoPassword is that of every sample user.
const demoPassword = "cadenza-demo"

var systemActor = access.System()

//go:embed demo/inbound.yaml
var demoInbound []byte

//go:embed demo/fair.yaml
var demoFair []byte

//go:embed demo/nurture.yaml
var demoNurture []byte

//go:embed demo/intro.html
var demoIntro string

//go:embed demo/offer.html
var demoOffer string

//go:embed demo/reminder.html
var demoReminder string

// demoOfferLines are the text of the sample file.
var demoOfferLines = []string{
	"This is a sample file of the Cadenza demo.", "In a followed email it is a link, and its download is seen.", "",
	"Steady follow-up, 12 months: 480 per month", "Set-up and training: 900, once",
}

// cast are the sample users.
type cast struct{ admin, manager, anna, ben store.User }

// seed makes the sample data, or after a restart only points the mailboxes to the new capture.
func (d *demo) seed(ctx context.Context, fresh bool) error {
	if !fresh {
		if err := d.provider(ctx); err != nil {
			return err
		}
		return d.mailboxes(ctx)
	}
	// Everything was made some days ago; past lets those days go by.
	if err := d.clock.move(nextMorning(d.clock.now()).Sub(d.clock.now()) - pastDays*24*time.Hour); err != nil {
		return err
	}
	people, err := d.people(ctx)
	if err != nil {
		return err
	}
	if err := d.mailboxes(ctx); err != nil {
		return err
	}
	if err := d.provider(ctx); err != nil {
		return err
	}
	if err := d.templates(ctx, people.manager); err != nil {
		return err
	}
	leads, err := d.records(ctx, people)
	if err != nil {
		return err
	}
	sequence, fair, err := d.sequences(ctx, people.manager)
	if err != nil {
		return err
	}
	if err := d.willingness(ctx, people); err != nil {
		return err
	}
	if err := d.past(ctx, sequence, fair, leads); err != nil {
		return err
	}
	if err := d.meetings(ctx, people); err != nil {
		return err
	}
	return d.absences(ctx, people)
}

func (d *demo) people(ctx context.Context) (cast, error) {
	var c cast
	for _, p := range []struct {
		to          *store.User
		name, email string
		role        access.Role
	}{
		{&c.admin, "Ada Lindgren", "ada@demo.test", access.Admin},
		{&c.manager, "Mia Torres", "mia@demo.test", access.SequenceManager},
		{&c.anna, "Anna Berg", "anna@demo.test", access.Seller},
		{&c.ben, "Ben Okafor", "ben@demo.test", access.Seller},
	} {
		u, err := d.house.app.CreateUser(ctx, systemActor, action.NewUser{Name: p.name, Email: p.email, Password: demoPassword, Zone: "Europe/Berlin", Role: p.role})
		if err != nil {
			return c, err
		}
		*p.to = u
	}
	return c, nil
}

// mailboxes gives every user a mailbox on the capture, whose port is another one at each start.
func (d *demo) mailboxes(ctx context.Context) error {
	users, err := d.house.app.ListUsers(ctx, systemActor)
	if err != nil {
		return err
	}
	for _, u := range users {
		in := action.MailboxInput{
			User: u.ID, Address: u.Email, SenderName: u.Name, Host: d.sink.host, Port: d.sink.port, Security: store.NoTLS,
			Signature: u.Name + "\nCadenza demo",
		}
		if old, err := d.house.app.GetMailbox(ctx, systemActor, u.ID); err == nil {
			in.Rev = old.Rev
		}
		if _, err := d.house.app.SaveMailbox(ctx, systemActor, in); err != nil {
			return fmt.Errorf("mailbox of %s: %w", u.Name, err)
		}
	}
	return nil
}

// provider has texts go to the capture, whose port is another one at each start.
func (d *demo) provider(ctx context.Context) error {
	_, err := d.house.app.SaveTextProvider(ctx, systemActor, action.TextProviderInput{
		URL: d.texts.url, Method: "POST", Format: message.JSONFormat, Sender: "Cadenza",
		Body: "{\n  \"to\": \"{{to}}\",\n  \"from\": \"{{from}}\",\n  \"text\": \"{{text}}\"\n}",
	})
	if err != nil {
		return fmt.Errorf("provider of text messages: %w", err)
	}
	return nil
}

func (d *demo) templates(ctx context.Context, manager store.User) error {
	offer, err := d.house.app.UploadFile(ctx, actorOf(manager), "Offer.pdf", bytes.NewReader(samplePDF("Our offer", demoOfferLines...)))
	if err != nil {
		return fmt.Errorf("sample file: %w", err)
	}
	for _, t := range []action.TemplateInput{
		{Key: "intro", Name: "Introduction", Subject: `{{ company | default: "Your team" }} and steady follow-up`, HTML: demoIntro},
		{Key: "offer", Name: "Offer", Subject: `Our offer for {{ company | default: "you" }}`, HTML: demoOffer, Files: []ident.File{offer.ID}},
		{Key: "reminder", Name: "Friendly reminder", Subject: `Shall we talk, {{ first_name | default: "perhaps" }}?`, HTML: demoReminder},
		{Key: "hello-text", Name: "Hello by text", Channel: message.TextChannel, Text: `Hello {{ first_name | default: "there" }}, {{ sender.first_name | default: "we" }} from Cadenza here. Did you find our offer in your inbox?`},
		{Key: "reminder-text", Name: "Reminder by text", Channel: message.TextChannel, Text: `Hi {{ first_name | default: "there" }}, I will ring you tomorrow about {{ company | default: "your project" }}. Does ten o'clock suit you? {{ sender.first_name | default: "Cadenza" }}`},
	} {
		if _, err := d.house.app.CreateTemplate(ctx, systemActor, t); err != nil {
			return fmt.Errorf("template %s: %w", t.Key, err)
		}
	}
	return nil
}

// records makes 160 leads and 40 opportunities, owned by the two sellers in turn.
func (d *demo) records(ctx context.Context, c cast) ([]ident.Record, error) {
	var leads []ident.Record
	for i := range 200 {
		owner := c.anna
		if i%2 == 1 {
			owner = c.ben
		}
		in := sampleLead(i)
		if i%5 == 4 {
			in = sampleOpportunity(i)
		}
		in.Owner = owner.ID
		r, err := d.house.app.CreateRecord(ctx, systemActor, in)
		if err != nil {
			return nil, fmt.Errorf("record %d: %w", i, err)
		}
		if in.Kind == record.Lead {
			leads = append(leads, r.ID)
		}
	}
	return leads, nil
}

// sequences makes and activates the sample sequences, and gives those of leads from the web site and from the fair. Nurture
// comes before inbound, which advances to it.
func (d *demo) sequences(ctx context.Context, manager store.User) (inbound, fair ident.Sequence, err error) {
	for _, file := range [][]byte{demoFair, demoNurture, demoInbound} {
		def, problems := seqfile.Parse(file)
		if len(problems) > 0 {
			return 0, 0, fmt.Errorf("sample sequence: %v", problems)
		}
		applied, err := d.house.app.ApplySequence(ctx, actorOf(manager), def, false)
		if err != nil {
			return 0, 0, err
		}
		if _, err := d.house.app.Activate(ctx, actorOf(manager), applied.Sequence.ID, action.ActivateInput{Rev: applied.Sequence.DraftRev, Note: "First version"}); err != nil {
			return 0, 0, err
		}
		if fair == 0 {
			fair = applied.Sequence.ID
		}
		inbound = applied.Sequence.ID
	}
	return inbound, fair, nil
}

// pastDays is how many days the sample data has lived through when the demo begins.
const pastDays = 4

// past plays the last days, so that the work list holds overdue work and the timelines have something to tell.
func (d *demo) past(ctx context.Context, sequence, fair ident.Sequence, leads []ident.Record) error {
	loops, stop := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { d.house.run(loops); close(done) }()
	defer func() { stop(); <-done }()
	for day := range pastDays {
		batch := leads[day*12 : day*12+12]
		if _, err := d.house.app.Connect(ctx, systemActor, sequence, batch, false); err != nil {
			return err
		}
		if day == pastDays-2 {
			// Visitors of a fair, who get text messages.
			if _, err := d.house.app.Connect(ctx, systemActor, fair, leads[100:106], false); err != nil {
				return err
			}
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
		if err := d.work(ctx, day); err != nil {
			return err
		}
		if err := d.clock.move(24 * time.Hour); err != nil {
			return err
		}
		if err := d.settle(ctx); err != nil {
			return err
		}
	}
	return d.answers(ctx)
}

// nextMorning is the next working day's 09:00 where the sample users live: the demo begins when a working day does.
func nextMorning(now time.Time) time.Time {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		return now
	}
	local := now.In(berlin)
	day := time.Date(local.Year(), local.Month(), local.Day(), 9, 0, 0, 0, berlin)
	for !day.After(now) || day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day
}

// work completes about half of what is due, as a seller would.
func (d *demo) work(ctx context.Context, day int) error {
	users, err := d.house.app.ListUsers(ctx, systemActor)
	if err != nil {
		return err
	}
	outcomes := []string{"connected", "left_voicemail", "no_answer"}
	for _, u := range users {
		page, err := d.house.app.WorkList(ctx, actorOf(u), store.WorkQuery{Assignee: u.ID, Until: d.clock.now(), Limit: 50})
		if err != nil {
			return err
		}
		for i, a := range page.Rows {
			if i%2 == 1 || (a.Kind != "phone_call" && a.Kind != "task") {
				continue
			}
			done := action.Done{Note: "Asked about the project; sounds promising."}
			if a.Kind == "phone_call" {
				done.Outcome, done.Duration = outcomes[(i/2+day)%len(outcomes)], 60+17*i
			}
			if _, err := d.house.app.Complete(ctx, actorOf(u), a.ID, done); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	firstNames = strings.Fields("Marta Tomás Yuki Anneliese Sam Priya Luc Ewa Jonas Fatima Olga Kenji Ingrid Carlos Amélie Noah Zeynep Pavel Chloé Mateus Aino Liam Sofia Hassan Greta Diego Mei Oskar Elif Rosa")
	lastNames  = []string{
		"Lindqvist", "Herrera", "Tanaka", "von Hohenstein-Wallrabenstein", "Okonkwo", "Raman", "Moreau", "Nowak", "Becker", "Haddad",
		"Ivanova", "Sato", "Solberg", "Mendoza", "Dubois", "Fischer", "Yılmaz", "Novotný", "Laurent", "Silva", "Virtanen", "Murphy", "Rossi", "Rahman", "Schneider", "Vega", "Chen", "Nilsson", "Demir", "García",
	}
	companies = []string{
		"Nordlys Energi", "Herrera y Hijos", "Tanaka Seiki", "Wallrabenstein Maschinenbau", "Okonkwo Logistics", "Raman Textiles", "Atelier Moreau",
		"Nowak Med", "Becker & Söhne", "Haddad Foods", "Volga Instruments", "Sato Robotics", "Solberg Shipping", "Mendoza Solar", "Dubois Conseil", "Fischer Optik",
	}
	titles = []string{"Head of procurement", "Managing director", "Operations manager", "Chief technology officer", "Buyer", "Head of sales"}
	places = []struct{ country, city, zone, phone, mobile string }{
		{"Norway", "Oslo", "Europe/Oslo", "+4722%06d", "+4741%06d"},
		{"Spain", "Valencia", "Europe/Madrid", "+3496%07d", "+34612%06d"},
		{"Japan", "Osaka", "Asia/Tokyo", "+816%08d", "+8190%08d"},
		{"Germany", "Stuttgart", "Europe/Berlin", "+49711%07d", "+49170%07d"},
		{"United Kingdom", "Leeds", "Europe/London", "+44113%07d", "+447700%06d"},
		{"United States", "Austin", "America/Chicago", "+1512%07d", "+1737%07d"},
	}
	stages  = []string{"new", "qualify", "develop", "propose"}
	sources = []string{"Web site", "Trade fair", "Referral", "Webinar"}
)

func sampleLead(i int) action.RecordInput {
	first, last := firstNames[i%len(firstNames)], lastNames[(i*7+i/30)%len(lastNames)]
	company, place := companies[(i*5)%len(companies)], places[i%len(places)]
	v := record.Values{
		"first_name": first, "last_name": last, "company": company, "job_title": titles[i%len(titles)],
		"email": fmt.Sprintf("lead%03d@%s.test", i+1, strings.ToLower(asciiWord(company))), "phone": fmt.Sprintf(place.phone, 200000+i*37),
		"country": place.country, "city": place.city, "time_zone": place.zone, "stage": stages[i%len(stages)], "source": sources[i%len(sources)],
		"value": strconv.Itoa(4000 + (i*2750)%96000), "company_size": strconv.Itoa(8 + (i*31)%900),
	}
	if i%3 == 0 {
		v["mobile"] = fmt.Sprintf(place.mobile, 300000+i*53)
	}
	switch {
	case i%23 == 7:
		delete(v, "email")
	case i%29 == 11:
		v["do_not_email"] = "true"
	case i%31 == 13:
		v["do_not_text"] = "true"
	}
	return action.RecordInput{Kind: record.Lead, Values: v, ExternalKey: fmt.Sprintf("L-%04d", i+1)}
}

func sampleOpportunity(i int) action.RecordInput {
	in := sampleLead(i)
	in.Kind, in.ExternalKey = record.Opportunity, fmt.Sprintf("O-%04d", i+1)
	in.Values["name"] = in.Values["company"] + ", " + []string{"new line", "renewal", "pilot", "second site"}[i/5%4]
	return in
}

// asciiWord gives a word's Latin letters, for sample addresses.
func asciiWord(s string) string {
	return strings.Map(func(r rune) rune {
		if (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return -1
	}, s)
}
