package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// An identity is what a listener proves itself with. It lives on across reloads
// as long as its certificate is the same. With another one comes another
// [tls.Config], and with that other keys for the resumption of sessions: nobody
// goes on with what a certificate has proved that is gone.
type identity struct {
	pair   *configs.TLS
	leaf   *x509.Certificate
	config *tls.Config
}

// newIdentity makes the identity of a certificate and its key. There is none
// for nil.
func newIdentity(pair *configs.TLS) (*identity, *pairError) {
	if pair == nil {
		return nil, nil
	}
	certificate, err := parsePair(pair)
	if err != nil {
		return nil, err
	}
	return &identity{pair: pair, leaf: certificate.Leaf, config: &tls.Config{
		Certificates: []tls.Certificate{certificate},
		MinVersion:   tls.VersionTLS12,
		NextProtos:   []string{"http/1.1"},
		// Answers go out whole, and short records would only be more of them.
		DynamicRecordSizingDisabled: true,
	}}, nil
}

// after gives the identity of a listener that had old before. Whether it speaks
// TLS does not change while it is open.
func (i *identity) after(old *identity) *identity {
	if old != nil && (i == nil || i.pair.Equal(old.pair)) {
		return old
	}
	return i
}

// outdated says why clients will not accept the certificate at a time, or "".
func (i *identity) outdated(now time.Time) string {
	if i == nil {
		return ""
	}
	return outdated(i.leaf, now)
}

// outdated says why a certificate is not good at a time, or "".
func outdated(certificate *x509.Certificate, now time.Time) string {
	switch {
	case now.After(certificate.NotAfter):
		return "the certificate has expired at " + certificate.NotAfter.UTC().Format(time.RFC3339)
	case now.Before(certificate.NotBefore):
		return "the certificate is not valid before " + certificate.NotBefore.UTC().Format(time.RFC3339)
	}
	return ""
}

// identities are those of both listeners.
type identities struct{ data, admin *identity }

// makeIdentities makes the identities of a configuration, and reports what is
// wrong with their certificates and keys.
func makeIdentities(cfg *configs.Config) (identities, configs.Problems) {
	var made identities
	var problems configs.Problems
	for _, listener := range []struct {
		pair *configs.TLS
		to   **identity
	}{
		{cfg.Listen.TLS, &made.data},
		{cfg.Admin.Listen.TLS, &made.admin},
	} {
		var err *pairError
		if *listener.to, err = newIdentity(listener.pair); err != nil {
			problems = append(problems, cfg.Problem(listener.pair.Path+"."+err.key, err.message, err.hint))
		}
	}
	return made, problems
}

// dataConfig and adminConfig are what the listeners speak TLS with now, nil
// where they were opened to speak plain HTTP.
func (s *Server) dataConfig() *tls.Config {
	if s.started.Load().Listen.TLS == nil {
		return nil
	}
	return s.current.Load().identities.data.config
}

func (s *Server) adminConfig() *tls.Config {
	return s.current.Load().identities.admin.config
}
