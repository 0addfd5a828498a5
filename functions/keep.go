package functions

import (
	"bytes"
	"context"
	"time"

	"github.com/egret-proxy/egret/caches"
)

// stored makes the answer in the output cache the current one. What is there and
// cannot be read is as good as nothing.
func (s *Set) stored(ctx context.Context, p *prepared) (caches.Entry, bool) {
	if p.key == "" || p.call.NoCache {
		return caches.Entry{}, false
	}
	entry, ok := s.options.Results.get(ctx, p.key)
	return entry, ok && p.show(entry) == nil
}

// touch makes an answer that this call got, but did not store, the latest of
// its owner. When that fails an older answer stays the latest; this one is
// still good.
func (s *Set) touch(ctx context.Context, p *prepared, entry caches.Entry) {
	_ = s.options.Results.touch(ctx, p.function.latestKey(&p.call), p.function.output, entry)
}

// get performs a call whose answer may be stored. Equal calls share the
// request, unless this one is to be performed anew. The one that performs it for
// all may outlast its caller, so it works with memory of its own.
func (s *Set) get(ctx context.Context, p *prepared) (caches.Entry, error) {
	if p.call.NoCache {
		return s.keep(ctx, p)
	}
	call := p.call
	call.Arguments = bytes.Clone(call.Arguments)
	if call.Timeout > 0 { // of this caller, who stops waiting: others may wait longer
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, p.budget())
		defer cancel()
		call.Timeout = 0
	}
	if p.call.Trace != nil {
		call.Trace = &Trace{} // the caller's may be used for another call meanwhile
		p.noteBegin(time.Now())
	}
	depth := chainDepth(ctx)
	entry, shared, err := s.options.Results.filler.Fill(ctx, p.key, func(ctx context.Context) (caches.Entry, error) {
		p := newPrepared(call)
		if err := s.prepare(p); err != nil {
			p.release()
			return caches.Entry{}, err
		}
		// The depth is repeated here so that the caller's context, which may be
		// gone, is not asked for it.
		entry, err := s.keep(context.WithValue(ctx, chainKey{}, depth), p)
		p.release()
		return entry, err
	})
	p.takeTrace(call.Trace, err == nil && !shared)
	if err == nil && shared && !entry.Expires.IsZero() {
		s.touch(ctx, p, entry)
	}
	return entry, asRefusal(ctx, err)
}

// keep performs a call and stores an answer that is ok. The entry of one that is
// not stored has no time of expiry.
func (s *Set) keep(ctx context.Context, p *prepared) (caches.Entry, error) {
	if err := s.perform(ctx, p); err != nil {
		return caches.Entry{}, err
	}
	entry := caches.Entry{Data: encodeAnswer(p.current), Created: time.Now()}
	if !p.function.config.IsOK(p.current.Status) {
		return entry, nil
	}
	stored := entry
	stored.Expires = entry.Created.Add(p.function.output.TTL)
	if err := s.options.Results.put(ctx, p.key, p.function.latestKey(&p.call), p.function.output, stored); err != nil {
		// The caller gets the answer all the same, and sees that it is not
		// stored because it carries no time of expiry.
		return entry, nil
	}
	return stored, nil
}
