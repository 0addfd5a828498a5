package proxy

import (
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/scrub"
)

// A scrubbing is what must not come back in one answer: the live values of the
// caches that name its host, and what was put into its request. It follows the
// caches: a token that is made while an answer is still coming can be echoed in
// the rest of it. The zero scrubbing has nothing to replace.
type scrubbing struct {
	rt     *runtime
	to     *destination
	found  []occurrence       // in a forwarded request
	hidden []functions.Hidden // in the request of a Function

	version  uint64 // of the values that scrubber knows
	scrubber *scrub.Scrubber
}

// begin makes s that of an answer of to.
func (s *scrubbing) begin(rt *runtime, to *destination, found []occurrence, hidden []functions.Hidden) {
	*s = scrubbing{rt: rt, to: to, found: found, hidden: hidden}
	s.renew()
}

// active reports whether anything could come back.
func (s *scrubbing) active() bool {
	if s.to == nil {
		return false
	}
	for i := range s.found {
		if s.found[i].cache.Kind == configs.TokenCache {
			return true
		}
	}
	return len(s.hidden) > 0 || len(s.rt.secretsOf(s.to)) > 0
}

// current gives the scrubber for what has just been read.
func (s *scrubbing) current() *scrub.Scrubber {
	if s.to != nil && s.rt.server.values.Version() != s.version {
		s.renew()
	}
	return s.scrubber
}

// renew takes the scrubber of the host if it knows what was put into the
// request, which it nearly always does, and else makes one that does.
func (s *scrubbing) renew() {
	known := s.rt.scrubberOf(s.to)
	s.version, s.scrubber = known.version, known.scrubber
	for i := range s.found {
		if o := &s.found[i]; o.cache.Kind == configs.TokenCache && !s.scrubber.Has(o.value) {
			s.extend()
			return
		}
	}
	for i := range s.hidden {
		if !s.scrubber.Has(s.hidden[i].Value.Reveal()) {
			s.extend()
			return
		}
	}
}

// extend makes a scrubber for this answer alone.
func (s *scrubbing) extend() {
	all := s.rt.liveValues(s.to)
	for _, o := range s.found {
		if o.cache.Kind == configs.TokenCache {
			all = append(all, scrub.Replacement{Value: o.value, With: s.rt.index.Text(o.cache.ID)})
		}
	}
	for _, h := range s.hidden {
		all = append(all, scrub.Replacement{Value: h.Value.Reveal(), With: h.With})
	}
	s.scrubber = scrub.New(all)
}

// scrubberOf gives the scrubber for the live values that must not come back from
// a destination. It reads the version first: a value that is put meanwhile is
// then looked for once more, not never.
func (rt *runtime) scrubberOf(to *destination) *scrubberVersion {
	version := rt.server.values.Version()
	if known := to.version.Load(); known != nil && known.version == version {
		return known
	}
	next := &scrubberVersion{version: version, scrubber: scrub.New(rt.liveValues(to))}
	to.version.Store(next)
	return next
}

// liveValues lists the live values of the caches that name a destination.
func (rt *runtime) liveValues(to *destination) []scrub.Replacement {
	var all []scrub.Replacement
	for _, cache := range rt.secretsOf(to) {
		id := cache.ID.String()
		for _, value := range rt.server.values.Live(cache.ID, nil) {
			all = append(all, scrub.Replacement{Value: value, With: id})
		}
	}
	return all
}
