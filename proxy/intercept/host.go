package intercept

import (
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// mostHosts bounds the hosts whose certificates are kept. One more takes the
// place of the one that was asked for least recently.
const mostHosts = 1000

// leafLife is how long the certificate of a host lives. It is made anew when
// less than half of that is left.
const leafLife = 24 * time.Hour

// A host is what clients of an intercepted host meet.
type host struct {
	config   *tls.Config
	from, to time.Time // when it is given out
}

// fits reports whether the certificate may be given out.
func (h *host) fits(now time.Time) bool { return !now.Before(h.from) && now.Before(h.to) }

// ServerConfig gives what a TLS connection to a host is answered with. The host
// is as [configs.CanonicalHost] gives it. Tunnels to one host share the config,
// so that a client can resume its session, and no other host has its tickets. A
// client that names another server is refused with [ErrServerName].
func (a *Authority) ServerConfig(name string) (*tls.Config, error) {
	if kept, ok := a.hosts.Get(name); ok && kept.fits(time.Now()) {
		return kept.config, nil
	}
	made, err, _ := a.making.Do(name, func() (any, error) {
		if kept, ok := a.hosts.Get(name); ok && kept.fits(time.Now()) {
			return kept.config, nil
		}
		h, err := a.host(name)
		if err != nil {
			return nil, err
		}
		a.hosts.Add(name, h)
		return h.config, nil
	})
	if err != nil {
		return nil, err
	}
	return made.(*tls.Config), nil
}

func (a *Authority) host(name string) (*host, error) {
	if canonical, err := configs.CanonicalHost(name); err != nil || canonical != name {
		return nil, fmt.Errorf("cannot make a certificate: %q is not the canonical form of a host", name)
	}
	leaf, err := a.sign(name, time.Now())
	if err != nil {
		return nil, fmt.Errorf("cannot make a certificate for %q: %w", name, err)
	}
	return &host{
		config: &tls.Config{
			MinVersion:   tls.VersionTLS12,
			NextProtos:   []string{"http/1.1", "http/1.0"}, // curl --http1.0 offers the latter alone
			Certificates: []tls.Certificate{{Certificate: [][]byte{leaf.Raw}, PrivateKey: a.leafKey, Leaf: leaf}},
			GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				return nil, refuseOther(hello, name)
			},
		},
		from: leaf.NotBefore,
		to:   leaf.NotAfter.Add(-leaf.NotAfter.Sub(leaf.NotBefore.Add(backdated)) / 2),
	}, nil
}

// sign makes the certificate of a host, which does not outlive the authority.
func (a *Authority) sign(name string, now time.Time) (*x509.Certificate, error) {
	if !now.Before(a.certificate.NotAfter) {
		return nil, errors.New("the certificate authority has expired")
	}
	template := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organization}},
		NotBefore:             now.Add(-backdated),
		NotAfter:              now.Add(leafLife),
		SubjectKeyId:          a.leafID,
		BasicConstraintsValid: true,
		KeyUsage:              x509.KeyUsageDigitalSignature,
		ExtKeyUsage:           []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if template.NotAfter.After(a.certificate.NotAfter) {
		template.NotAfter = a.certificate.NotAfter
	}
	if ip := net.ParseIP(name); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{name}
	}
	if len(name) <= longestCommonName {
		template.Subject.CommonName = name // for people who read it
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, a.leafKey.Public(), a.key) // with a random serial number
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// longestCommonName is the bound of RFC 5280 appendix A.1, ub-common-name.
const longestCommonName = 64
