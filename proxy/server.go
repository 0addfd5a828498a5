package proxy

import (
	"context"
	"crypto/x509"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	ca "github.com/egret-proxy/egret/proxy/intercept"
	"github.com/egret-proxy/egret/proxy/journal"
	"github.com/egret-proxy/egret/proxy/scrub"
	"github.com/egret-proxy/egret/tokens"
)

// Options are what a Server is given beside its configuration. The zero value
// is that of a program in production.
type Options struct {
	// Log gets what operators should know. Nil means that nothing is logged.
	Log *slog.Logger
	// LogLevel is what decides which levels Log writes. Operators can set it
	// while egret runs. Nil means one that nobody else reads.
	LogLevel *slog.LevelVar
	// LogRequests logs a line for each request on the data plane.
	LogRequests bool
	// Version names this build, in User-Agent and in metrics.
	Version string
	// Dial takes the place of DNS and of the guard of dialled addresses; its
	// connections count as loopback. It is for tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs verify upstreams. Nil means those of the system.
	RootCAs *x509.CertPool
	// Authority makes the certificates that clients meet in the tunnels which are
	// decrypted. Nil means that of the state directory, loaded when it is first
	// needed.
	Authority *ca.Authority
	// ReadOptions are used when the configuration is read again.
	ReadOptions configs.ReadOptions
	// Watch reads the configuration again when one of its files changes.
	Watch bool
	// Stdout gets the journal whose file is "-". Nil means that of the process.
	Stdout io.Writer
	// Refused is told of each request to be passed on that egret refuses, once it
	// is known where to. It must not block.
	Refused func(host string, port uint16, r *functions.Refusal)
	// Drain is how long a request may go on after Run is told to end. 0 means
	// 30 seconds.
	Drain time.Duration
}

// Bounds of the memory store.
const (
	maxResults     = 100_000
	maxResultBytes = 256 << 20
)

// A Server is egret.
type Server struct {
	options      Options
	log          *slog.Logger
	metrics      *metrics
	values       *caches.Values
	secrets      scrub.Index // the same values, to find them in answers
	store        *caches.Memory
	results      *functions.Results
	hosts        hostLimits
	refresher    *tokens.Refresher
	keyrings     *keyrings
	published    published
	authorities  authorityKeeper
	journal      *journal.Journal
	via          []byte
	agent        string          // for User-Agent
	base         context.Context // of every exchange; it ends in Close
	cancel       context.CancelCauseFunc
	draining     atomic.Bool
	logsRequests atomic.Bool
	inFlight     atomic.Int64 // requests on the data plane
	tunnels      atomic.Int64 // that are open
	connections  atomic.Pointer[listener]

	current   atomic.Pointer[runtime]
	watched   atomic.Pointer[[]configs.Watched] // the files that were read last
	appliedAt atomic.Int64                      // when current was installed, in nanoseconds of Unix time
	reread    chan struct{}                     // watched has changed
	retired   atomic.Pointer[retirement]        // what older configurations had; nil for nothing
	applying  sync.Mutex                        // one change of current at a time
	mu        sync.Mutex
	live      []*runtime // the current one, and before it those that requests still hold

	data, admin net.Listener
	adminKey    configs.Secret
	own         atomic.Pointer[[]netip.AddrPort]
	started     atomic.Pointer[configs.Config] // what the listeners were opened with
}

// New builds egret out of a configuration. It opens nothing and starts
// nothing; a Server that is not run can still make calls.
func New(cfg *configs.Config, o Options) (*Server, error) {
	built, err := buildToServe(cfg, nil)
	if err != nil {
		return nil, err
	}
	return assemble(cfg, built, o)
}

