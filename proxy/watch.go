package proxy

import (
	"context"
	"slices"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// quiet is how long the files must stay as they are before they are read.
const quiet = 100 * time.Millisecond

// watch reloads when a file changes, until ctx ends.
func (s *Server) watch(ctx context.Context) error {
	watcher, err := configs.Watch(ctx, s.current.Load().cfg.Watched(), quiet, s.log)
	if err != nil {
		s.log.Warn("changes of the configuration are not noticed; SIGHUP reads it again", "error", err.Error())
		return nil
	}
	defer func() { _ = watcher.Close() }()
	s.log.Debug("watching the configuration")
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-watcher.Changed():
			s.reloadWatched(watcher)
		}
	}
}

// reloadWatched reloads, and watches what is read since then. A file that was
// not watched before may have changed after it was read, so it is read again.
func (s *Server) reloadWatched(watcher *configs.Watcher) {
	before := s.current.Load().cfg.Watched()
	_ = s.Reload() // logged; after a failure the files are the old ones
	after := s.current.Load().cfg.Watched()
	if err := watcher.SetFiles(after); err != nil {
		s.log.Warn("cannot watch every file", "error", err.Error())
	}
	if !slices.Equal(before, after) {
		_ = s.Reload()
	}
}
