package hit

import (
	"strings"
	"time"
)

const (
	// soon is how long after its sending a mail's hits are taken for those of scanners on the way.
	soon = 10 * time.Second
	// Together is the span in which hits on all links and files of a mail are a scanner's.
	Together = 2 * time.Second
	// togetherFrom is from how many links on that counts: a person may well follow two at once.
	togetherFrom = 3
	// agentMax bounds how much of a program's name is looked at.
	agentMax = 512
)

// Mail is what Judge has to know of a message.
type Mail struct {
	// SentAt is when it was handed over.
	SentAt time.Time
	// Links counts its links and files.
	Links int
	// Before are its clicks and downloads of the last moments, judged already.
	Before []Hit
}

// Judge tells for each of some hits on one message whether it counts, or why not. Hits that come together are judged
// together: a scanner that follows all links is known by the last of them.
func Judge(m Mail, hits []Hit) []Reason {
	reasons := make([]Reason, len(hits))
	for i, h := range hits {
		reasons[i] = alone(m, h)
	}
	if m.Links < togetherFrom {
		return reasons
	}
	for _, h := range hits {
		if h.Kind() != Open && m.allFrom(h.At, hits) {
			for j, other := range hits {
				late := other.At.Sub(h.At)
				if reasons[j] == Counted && other.Kind() != Open && late >= 0 && late <= Together {
					reasons[j] = AllLinks
				}
			}
		}
	}
	// Those that end a span which began before this batch.
	for _, b := range m.Before {
		if !m.allFrom(b.At, hits) {
			continue
		}
		for j, h := range hits {
			late := h.At.Sub(b.At)
			if reasons[j] == Counted && h.Kind() != Open && late >= 0 && late <= Together {
				reasons[j] = AllLinks
			}
		}
	}
	return reasons
}

// allFrom tells whether every link and file was hit in the span that begins at a moment.
func (m Mail) allFrom(start time.Time, hits []Hit) bool {
	seen := map[int]bool{}
	for _, list := range [][]Hit{m.Before, hits} {
		for _, h := range list {
			if late := h.At.Sub(start); h.Kind() != Open && late >= 0 && late <= Together {
				seen[h.Link] = true
			}
		}
	}
	return len(seen) >= m.Links
}

// alone judges a hit by itself.
func alone(m Mail, h Hit) Reason {
	switch agent := program(h.Agent); {
	case h.Head:
		return Header
	case scanner(agent):
		return Scanner
	case h.Kind() == Open && prefetches(agent):
		return Prefetch
	case h.At.Sub(m.SentAt) < soon:
		return TooSoon
	}
	return Counted
}

func program(agent string) string {
	return strings.ToLower(strings.TrimSpace(agent[:min(len(agent), agentMax)]))
}

// displays are the programs that fetch pictures for a reader at the moment at which a mail is shown: their opens count
// as far as nothing else speaks against them.
var displays = []string{"googleimageproxy", "ggpht.com", "yahoomailproxy"}

// scanners are parts of the names of programs that follow links by themselves: scanners of mail, previews of links,
// robots and libraries for programs. Every one is long enough not to stand in the name of a browser or a phone.
var scanners = []string{
	// scanners of mail and links
	"barracuda", "proofpoint", "mimecast", "symantec", "messagelabs", "forcepoint", "trendmicro", "trend micro", "zscaler", "fortinet",
	"fortiguard", "sophos", "kaspersky", "bitdefender", "safelinks", "safebrowsing", "urlscan", "urldefense", "virustotal", "cyberark",
	"checkpoint", "ironport", "hornetsecurity", "mailguard", "phishtank", "cloudmark", "existence discovery", "linkcheck", "link check",
	"wheregoes", "nmap", "masscan", "zgrab", "censys", "expanse", "netcraft", "palo alto", "security scan", "securityscan",
	// previews of links
	"facebookexternalhit", "facebookcatalog", "meta-externalagent", "whatsapp/", "skypeuripreview", "slack-imgproxy", "slackbot", "bingpreview", "linkpreview",
	"link preview", "telegrambot", "discordbot", "linkedinbot", "twitterbot", "embedly", "iframely", "vkshare", "google-read-aloud",
	"redditbot", "mattermost", "google web preview", "googledocs", "google-pagerenderer",
	// robots
	"crawl", "spider", "slurp", "mediapartners-google", "apis-google", "feedfetcher", "archive.org", "scrapy", "headlesschrome", "phantomjs",
	"puppeteer", "playwright", "selenium", "electron-fetch", "lighthouse", "pingdom", "uptime", "monitis", "site24x7", "statuscake", "w3c_validator",
	// libraries and tools
	"curl/", "wget/", "python-requests", "python-urllib", "python-httpx", "aiohttp", "go-http-client", "java/", "apache-httpclient",
	"libwww-perl", "lwp::", "axios/", "node-fetch", "undici", "guzzlehttp", "httpie", "postmanruntime", "powershell", "winhttp", "ruby",
	"php/", "perl/", "restsharp", "http_request", "httpclient", "libcurl",
}

// scanner tells whether a program's name, in lower case, is one of those that follow links by themselves. A program
// without a name is one, too: every browser and every mail program says what it is.
func scanner(agent string) bool {
	if agent == "" {
		return true
	}
	for _, d := range displays {
		if strings.Contains(agent, d) {
			return false
		}
	}
	for _, s := range scanners {
		if strings.Contains(agent, s) {
			return true
		}
	}
	return robot(agent)
}

// robot looks for a word that ends in "bot", as robots call themselves. A phone called Cubot is none.
func robot(agent string) bool {
	for rest := agent; ; {
		i := strings.Index(rest, "bot")
		if i < 0 {
			return false
		}
		end := i + len("bot")
		word := end == len(rest) || rest[end] < 'a' || rest[end] > 'z'
		if word && !strings.HasSuffix(rest[:i], "cu") {
			return true
		}
		rest = rest[end:]
	}
}

// prefetches tells whether a program fetches the pictures of every mail ahead. Apple's mail privacy says nothing but
// Mozilla/5.0 of itself.
func prefetches(agent string) bool { return agent == "mozilla/5.0" }
