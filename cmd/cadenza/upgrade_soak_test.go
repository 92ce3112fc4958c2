//go:build soak

package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/ident"
	"cadenza/internal/testmail"
	"cadenza/internal/testpg"
)

// endsWithin is how long an older node may go on after a newer one has upgraded the database, on a busy machine.
const endsWithin = 30 * time.Second

// upgradeBacklog is how many leads are connected at once just before the upgrade, so that nodes have their hands full in it.
const upgradeBacklog = 2000

// upgrade is a load that a program of an older version begins and one of today's ends. Until the upgrade it knows nothing of the schema: the older program makes
// the database and the user by its command line, and all else is asked of the nodes by their API, as clients do. So it holds for every migration to come.
type upgrade struct {
	*load
	client
	older string
	dir   string
	// counted tells that the older program keeps figures of steps: what one that does not did between the migration and its end is missing in them.
	counted bool
}

// upgradeUnderLoad runs nodes of the program as it was before the newest migration under load and has nodes of today's take over. On PostgreSQL one of today's joins
// and migrates, and the older ones end by themselves; on SQLite, where only one can run, the older one is stopped first. Clients go on all the time, and
// everything goes out once.
func upgradeUnderLoad(t *testing.T, older, kind string) {
	u := newUpgrade(t, older, kind)
	olds := []*process{u.serve(older, "old1")}
	if kind == "postgres" {
		olds = append(olds, u.serve(older, "old2"))
	}
	u.prepareOutside()
	stop := u.feedOutside()
	u.moreArrive(200)
	stop()
	u.must(u.connectOutside(upgradeBacklog))
	stop = u.feedOutside()
	defer stop()
	began := time.Now()
	var news []*process
	if kind == "sqlite" {
		olds[0].stop(t)
		news = append(news, u.serve(os.Args[0], "new1"))
	} else {
		news = append(news, u.serve(os.Args[0], "new1"))
		for i, p := range olds {
			endsByItself(t, p, fmt.Sprint("older node ", i+1))
		}
	}
	t.Logf("the older nodes had ended and a newer one served %s after it began", time.Since(began).Round(100*time.Millisecond))
	u.moreArrive(upgradeBacklog + 500)
	if kind == "postgres" {
		news = append(news, u.serve(os.Args[0], "new2"))
		u.moreArrive(500)
	}
	stop()
	u.endsWhole(news)
}

// newUpgrade makes a database by the older program, with one user and a token for the client.
func newUpgrade(t *testing.T, older, kind string) *upgrade {
	dir := t.TempDir()
	s := site{database: database{DB: "sqlite:" + filepath.Join(dir, "c.db")}, KeyFile: filepath.Join(dir, "key"), DataDir: filepath.Join(dir, "test")}
	if kind == "postgres" {
		s.DB = testpg.Start(t, testpg.Options{Fsync: true}).Database(t)
	}
	u := &upgrade{load: &load{crash: crash{t: t, site: s, sink: testmail.StartSink(t, testmail.SinkOptions{CountOnly: true})}}, older: older, dir: dir}
	u.byOlder("migrate")
	u.byOlder("user", "create", "anna@test.local", "--name=Anna", "--role=admin", "--zone=UTC")
	u.token = u.byOlder("user", "token", "anna@test.local")
	return u
}

// byOlder runs a command of the older program to its end and gives what it prints.
func (u *upgrade) byOlder(args ...string) string {
	u.t.Helper()
	cmd := exec.Command(u.older, u.withSite(args...)...)
	cmd.Stdin = strings.NewReader("a long password\n")
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		u.t.Fatalf("%v by the older program: %v: %s", args, err, said.String())
	}
	return strings.TrimSpace(string(out))
}

// serve starts a node, which the client uses from then on.
func (u *upgrade) serve(program, name string) *process {
	p := startProgram(u.t, program, "listens on", "serve", "--listen=127.0.0.1:0", "--db="+u.site.DB, "--key-file="+u.site.KeyFile,
		"--data-dir="+filepath.Join(u.dir, name), fmt.Sprint("--mailbox-workers=", crashConnections))
	u.use(p)
	return p
}

// outsideLoad is the sequence of newLoad, as a file.
const outsideLoad = `
name: Load
record: lead
steps:
  - { id: mail0, type: automated_email, name: Mail, template: intro }
  - id: big
    type: condition
    when: { field: company_size, op: ">=", value: 50 }
    yes: [ { id: mark, type: update_field, name: Mark, field: stage, value: qualify } ]
  - { id: rest, type: wait, for: 1m }
  - { id: mail1, type: automated_email, name: Mail, template: intro }
  - { id: call, type: task, name: Call }
`

type values = map[string]any

