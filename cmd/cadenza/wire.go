package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"cadenza/internal/action"
	"cadenza/internal/delivery"
	"cadenza/internal/engine"
	"cadenza/internal/fault"
	"cadenza/internal/inbox"
	"cadenza/internal/phone"
	"cadenza/internal/store"
	"cadenza/internal/track"
)

// house is the wired product: the database, the actions and the loops that work on their own.
type house struct {
	db   *store.DB
	app  *action.App
	log  *slog.Logger
	node string
	// journal is of what this node sends, dataDir the folder with the journals of others on this machine.
	journal *delivery.Journal
	dataDir string
	track   *track.Door
	moves   *engine.Engine
	reads   *inbox.Loop
	loops   []func(context.Context)
}

// blueprint is what build needs.
type blueprint struct {
	site site
	// baseURL is the address under which people outside reach the server; "" when nobody said.
	baseURL string
	log     *slog.Logger
	now     func() time.Time
	// workers and each are how many emails may be on the wire, in all and of one mailbox; zero for the defaults.
	workers, each int
	// cost is what a guess of a password costs; zero for the strong default.
	cost action.PasswordCost
	// private lets calls to addresses that people enter go to machines of this network.
	private bool
	// phone is how calls reach this machine.
	phone phoneFlags
	// lookUpTXT asks for the TXT records of a name; nil for the machine's own way.
	lookUpTXT func(ctx context.Context, name string) ([]string, error)
}

// build opens the database and wires everything. It does not start anything.
func build(ctx context.Context, b blueprint) (*house, error) {
	// The database comes first: a start that fails on it must not leave a new key behind.
	db, err := store.Open(ctx, b.site.DB, store.Options{Now: b.now, FilesDir: b.site.FilesDir})
	if err != nil {
		return nil, err
	}
	key, err := readKey(b.site.KeyFile)
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	var vault *action.Vault
	provider := delivery.NewHTTP(delivery.HTTPConfig{
		AllowPrivate: b.private,
		Secret:       func(p store.TextProvider) (string, error) { return vault.ProviderSecret(p) },
	})
	h := &house{db: db, log: b.log, node: nodeName()}
	if b.lookUpTXT == nil {
		b.lookUpTXT = net.DefaultResolver.LookupTXT
	}
	var app *action.App
	calls := b.phone.open(h, func(ctx context.Context) (phone.Trunk, error) { return app.Trunk(ctx) })
	app, err = action.New(action.Config{
		Phone: calls,
		DB:    db, Log: b.log, Key: key, DataDir: b.site.DataDir, BaseURL: b.baseURL,
		Probe: delivery.Probe, ProbeReading: inbox.Probe, LookupTXT: b.lookUpTXT, Text: provider.Send, PasswordCost: b.cost,
	})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	vault = app.Vault()
	h.app = app
	h.journal, h.dataDir = delivery.NewJournal(b.site.DataDir, h.node), b.site.DataDir
	mail := delivery.New(delivery.Config{
		Outbox: db, Journal: h.journal, Log: b.log, Node: h.node, Workers: b.workers, PerMailbox: b.each, Signer: app.Signer,
		Transport: delivery.NewSMTP(delivery.Server{Credentials: app.Credentials}),
		Tracking:  delivery.Tracking{Signer: app.Vault().Signer(), BaseURL: b.baseURL},
	})
	texts := delivery.NewTexts(delivery.Config{
		Outbox: db.Texts(), Journal: h.journal, Log: b.log, Node: h.node, Provider: provider,
		Tracking: delivery.Tracking{Signer: app.Vault().Signer(), BaseURL: b.baseURL},
	})
	h.track = track.New(track.Config{Memory: db, Wishes: db, Signer: app.Vault().Signer(), Log: b.log})
	h.reads = inbox.New(inbox.Config{
		Roster: db, Memory: db, Log: b.log, Node: h.node, Server: inbox.Server{Credentials: app.Credentials},
	})
	copies := inbox.NewCopier(inbox.CopierConfig{
		Copies: db, Texts: mail, Log: b.log, Server: inbox.Server{Credentials: app.Credentials},
	})
	h.moves = engine.New(db, b.log, h.node, db.Writers(),
		engine.Chore{Name: "expire-sending", Every: 4 * time.Second, Run: h.expireSending},
		engine.Chore{Name: "expire-calls", Every: 4 * time.Second, Run: h.expireCalls},
		engine.Chore{Name: "decide-ab-tests", Every: 10 * time.Second, Run: h.decideTests},
		engine.Chore{Name: "hand-over", Every: time.Minute, Run: h.handOver},
		engine.Chore{Name: "digests", Every: time.Minute, Run: h.sendDigests},
		engine.Chore{Name: "sum-figures", Every: time.Minute / 2, Run: h.sumFigures},
		engine.Chore{Name: "tidy", Every: 10 * time.Minute, Run: h.tidy},
		engine.Chore{Name: "drop-history", Every: time.Hour, Run: h.dropHistory})
	h.loops = []func(context.Context){calls.Run, mail.Run, texts.Run, h.reads.Run, copies.Run, h.moves.Run, db.Overhear, app.KeepBatches, app.KeepMoves, func(ctx context.Context) {
		if err := app.Run(ctx); err != nil {
			b.log.Error("background imports", "error", err)
		}
	}}
	return h, nil
}

