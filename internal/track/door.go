package track

import (
	"context"
	"encoding/base64"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"cadenza/internal/fault"
	"cadenza/internal/hit"
	"cadenza/internal/ident"
	"cadenza/internal/store"
)

// Memory is what the door asks of the store.
type Memory interface {
	// Link gives where a link of a message leads; a not-found fault when there is none.
	Link(ctx context.Context, message ident.Message, number int) (string, error)
	// FileOf gives the file that a number of a message stands for, deleted or not; a not-found fault when there is none.
	FileOf(ctx context.Context, message ident.Message, number int) (store.File, error)
	// OpenFile opens a file's content; a not-found fault when it is gone.
	OpenFile(ctx context.Context, f store.File) (io.ReadSeekCloser, error)
	// AddHits stores hits in one transaction, and gives how many it kept.
	AddHits(ctx context.Context, hits []hit.Hit) (int, error)
	Now() time.Time
}

var _ Memory = (*store.DB)(nil)

// Config is what New needs.
type Config struct {
	Memory Memory
	// Wishes takes what the readers of mail do not want any more.
	Wishes Wishes
	Signer hit.Signer
	Log    *slog.Logger
}

// Door answers for pixels, links and files. Build it with New.
type Door struct {
	memory Memory
	wishes Wishes
	signer hit.Signer
	log    *slog.Logger
	mux    *http.ServeMux
	group  *group
	links  *links
	// fetching holds a place for each file that is being sent.
	fetching chan struct{}
	// choosing holds a place for each opt-out that is being answered.
	choosing chan struct{}
	// clients, choices and clicks count the POSTs of clients, and those to a message: from the page, and in one click.
	clients         *throttle[netip.Prefix]
	choices, clicks *throttle[ident.Message]
	// answered counts what was asked for with a good token, lost those of them that could not be stored.
	answered, lost atomic.Int64
}

const (
	// pathMax bounds the address of a request; every good one is far shorter.
	pathMax = 100
	// agentMax bounds what is kept of a request while it waits.
	agentMax = 300
	// commitLimit is how long a request waits for its hit to be stored.
	commitLimit = 3 * time.Second
	// fetchingMax is how many files are sent at once; each holds some 300 KB.
	fetchingMax = 200
	// readLimit is how long it waits for its link.
	readLimit = 2 * time.Second
)

// New builds the door. It answers everything under /t/.
func New(c Config) *Door {
	d := &Door{
		memory: c.Memory, wishes: c.Wishes, signer: c.Signer, log: c.Log, mux: http.NewServeMux(), links: newLinks(),
		fetching: make(chan struct{}, fetchingMax), choosing: make(chan struct{}, choosingMax),
		clients: newThrottle[netip.Prefix](perClient, clientBurst),
		choices: newThrottle[ident.Message](perMessage, messageBurst), clicks: newThrottle[ident.Message](perMessage, messageBurst),
	}
	d.group = newGroup(d.store)
	d.mux.HandleFunc("/t/o/{file}", d.open)
	d.mux.HandleFunc("/t/c/{token}", d.click)
	d.mux.HandleFunc("/t/f/{token}", d.download)
	d.mux.HandleFunc("/t/u/{token}", d.optOut)
	d.mux.HandleFunc("/t/u/style.css", optOutStyle)
	d.mux.HandleFunc("/", d.missing)
	return d
}

// Figures are counts since the start of the process.
type Figures struct{ Answered, Lost int64 }

// Figures gives the counts; operators ask.
func (d *Door) Figures() Figures { return Figures{Answered: d.answered.Load(), Lost: d.lost.Load()} }

// ServeHTTP puts the defences before every answer.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store, max-age=0")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Robots-Tag", "noindex, nofollow")
	h.Set("Content-Security-Policy", "default-src 'none'")
	switch {
	case r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, optOutPath) && len(r.URL.Path) <= pathMax:
		d.mux.ServeHTTP(w, r)
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		h.Set("Allow", "GET, HEAD")
		plain(w, http.StatusMethodNotAllowed, "This address can only be opened.")
	case len(r.URL.Path) > pathMax || len(r.URL.RawQuery) > pathMax:
		d.missing(w, r)
	default:
		d.mux.ServeHTTP(w, r)
	}
}

// pixel is a transparent GIF of one pixel, 43 bytes.
var pixel, _ = base64.StdEncoding.DecodeString("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==")

func (d *Door) open(w http.ResponseWriter, r *http.Request) {
	token, gif := strings.CutSuffix(r.PathValue("file"), ".gif")
	message, link, ok := d.signer.Read(token)
	if !ok || !gif || link != 0 {
		d.missing(w, r)
		return
	}
	d.note(r, hit.Hit{Message: message})
	w.Header().Set("Content-Type", "image/gif")
	w.Header().Set("Content-Length", strconv.Itoa(len(pixel)))
	_, _ = w.Write(pixel) // whoever left needs no picture
}

func (d *Door) click(w http.ResponseWriter, r *http.Request) {
	message, link, ok := d.signer.Read(r.PathValue("token"))
	if !ok || link == 0 {
		d.missing(w, r)
		return
	}
	url, err := d.find(r.Context(), message, link)
	switch {
	case fault.Is(err, fault.NotFound):
		d.missing(w, r)
		return
	case err != nil:
		d.log.Error("read link of followed mail", "error", err)
		w.Header().Set("Retry-After", "10")
		plain(w, http.StatusServiceUnavailable, "This link cannot be opened at this moment. Try again in a minute.")
		return
	}
	d.note(r, hit.Hit{Message: message, Link: link})
	http.Redirect(w, r, strings.ReplaceAll(url, " ", "%20"), http.StatusFound)
}

// find gives where a link leads. It remembers the last ones, so that customers arrive while the database is away.
func (d *Door) find(ctx context.Context, message ident.Message, link int) (string, error) {
	if url, ok := d.links.get(message, link); ok {
		return url, nil
	}
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	url, err := d.memory.Link(ctx, message, link)
	if err == nil {
		d.links.put(message, link, url)
	}
	return url, err
}

// note has the hit stored, and waits for that. A hit that cannot be stored is counted; its request is answered all the
// same.
func (d *Door) note(r *http.Request, h hit.Hit) {
	agent := r.UserAgent()
	d.answered.Add(1)
	h.At, h.Agent, h.Head = d.memory.Now(), strings.Clone(agent[:min(len(agent), agentMax)]), r.Method == http.MethodHead
	if err := d.group.add(h); err != nil {
		d.lost.Add(1)
	}
}

// store commits one group. A second try gets past a lock that two nodes wanted in different order.
func (d *Door) store(hits []hit.Hit) error {
	ctx, cancel := context.WithTimeout(context.Background(), commitLimit)
	defer cancel()
	_, err := d.memory.AddHits(ctx, hits)
	if fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
		_, err = d.memory.AddHits(ctx, hits)
	}
	if err != nil {
		d.log.Error("store hits", "error", err, "hits", len(hits))
	}
	return err
}

func (d *Door) missing(w http.ResponseWriter, _ *http.Request) {
	plain(w, http.StatusNotFound, "There is nothing at this address. The link may be incomplete: copy all of it from the email.")
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text + "\n"))
}
