package proxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// quiet is how long the files must stay as they are before they are read.
const quiet = 100 * time.Millisecond

// Apply makes cfg the configuration of new requests. It builds the next runtime
// first; if that fails, the running one is untouched. Requests in flight finish
// with the runtime they began with. The error of a change that needs a restart
// is a [*RestartError]: all of the rest is applied.
func (s *Server) Apply(cfg *configs.Config) error {
	s.applying.Lock()
	defer s.applying.Unlock()
	next, err := newRuntime(s, cfg)
	if err != nil {
		return err
	}
	old := s.current.Swap(next)
	s.refresher.Set(next.sources)
	old.release()
	return restartError(old.cfg, cfg)
}

// Reload reads the configuration's file again and applies it. Whatever comes of
// it is logged; a file with problems changes nothing.
func (s *Server) Reload() error {
	file := s.current.Load().cfg.File
	cfg, err := Load(file, s.options.ReadOptions)
	if err == nil {
		err = s.Apply(cfg)
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

func restartError(old, next *configs.Config) error {
	var keys []string
	for _, change := range []struct {
		key     string
		changed bool
	}{
		{"listen", old.Listen != next.Listen},
		{"admin", old.Admin.Listen != next.Admin.Listen || !old.Admin.Key.Equal(next.Admin.Key)},
		{"state", old.State != next.State},
	} {
		if change.changed {
			keys = append(keys, change.key)
		}
	}
	if keys == nil {
		return nil
	}
	return &RestartError{Keys: keys}
}

// watch reloads when a file changes, until ctx ends.
func (s *Server) watch(ctx context.Context) error {
	watcher, err := configs.Watch(ctx, s.current.Load().cfg.Watched(), quiet, s.log)
	if err != nil {
		s.log.Warn("changes of the configuration are not noticed; SIGHUP reads it again", "error", err.Error())
		return nil
	}
	defer func() { _ = watcher.Close() }()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watcher.Changed():
			if err := s.Reload(); err != nil {
				continue // logged; the files to watch are still the old ones
			}
			if err := watcher.SetFiles(s.current.Load().cfg.Watched()); err != nil {
				s.log.Warn("cannot watch every file", "error", err.Error())
			}
		}
	}
}
