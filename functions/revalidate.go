package functions

import (
	"context"
	"time"

	"github.com/egret-proxy/egret/caches"
)

// reuse is what a stored answer brings about when a call gets it: it becomes the
// latest of its owner, or is fetched anew when it is stale. A call that is not to
// store anything does not, and one that is never to be performed fetches nothing.
func (s *Set) reuse(ctx context.Context, p *prepared, entry caches.Entry, source Source) {
	s.options.Results.use(ctx, p.key, p.function)
	switch {
	case p.call.NoStore:
	case source == FromCache:
		s.touch(ctx, p, entry)
	case !p.call.OnlyIfCached:
		s.revalidate(ctx, p)
	}
}

// revalidate begins to fetch the answer of a call anew, unless that is being done or
// has failed a moment ago. The caller does not wait for it, and does not end it.
func (s *Set) revalidate(ctx context.Context, p *prepared) {
	results := s.options.Results
	if results.filler.Making(p.key) || !results.pauses.due(p.key, time.Now()) {
		return
	}
	call, key, depth := p.call.lasting(), p.key, chainDepth(ctx)
	call.Trace, call.revalidation = nil, true
	results.filler.Begin(ctx, key, func(ctx context.Context) (entry caches.Entry, err error) {
		good := false // also when it panics
		defer func() { results.pauses.note(key, good, time.Now()) }()
		entry, _, err = s.make(context.WithValue(ctx, chainKey{}, depth), call)
		good = err == nil && !entry.Expires.IsZero()
		return entry, err
	})
}
