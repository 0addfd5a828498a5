package functions

import (
	"context"
	"time"

	"github.com/egret-proxy/egret/caches"
)

// stored gives the answer in the output cache. What is there and cannot be read
// is as good as nothing.
func (s *Set) stored(ctx context.Context, p *prepared) (caches.Entry, *Answer, bool) {
	if p.key == "" || p.call.NoCache {
		return caches.Entry{}, nil, false
	}
	entry, ok := s.options.Results.get(ctx, p.key)
	if !ok {
		return caches.Entry{}, nil, false
	}
	answer, err := decodeAnswer(entry.Data)
	return entry, answer, err == nil
}

// touch makes an answer that this call got, but did not store, the latest of
// its owner. When that fails an older answer stays the latest; this one is
// still good.
func (s *Set) touch(ctx context.Context, p *prepared, entry caches.Entry) {
	_ = s.options.Results.touch(ctx, p.function.output, p.call.owner(), entry)
}

// get performs a call whose answer may be stored. Equal calls share the
// request, unless this one is to be performed anew.
func (s *Set) get(ctx context.Context, p *prepared) (caches.Entry, error) {
	if p.call.NoCache {
		return s.keep(ctx, p)
	}
	entry, shared, err := s.options.Results.filler.Fill(ctx, p.key, func(ctx context.Context) (caches.Entry, error) {
		return s.keep(ctx, p)
	})
	if err == nil && shared && !entry.Expires.IsZero() {
		s.touch(ctx, p, entry)
	}
	return entry, asRefusal(ctx, err)
}

// keep performs a call and stores an answer that is ok. The entry of one that is
// not stored has no time of expiry.
func (s *Set) keep(ctx context.Context, p *prepared) (caches.Entry, error) {
	answer, err := s.perform(ctx, p)
	if err != nil {
		return caches.Entry{}, err
	}
	entry := caches.Entry{Data: encodeAnswer(answer), Created: time.Now()}
	if !isOK(answer.Status) {
		return entry, nil
	}
	stored := entry
	stored.Expires = entry.Created.Add(p.function.output.TTL)
	if err := s.options.Results.put(ctx, p.key, p.function.output, p.call.owner(), stored); err != nil {
		// The caller gets the answer all the same, and sees that it is not
		// stored because it carries no time of expiry.
		return entry, nil
	}
	return stored, nil
}