// open is build for commands that do one thing: the schema must be there.
func open(env *environment, s site) (*house, error) {
	h, err := build(env.ctx, blueprint{site: s, log: slog.New(slog.NewTextHandler(io.Discard, nil)), lookUpTXT: env.lookUpTXT})
	if err != nil {
		return nil, err
	}
	if err := h.db.CheckSchema(env.ctx); err != nil {
		_ = h.db.Close()
		return nil, err
	}
	current, newest, err := h.db.SchemaVersions(env.ctx)
	if err == nil && current != newest {
		err = fault.New(fault.Unavailable, "The database has schema %d, this program needs %d.", current, newest).
			WithHint("Run cadenza migrate.")
	}
	if err != nil {
		_ = h.db.Close()
		return nil, err
	}
	return h, nil
}

// run starts the loops and waits for all of them to end after ctx does.
func (h *house) run(ctx context.Context) {
	if err := h.moves.Beat(ctx); err != nil {
		h.log.Error("say that this node lives", "error", err)
	}
	if err := h.app.RememberAddress(ctx); err != nil {
		h.log.Error("remember the address of the server", "error", err)
	}
	h.takeOver(ctx)
	if err := h.journal.Open(); err != nil {
		h.log.Error("a crash will leave more emails in doubt", "error", err)
	}
	last, stop := context.WithCancel(context.WithoutCancel(ctx))
	var alive, loops sync.WaitGroup
	alive.Go(func() { h.moves.Live(last) })
	for _, loop := range h.loops {
		loops.Go(func() { loop(ctx) })
	}
	loops.Wait()
	if err := h.journal.Close(); err != nil {
		h.log.Error("end the journal of sending", "error", err)
	}
	stop()
	alive.Wait()
}

// takeOver writes down what killed processes on this machine had sent, and puts back into the queue what they had claimed and
// not touched the network with. What is left of theirs is in doubt; expireSending lists it.
func (h *house) takeOver(ctx context.Context) {
	remains, err := delivery.FindRemains(h.dataDir)
	if err != nil {
		h.log.Error("read the journals of sending", "error", err)
	}
	for _, r := range remains {
		if r.Trusted {
			sentErr := h.db.FinishSent(ctx, r.Sent)
			mails, mailErr := h.db.ReleaseMail(ctx, r.Node, r.Touched)
			texts, textErr := h.db.Texts().ReleaseMail(ctx, r.Node, r.Touched)
			if err := errors.Join(sentErr, mailErr, textErr); err != nil {
				h.log.Error("take over from a killed process", "error", err)
			}
			h.log.Info("took over from a killed process", "given_back", mails+texts, "sent", len(r.Sent), "in_doubt", len(r.Touched)-len(r.Sent))
		}
		if err := r.Forget(); err != nil {
			h.log.Error("remove a journal of sending", "error", err)
		}
	}
}

// expireSending is the chore that notices messages whose node is gone.
func (h *house) expireSending(ctx context.Context) error {
	n, err := h.db.ExpireSending(ctx, h.node)
	if n > 0 {
		h.log.Warn("messages with unknown fate", "messages", n, "what_to_do", "settle them on the outbox page, or with cadenza outbox settle")
	}
	return err
}

// expireCalls is the chore that ends the calls of nodes that are gone.
func (h *house) expireCalls(ctx context.Context) error {
	n, err := h.db.ExpireCalls(ctx, h.node)
	if n > 0 {
		h.log.Warn("calls cut off by the end of their server", "calls", n)
	}
	return err
}

// decideTests is the chore that ends A/B tests.
func (h *house) decideTests(ctx context.Context) error {
	n, err := h.db.DecideABTests(ctx)
	if n > 0 {
		h.log.Info("A/B tests decided", "tests", n)
	}
	return err
}

// handOver is the chore that hands over open work of those whose time off begins.
func (h *house) handOver(ctx context.Context) error {
	n, err := h.db.BeginTimesOff(ctx)
	if n > 0 {
		h.log.Info("open activities handed over", "activities", n)
	}
	return err
}

// sendDigests is the chore that puts the digests that are due into the outbox.
func (h *house) sendDigests(ctx context.Context) error {
	n, err := h.app.SendDigests(ctx)
	if n > 0 {
		h.log.Info("digests written", "digests", n)
	}
	return err
}

// tidy is the chore that deletes what nobody needs any more.
func (h *house) tidy(ctx context.Context) error {
	if err := h.db.Tidy(ctx); err != nil {
		return fmt.Errorf("tidy: %w", err)
	}
	return nil
}

// dropHistory is the chore that deletes history which is older than the organisation keeps it.
// sumFigures keeps the figures of sequences quick to read.
func (h *house) sumFigures(ctx context.Context) error {
	_, err := h.db.SumFigures(ctx)
	return err
}

func (h *house) dropHistory(ctx context.Context) error {
	n, err := h.db.DropHistory(ctx)
	if n > 0 {
		h.log.Info("old history deleted", "enrollments", n)
	}
	return err
}

// nodeName names this start of the process among all on the database.
func nodeName() string {
	var b [8]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// outsideAddress gives the address of the server for people outside, "" for one that leads everybody to their own machine:
// a link to it in an email would lead customers nowhere. Whoever wants such links all the same sets a tracking address.
func outsideAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "localhost" || strings.HasSuffix(u.Hostname(), ".localhost") {
		return ""
	}
	if ip := net.ParseIP(u.Hostname()); ip != nil && (ip.IsLoopback() || ip.IsUnspecified()) {
		return ""
	}
	return strings.TrimSuffix(address, "/")
}

// within opens the house for one thing.
func within(env *environment, s site, do func(*house) error) error {
	h, err := open(env, s)
	if err != nil {
		return err
	}
	defer func() { _ = h.db.Close() }()
	return do(h)
}
