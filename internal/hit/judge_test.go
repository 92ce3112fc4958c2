package hit

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

const (
	chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
	google = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"
)

// sent is when every mail here was sent.
var sent = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// at makes a hit some time after the sending: on a link, or on the pixel with 0.
func at(after time.Duration, link int, agent string) Hit {
	return Hit{Message: 1, Link: link, At: sent.Add(after), Agent: agent}
}

// download is at for a file.
func download(after time.Duration, number int, agent string) Hit {
	h := at(after, number, agent)
	h.File = true
	return h
}

func TestJudgeAgents(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		agent       string
		open, click Reason
	}{
		{chrome, Counted, Counted},
		{"Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148", Counted, Counted},
		{"Mozilla/5.0 (Linux; Android 9; CUBOT X19 Build/PPR1) AppleWebKit/537.36 Chrome/100.0 Mobile Safari/537.36", Counted, Counted},
		{"Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Win64; x64; Trident/7.0; Microsoft Outlook 16.0.5000; ms-office; MSOffice 16)", Counted, Counted},
		{"Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Thunderbird/140.1.0", Counted, Counted},
		{google, Counted, Counted},
		{"YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", Counted, Counted},
		{"Mozilla/5.0", Prefetch, Counted},
		{"", Scanner, Scanner},
		{"  ", Scanner, Scanner},
		{"Microsoft Office Existence Discovery", Scanner, Scanner},
		{"Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", Scanner, Scanner},
		{"Mozilla/5.0 (compatible; bingbot/2.0)", Scanner, Scanner},
		{"Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Scanner, Scanner},
		{"facebookexternalhit/1.1", Scanner, Scanner},
		{"WhatsApp/2.23.20.0", Scanner, Scanner},
		{"Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5", Scanner, Scanner},
		{"Barracuda Sentinel (EE)", Scanner, Scanner},
		{"curl/8.5.0", Scanner, Scanner},
		{"python-requests/2.32", Scanner, Scanner},
		{"Go-http-client/1.1", Scanner, Scanner},
		{"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/120.0 Safari/537.36", Scanner, Scanner},
	} {
		t.Run(c.agent, func(t *testing.T) {
			t.Parallel()
			if got := Judge(Mail{SentAt: sent, Links: 1}, []Hit{at(time.Hour, 0, c.agent), at(time.Hour, 1, c.agent)}); !slices.Equal(got, []Reason{c.open, c.click}) {
				t.Errorf("an open is %q and a click %q, want %q and %q", got[0], got[1], c.open, c.click)
			}
		})
	}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	head := at(time.Hour, 1, chrome)
	head.Head = true
	ms := time.Millisecond
	for _, c := range []struct {
		name   string
		links  int
		before []Hit
		hits   []Hit
		want   string
	}{
		{"none", 1, nil, nil, "[]"},
		{"the header only", 1, nil, []Hit{head}, "[header_only]"},
		{"at once", 1, nil, []Hit{at(0, 0, chrome), at(0, 1, chrome)}, "[too_soon too_soon]"},
		{"before the server said yes", 1, nil, []Hit{at(-time.Second, 0, chrome)}, "[too_soon]"},
		{"google within seconds", 1, nil, []Hit{at(9*time.Second, 0, google), at(10*time.Second, 0, google)}, "[too_soon ]"},
		{"both of two links", 2, nil, []Hit{at(time.Hour, 1, chrome), at(time.Hour, 2, chrome)}, "[ ]"},
		{"all of three", 3, nil, []Hit{at(time.Hour, 1, chrome), at(time.Hour+ms, 2, chrome), at(time.Hour+2*time.Second, 3, chrome)}, "[all_links all_links all_links]"},
		{"all of three, in any order, with an open", 3, nil, []Hit{at(time.Hour+9*ms, 3, chrome), at(time.Hour, 0, chrome), at(time.Hour, 1, chrome), at(time.Hour+ms, 2, chrome)}, "[all_links  all_links all_links]"},
		{"one link three times", 3, nil, []Hit{at(time.Hour, 1, chrome), at(time.Hour, 1, chrome), at(time.Hour, 1, chrome)}, "[  ]"},
		{"too slow", 3, nil, []Hit{at(time.Hour, 1, chrome), at(time.Hour+time.Second, 2, chrome), at(time.Hour+2*time.Second+ms, 3, chrome)}, "[  ]"},
		{"a person later", 3, nil, []Hit{at(time.Hour, 1, chrome), at(time.Hour, 2, chrome), at(time.Hour, 3, chrome), at(2*time.Hour, 2, chrome)}, "[all_links all_links all_links ]"},
		{"the last after the others were judged", 3, []Hit{at(time.Hour, 1, chrome), at(time.Hour, 2, chrome)}, []Hit{at(time.Hour+ms, 3, chrome)}, "[all_links]"},
		{"long after the others", 3, []Hit{at(time.Hour, 1, chrome), at(time.Hour, 2, chrome)}, []Hit{at(2*time.Hour, 3, chrome)}, "[]"},
		{"two links and a file", 3, nil, []Hit{at(time.Hour, 1, chrome), at(time.Hour+ms, 2, chrome), download(time.Hour+2*ms, 3, chrome)}, "[all_links all_links all_links]"},
		{"a file after the links were judged", 3, []Hit{at(time.Hour, 1, chrome), at(time.Hour, 2, chrome)}, []Hit{download(time.Hour+ms, 3, chrome)}, "[all_links]"},
		{"a link after the files were judged", 3, []Hit{download(time.Hour, 1, chrome), download(time.Hour, 2, chrome)}, []Hit{at(time.Hour+ms, 3, chrome)}, "[all_links]"},
		{"one file twice", 3, nil, []Hit{download(time.Hour, 1, chrome), download(time.Hour+ms, 1, chrome)}, "[ ]"},
		{"a file at once, by a scanner, and later", 1, nil, []Hit{download(time.Second, 1, chrome), download(time.Hour, 1, "curl/8"), download(time.Hour, 1, chrome)}, "[too_soon scanner ]"},
		{"begun within the first seconds", 3, nil, []Hit{at(9*time.Second, 1, chrome), at(10*time.Second, 2, chrome), at(11*time.Second, 3, chrome)}, "[too_soon all_links all_links]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := fmt.Sprint(Judge(Mail{SentAt: sent, Links: c.links, Before: c.before}, c.hits)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// TestReasons holds that every reason says in a sentence what it means.
func TestReasons(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for i, r := range Reasons() {
		if int(r) != i || seen[r.String()] || seen[r.Describe()] || r.String() == "unknown" {
			t.Errorf("reason %d: %q %q", i, r, r.Describe())
		}
		seen[r.String()], seen[r.Describe()] = true, true
	}
}
