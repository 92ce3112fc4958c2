package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestProxies(t *testing.T) {
	t.Parallel()
	p, err := readProxies([]string{"10.0.0.0/8", " 127.0.0.1", "fd00::/8"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		peer      string
		forwarded []string
		want      string
	}{
		"from a stranger":            {"203.0.113.5:99", []string{"198.51.100.1"}, "203.0.113.5:99"},
		"through a proxy":            {"10.1.2.3:99", []string{"198.51.100.1"}, "198.51.100.1:0"},
		"through two proxies":        {"127.0.0.1:99", []string{"198.51.100.1, 10.1.2.3"}, "198.51.100.1:0"},
		"in two fields":              {"127.0.0.1:99", []string{"198.51.100.1", "10.1.2.3"}, "198.51.100.1:0"},
		"with a lie before":          {"10.1.2.3:99", []string{"1.2.3.4, 198.51.100.1"}, "198.51.100.1:0"},
		"IPv6":                       {"[fd00::1]:99", []string{"2001:db8::7"}, "[2001:db8::7]:0"},
		"IPv6 with a port":           {"[fd00::1]:99", []string{"[2001:db8::7]:1234"}, "[2001:db8::7]:0"},
		"IPv4 with a port":           {"10.1.2.3:99", []string{"198.51.100.1:1234"}, "198.51.100.1:0"},
		"IPv4 in IPv6":               {"[::ffff:10.1.2.3]:99", []string{"::ffff:198.51.100.1"}, "198.51.100.1:0"},
		"without a word":             {"10.1.2.3:99", nil, "10.1.2.3:99"},
		"with nonsense":              {"10.1.2.3:99", []string{"198.51.100.1, unknown"}, "10.1.2.3:99"},
		"from a proxy for a proxy":   {"10.1.2.3:99", []string{"10.9.9.9"}, "10.1.2.3:99"},
		"from an address of no kind": {"@", []string{"198.51.100.1"}, "@"},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
		r.RemoteAddr = c.peer
		for _, f := range c.forwarded {
			r.Header.Add("X-Forwarded-For", f)
		}
		got := ""
		p.handler(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr })).ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s: the doors see %s, want %s", name, got, c.want)
		}
	}
	if _, err := readProxies([]string{"10.0.0.0/8", "proxy.example.com"}); err == nil || !strings.Contains(err.Error(), "proxy.example.com") {
		t.Errorf("a name gives %v", err)
	}
}
