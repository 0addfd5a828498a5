package proxy

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

// Run serves until ctx ends. It then refuses new requests, waits up to
// Options.Drain for those in flight, cuts off the rest, and returns. Nothing
// of it is left running.
func (s *Server) Run(ctx context.Context) error {
	if err := s.Listen(); err != nil {
		return err
	}
	defer s.results.Wait() // what was cut off has then ended
	defer s.Close()
	if err := s.journal.Apply(s.current.Load().cfg.Journal); err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	// What requests in flight need, and what tells about them, goes on until
	// the last of them has ended.
	behind, drained := context.WithCancel(context.WithoutCancel(ctx))
	group.Go(func() error {
		defer drained()
		return s.serveData(ctx)
	})
	group.Go(func() error { return s.refresher.Run(behind) })
	group.Go(func() error { return s.keyrings.Run(behind) })
	group.Go(func() error { return s.sweep(behind) })
	group.Go(func() error { return s.journal.Run(behind) })
	if s.admin != nil {
		group.Go(func() error { return s.serveAdmin(behind) })
	}
	if s.options.Watch {
		group.Go(func() error { return s.watch(ctx) })
	}
	s.log.Info("serving", "listen", s.Addr(), "admin", s.AdminAddr())
	return group.Wait()
}

// serveData serves the data plane until ctx ends and its requests are done.
func (s *Server) serveData(ctx context.Context) error {
	connections := newListener(s.data, s.limits, s.dataConfig, s.log)
	s.connections.Store(connections)
	failed, stop := make(chan error, 1), make(chan struct{})
	go func() { failed <- s.serveConnections(connections) }()
	var looking sync.WaitGroup
	looking.Go(func() { connections.lookAfter(stop) })
	defer looking.Wait()
	defer close(stop)
	select {
	case err := <-failed:
		s.cancel(errStopped)
		connections.end()
		return fmt.Errorf("cannot serve listen=%q: %w", s.Addr(), err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	s.log.Info("draining", "limit", s.options.Drain.String())
	_ = s.data.Close()
	<-failed //nolint:errcheck // A listener that was closed says so.
	inTime := connections.drain(s.options.Drain)
	s.cancel(errStopped)
	connections.end()
	if !inTime {
		return fmt.Errorf("requests were still in flight after %v", s.options.Drain)
	}
	return nil
}

// adminDrain is how long a request on the control plane may go on when all else
// has ended.
const adminDrain = 2 * time.Second

// serveAdmin serves the control plane until ctx ends.
func (s *Server) serveAdmin(ctx context.Context) error {
	server := &http.Server{
		Handler: s.controlPlane(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
		BaseContext: func(net.Listener) context.Context { return ctx }, // streams end with it
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(s.admin) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot serve admin=%q: %w", s.AdminAddr(), err)
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), adminDrain)
	defer cancel()
	if server.Shutdown(drain) != nil {
		_ = server.Close() // nothing is lost with what was still open
	}
	<-failed //nolint:errcheck // A server that was told to end says so.
	return nil
}

// sweepEvery is how often expired results are taken out of memory. They are
// never handed out in between. The refresher takes out tokens itself.
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
			s.forgetRetired()
		}
	}
}
