package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"sync/atomic"
	"text/tabwriter"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/fault"
	"cadenza/internal/flow"
	"cadenza/internal/ident"
	"cadenza/internal/record"
	"cadenza/internal/step"
	"cadenza/internal/store"
)

type benchCommand struct {
	What        string `arg:"" optional:"" help:"What is measured: work (advances and emails), mail (emails alone, 20,000 of them) or track (hits on followed mail)." enum:"work,mail,track" default:"work"`
	DB          string `name:"db" help:"Empty database to measure on; a SQLite file in a temporary folder without it." placeholder:"ADDRESS"`
	Enrollments int    `help:"How many enrollments are moved." default:"50000"`
	Mails       int    `help:"How many emails are sent to a sink on this machine; 5,000 for work and 20,000 for mail without it." placeholder:"N"`
	Connections int    `help:"How many connections the emails go over." default:"20"`
	Hits        int    `help:"How many hits on followed mail are answered." default:"100000"`
	Clients     int    `help:"How many clients make the hits at once." default:"512"`
	Profile     string `name:"cpu-profile" help:"Write a profile of the processor's time to this file." placeholder:"FILE"`
	JSON        bool   `name:"json" help:"Print JSON instead of a table."`
}

// figure is one measured rate beside its raw reference of the same run.
type figure struct {
	Name      string  `json:"name"`
	PerSecond float64 `json:"per_second"`
	Raw       float64 `json:"raw_per_second"`
	RawName   string  `json:"raw"`
	// CPU and RawCPU are the microseconds of processor time that this process spends on one; zero where nobody looked.
	CPU    float64 `json:"cpu_us,omitempty"`
	RawCPU float64 `json:"raw_cpu_us,omitempty"`
}

// Run measures and prints.
func (c *benchCommand) Run(env *environment) error {
	dir, err := os.MkdirTemp("", "cadenza-bench-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if c.DB == "" {
		c.DB = "sqlite:" + filepath.Join(dir, "bench.db")
	}
	b := &bench{command: c}
	b.now.Store(time.Now().UnixMicro())
	if err := b.open(env.ctx); err != nil {
		return err
	}
	defer func() { _ = b.db.Close() }()
	if c.Mails == 0 {
		c.Mails = map[string]int{"work": 5000, "mail": 20000}[c.What]
	}
	measures := map[string][]func(context.Context, string) error{"work": {b.advances, b.mails}, "mail": {b.mails}, "track": {b.hits}}[c.What]
	if c.Profile != "" {
		file, err := os.Create(c.Profile)
		if err != nil {
			return fmt.Errorf("write a profile: %w", err)
		}
		defer func() { _ = file.Close() }()
		if err := pprof.StartCPUProfile(file); err != nil {
			return fmt.Errorf("write a profile: %w", err)
		}
		defer pprof.StopCPUProfile()
	}
	for _, measure := range measures {
		if err := measure(env.ctx, dir); err != nil {
			return err
		}
	}
	return b.print(env)
}

type bench struct {
	command *benchCommand
	db      *store.DB
	app     *action.App
	now     atomic.Int64
	figures []figure
	user    store.User
}

func (b *bench) open(ctx context.Context) (err error) {
	b.db, err = store.Open(ctx, b.command.DB, store.Options{Now: func() time.Time { return time.UnixMicro(b.now.Load()) }})
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
	needed, err := b.app.NeedsSetup(ctx)
	if err != nil {
		return err
	}
	if !needed {
		return fault.New(fault.Conflict, "The database %s is in use.", redact(b.command.DB)).WithHint("Name an empty one: the benchmark fills it.")
	}
	b.user, err = b.app.CreateUser(ctx, access.System(), action.NewUser{Name: "Bench", Email: "bench@bench.test", Password: "a long password", Zone: "UTC", Role: access.Admin})
	return err
}

// rounds is how often each enrollment moves.
const rounds = 3

