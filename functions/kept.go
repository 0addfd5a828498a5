package functions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A Kept is a Function that egret itself calls, so that its cache is filled.
type Kept struct {
	Function string
	Digest   string // changes when anything in the Function changes
	Cache    *configs.Cache
	// Warm says that it is called before what the cache holds ends. Without it the
	// Function has a credential, and is called when somebody needs it.
	Warm    bool
	Timeout time.Duration
	// Needs are the caches with a credential that its request carries.
	Needs []*configs.Cache
}

// isKept reports whether egret itself calls the Function.
func (f *Function) isKept() bool { return f.config.Credential != nil || f.config.Caching.Warm }

// Kept lists the Functions that egret itself calls, by name.
func (s *Set) Kept() []Kept {
	var list []Kept
	for _, name := range s.names {
		f := s.functions[name]
		if !f.isKept() || f.output == nil {
			continue
		}
		list = append(list, Kept{
			Function: name, Digest: f.config.Digest, Cache: f.output, Warm: f.config.Caching.Warm,
			Timeout: f.config.Timeout, Needs: f.needs(),
		})
	}
	return list
}

// needs lists the caches with a credential among the fixed arguments.
func (f *Function) needs() []*configs.Cache {
	var list []*configs.Cache
	for i := range f.arranged.nodes {
		if cache := f.arranged.cache(i); cache != nil && cache.Credential && !slices.Contains(list, cache) {
			list = append(list, cache)
		}
	}
	return list
}

// called gives the Function of a call. egret itself may call each of them.
func (s *Set) called(call *Call) (*Function, error) {
	if f := s.functions[call.Function]; f != nil && call.internal {
		return f, nil
	}
	return s.find(call.Function, call.Client)
}

// Make calls one of the Functions that [Set.Kept] lists, and gives what its cache
// then holds: the credential and the answer that it stood in, or for a Function
// without a credential its lifetime alone, because the answer is stored with those
// of others. The error names the Function, and holds no part of the answer.
func (s *Set) Make(ctx context.Context, function string) (caches.Entry, error) {
	p := newPrepared(Call{Function: function, NoCache: true, internal: true, revalidation: true})
	entry, err := s.fillKept(ctx, p)
	p.release()
	if err != nil {
		return caches.Entry{}, fmt.Errorf("cannot fill a cache by function=%q: %w", function, err)
	}
	return entry, nil
}

func (s *Set) fillKept(ctx context.Context, p *prepared) (caches.Entry, error) {
	if f := s.functions[p.call.Function]; f == nil || f.config.Credential == nil {
		return s.warm(ctx, p)
	}
	if err := s.prepare(p); err != nil {
		return caches.Entry{}, err
	}
	p.key = "" // a credential is no output
	if err := s.perform(ctx, p); err != nil {
		return caches.Entry{}, err
	}
	return p.function.credentialIn(p.current, time.Now())
}

var errUnstored = errors.New("the answer was not stored")

// warm performs a call whose answer is stored.
func (s *Set) warm(ctx context.Context, p *prepared) (caches.Entry, error) {
	if err := s.answer(ctx, p); err != nil {
		return caches.Entry{}, err
	}
	switch {
	case !p.outcome.OK:
		return caches.Entry{}, p.function.unwanted(p.current)
	case p.outcome.Expires.IsZero():
		return caches.Entry{}, errUnstored
	}
	return caches.Entry{Created: p.begun, Expires: p.outcome.Expires}, nil
}
