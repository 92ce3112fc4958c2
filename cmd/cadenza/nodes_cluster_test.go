package main

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"cadenza/internal/access"
	"cadenza/internal/store"
	"cadenza/internal/testmail"
	"cadenza/internal/testpg"
	"cadenza/internal/testproc"
)

const (
	// cappedLeads wait for a mailbox that may send cappedPerHour: however many nodes there are, no more may leave it.
	cappedLeads   = 60
	cappedPerHour = 20
)

// takeOver is how long it may take until others have done what a node that is gone had in hand.
const takeOver = 15 * time.Second

// machine is where a node runs; the zero value is this one, where a node has a machine of its own as far as the data folder and the way to the database go.
type machine struct {
	// enter is the beginning of a command that runs there.
	enter []string
	// database is the address of this machine on the cable between them that leads to the database.
	database string
	// pull and plug pull that cable and put it back; without them the link plays it.
	pull, plug func()
}

// node is one cadenza serve.
type node struct {
	machine
	name    string
	link    *link
	args    []string
	process *process
}

// cluster is nodes on one PostgreSQL which carry a load.
type cluster struct {
	*load
	server  *testpg.Cluster
	address string
	// capped counts what arrives from the mailbox of Ben.
	capped *testmail.Sink
	nodes  []*node
	limit  time.Duration // for the others to take over
}

// newCluster starts nodes on machines, with a PostgreSQL of their own, and a mail server at an address of this machine.
func newCluster(t *testing.T, machines []machine, mail string, rest bool) *cluster {
	server := testpg.Start(t, testpg.Options{Fsync: true})
	address, dir := server.Database(t), t.TempDir()
	c := &cluster{server: server, address: address, limit: takeOver}
	c.load = newLoad(t, site{database: database{DB: address}, KeyFile: filepath.Join(dir, "key"), DataDir: filepath.Join(dir, "test")}, mail, rest)
	c.cappedMailbox(mail)
	for i, m := range machines {
		name := fmt.Sprint("node", i+1)
		way, through := newLink(t, cmp.Or(m.database, loopback), address)
		if m.pull == nil {
			m.pull, m.plug = way.silence, way.mend
		}
		c.nodes = append(c.nodes, &node{machine: m, name: name, link: way, args: []string{
			"serve", "--listen=127.0.0.1:0", "--db=" + through, "--key-file=" + c.site.KeyFile, "--data-dir=" + filepath.Join(dir, name),
			fmt.Sprint("--mailbox-workers=", crashConnections),
		}})
	}
	for _, one := range c.nodes {
		c.startNode(one)
	}
	return c
}

// cappedMailbox gives Ben more to send than he may in an hour.
func (c *cluster) cappedMailbox(mail string) {
	c.capped = countAt(c.t, mail)
	ben := c.seller("Ben", c.capped)
	_, err := c.house.app.SavePace(context.Background(), access.System(), ben.ID, &store.SendLimits{Hour: cappedPerHour}, 0)
	c.must(err)
	c.must(c.connectTo(c.activate("Capped", automated("mail0"), task("call")), ben, 0, cappedLeads))
}

func (c *cluster) startNode(n *node) {
	command := slices.Concat(n.enter, []string{os.Args[0]}, n.args)
	n.process = startProgram(c.t, command[0], "listens on", command[1:]...)
}

// stopsWithin is how long a node may take that is asked to end: those who stop servers then kill them (Docker, for one).
const stopsWithin = 10 * time.Second

// stopNode asks a node to end, and wants it to in time.
func (c *cluster) stopNode(n *node) {
	began := time.Now()
	n.process.stop(c.t)
	if took := time.Since(began); took > stopsWithin {
		c.t.Errorf("%s took %s to end, want at most %s", n.name, took, stopsWithin)
	}
}

func (c *cluster) signal(n *node, s syscall.Signal) { c.must(n.process.cmd.Process.Signal(s)) }

// left counts what is in hand or waiting since before a moment: due enrollments, and queued or unfinished emails that no cap holds.
func (c *cluster) left(before time.Time) (n int) {
	conn, err := pgx.Connect(context.Background(), c.address)
	c.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	c.must(conn.QueryRow(context.Background(), `select (select count(*) from enrollment_states where due_at <= $1)
		+ (select count(*) from messages where state in (1, 3) and user_id = $2 and created_at <= $1)`, before.UnixMicro(), int64(c.anna.ID)).Scan(&n))
	return n
}

// othersGoOn wants all that waited at this moment to be done within the limit.
func (c *cluster) othersGoOn(what string) {
	c.t.Helper()
	began := time.Now()
	c.within(c.limit, "the others went on after "+what, func() bool { return c.left(began) == 0 })
	c.t.Logf("%s: the others had gone on after %s", what, time.Since(began).Round(100*time.Millisecond))
}