// prepareOutside is newLoad by the API.
func (u *upgrade) prepareOutside() {
	host, port, _ := net.SplitHostPort(u.sink.Addr())
	at, _ := strconv.Atoi(port)
	var users struct{ Data []struct{ ID ident.User } }
	u.must(u.ask("GET", "/users", nil, &users))
	if len(users.Data) != 1 {
		u.t.Fatalf("the users are %+v", users.Data)
	}
	u.anna.ID = users.Data[0].ID
	u.must(u.ask("PUT", "/mailboxes/"+u.anna.ID.String(), values{
		"address": "anna@test.local", "sender_name": "Anna", "host": host, "port": at, "security": "none", "username": "Anna", "password": "secret",
	}, nil))
	u.must(u.ask("POST", "/templates", values{"key": "intro", "name": "Intro", "subject": "Hello {{ last_name }}", "html": "<p>Hello</p>"}, nil))
	var applied struct{ Sequence struct{ ID string } }
	u.must(u.ask("PUT", "/sequences/apply", outsideLoad, &applied))
	u.must(u.sequence.UnmarshalText([]byte(applied.Sequence.ID)))
	u.must(u.ask("POST", "/sequences/"+applied.Sequence.ID+"/activate", values{}, nil))
	u.counted = u.ask("GET", "/sequences/"+applied.Sequence.ID+"/figures", nil, nil) == nil
}

// feedOutside is feed by the API.
func (u *upgrade) feedOutside() (stop func()) {
	return u.feedBy(100*time.Millisecond, func() error { return u.connectOutside(20) })
}

// connectOutside makes leads and connects them, by the API.
func (u *upgrade) connectOutside(many int) error {
	var ids []string
	for i := u.leads; i < u.leads+many; i++ {
		var made struct{ ID string }
		if err := u.ask("POST", "/records/lead", values{"owner": u.anna.ID, "values": values{
			"last_name": fmt.Sprint("Lead", i), "email": fmt.Sprintf("lead%d@buyer.test", i), "stage": "new", "company_size": strconv.Itoa(sizeOf(i)),
		}}, &made); err != nil {
			return err
		}
		ids = append(ids, made.ID)
	}
	var done struct{ Connected []struct{ ID string } }
	if err := u.ask("POST", "/sequences/"+u.sequence.String()+"/connect", values{"records": ids}, &done); err != nil {
		return err
	}
	u.leads += many
	if len(done.Connected) != many {
		return fmt.Errorf("%d of %d leads were connected", len(done.Connected), many)
	}
	return nil
}

// moreArrive waits for so many more emails.
func (u *upgrade) moreArrive(many int) {
	until := u.sink.Count() + many
	u.until("more emails arrived", func() bool { return u.sink.Count() >= until })
}

// endsWhole lets the newer nodes finish and holds everything against the model, by today's eyes.
func (u *upgrade) endsWhole(news []*process) {
	u.reopen()
	u.emptied()
	for _, p := range news {
		p.stop(u.t)
	}
	u.compare()
	u.settleRest(u.leads*loadMails, u.finish)
	u.everythingOnce()
	if u.counted {
		u.figuresAgree()
	}
	if load, err := u.house.app.SendingHeld(context.Background(), access.System()); err != nil || !load.IsZero() {
		u.t.Errorf("sending is held since %v, %v", load, err)
	}
}

// figuresAgree wants the figures of the sequence to count every lead once, at the task, and each visit of a step before it.
func (u *upgrade) figuresAgree() {
	f, err := u.house.app.Figures(context.Background(), access.System(), u.sequence, 0)
	u.must(err)
	want := map[string]int64{"mail0": 0, "rest": 0, "mail1": 0, "call": int64(u.leads)}
	for id, here := range want {
		if got := f.Steps[id]; got.Here != here || got.Entered != int64(u.leads) {
			u.t.Errorf("the figures say that %d came to %s and %d stand there, want %d and %d", got.Entered, id, got.Here, u.leads, here)
		}
	}
	if f.Connected != int64(u.leads) {
		u.t.Errorf("the figures say that %d were connected, want %d", f.Connected, u.leads)
	}
}

// endsByItself wants a node to end soon, because the schema is newer than it knows.
func endsByItself(t *testing.T, p *process, name string) {
	t.Helper()
	ended := make(chan error, 1)
	go func() { ended <- p.cmd.Wait() }()
	select {
	case err := <-ended:
		if err == nil || !strings.Contains(p.log.String(), "a newer Cadenza upgraded it") {
			t.Errorf("%s ended with %v and said:\n%s", name, err, tailOf(p.log.String(), 2000))
		}
	case <-time.After(endsWithin):
		t.Errorf("%s still runs %s after the upgrade", name, endsWithin)
		_ = p.cmd.Process.Kill()
		<-ended
	}
}
