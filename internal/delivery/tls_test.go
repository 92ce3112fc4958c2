package delivery_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"cadenza/internal/delivery"
	"cadenza/internal/signin"
	"cadenza/internal/store"
)

// authority is who signs the certificates of the servers here.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pool *x509.CertPool
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	a := &authority{pool: x509.NewCertPool()}
	a.cert, a.key = sign(t, &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: time.Now().Add(time.Hour),
	}, nil)
	a.pool.AddCert(a.cert)
	return a
}

// certificate gives a server's certificate for a name, valid until then.
func (a *authority) certificate(t *testing.T, name string, until time.Time) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: name}, NotBefore: time.Now().Add(-24 * time.Hour), NotAfter: until,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	cert, key := sign(t, template, a)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key}
}

// sign makes a certificate; nobody's is signed by itself.
func sign(t *testing.T, template *x509.Certificate, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	parent, parentKey := template, key
	if by != nil {
		parent, parentKey = by.cert, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, parentKey)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return cert, key
}

// counting is a mail server that counts, and takes names and passwords on protected connections only, as go-smtp does.
type counting struct{ taken *atomic.Int64 }

func (c counting) NewSession(*smtp.Conn) (smtp.Session, error) { return c, nil }
func (c counting) Mail(string, *smtp.MailOptions) error        { return nil }
func (c counting) Rcpt(string, *smtp.RcptOptions) error        { return nil }
func (c counting) Reset()                                      {}
func (c counting) Logout() error                               { return nil }
func (c counting) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	c.taken.Add(1)
	return err
}

// serve starts a server with a certificate: with implicit TLS, or with STARTTLS.
func serve(t *testing.T, security store.Security, cert tls.Certificate) (box store.Mailbox, taken *atomic.Int64) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	box = mailboxAt(t, listener.Addr().String(), security)
	config := &tls.Config{Certificates: []tls.Certificate{cert}}
	taken = &atomic.Int64{}
	server := smtp.NewServer(counting{taken})
	server.ErrorLog = log.New(io.Discard, "", 0) // refused handshakes are what the cases ask for
	if security == store.TLS {
		listener = tls.NewListener(listener, config)
	} else {
		server.TLSConfig = config
	}
	done := make(chan struct{})
	go func() { defer close(done); _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close(); <-done })
	return box, taken
}

// TestCertificates holds that only a certificate of a known authority, for the right name and in time, is trusted, and
// that people read what is wrong with another.
func TestCertificates(t *testing.T) {
	t.Parallel()
	known, stranger := newAuthority(t), newAuthority(t)
	later := time.Now().Add(time.Hour)
	const distrust = "The mail server's certificate cannot be trusted: "
	for _, c := range []struct {
		name   string
		cert   tls.Certificate
		reason string
	}{
		{"good", known.certificate(t, "127.0.0.1", later), ""},
		{"of nobody known", stranger.certificate(t, "127.0.0.1", later), distrust + "it is signed by nobody known here. Where its authority is your own, add that to the certificate store"},
		{"for another name", known.certificate(t, "mail.test", later), distrust + "it is for another name than 127.0.0.1."},
		{"too old", known.certificate(t, "127.0.0.1", time.Now().Add(-time.Hour)), distrust + "it has expired, or is not valid yet. Have the certificate renewed."},
	} {
		for _, security := range []store.Security{store.TLS, store.StartTLS} {
			t.Run(c.name+" "+string(security), func(t *testing.T) {
				t.Parallel()
				box, taken := serve(t, security, c.cert)
				server := delivery.Server{RootCAs: known.pool, Credentials: signsIn}
				transport := delivery.NewSMTP(server)
				defer transport.Close()
				kind, reason := transport.Send(t.Context(), box, box.Address, []string{"marta@buyer.test"}, []byte("Subject: Hello\r\n\r\nHello\r\n"))
				err := server.Probe(t.Context(), box, signin.Credentials{Password: "secret"})
				if c.reason == "" {
					if kind != store.Delivered || taken.Load() != 1 || err != nil {
						t.Errorf("got %d %q and %v, and %d messages were taken", kind, reason, err, taken.Load())
					}
					return
				}
				if kind != store.Unreached || !strings.HasPrefix(reason, c.reason) || taken.Load() != 0 {
					t.Errorf("got %d %q, want %q", kind, reason, c.reason)
				}
				if err == nil || err.Error() != reason {
					t.Errorf("the test of the mailbox says %v, want %q", err, reason)
				}
			})
		}
	}
}