// within asks again and again until it is done.
func (c *cluster) within(limit time.Duration, what string, done func() bool) {
	c.t.Helper()
	ticker := time.NewTicker(100 * time.Millisecond)
	defer ticker.Stop()
	over := time.After(limit)
	for !done() {
		select {
		case <-ticker.C:
		case <-over:
			c.t.Fatalf("%s passed before %s", limit, what)
		}
	}
}

// killed ends a node with kill -9; it comes back when the others have taken over, or at once.
func (c *cluster) killed(n *node, atOnce bool) {
	n.process.kill()
	if !atOnce {
		c.othersGoOn(n.name + " was killed")
	}
	c.startNode(n)
}

// paused stops a node for a while, as a machine does that sleeps, and lets it go on.
func (c *cluster) paused(n *node, span time.Duration) {
	c.signal(n, syscall.SIGSTOP)
	over := time.After(span)
	if span > takeOver {
		c.othersGoOn(n.name + " was paused")
	}
	<-over
	c.signal(n, syscall.SIGCONT)
}

// away cuts a node from the database for a while. With lost, its connections do not come back, and the server is not told.
func (c *cluster) away(n *node, span time.Duration, lost bool) {
	n.pull()
	over := time.After(span)
	if span > takeOver {
		c.othersGoOn(n.name + " was cut off")
	}
	<-over
	if lost {
		n.link.lose()
	}
	n.plug()
}

// databaseRestarts stops PostgreSQL, as an administrator or as a crash does, and starts it again.
func (c *cluster) databaseRestarts(crash bool) {
	c.feeding.Lock()
	if crash {
		c.server.Kill(c.t)
	} else {
		c.server.Stop(c.t)
	}
	c.server.Resume(c.t)
	c.feeding.Unlock()
	c.othersGoOn("PostgreSQL was started again")
}

// replaced stops each node in turn and starts it again, as an upgrade does.
func (c *cluster) replaced() {
	for _, n := range c.nodes {
		c.stopNode(n)
		c.startNode(n)
	}
}

// drained waits until nothing is due or on the wire any more.
func (c *cluster) drained() {
	c.t.Helper()
	c.within(4*time.Minute, "all was done", func() bool { return c.left(time.Now().Add(time.Hour)) == 0 })
}

// end lets the nodes finish, and holds everything against the model.
func (c *cluster) end() {
	c.drained()
	for _, n := range c.nodes {
		c.stopNode(n)
	}
	c.compare()
	c.spread()
	c.settleRest(c.leads*loadMails, func() {
		c.startNode(c.nodes[0])
		c.drained()
		c.stopNode(c.nodes[0])
	})
	c.everythingOnce()
	if n := c.capped.Count(); n > cappedPerHour || n == 0 {
		c.t.Errorf("%d emails left a mailbox that may send %d an hour", n, cappedPerHour)
	}
	if c.t.Failed() {
		for _, n := range c.nodes {
			c.t.Logf("log of %s since its last start:\n%s", n.name, tailOf(n.process.log.String(), 4000))
		}
	}
}

func tailOf(s string, most int) string { return s[max(0, len(s)-most):] }

// spread wants every node to have sent a good part.
func (c *cluster) spread() {
	conn, err := pgx.Connect(context.Background(), c.address)
	c.must(err)
	defer func() { _ = conn.Close(context.Background()) }()
	rows, err := conn.Query(context.Background(), `select node, count(*) from messages where state in (4, 7) group by node order by 2 desc`)
	c.must(err)
	starts := 0
	var n int
	var name, text string
	_, err = pgx.ForEachRow(rows, []any{&name, &n}, func() error {
		starts++
		text += fmt.Sprintf(" %s:%d", name, n)
		return nil
	})
	c.must(err)
	if starts < len(c.nodes) {
		c.t.Errorf("only these starts of %d nodes sent email:%s", len(c.nodes), text)
	}
	c.t.Logf("emails by start of a node:%s", text)
}

// launch runs cadenza without waiting for it: what it prints goes nowhere.
func launch(t *testing.T, args ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	if err := testproc.Start(cmd, syscall.SIGKILL); err != nil {
		t.Fatalf("start cadenza %v: %v", args, err)
	}
	return &process{cmd: cmd}
}

// shuffled gives the disturbances in an order that the seed decides.
func shuffled[T any](r *rand.Rand, list []T) []T {
	r.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// runOnce runs cadenza to its end and gives all that it prints.
func runOnce(args ...string) (string, error) {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asCommand+"=1")
	out, err := cmd.CombinedOutput()
	return string(out), err
}
