package proxy

import (
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/scrub"
)

// A scrubbing is what must not come back in one answer: the live values of the
// caches that name its host, and what was swapped into its request. It follows
// the caches: a token that is made while an answer is still coming can be
// echoed in the rest of it.
type scrubbing struct {
	server *Server
	caches []*configs.Cache
	hide   []functions.Hidden

	version  uint64 // of the values that scrubber knows
	scrubber *scrub.Scrubber
}

// newScrubbing is nil when nothing can come back.
func (rt *runtime) newScrubbing(to *destination, found []occurrence) *scrubbing {
	var hide []functions.Hidden
	for _, o := range found {
		if o.cache.Kind == configs.TokenCache {
			hide = append(hide, functions.Hidden{Value: configs.NewSecret(o.value), With: o.cache.ID.String()})
		}
	}
	return rt.scrubbingOf(rt.secretsOf(to), hide)
}

func (rt *runtime) scrubbingOf(caches []*configs.Cache, hide []functions.Hidden) *scrubbing {
	if len(caches) == 0 && len(hide) == 0 {
		return nil
	}
	s := &scrubbing{server: rt.server, caches: caches, hide: hide}
	s.rebuild()
	return s
}

// current gives the scrubber for what has just been read.
func (s *scrubbing) current() *scrub.Scrubber {
	if s == nil {
		return nil
	}
	if s.server.values.Version() != s.version {
		s.rebuild()
	}
	return s.scrubber
}

// rebuild reads the version first: a value that is put meanwhile is then looked
// for once more, not never.
func (s *scrubbing) rebuild() {
	s.version = s.server.values.Version()
	var all []scrub.Replacement
	for _, cache := range s.caches {
		id := cache.ID.String()
		for _, value := range s.server.values.Live(cache.ID, nil) {
			all = append(all, scrub.Replacement{Value: value, With: id})
		}
	}
	for _, h := range s.hide {
		all = append(all, scrub.Replacement{Value: h.Value.Reveal(), With: h.With})
	}
	s.scrubber = scrub.New(all)
}
