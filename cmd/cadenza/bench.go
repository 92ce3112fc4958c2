package main

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/store"
)

type benchCommand struct {
	What        []string `arg:"" optional:"" name:"scenario" help:"What is measured, one after the other, each on a database of its own: ${enum}. A quick set without any; work is advances, connect and mail." enum:"advances,backlog,connect,cost,disk,idle,import,mail,pages,timer,track,work"`
	DB          string   `name:"db" aliases:"database" help:"PostgreSQL to measure on: a database that nothing else lives in. SQLite files in a temporary folder without it." placeholder:"ADDRESS"`
	Enrollments int      `help:"How many enrollments (or records, or rows) a scenario has; each has its own size without it." placeholder:"N"`
	Mails       int      `help:"How many emails each sender sends to a sink on this machine, three times over; 5,000 for work and 20,000 for mail without it." placeholder:"N"`
	Connections int      `help:"How many connections the emails go over." default:"20"`
	Hits        int      `help:"How many hits on followed mail are answered." default:"100000"`
	Clients     int      `help:"How many clients make the hits at once." default:"512"`
	Dir         string   `help:"Folder for what is measured on; one of the system's temporary folders without it." type:"existingdir" placeholder:"DIR"`
	Profile     string   `name:"cpu-profile" aliases:"cpuprofile" help:"Write a profile of the processor's time to this file." placeholder:"FILE"`
	JSON        bool     `name:"json" help:"Print JSON instead of a table."`
}

// scenario is one thing that the benchmark measures, on an empty database.
type scenario struct {
	name string
	// size is how many enrollments, records or rows it has unless it is told otherwise.
	size int
	run  func(*bench, context.Context) error
}

// scenarios are in the order in which they are told.
var scenarios = []scenario{
	{"advances", 100_000, (*bench).advances},
	{"connect", 1_000_000, (*bench).connecting},
	{"timer", 200, (*bench).timer},
	{"backlog", 1_000_000, (*bench).backlog},
	{"cost", 1_000_000, (*bench).cost},
	{"idle", 1_000_000, (*bench).idle},
	{"disk", 100_000, (*bench).disk},
	{"pages", 10_000_000, (*bench).pages},
	{"import", 1_000_000, (*bench).importing},
	{"mail", 20_000, (*bench).mails},
	{"track", 0, (*bench).hits},
}

// quick is what is measured where nothing is named, and work what has been called so since there were only these.
var (
	quick = []scenario{
		{"advances", 50_000, (*bench).advances},
		{"connect", 50_000, (*bench).connecting},
		{"timer", 100, (*bench).timer},
		{"disk", 20_000, (*bench).disk},
	}
	work = []scenario{
		{"advances", 50_000, (*bench).advances},
		{"connect", 50_000, (*bench).connecting},
		{"mail", 5_000, (*bench).mails},
	}
)

// chosen gives the scenarios that were named.
func (c *benchCommand) chosen() (list []scenario) {
	if len(c.What) == 0 {
		return quick
	}
	for _, name := range c.What {
		if name == "work" {
			list = append(list, work...)
		}
		for _, s := range scenarios {
			if s.name == name {
				list = append(list, s)
			}
		}
	}
	return list
}

// Run measures and prints.
func (c *benchCommand) Run(env *environment) error {
	dir, err := os.MkdirTemp(c.Dir, "cadenza-bench-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := c.refuseUsed(env.ctx); err != nil {
		return err
	}
	stop, err := c.profile()
	if err != nil {
		return err
	}
	defer stop()
	report := &benchReport{Database: "sqlite"}
	if c.DB != "" {
		report.Database = "postgres"
	}
	for _, s := range c.chosen() {
		if !c.JSON {
			_, _ = fmt.Fprintf(env.stderr, "measuring %s\n", s.name)
		}
		figures, err := c.measure(env.ctx, s, filepath.Join(dir, s.name))
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		report.Figures = append(report.Figures, figures...)
	}
	return report.print(env, c.JSON)
}

