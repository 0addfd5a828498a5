package proxy

import (
	"errors"
	"fmt"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// Apply makes cfg the configuration of new requests. It builds the next runtime
// first; if that fails, the running one is untouched. Requests in flight finish
// with the runtime they began with. The error of a change that needs a restart
// is a [*RestartError]: all of the rest is applied.
func (s *Server) Apply(cfg *configs.Config) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	built, err := buildToServe(cfg, s.current.Load().parts)
	if err != nil {
		return err
	}
	return s.apply(cfg, built)
}

func (s *Server) apply(cfg *configs.Config, built *parts) error {
	if s.base.Err() != nil {
		return errStopped
	}
	if err := s.checkOpen(cfg); err != nil {
		return err
	}
	next, err := newRuntime(s, cfg, built)
	if err != nil {
		return err
	}
	if s.started.Load() != nil {
		if err := s.journal.Apply(cfg.Journal); err != nil {
			next.release()
			return err
		}
	}
	old := s.current.Load()
	s.metrics.tokens.measure(cfg)
	s.enlist(next)
	s.retire(old.cfg.Caches, next.index)
	s.install(next)
	old.release()
	return s.restartError(cfg)
}

// checkOpen refuses to do without clients where there are some. A file that is
// being written may end before them, and a listener that others than this
// machine can reach stays where it is until egret is started anew, whatever cfg
// says.
func (s *Server) checkOpen(cfg *configs.Config) error {
	if len(cfg.Clients) > 0 || s.started.Load() == nil || len(s.current.Load().cfg.Clients) == 0 {
		return nil
	}
	return errors.New("cannot do without clients where there were some: that needs a restart")
}

// Reload reads the configuration's file again and applies it. Whatever comes of
// it is logged; a file with problems changes nothing.
func (s *Server) Reload() error {
	s.applying.Lock()
	defer s.applying.Unlock()
	file := s.current.Load().cfg.File
	read, problems := configs.Read(file, s.options.ReadOptions)
	s.watchNow(read.Watched())
	built, problems := checked(read, problems, s.current.Load().parts)
	cfg, err := sound(read, problems)
	if err == nil {
		err = s.apply(cfg, built)
	}
	var restart *RestartError
	switch {
	case errors.As(err, &restart):
		s.metrics.reloads.WithLabelValues("restart_needed").Inc()
		s.log.Warn("configuration applied in part", "file", file, "restart_needed_for", strings.Join(restart.Keys, ", "))
	case err != nil:
		s.metrics.reloads.WithLabelValues("refused").Inc()
		s.log.Error("configuration not applied", "file", file, "error", err.Error())
	default:
		s.metrics.reloads.WithLabelValues("applied").Inc()
		s.log.Info("configuration applied", "file", file)
	}
	return err
}

// A RestartError says which changed keys hold only after a restart.
type RestartError struct{ Keys []string }

func (e *RestartError) Error() string {
	return fmt.Sprintf("a change of %s needs a restart", strings.Join(e.Keys, ", "))
}

// restartError compares next with what the listeners were opened with, so that
// a change is reported until it holds.
func (s *Server) restartError(next *configs.Config) error {
	started := s.started.Load()
	if started == nil {
		return nil
	}
	var keys []string
	for _, change := range configs.Changes(started.AtStart(), next.AtStart()) {
		keys = append(keys, change.Section)
	}
	if keys == nil {
		return nil
	}
	return &RestartError{Keys: keys}
}
