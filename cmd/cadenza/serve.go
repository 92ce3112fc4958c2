package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"cadenza/internal/access"
	"cadenza/internal/action"
	"cadenza/internal/api"
	"cadenza/internal/fault"
	"cadenza/internal/message"
	"cadenza/internal/store"
	"cadenza/internal/web"
)

type serveCommand struct {
	site
	logging
	Listen  string     `help:"Address to listen on." default:"127.0.0.1:8080" placeholder:"ADDR" env:"CADENZA_LISTEN"`
	URL     string     `name:"url" help:"Address under which people reach the server, for instance https://cadenza.example.com." placeholder:"URL" env:"CADENZA_URL"`
	Workers int        `name:"mail-workers" help:"How many emails are on the wire at once." default:"40" env:"CADENZA_MAIL_WORKERS"`
	Each    int        `name:"mailbox-workers" help:"How many of them may be of one mailbox." default:"5" env:"CADENZA_MAILBOX_WORKERS"`
	Private bool       `name:"allow-private-calls" help:"Let calls to the text provider go to addresses of private networks, and without TLS." env:"CADENZA_ALLOW_PRIVATE_CALLS"`
	Phone   phoneFlags `embed:"" prefix:"phone-"`
	Proxies []string   `name:"trusted-proxies" help:"Addresses and networks of the proxies before this server; theirs is the word for where a request comes from (X-Forwarded-For)." placeholder:"ADDR" env:"CADENZA_TRUSTED_PROXIES"`
}

// Run serves until the process is asked to stop.
func (c *serveCommand) Run(env *environment) error {
	before, err := readProxies(c.Proxies)
	if err != nil {
		return err
	}
	listener, err := listen(c.Listen)
	if err != nil {
		return err
	}
	log := c.logger(env.stderr)
	// Mail must not be followed under an address that only this machine knows, so the default comes after build.
	h, err := build(env.ctx, blueprint{site: c.site, baseURL: outsideAddress(c.URL), log: log, workers: c.Workers, each: c.Each, private: c.Private, phone: c.Phone})
	if err != nil {
		return errors.Join(err, listener.Close())
	}
	defer func() { _ = h.db.Close() }()
	if c.URL == "" {
		c.URL = "http://" + listener.Addr().String()
	}
	if err := h.prepare(env, strings.TrimSuffix(c.URL, "/")); err != nil {
		return errors.Join(err, listener.Close())
	}
	env.say("Cadenza listens on http://%s and is reached at %s", listener.Addr(), c.URL)
	return h.serve(env.ctx, listener, before.handler(h.handler(c.URL, nil)))
}

// listen takes the address before anything else is started, so that a taken one is said at once.
func listen(address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fault.New(fault.Unavailable, "The address %s cannot be listened on.", address).
			WithHint("Is another server running there? Choose another address with --listen.").WithInner(err)
	}
	return listener, nil
}

// prepare migrates, checks the key, settles what a crash left open and says how to set up an empty installation.
func (h *house) prepare(env *environment, baseURL string) error {
	if err := h.db.CheckStart(env.ctx); err != nil {
		return err
	}
	if _, err := h.db.Migrate(env.ctx); err != nil {
		return err
	}
	if err := h.app.CheckKey(env.ctx); err != nil {
		return err
	}
	h.takeOver(env.ctx)
	if err := h.expireSending(env.ctx); err != nil {
		return err
	}
	held, err := h.app.SendingHeld(env.ctx, access.System())
	if err != nil {
		return err
	}
	if !held.IsZero() {
		h.log.Warn("sending is held: the database was restored", "at", held, "what_to_do", "settle what is in doubt on the outbox page, then run cadenza restore --release")
	}
	needed, err := h.app.NeedsSetup(env.ctx)
	if err != nil || !needed {
		return err
	}
	secret, err := h.app.SetupSecret(env.ctx)
	if err != nil {
		return err
	}
	env.say("There are no users yet. Make the first one, an admin, with this link. It works once:\n  %s/setup?key=%s", baseURL, secret)
	return nil
}

// handler joins the doors: the pages, the API, the public links and what operators ask for.
func (h *house) handler(url string, demo web.Demo) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprintln(w, "ok") })
	mux.HandleFunc("GET /readyz", h.ready)
	mux.Handle("GET /metrics", metrics(h.db, h.track, h.reads))
	mux.Handle(message.PublicPath, h.track)
	mux.Handle(action.FeedPath, web.Feed(h.app, h.log))
	mux.Handle("/api/", api.New(h.app, h.log))
	mux.Handle("GET "+api.SchemaPath, api.SchemaHandler())
	mux.Handle("/", web.New(web.Config{App: h.app, Log: h.log, Secure: strings.HasPrefix(url, "https://"), Demo: demo, Schema: api.Schema()}))
	return mux
}

func (h *house) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if err := h.db.Ping(ctx); err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	_, _ = fmt.Fprintln(w, "ready")
}

// stopLimit is how long requests in hand may take after the server was asked to stop; messages in hand have as long, at the same
// time. Ten seconds is when those who stop servers become impatient (Docker, for one), and the last results are still to be written.
const stopLimit = 9 * time.Second

// untilStop ends what streams to a page without end as soon as the server is asked to stop: there is nothing to finish, and the page
// asks again by itself.
func untilStop(stopping context.Context, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("Accept"), "text/event-stream") {
			ctx, cancel := context.WithCancel(r.Context())
			defer cancel()
			defer context.AfterFunc(stopping, cancel)()
			r = r.WithContext(ctx)
		}
		next.ServeHTTP(w, r)
	})
}

// serve answers requests and runs the loops until ctx ends, then finishes what is in hand.
func (h *house) serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{
		Handler: untilStop(ctx, handler), ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 10 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelDebug),
	}
	loops, stop := context.WithCancel(ctx)
	defer stop()
	var working sync.WaitGroup
	working.Go(func() { h.run(loops) })
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	newer := make(chan error, 1)
	working.Go(func() { h.watchSchema(loops, newer) })
	var err, outdated error
	select {
	case <-ctx.Done():
	case outdated = <-newer:
	case err = <-failed:
	}
	if err == nil {
		h.log.Info("stopping", "limit", stopLimit)
		last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopLimit)
		defer cancel()
		if outdated != nil {
			stop() // nothing new is begun while requests end
		}
		err = server.Shutdown(last)
	}
	stop()
	working.Wait()
	if outdated != nil {
		return outdated
	}
	if errors.Is(err, http.ErrServerClosed) || errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

// schemaEvery is how often a node looks whether a newer one has upgraded the database.
const schemaEvery = 2 * time.Second

// watchSchema says so once when a newer program has upgraded the database, so that this one ends (docs/adr/0047).
func (h *house) watchSchema(ctx context.Context, newer chan<- error) {
	ticker := time.NewTicker(schemaEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		if err := h.db.CheckSchema(ctx); errors.Is(err, store.ErrNewer) {
			newer <- err
			return
		}
	}
}
