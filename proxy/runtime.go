package proxy

import (
	"errors"
	"sync"
	"sync/atomic"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/tokens"
)

// A runtime is everything that one configuration makes live. It never changes.
// Requests hold it while they run, and what it opened is closed after the last
// of them.
type runtime struct {
	cfg        *configs.Config
	server     *Server
	parts      *parts // for the next configuration
	clients    *clients
	index      *caches.Index
	functions  *functions.Set
	policy     *egress.Policy
	guard      *egress.Guard
	breakers   breakers
	dialer     *egress.Dialer
	transport  *upstream.Transport
	limits     *configs.Limits
	sources    []tokens.Source
	identities identities
	trusted    map[*configs.Upstream]*upstream.Identity // of the entries with tls
	makings    map[configs.ID]making                    // of the caches that hold credentials
	kept       map[string]string                        // the keys of what Functions fill, by their names
	onUse      bool                                     // some are made for each request

	tokens    []madeToken          // bound to their rings
	published map[string]madeToken // those of them whose keys are, by token ID
	rings     []*keptRing

	labels       map[string]*label // of the Functions, by name
	rules        sync.Map          // lines of included files, as records name them
	destinations destinations      // by http
	secure       destinations      // by https

	holders atomic.Int64 // requests, and 1 while it is current
}

// errUnset is of a configuration that was read to be checked only.
var errUnset = errors.New("cannot serve a configuration whose variables or files are missing")

// newRuntime makes a runtime of cfg and of what was built of it. It starts and
// dials nothing.
func newRuntime(s *Server, cfg *configs.Config, built *parts) (*runtime, error) {
	if cfg.Unset {
		return nil, errUnset
	}
	limits := cfg.Limits.WithDefaults()
	rt := &runtime{
		cfg: cfg, server: s, limits: &limits, clients: newClients(cfg.Clients), index: built.index,
		policy:  egress.NewPolicy(cfg.Egress, cfg.Caches),
		guard:   egress.NewGuard(cfg.Egress.AllowPrivate, s.ownAddresses),
		makings: map[configs.ID]making{}, published: map[string]madeToken{}, parts: built,
	}
	rt.holders.Store(1)
	rt.identities = built.identities
	rt.follow(s.current.Load())
	rt.identify(built.trusts, s.current.Load())
	s.warn(cfg.Warnings)
	s.warnOfAuthority(cfg)
	var err error
	if rt.tokens, rt.rings, err = s.keyrings.bind(s.base, built.tokens); err != nil {
		return nil, err
	}
	for _, m := range rt.tokens {
		if m.entry.Publish {
			rt.published[m.entry.ID] = m
		}
		if cache, ok := rt.index.ByName(m.entry.Cache); ok {
			rt.addMaking(cache, m)
		}
	}
	rt.functions = built.functions.With(functions.Options{
		Tokens: rt, Sender: rt, Results: s.results, Stopped: s.base.Done(), Agent: s.agent, Withholder: s,
	})
	rt.goOn(s.current.Load())
	rt.keepFilled()
	rt.labels = labels(cfg, rt.functions)
	rt.dialer = &egress.Dialer{Guard: rt.guard, Dial: s.options.Dial, Timeout: limits.ConnectTimeout}
	rt.transport, err = upstream.New(upstream.Options{
		Dialer:  rt.dialer,
		RootCAs: s.options.RootCAs, TLSTimeout: limits.TLSTimeout, FirstByteTimeout: limits.FirstByteTimeout,
		StallTimeout: limits.StallTimeout, IdleTimeout: limits.UpstreamIdleTimeout, MaxIdle: limits.UpstreamIdle,
		MaxHead: limits.AnswerHeaderBytes, MaxFields: limits.HeaderFields,
	})
	return rt, err
}

// follow goes on with the identities of the runtime before, where they are the
// same.
func (rt *runtime) follow(old *runtime) {
	next := &rt.identities
	if old != nil {
		next.data, next.admin = next.data.after(old.identities.data), next.admin.after(old.identities.admin)
	}
}

// goOn makes the circuits, and counts on what the runtime before has counted,
// where the entries are the same.
func (rt *runtime) goOn(old *runtime) {
	rt.breakers = rt.server.newBreakers(rt.cfg, rt.functions, old)
	if old != nil {
		rt.functions = rt.functions.Following(old.functions)
		rt.clients.follow(old.clients)
	}
}

// hold keeps the runtime open for one request. It is false when the runtime was
// replaced and is closed.
func (rt *runtime) hold() bool {
	for {
		n := rt.holders.Load()
		if n == 0 {
			return false
		}
		if rt.holders.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release ends a hold. The last one closes what the runtime opened.
func (rt *runtime) release() {
	if rt.holders.Add(-1) == 0 {
		rt.transport.Close()
		rt.server.strike(rt)
	}
}
