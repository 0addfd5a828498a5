package proxy

import (
	"context"
	"errors"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// A making is how a runtime has the value of a cache that holds a credential.
type making struct {
	key   string                                      // which of the cache's values is the runtime's
	onUse func(context.Context) (caches.Entry, error) // makes one for a request; nil when the refresher does
	fixed bool                                        // it is configured: making it anew gives the same
}

// addMaking gives a token cache its making. What is made for each request is not
// for the refresher: there is nothing to keep fresh.
func (rt *runtime) addMaking(cache *configs.Cache, m madeToken) {
	how, sign := making{key: m.entry.Digest, fixed: !m.entry.Value.IsZero()}, signing(m.token)
	if m.entry.OnUse {
		how.onUse, rt.onUse = sign, true
	} else {
		rt.sources = append(rt.sources, tokens.Source{
			ID: cache.ID, Name: cache.Name, Key: how.key, TTL: cache.TTL, MinAge: m.entry.MinAge, Make: sign,
		})
	}
	rt.makings[cache.ID] = how
}

// signing makes entries of a Token.
func signing(token *tokens.Token) func(context.Context) (caches.Entry, error) {
	return func(ctx context.Context) (caches.Entry, error) {
		made, err := token.Make(ctx, time.Now())
		if err != nil {
			return caches.Entry{}, err
		}
		return made.Entry(), nil
	}
}

// Current gives the live value of a cache that holds a credential. With sign: on_use, that is one
// which no request has carried: it is asked for once for each outgoing request,
// and again if one is sent again.
func (rt *runtime) Current(ctx context.Context, cache *configs.Cache) (entry caches.Entry, err error) {
	if how := rt.makings[cache.ID]; how.onUse == nil {
		entry, err = rt.server.refresher.Get(ctx, cache.ID, how.key)
	} else {
		entry, err = rt.makeForOne(ctx, cache, how)
	}
	if err != nil {
		return caches.Entry{}, unavailable(cache, err)
	}
	return entry, nil
}

// Renew is for a value that an upstream did not accept. One that was made for the
// request alone was fresh, and one that is configured stays the same.
func (rt *runtime) Renew(ctx context.Context, cache *configs.Cache, used caches.Entry) (bool, error) {
	how, known := rt.makings[cache.ID]
	if !known || how.onUse != nil || how.fixed {
		return false, nil
	}
	another, err := rt.server.refresher.Renew(ctx, cache.ID, how.key, used)
	if err != nil {
		return false, unavailable(cache, err)
	}
	return another, nil
}

// makeForOne makes a value for one request. It is known to the scrubber before
// the request can be sent, and as long as it lives and is among the last of its
// cache, see [caches.Values].
func (rt *runtime) makeForOne(ctx context.Context, cache *configs.Cache, how making) (caches.Entry, error) {
	began := time.Now()
	entry, err := how.onUse(ctx)
	now := time.Now()
	if err == nil && entry.Early(now) {
		err = &tokens.EarlyError{From: entry.NotBefore}
	}
	rt.server.metrics.tokens.attempt(tokens.Attempt{ID: cache.ID, Name: cache.Name, Took: now.Sub(began), Err: err})
	if err != nil {
		return caches.Entry{}, err
	}
	rt.server.values.Put(cache.ID, how.key, entry)
	return entry, nil
}

// isOnUse reports whether the value of a cache is made for each request.
func (rt *runtime) isOnUse(cache *configs.Cache) bool {
	return rt.onUse && rt.makings[cache.ID].onUse != nil
}

func unavailable(cache *configs.Cache, err error) *functions.Refusal {
	refusal := &functions.Refusal{
		Code: functions.TokenUnavailable, Rule: cache.Path, Detail: "cache " + cache.Name + " has no value, and none can be made now", Cause: err,
	}
	if early, ok := errors.AsType[*tokens.EarlyError](err); ok {
		refusal.Detail = "cache " + cache.Name + " has no value yet: " + early.Error()
	}
	return refusal
}
