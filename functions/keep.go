package functions

import (
	"bytes"
	"context"
	"time"

	"github.com/egret-proxy/egret/caches"
)

// stored makes the answer in the output cache the current one, and says whether
// it is fresh; the source is "" when there is none. What is there and cannot be
// read is as good as nothing. What fills a cache for others is never stale.
func (s *Set) stored(ctx context.Context, p *prepared) (entry caches.Entry, source Source) {
	if p.key == "" || p.call.NoCache {
		return caches.Entry{}, ""
	}
	if _, entry, source = s.look(ctx, p); source == FromStale && p.call.internal {
		return caches.Entry{}, ""
	}
	return entry, source
}

// look is stored for everybody. It also gives the entry as it is kept.
func (s *Set) look(ctx context.Context, p *prepared) (kept, entry caches.Entry, source Source) {
	kept, ok := s.options.Results.get(ctx, p.key)
	if !ok {
		return kept, entry, ""
	}
	entry, err := p.show(kept)
	switch {
	case err != nil:
		return kept, entry, ""
	case entry.Expires.Equal(kept.Expires) || !entry.Expired(time.Now()):
		return kept, entry, FromCache
	default:
		return kept, entry, FromStale
	}
}

// touch makes an ok answer that this call got, but did not store, the latest of
// its owner, for as long as it is fresh. When that fails an older answer stays the
// latest; this one is still good.
func (s *Set) touch(ctx context.Context, p *prepared, entry caches.Entry) {
	if !entry.Expires.IsZero() && p.function.config.IsOK(p.current.Status) {
		_ = s.options.Results.touch(ctx, p.function.latestKey(&p.call), p.function.output, entry)
	}
}

// lasting is a copy of the call for one who may outlast the caller, and the time
// that the caller gives it.
func (c *Call) lasting() Call {
	call := *c
	call.Arguments, call.Timeout = bytes.Clone(call.Arguments), 0
	if c.Trace != nil {
		call.Trace = &Trace{} // the caller's may be used for another call meanwhile
	}
	return call
}

// get performs a call whose answer may be stored. Equal calls share the
// request, unless this one is to be performed anew. The one that performs it for
// all may outlast its caller, so it works with memory of its own.
func (s *Set) get(ctx context.Context, p *prepared) (entry caches.Entry, shared bool, err error) {
	if p.call.NoCache {
		entry, err = s.keep(ctx, p)
		return entry, false, err
	}
	call := p.call.lasting()
	if p.call.Timeout > 0 || len(p.function.allowances) > 0 {
		// The time of this caller ends before that of the one who performs it.
		wait := p.patient(ctx)
		defer wait.end()
		ctx = wait
	}
	p.noteBegin(time.Now())
	depth, found := chainDepth(ctx), false
	entry, shared, err = s.options.Results.filler.Fill(ctx, p.key, func(ctx context.Context) (entry caches.Entry, err error) {
		// The depth is repeated here so that the caller's context, which may be
		// gone, is not asked for it.
		entry, found, err = s.make(context.WithValue(ctx, chainKey{}, depth), call)
		return entry, err
	})
	shared = shared || err == nil && found
	p.takeTrace(call.Trace, err == nil && !shared)
	return entry, shared, asRefusal(ctx, err)
}

// make performs a call for all who wait for its answer. It is not needed when
// another one has just ended: then the answer is found.
func (s *Set) make(ctx context.Context, call Call) (entry caches.Entry, found bool, err error) {
	p := newPrepared(call)
	if err := s.prepare(p); err != nil {
		p.release()
		return caches.Entry{}, false, err
	}
	entry, _, source := s.look(ctx, p)
	p.call.revalidation = p.call.revalidation || source == FromStale
	if found = source == FromCache; !found {
		entry, err = s.keep(ctx, p)
	}
	p.release()
	return entry, found, err
}

// keep performs a call and stores an answer that has a life. The entry of one
// that is not stored has no time of expiry.
func (s *Set) keep(ctx context.Context, p *prepared) (caches.Entry, error) {
	if err := s.perform(ctx, p); err != nil {
		return caches.Entry{}, err
	}
	now := time.Now()
	life, store := p.function.life(p.current, now)
	entry := caches.Entry{Data: encodeAnswer(p.current, life.stale.Sub(life.fresh)), Created: now}
	if !store || p.call.revalidation && !p.function.config.IsOK(p.current.Status) {
		return entry, nil
	}
	stored := entry
	stored.Expires = life.stale
	if err := s.options.Results.put(ctx, p.key, p.function, stored); err != nil {
		// The caller gets the answer all the same, and sees that it is not
		// stored because it carries no time of expiry.
		return entry, nil
	}
	latest := stored
	latest.Expires = life.fresh
	s.touch(ctx, p, latest)
	s.withhold(p, stored)
	return stored, nil
}
