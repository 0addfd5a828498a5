package proxy

import (
	"bytes"
	"cmp"
	"maps"
	"net/netip"
	"sync"
	"sync/atomic"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// A destination is what a runtime knows of one host and port: where requests
// to it go, what the policy says, and which values must not come back from it.
type destination struct {
	target
	addr    netip.AddrPort // when the host is an address
	literal bool           // it is one
	policy  *egress.Destination
	secrets []*configs.Cache // the caches that name it and hold secrets

	upstream *configs.Upstream  // what holds for requests to it, or nil
	identity *upstream.Identity // that its entry gives, or nil
	breaker  *breaker           // of requests of Functions, or nil
	shown    string             // what callers of Functions may read of it
	reach    atomic.Pointer[reach]
}

// maxDestinations is how many destinations are remembered. Where any host may
// be asked for, a caller could otherwise fill the memory with them.
const maxDestinations = 1024

// maxListed is how many such caches those destinations list in all, unless a
// single one lists more: very many caches may name every host below a suffix.
const maxListed = 1 << 20

// destinations remembers destinations by their authority, and by what else was
// sent for it.
type destinations struct {
	known  atomic.Pointer[map[string]*destination]
	mu     sync.Mutex // one change of known at a time
	listed int        // secrets, in all that are known
}

func (d *destinations) get(authority string) *destination {
	if known := d.known.Load(); known != nil {
		return (*known)[authority]
	}
	return nil
}

// getBytes is get of text that is no string yet.
func (d *destinations) getBytes(authority []byte) *destination {
	if known := d.known.Load(); known != nil {
		return (*known)[string(authority)]
	}
	return nil
}

func (d *destinations) put(authority string, to *destination) {
	d.mu.Lock()
	defer d.mu.Unlock()
	listed := 0
	if authority == to.authority {
		listed = len(to.secrets)
	}
	next := map[string]*destination{}
	if known := d.known.Load(); known != nil && len(*known) < maxDestinations && d.listed+listed <= maxListed {
		next, listed = maps.Clone(*known), d.listed+listed
	}
	next[authority], d.listed = to, listed
	d.known.Store(&next)
}

// destination finds where a target in absolute form leads. rest is its path and
// query as they were sent, which may be empty.
func (rt *runtime) destination(text []byte) (to *destination, rest []byte, err error) {
	secure, text, err := cutScheme(text)
	if err != nil {
		return nil, nil, err
	}
	authority, rest := cutAuthority(text)
	to, err = rt.locate(authority, secure)
	return to, rest, err
}

// cutAuthority cuts what begins with an authority behind it.
func cutAuthority(text []byte) (authority, rest []byte) { return cutAny(text, "/?") }

// cutScheme gives what is behind the scheme of a target in absolute form.
func cutScheme(text []byte) (secure bool, rest []byte, err error) {
	scheme, rest, _ := bytes.Cut(text, []byte("://"))
	switch {
	case bytes.EqualFold(scheme, []byte("https")):
		return true, rest, nil
	case bytes.EqualFold(scheme, []byte("http")):
		return false, rest, nil
	}
	return false, nil, functions.Refuse(functions.NotImplemented, "only http and https are forwarded")
}

// locate finds where an authority leads, whose port is that of the scheme when it
// names none.
func (rt *runtime) locate(authority []byte, secure bool) (*destination, error) {
	known := rt.destinationsBy(secure)
	if to := known.getBytes(authority); to != nil {
		return to, nil
	}
	parsed, err := parseAuthority(string(authority), schemePort(secure))
	if err != nil {
		return nil, err
	}
	parsed.secure = secure
	// However it is spelled, it is one destination.
	to := known.get(parsed.authority)
	if to == nil {
		to = rt.newDestination(parsed)
		known.put(parsed.authority, to)
	}
	if string(authority) != parsed.authority {
		known.put(string(authority), to)
	}
	return to, nil
}

// destinationsBy gives those of one scheme: an authority without a port is another
// destination by https.
func (rt *runtime) destinationsBy(secure bool) *destinations {
	if secure {
		return &rt.secure
	}
	return &rt.destinations
}

func (rt *runtime) newDestination(to *target) *destination {
	d := &destination{target: *to, policy: rt.policy.Destination(to.host, to.port)}
	d.addr, d.literal = literalAddress(to.host, to.port)
	d.secrets = secretCaches(rt.policy, to)
	key := hostPort{to.host, to.port}
	d.upstream, d.breaker = upstreamOf(rt.cfg, key), rt.breakers.known[key]
	d.identity = rt.trusted[d.upstream]
	d.shown = cmp.Or(rt.breakers.shown[key], to.authority)
	return d
}

// secretCaches lists the caches of a policy that hold secrets and name a target.
func secretCaches(policy *egress.Policy, to *target) (list []*configs.Cache) {
	for _, cache := range policy.Naming(to.host, to.port) {
		if cache.Secret {
			list = append(list, cache)
		}
	}
	return list
}
