package proxy

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// A trust is what tls of an entry of upstreams says, parsed: which authorities
// count for its hosts, and what egret proves itself to them with.
type trust struct {
	entry       *configs.Upstream
	roots       []*x509.Certificate // none means those that always count
	certificate *tls.Certificate    // nil means none
}

// makeTrusts parses all that the entries of upstreams say, and reports what is
// wrong with it.
func makeTrusts(cfg *configs.Config) (made []trust, problems configs.Problems) {
	for i := range cfg.Upstreams {
		entry := &cfg.Upstreams[i]
		if entry.TLS == nil {
			continue
		}
		t := trust{entry: entry}
		for _, err := range []*pairError{t.parseRoots(), t.parseClient()} {
			if err != nil {
				problems = append(problems, cfg.Problem(entry.TLS.Path+"."+err.key, err.message, err.hint))
			}
		}
		made = append(made, t)
	}
	return made, problems
}

// parseRoots parses the authorities.
func (t *trust) parseRoots() *pairError {
	text := t.entry.TLS.Roots
	if text == "" {
		return nil
	}
	if holdsKey(text) {
		return &pairError{"roots", "there is a private key among the certificates", "authorities are known by their certificates alone"}
	}
	var err *pairError
	if t.roots, err = parseChain(text); err != nil {
		return &pairError{"roots", err.message, strings.ReplaceAll(err.hint, "server.pem", "ca.pem")}
	}
	return nil
}

// holdsKey reports whether a text in PEM has a private key.
func holdsKey(text string) bool {
	for block, rest := pem.Decode([]byte(text)); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return true
		}
	}
	return false
}

// parseClient parses the certificate and its key. The words are those for a
// listener, which is a server.
func (t *trust) parseClient() *pairError {
	if t.entry.TLS.ClientCert == "" {
		return nil
	}
	certificate, err := parsePair(&configs.TLS{Cert: t.entry.TLS.ClientCert, Key: t.entry.TLS.ClientKey})
	if err != nil {
		return &pairError{"client_" + err.key, err.message, strings.ReplaceAll(err.hint, "server", "client")}
	}
	t.certificate = &certificate
	return nil
}

// warnings say for which reasons upstreams will not be trusted at a time, or not
// trust.
func (t *trust) warnings(cfg *configs.Config, now time.Time) (list []configs.Problem) {
	warn := func(key, message, hint string) {
		list = append(list, cfg.Warning(t.entry.TLS.Path+"."+key, message, hint))
	}
	for i, root := range t.roots {
		switch outdated := outdated(root, now); {
		case outdated != "":
			warn("roots", fmt.Sprintf("certificate %d: %s", i+1, outdated), "")
		case !root.IsCA:
			warn("roots", fmt.Sprintf("certificate %d is that of no authority, so only an upstream that shows this very one is trusted", i+1), "name the authority that has made it")
		}
	}
	if t.certificate == nil {
		return list
	}
	leaf := t.certificate.Leaf
	if outdated := outdated(leaf, now); outdated != "" {
		warn("client_cert", outdated, "")
	}
	if uses := leaf.ExtKeyUsage; len(uses) > 0 && !slices.Contains(uses, x509.ExtKeyUsageClientAuth) && !slices.Contains(uses, x509.ExtKeyUsageAny) {
		warn("client_cert", "the certificate is not one for clients", "its extended key usage has to name clientAuth")
	}
	return list
}

// identity is what requests to the hosts of the entry go out with.
func (t *trust) identity() *upstream.Identity {
	if t.roots == nil {
		return upstream.NewIdentity(nil, t.certificate)
	}
	pool := x509.NewCertPool()
	for _, root := range t.roots {
		pool.AddCert(root)
	}
	return upstream.NewIdentity(pool, t.certificate)
}

// identify makes the identities of the entries. One that says what it said before
// keeps its own, and with it the sessions that began with it.
func (rt *runtime) identify(trusts []trust, before *runtime) {
	known := map[configs.HostPattern]*configs.Upstream{}
	if before != nil {
		for entry := range before.trusted {
			known[entry.Host] = entry
		}
	}
	rt.trusted = map[*configs.Upstream]*upstream.Identity{}
	for i := range trusts {
		entry := trusts[i].entry
		if old := known[entry.Host]; old != nil && old.TLS.Equal(entry.TLS) {
			rt.trusted[entry] = before.trusted[old]
		} else {
			rt.trusted[entry] = trusts[i].identity()
		}
	}
}

// sent fills in what a request to a destination goes out with, and what a remedy
// calls it.
func (d *destination) sent(r *upstream.Request) {
	r.Identity, r.Shown = d.identity, ""
	if d.shown == configuredHost {
		r.Shown = "<the host of the Function>"
	}
}