// assemble makes a Server of what was built of cfg.
func assemble(cfg *configs.Config, built *parts, o Options) (*Server, error) {
	s := &Server{options: o, log: o.Log, values: caches.NewValues(), via: newPseudonym(), reread: make(chan struct{}, 1)}
	s.watchNow(cfg.Watched())
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.options.Version == "" {
		s.options.Version = "devel"
	}
	if s.options.LogLevel == nil {
		s.options.LogLevel = &slog.LevelVar{}
	}
	s.logsRequests.Store(o.LogRequests)
	s.agent = "egret/" + s.options.Version
	if s.options.Drain == 0 {
		s.options.Drain = 30 * time.Second
	}
	s.base, s.cancel = context.WithCancelCause(context.Background())
	s.values.Watch(&s.secrets)
	s.metrics = newMetrics(s)
	s.journal = newJournal(s)
	s.store = caches.NewMemory(caches.Limits{Entries: maxResults, Bytes: maxResultBytes})
	s.results = functions.NewResults(s.store)
	s.refresher = tokens.NewRefresher(s.values, tokens.RefresherOptions{Log: s.log, Observe: s.metrics.tokens.attempt})
	s.keyrings = newKeyrings(cfg.State, s.log, func() { s.published.changes.Add(1) })
	rt, err := newRuntime(s, cfg, built)
	if err != nil {
		return nil, err
	}
	s.metrics.tokens.measure(cfg)
	s.enlist(rt)
	s.install(rt)
	return s, nil
}

// errStopped is what requests get that are cut off, or come too late.
var errStopped = functions.Refuse(functions.Draining, "egret is being stopped")

// Close ends what is under way and closes what is open. Whoever has run the
// Server need not call it: Run does so itself.
func (s *Server) Close() {
	s.applying.Lock()
	defer s.applying.Unlock()
	s.cancel(errStopped)
	for _, l := range []net.Listener{s.data, s.admin} {
		if l != nil {
			_ = l.Close() // it may be closed already
		}
	}
	s.current.Load().transport.Close()
}

// traffic is what clients have sent and received.
func (s *Server) traffic() traffic {
	if l := s.connections.Load(); l != nil {
		return l.traffic()
	}
	return traffic{}
}

// limits are those of the current configuration.
func (s *Server) limits() *configs.Limits { return s.current.Load().limits }

// hold gives the current runtime, which the caller releases.
func (s *Server) hold() *runtime {
	for {
		// A runtime cannot be held only when another one is current.
		if rt := s.current.Load(); rt.hold() {
			return rt
		}
	}
}

// install makes a runtime the one of new requests.
func (s *Server) install(rt *runtime) {
	s.current.Store(rt)
	s.results.Keep(rt.functions)
	s.appliedAt.Store(time.Now().UnixNano())
}

// enlist makes the sources of a runtime known to the refresher. Those of an
// older one stay as long as a request may ask for them.
func (s *Server) enlist(rt *runtime) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = append(s.live, rt)
	s.scheduleLocked(nil)
}

// strike ends what enlist began.
func (s *Server) strike(rt *runtime) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live = slices.DeleteFunc(s.live, func(other *runtime) bool { return other == rt })
	s.scheduleLocked(rt)
}

// scheduleLocked tells who works for live runtimes which there are; gone is one
// that was among them, or nil.
func (s *Server) scheduleLocked(gone *runtime) {
	var lists [][]tokens.Source
	for _, rt := range slices.Backward(s.live) { // of two equal sources the first counts
		lists = append(lists, rt.sources)
	}
	s.refresher.Set(lists...)
	s.keyrings.follow(s.live)
	s.published.follow(s.live, gone, time.Now())
}

// Call makes a call as egret itself: no client's limits apply.
func (s *Server) Call(ctx context.Context, c functions.Call) (*functions.Result, error) {
	rt := s.hold()
	defer rt.release()
	return rt.functions.Call(ctx, c)
}

// Explain gives the request that a call would send.
func (s *Server) Explain(ctx context.Context, c functions.Call) (*functions.Explanation, error) {
	rt := s.hold()
	defer rt.release()
	return rt.functions.Explain(ctx, c)
}
