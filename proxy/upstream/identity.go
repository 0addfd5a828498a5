package upstream

import (
	"cmp"
	"crypto/tls"
	"crypto/x509"
	"strconv"
)

// An Identity is whom egret trusts at some hosts, and with which certificate it
// proves itself to them. A connection that was made with one Identity serves no
// request with another, and neither does a session of TLS that began with it:
// what was verified with roots that do not count any more has to be verified
// anew. It is safe for concurrent use.
type Identity struct {
	roots       *x509.CertPool // nil means those of the Transport
	certificate *tls.Certificate
	sessions    tls.ClientSessionCache
}

// maxSessions is how many sessions an Identity remembers, one for each host and
// port. The one that was used the longest ago gives way.
const maxSessions = 256

// NewIdentity makes an Identity that trusts roots, or those of the [Transport] if
// nil, and shows a certificate when an upstream asks for one, or none if nil.
func NewIdentity(roots *x509.CertPool, certificate *tls.Certificate) *Identity {
	return &Identity{roots: roots, certificate: certificate, sessions: tls.NewLRUClientSessionCache(maxSessions)}
}

// config is what a connection to where begins TLS with. roots count if the Identity
// has none. asked is called when the upstream wants a certificate and there is none.
func (i *Identity) config(where place, roots *x509.CertPool, asked func()) *tls.Config {
	return &tls.Config{
		ServerName: where.host,
		RootCAs:    cmp.Or(i.roots, roots),
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"http/1.1"},
		// A certificate goes out whatever authorities the upstream names: which
		// of them stands behind it, the file may leave out.
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if i.certificate == nil {
				asked()
				return &tls.Certificate{}, nil
			}
			return i.certificate, nil
		},
		ClientSessionCache: sessionsOf{i.sessions, ":" + strconv.Itoa(int(where.port))},
		// Requests go out whole, and short records would only be more of them.
		DynamicRecordSizingDisabled: true,
	}
}

// sessionsOf are those sessions of an Identity that began on one port: crypto/tls
// tells hosts apart, and not servers of the same host.
type sessionsOf struct {
	all  tls.ClientSessionCache
	port string
}

// Get gives the session of a host.
func (s sessionsOf) Get(host string) (*tls.ClientSessionState, bool) { return s.all.Get(host + s.port) }

// Put keeps the session of a host, or forgets it, for nil.
func (s sessionsOf) Put(host string, state *tls.ClientSessionState) { s.all.Put(host+s.port, state) }
