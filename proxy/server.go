package proxy

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
	"golang.org/x/sync/errgroup"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// Options are what a Server is given beside its configuration. The zero value
// is that of a program in production.
type Options struct {
	// Log gets what operators should know. Nil means that nothing is logged.
	Log *slog.Logger
	// Version names this build, in User-Agent and in metrics.
	Version string
	// Dial takes the place of DNS and of the guard of dialled addresses; its
	// connections count as loopback. It is for tests.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// RootCAs verify upstreams. Nil means those of the system.
	RootCAs *x509.CertPool
	// ReadOptions are used when the configuration is read again.
	ReadOptions configs.ReadOptions
	// Watch reads the configuration again when one of its files changes.
	Watch bool
	// Drain is how long a request may go on after Run is told to end. 0 means
	// 30 seconds.
	Drain time.Duration
}

// Results bounds of the memory store.
const (
	maxResults     = 100_000
	maxResultBytes = 256 << 20
)

// A Server is egret.
type Server struct {
	options   Options
	log       *slog.Logger
	metrics   *metrics
	values    *caches.Values
	store     *caches.Memory
	results   *functions.Results
	refresher *tokens.Refresher
	current   atomic.Pointer[runtime]
	own       atomic.Pointer[[]netip.AddrPort]
	adminKey  atomic.Pointer[configs.Secret]
	via       string
	base      context.Context // of every exchange; it ends in Close
	cancel    context.CancelFunc
	draining  atomic.Bool
	applying  sync.Mutex // one Apply at a time

	closing     sync.Once
	data, admin net.Listener
}

// New builds egret out of a configuration. It opens nothing and starts
// nothing; a Server that is not run can still make calls.
func New(cfg *configs.Config, o Options) (*Server, error) {
	s := &Server{options: o, log: o.Log, values: caches.NewValues(), via: newPseudonym()}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if s.options.Version == "" {
		s.options.Version = "devel"
	}
	if s.options.Drain == 0 {
		s.options.Drain = 30 * time.Second
	}
	s.base, s.cancel = context.WithCancel(context.Background())
	s.metrics = newMetrics(s)
	s.store = caches.NewMemory(caches.Limits{Entries: maxResults, Bytes: maxResultBytes})
	s.results = functions.NewResults(s.store)
	s.refresher = tokens.NewRefresher(s.values, tokens.RefresherOptions{Log: s.log, Observe: s.metrics.attempt})
	rt, err := newRuntime(s, cfg)
	if err != nil {
		return nil, err
	}
	s.current.Store(rt)
	s.refresher.Set(rt.sources)
	return s, nil
}

// Listen opens the listeners, and makes the control plane's key when it has
// none. [Server.Run] does so itself; calling it before tells the addresses.
func (s *Server) Listen() error {
	if s.data != nil {
		return nil
	}
	cfg := s.current.Load().cfg
	data, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on listen=%q: %w", cfg.Listen, err)
	}
	if cfg.Admin.Listen != "" {
		if s.admin, err = s.listenAdmin(cfg); err != nil {
			return errors.Join(err, data.Close())
		}
	}
	s.data = data
	own := []netip.AddrPort{addrOf(data)}
	if s.admin != nil {
		own = append(own, addrOf(s.admin))
	}
	s.own.Store(&own)
	return nil
}

func (s *Server) listenAdmin(cfg *configs.Config) (net.Listener, error) {
	key, err := adminKey(cfg)
	if err != nil {
		return nil, err
	}
	s.adminKey.Store(&key)
	admin, err := net.Listen("tcp", cfg.Admin.Listen)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on admin=%q: %w", cfg.Admin.Listen, err)
	}
	return admin, nil
}

func addrOf(l net.Listener) netip.AddrPort {
	if addr, ok := l.Addr().(*net.TCPAddr); ok {
		return addr.AddrPort()
	}
	return netip.AddrPort{}
}

// ownAddresses are the addresses that no request may lead to.
func (s *Server) ownAddresses() []netip.AddrPort {
	if own := s.own.Load(); own != nil {
		return *own
	}
	return nil
}

// Addr is the address of the data plane, "" before [Server.Listen].
func (s *Server) Addr() string { return addrText(s.data) }

// AdminAddr is the address of the control plane, "" without one.
func (s *Server) AdminAddr() string { return addrText(s.admin) }

func addrText(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// Run serves until ctx ends. It then refuses new requests, waits up to
// Options.Drain for those in flight, and returns. Nothing of it is left
// running.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return s.refresher.Run(ctx) })
	group.Go(func() error { return s.sweep(ctx) })
	group.Go(func() error { return s.serveData(ctx) })
	if s.admin != nil {
		group.Go(func() error { return s.serveAdmin(ctx) })
	}
	if s.options.Watch {
		group.Go(func() error { return s.watch(ctx) })
	}
	s.log.Info("serving", "listen", s.Addr(), "admin", s.AdminAddr())
	err := group.Wait()
	s.Close()
	if errors.Is(err, context.Canceled) {
		err = nil
	}
	return err
}

// Close closes what a Server that is not run has opened. Run does so itself.
func (s *Server) Close() {
	s.closing.Do(func() {
		for _, l := range []net.Listener{s.data, s.admin} {
			if l != nil {
				_ = l.Close() // it may be closed already
			}
		}
		s.cancel()
		s.current.Load().release()
	})
}

// serveData serves the data plane until ctx ends and its requests are done.
func (s *Server) serveData(ctx context.Context) error {
	server := s.newDataServer()
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(&listener{Listener: s.data}) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot serve listen=%q: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.log.Info("draining", "limit", s.options.Drain.String())
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Drain)
	defer cancel()
	err := server.ShutdownWithContext(drain)
	<-failed
	if err != nil {
		return fmt.Errorf("requests were still in flight after %v: %w", s.options.Drain, err)
	}
	return nil
}

// serveAdmin serves the control plane until ctx ends.
func (s *Server) serveAdmin(ctx context.Context) error {
	server := &http.Server{
		Handler: s.controlPlane(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.admin) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot serve admin=%q: %w", s.AdminAddr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.options.Drain)
	defer cancel()
	err := server.Shutdown(drain)
	<-failed
	return err
}

// sweepEvery is how often expired values are taken out of memory. They are
// never handed out in between.
const sweepEvery = 30 * time.Second

func (s *Server) sweep(ctx context.Context) error {
	ticker := time.NewTicker(sweepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case now := <-ticker.C:
			s.store.Sweep(now)
			s.values.Sweep(now)
		}
	}
}

// hold gives the current runtime, which the caller releases.
func (s *Server) hold() *runtime {
	for {
		if rt := s.current.Load(); rt.hold() {
			return rt
		}
	}
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

// fasthttpLog passes what fasthttp logs to the operator's log.
type fasthttpLog struct{ log *slog.Logger }

func (l fasthttpLog) Printf(format string, args ...any) {
	l.log.Warn("fasthttp", "message", fmt.Sprintf(format, args...))
}

var _ fasthttp.Logger = fasthttpLog{}