// refuseUsed keeps the benchmark from a database that somebody works with.
func (c *benchCommand) refuseUsed(ctx context.Context) error {
	if c.DB == "" {
		return nil
	}
	if !strings.HasPrefix(c.DB, "postgres") {
		return fault.New(fault.Invalid, "The benchmark measures on PostgreSQL where --db is given.").
			WithHint("Use postgres://user:password@host/database; without --db it measures on SQLite files of its own (--dir says where).")
	}
	db, _, err := openRaw(c.DB)
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var used bool
	if err := db.QueryRowContext(ctx, `select to_regclass('public.enrollments') is not null`).Scan(&used); err != nil {
		return fault.New(fault.Unavailable, "PostgreSQL at %s does not answer.", redact(c.DB)).
			WithHint("Check that the server runs and that user, password and database name are right.").WithInner(err)
	}
	if used {
		return fault.New(fault.Conflict, "The database %s is in use.", redact(c.DB)).WithHint("Name an empty one: the benchmark fills it, and slows down whoever works there.")
	}
	return nil
}

func (c *benchCommand) profile() (stop func(), err error) {
	if c.Profile == "" {
		return func() {}, nil
	}
	file, err := os.Create(c.Profile)
	if err != nil {
		return nil, fmt.Errorf("write a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(file); err != nil {
		return nil, fmt.Errorf("write a profile: %w", err)
	}
	return func() { pprof.StopCPUProfile(); _ = file.Close() }, nil
}

// measure runs a scenario on an empty database, which is gone afterwards.
func (c *benchCommand) measure(ctx context.Context, s scenario, dir string) (figures []figure, err error) {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	b := &bench{command: c, dir: dir, size: s.size}
	if c.Enrollments > 0 {
		b.size = c.Enrollments
	}
	drop, err := b.place(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { drop(); _ = os.RemoveAll(dir) }()
	if err := b.open(ctx); err != nil {
		return nil, err
	}
	defer func() { _ = b.db.Close() }()
	if err := s.run(b, ctx); err != nil {
		return nil, err
	}
	for i := range b.figures {
		b.figures[i].Scenario = s.name
	}
	return b.figures, nil
}

// bench is one scenario on its way.
type bench struct {
	command *benchCommand
	dir     string
	address string
	size    int
	db      *store.DB
	app     *action.App
	// now is the clock of the database in microseconds; 0 for the real one.
	now     atomic.Int64
	figures []figure
	user    store.User
}

// place gives the scenario an empty database: a file, or a schema of its own on PostgreSQL.
func (b *bench) place(ctx context.Context) (drop func(), err error) {
	if b.command.DB == "" {
		b.address = "sqlite:" + filepath.Join(b.dir, "bench.db")
		return func() {}, nil
	}
	address, err := url.Parse(b.command.DB)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The PostgreSQL address cannot be read.").WithHint("Use postgres://user:password@host:5432/database.")
	}
	db, _, err := openRaw(b.command.DB)
	if err != nil {
		return nil, err
	}
	// The folder's name is one that nothing else on this machine has.
	schema := strings.ReplaceAll(filepath.Base(filepath.Dir(b.dir))+"_"+filepath.Base(b.dir), "-", "_")
	if _, err := db.ExecContext(ctx, "create schema "+schema); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("make a schema: %w", err)
	}
	query := address.Query()
	query.Set("search_path", schema)
	address.RawQuery = query.Encode()
	b.address = address.String()
	return func() {
		_, _ = db.ExecContext(context.WithoutCancel(ctx), "drop schema "+schema+" cascade")
		_ = db.Close()
	}, nil
}

const benchPassword = "a long password"

func (b *bench) open(ctx context.Context) (err error) {
	b.now.Store(time.Now().UnixMicro())
	b.db, err = store.Open(ctx, b.address, store.Options{Now: b.clock})
	if err != nil {
		return err
	}
	if _, err := b.db.Migrate(ctx); err != nil {
		return err
	}
	b.app, err = action.New(action.Config{DB: b.db, Key: make([]byte, keySize), PasswordCost: action.PasswordCost{Memory: 8 << 10, Rounds: 1}})
	if err != nil {
		return err
	}
	b.user, err = b.app.CreateUser(ctx, access.System(), action.NewUser{Name: "Bench", Email: "bench@bench.test", Password: benchPassword, Zone: "UTC", Role: access.Admin})
	return err
}

func (b *bench) clock() time.Time {
	if now := b.now.Load(); now != 0 {
		return time.UnixMicro(now)
	}
	return time.Now()
}

// trial tells that nobody wants the figures: the benchmark itself is being tried.
func (b *bench) trial() bool { return b.size < 10_000 }

// workers is how many batches are played at once: SQLite has one writer.
func (b *bench) workers() int {
	if b.command.DB == "" {
		return 1
	}
	return 2
}
