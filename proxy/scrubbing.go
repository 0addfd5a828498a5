package proxy

import (
	"slices"

	"github.com/google/uuid"

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
	fills  *configs.Cache     // as in the request of a Function

	removals uint64 // of live values, when scrubber was made
	scrubber scrub.Scrubber
}

// begin makes s that of an answer of to. The request is that of a Function, or nil.
func (s *scrubbing) begin(rt *runtime, to *destination, found []occurrence, request *functions.Request) {
	*s = scrubbing{rt: rt, to: to, found: found}
	if request != nil {
		s.hidden, s.fills = request.Hide, request.Fills
	}
	s.renew()
}

// active reports whether anything could come back.
func (s *scrubbing) active() bool {
	if s.to == nil {
		return false
	}
	for i := range s.found {
		if s.found[i].cache.Secret {
			return true
		}
	}
	return len(s.hidden) > 0 || len(s.rt.secretsOf(s.to)) > 0
}

// current gives the scrubber for what has just been read, or nil when there is
// nothing to replace.
func (s *scrubbing) current() *scrub.Scrubber {
	if !s.active() {
		return nil
	}
	if s.rt.server.secrets.Removals() != s.removals {
		s.renew()
	}
	return &s.scrubber
}

// renew takes the live values, if what was put into the request is among them,
// which it nearly always is, and else adds that to them. It reads the number of
// removals first: one that happens meanwhile is then noticed.
func (s *scrubbing) renew() {
	live := &s.rt.server.secrets
	s.removals = live.Removals()
	s.scrubber = live.Scrubber(s, nil)
	if !s.knowsRequest() {
		s.scrubber = live.Scrubber(s, scrub.New(s.ofRequest()))
	}
}

// knowsRequest reports whether what was put into the request is replaced.
func (s *scrubbing) knowsRequest() bool {
	for i := range s.found {
		if o := &s.found[i]; o.cache.Secret && !s.scrubber.Has(o.value) {
			return false
		}
	}
	for i := range s.hidden {
		if !s.scrubber.Has(s.hidden[i].Value.Reveal()) {
			return false
		}
	}
	return true
}

// ofRequest lists what was put into the request.
func (s *scrubbing) ofRequest() (all []scrub.Replacement) {
	for _, o := range s.found {
		if o.cache.Secret {
			all = append(all, scrub.Replacement{Value: o.value, With: s.rt.index.Text(o.cache.ID)})
		}
	}
	for _, h := range s.hidden {
		all = append(all, scrub.Replacement{Value: h.Value.Reveal(), With: h.With})
	}
	return all
}

// Name gives the ID that stands in the place of a live value: that of a cache
// which has it and names the host. Of several it is the first.
func (s *scrubbing) Name(owners []uuid.UUID) (string, bool) {
	var one configs.ID
	named := false
	for _, id := range owners {
		switch {
		case named && id == one, !s.rt.reaches(id, s.to), s.passes(id):
		case named:
			return s.firstOf(owners)
		default:
			one, named = id, true
		}
	}
	if !named {
		return "", false
	}
	return s.rt.index.Text(one), true
}

// firstOf gives the first cache that names the host and is one of the owners.
func (s *scrubbing) firstOf(owners []uuid.UUID) (string, bool) {
	for _, cache := range s.rt.secretsOf(s.to) {
		if slices.Contains(owners, cache.ID) && !s.passes(cache.ID) {
			return s.rt.index.Text(cache.ID), true
		}
	}
	return "", false
}

// passes reports whether a value of this cache stays where it is found: the answer
// is what the cache is filled with. In one with a credential, so do those that
// other Functions got.
func (s *scrubbing) passes(id configs.ID) bool {
	switch {
	case s.fills == nil:
		return false
	case id == s.fills.ID:
		return true
	case !s.fills.Credential:
		return false
	}
	cache, ok := s.rt.index.ByID(id)
	return ok && cache.Credential && cache.Kind == configs.OutputCache
}