// advances moves every enrollment through waits that all end at the same moment: one update and one line of history each.
func (b *bench) advances(ctx context.Context, _ string) error {
	n := b.command.Enrollments
	var steps []step.Step
	for i := range rounds + 1 {
		steps = append(steps, step.Step{ID: fmt.Sprintf("wait%d", i), Type: "wait", Config: step.Config{"for": "1h"}})
	}
	steps = append(steps, step.Step{ID: "call", Type: "phone_call", Name: "Call", Config: step.Config{}})
	seq, err := b.sequence(ctx, "Advances", steps)
	if err != nil {
		return err
	}
	records, err := b.insertRecords(ctx, n)
	if err != nil {
		return err
	}
	started := time.Now()
	if err := b.connect(ctx, seq, records); err != nil {
		return err
	}
	connected := float64(n) / time.Since(started).Seconds()
	if err := b.drain(ctx); err != nil { // enters the first wait
		return err
	}
	started = time.Now()
	for range rounds {
		b.now.Add(int64(time.Hour / time.Microsecond))
		if err := b.drain(ctx); err != nil {
			return err
		}
	}
	advances := float64(n*rounds) / time.Since(started).Seconds()
	raw, err := rawAdvances(ctx, b.command.DB, n)
	if err != nil {
		return fmt.Errorf("raw reference: %w", err)
	}
	b.figures = append(b.figures, figure{Name: "records connected", PerSecond: connected},
		figure{Name: "advances", PerSecond: advances, Raw: raw, RawName: "same update and insert, plain SQL, batches of 2,000"})
	return nil
}

func (b *bench) drain(ctx context.Context) error {
	for batch := 500; ; batch = min(2*batch, 2000) {
		n, err := b.db.Due(ctx, batch)
		if err != nil || n < batch {
			return err
		}
	}
}

// sequence makes and activates a sequence.
func (b *bench) sequence(ctx context.Context, name string, steps []step.Step) (store.Sequence, error) {
	def := flow.Sequence{Name: name, Record: record.Lead, Options: flow.DefaultOptions(), Steps: steps}
	applied, err := b.app.ApplySequence(ctx, access.System(), def, false)
	if err != nil {
		return store.Sequence{}, err
	}
	view, err := b.app.Activate(ctx, access.System(), applied.Sequence.ID, applied.Sequence.DraftRev, "", false)
	return view.Sequence, err
}

func (b *bench) insertRecords(ctx context.Context, n int) ([]ident.Record, error) {
	ids := make([]ident.Record, 0, n)
	for len(ids) < n {
		err := b.db.Write(ctx, func(tx *store.Tx) error {
			for range min(2000, n-len(ids)) {
				i := len(ids)
				r, err := tx.InsertRecord(record.Record{Kind: record.Lead, Owner: b.user.ID, Values: record.Values{
					"first_name": "Lead", "last_name": fmt.Sprint(i),
					"company": "Company", "email": fmt.Sprintf("lead%d@buyer.test", i), "status": "open",
				}})
				if err != nil {
					return err
				}
				ids = append(ids, r.ID)
			}
			return nil
		})
		if err != nil {
			return nil, fmt.Errorf("insert records: %w", err)
		}
	}
	return ids, nil
}

func (b *bench) connect(ctx context.Context, seq store.Sequence, records []ident.Record) error {
	for len(records) > 0 {
		n := min(2000, len(records))
		list := make([]store.NewEnrollment, n)
		for i, id := range records[:n] {
			list[i] = store.NewEnrollment{Sequence: seq.ID, Version: seq.Version, Record: id, Assignee: b.user.ID, ConnectedBy: b.user.ID}
		}
		err := b.db.Write(ctx, func(tx *store.Tx) error { _, err := tx.Enroll(list); return err })
		if err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

func (b *bench) print(env *environment) error {
	if b.command.JSON {
		encoder := json.NewEncoder(env.stdout)
		encoder.SetIndent("", "  ")
		return encoder.Encode(map[string]any{"database": b.db.Dialect(), "cpus": runtime.NumCPU(), "go": runtime.Version(), "figures": b.figures})
	}
	env.say("database %s, %d CPUs, %s", b.db.Dialect(), runtime.NumCPU(), runtime.Version())
	w := tabwriter.NewWriter(env.stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "measured\tper second\traw per second\tof raw\tCPU of each\traw CPU\t")
	number := func(form string, n float64) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf(form, n)
	}
	for _, f := range b.figures {
		share := 0.0
		if f.Raw > 0 {
			share = 100 * f.PerSecond / f.Raw
		}
		_, _ = fmt.Fprintf(w, "%s\t%.0f\t%s\t%s\t%s\t%s\t\n", f.Name, f.PerSecond, number("%.0f", f.Raw), number("%.0f %%", share),
			number("%.0f µs", f.CPU), number("%.0f µs", f.RawCPU))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, f := range b.figures {
		if f.RawName != "" {
			env.say("raw for %s: %s", f.Name, f.RawName)
		}
	}
	return nil
}
