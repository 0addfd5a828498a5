package proxy

import "github.com/egret-proxy/egret/configs"

// maxWarnings is how many warnings of one configuration are logged. Check gives
// all of them.
const maxWarnings = 100

// warn logs the warnings of a configuration that is taken into use.
func (s *Server) warn(warnings configs.Problems) {
	for i, w := range warnings {
		if i == maxWarnings {
			s.log.Warn("the configuration has more warnings", "more", len(warnings)-i)
			return
		}
		s.log.Warn("configuration warning", "file", w.File, "line", w.Line, "column", w.Column, "path", w.Path, "warning", w.Message)
	}
}
