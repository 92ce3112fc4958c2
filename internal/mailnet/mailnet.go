// Package mailnet is what sending and reading have in common when they reach a mail server: how TLS is spoken, and the words
// for what went wrong on the way.
//
// It must never open a connection itself, or know a protocol above TLS.
//
// Start reading at Trouble.
package mailnet

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
)

// TLS gives the settings for a server of that name; roots are those of the machine when nil.
func TLS(host string, roots *x509.CertPool) *tls.Config {
	return &tls.Config{ServerName: host, MinVersion: tls.VersionTLS12, RootCAs: roots}
}

// Distrusted says why the certificate of a server ("mail server") is not trusted, and what to do; false when that is not the trouble.
func Distrusted(err error, server, host string) (string, bool) {
	var certificate *tls.CertificateVerificationError
	if !errors.As(err, &certificate) {
		return "", false
	}
	why, remedy := distrust(certificate, host)
	return "The " + server + "'s certificate cannot be trusted: " + why + ". " + remedy, true
}

func distrust(err error, host string) (why, remedy string) {
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return "it is for another name than " + host, "Check the host name, or have the certificate renewed."
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "it has expired, or is not valid yet", "Have the certificate renewed."
	}
	return "it is signed by nobody known here", "Where its authority is your own, add that to the certificate store of the machine that Cadenza runs on, or name it by SSL_CERT_FILE or SSL_CERT_DIR."
}

// NoTLS tells that what answers speaks no TLS.
func NoTLS(err error) bool { return errors.As(err, new(tls.RecordHeaderError)) }

// Trouble says in a few words why a server could not be reached.
func Trouble(err error) string {
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &dns):
		return "its name is not known"
	case errors.Is(err, context.DeadlineExceeded), timeout(err):
		return "it did not answer in time"
	case errors.As(err, &op) && op.Op == "dial":
		return "nothing listens at its address"
	}
	return "the connection broke"
}

func timeout(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}
