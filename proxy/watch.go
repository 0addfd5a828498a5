package proxy

import (
	"context"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// quiet is how long the files must stay as they are before they are read.
const quiet = 100 * time.Millisecond

// watch reloads when a file changes, until ctx ends. A change since the files
// were read for the first time counts.
func (s *Server) watch(ctx context.Context) error {
	watcher, err := configs.Watch(ctx, *s.watched.Load(), quiet, s.log)
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
			_ = s.Reload() // logged
		case <-s.reread:
			if err := watcher.SetFiles(*s.watched.Load()); err != nil {
				s.log.Warn("cannot watch every file", "error", err.Error())
			}
		}
	}
}

// watchNow has the files of a configuration watched from here on. Those of one
// that was refused are among them: the file that it lacked may come.
func (s *Server) watchNow(files []configs.Watched) {
	s.watched.Store(&files)
	select {
	case s.reread <- struct{}{}:
	default:
	}
}
