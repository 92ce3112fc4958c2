module cadenza

go 1.26.0

require (
	github.com/a-h/templ v0.3.977 // pages as typed, escaped components (ADR 0003)
	github.com/alecthomas/kong v1.17.0 // command line, with help and settings from three places
	github.com/alexedwards/argon2id v1.0.0 // passwords
	github.com/alexedwards/scs/v2 v2.9.0 // sessions in the database (ADR 0008)
	github.com/chromedp/cdproto v0.159.0 // tests: what chromedp speaks to the browser
	github.com/chromedp/chromedp v0.23.0 // tests: journeys in headless Chromium
	github.com/danielgtaylor/huma/v2 v2.37.2 // OpenAPI from types, at the API's door only (ADR 0006)
	github.com/emersion/go-ical v0.0.0-20250329121855-f41e73efc392 // tests: reads the calendars that we write (ADR 0033)
	github.com/emersion/go-imap/v2 v2.0.0-beta.8 // reads the mailboxes
	github.com/emersion/go-message v0.18.2 // reads MIME, however broken
	github.com/emersion/go-msgauth v0.7.0 // signs mail (DKIM)
	github.com/emersion/go-sasl v0.0.0-20241020182733-b788ff22d5a6 // signs in to mail servers
	github.com/emersion/go-smtp v0.25.1 // sends mail; the sink of demo, bench and tests
	github.com/emiago/sipgo v1.7.3 // calls: SIP to the trunk (ADR 0032)
	github.com/gabriel-vasile/mimetype v1.4.16 // tells what an attached file really is
	github.com/icholy/digest v1.2.0 // calls: the trunk's question for the password, also within a call
	github.com/inbucket/html2text v1.0.0 // the text part of an HTML mail
	github.com/jackc/pgx/v5 v5.12.0 // PostgreSQL
	github.com/microcosm-cc/bluemonday v1.0.27 // sanitises HTML of templates and of received mail
	github.com/nyaruka/phonenumbers v1.8.1 // phone numbers: validity and one form
	github.com/osteele/liquid v1.6.0 // merge fields
	github.com/pion/interceptor v0.1.51 // calls: reports of WebRTC
	github.com/pion/logging v0.2.4 // calls: keeps WebRTC from writing to the terminal
	github.com/pion/rtp v1.10.6 // calls: packets of sound
	github.com/pion/webrtc/v4 v4.2.26 // calls: WebRTC to the browser
	github.com/pressly/goose/v3 v3.29.0 // migrations
	github.com/prometheus/client_golang v1.25.0 // /metrics
	github.com/rickar/cal/v2 v2.1.13 // holidays of countries and their parts (ADR 0021)
	github.com/rogpeppe/go-internal v1.16.0 // what differs between two files (ADR 0054); tests: txtar stories and command-line scripts
	github.com/santhosh-tekuri/jsonschema/v6 v6.0.3 // tests: holds files of sequences against their schema (ADR 0054)
	github.com/schollz/progressbar/v3 v3.19.1 // progress of imports and measurements in a terminal
	go.yaml.in/yaml/v3 v3.0.6 // sequences and settings as files
	golang.org/x/net v0.62.0 // charset of files, international mail addresses
	golang.org/x/oauth2 v0.38.0 // asks Google and Microsoft for grants over mailboxes
	golang.org/x/term v0.47.0 // hides a password while it is typed
	golang.org/x/text v0.43.0 // decodes files that are not UTF-8
	golang.org/x/time v0.16.0 // limits what strangers may ask of the page to opt out (ADR 0025)
	modernc.org/sqlite v1.61.1 // SQLite in pure Go (ADR 0007)
	pgregory.net/rapid v1.3.0 // tests: rules on random input
)

require (
	github.com/aymerick/douceur v0.2.0 // indirect
	github.com/beorn7/perks v1.0.1 // indirect
	github.com/cespare/xxhash/v2 v2.3.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/dustin/go-humanize v1.1.0 // indirect
	github.com/fatih/color v1.18.0 // indirect
	github.com/go-json-experiment/json v0.0.0-20260213210345-44df1a37e875 // indirect
	github.com/gobwas/httphead v0.1.0 // indirect
	github.com/gobwas/pool v0.2.1 // indirect
	github.com/gobwas/ws v1.3.2 // indirect
	github.com/google/uuid v1.6.0 // indirect
	github.com/gorilla/css v1.0.1 // indirect
	github.com/jackc/pgpassfile v1.0.0 // indirect
	github.com/jackc/pgservicefile v0.0.0-20240606120523-5a60cdf6a761 // indirect
	github.com/jackc/puddle/v2 v2.2.3 // indirect
	github.com/mattn/go-colorable v0.1.14 // indirect
	github.com/mattn/go-isatty v0.0.24 // indirect
	github.com/mattn/go-runewidth v0.0.20 // indirect
	github.com/mfridman/interpolate v0.0.2 // indirect
	github.com/mitchellh/colorstring v0.0.0-20190213212951-d06e56a500db // indirect
	github.com/munnerz/goautoneg v0.0.0-20191010083416-a7dc8b61c822 // indirect
	github.com/ncruces/go-strftime v1.1.0 // indirect
	github.com/olekukonko/errors v1.1.0 // indirect
	github.com/olekukonko/ll v0.0.9 // indirect
	github.com/olekukonko/tablewriter v1.0.7 // indirect
	github.com/osteele/tuesday v1.0.3 // indirect
	github.com/pion/datachannel v1.6.3 // indirect
	github.com/pion/dtls/v3 v3.1.15 // indirect
	github.com/pion/ice/v4 v4.4.8 // indirect
	github.com/pion/mdns/v2 v2.2.2 // indirect
	github.com/pion/randutil v0.1.0 // indirect
	github.com/pion/rtcp v1.2.20 // indirect
	github.com/pion/sctp v1.12.0 // indirect
	github.com/pion/sdp/v3 v3.0.20 // indirect
	github.com/pion/srtp/v3 v3.1.3 // indirect
	github.com/pion/stun/v4 v4.0.1 // indirect
	github.com/pion/transport/v5 v5.1.4 // indirect
	github.com/pion/turn/v5 v5.1.3 // indirect
	github.com/prometheus/client_model v0.6.3 // indirect
	github.com/prometheus/common v0.72.0 // indirect
	github.com/prometheus/procfs v0.22.0 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20230129092748-24d4a6f8daec // indirect
	github.com/rivo/uniseg v0.4.7 // indirect
	github.com/sethvargo/go-retry v0.5.0 // indirect
	github.com/ssor/bom v0.0.0-20170718123548-6386211fdfcf // indirect
	github.com/teambition/rrule-go v1.8.2 // indirect
	github.com/wlynxg/anet v0.0.5 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	golang.org/x/crypto v0.58.0 // indirect
	golang.org/x/sync v0.24.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
	golang.org/x/tools v0.52.0 // indirect
	google.golang.org/protobuf v1.36.12 // indirect
	gopkg.in/yaml.v2 v2.4.0 // indirect
	modernc.org/libc v1.79.0 // indirect
	modernc.org/mathutil v1.7.1 // indirect
	modernc.org/memory v1.12.1 // indirect
)
