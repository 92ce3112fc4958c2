package main

import (
	"net/url"
	"strings"
)

// redact gives a database's address without its password.
func redact(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return strings.SplitN(address, ":", 2)[0] + ":…"
	}
	return u.Redacted()
}
