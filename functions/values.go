package functions

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// maxChain is how many output caches may be filled for one call. Cycles are
// found when the configuration is loaded; this bounds what was overlooked.
const maxChain = 8

type chainKey struct{}

// values reads the current value of each cache, and fills those that are empty.
func (s *Set) values(ctx context.Context, list []*configs.Cache, call *Call) (map[configs.ID]gjson.Result, error) {
	values := make(map[configs.ID]gjson.Result, len(list))
	for _, cache := range list {
		value, err := s.value(ctx, cache, call)
		if err != nil {
			return nil, err
		}
		values[cache.ID] = value
	}
	return values, nil
}

func (s *Set) value(ctx context.Context, cache *configs.Cache, call *Call) (gjson.Result, error) {
	if cache.Kind == configs.TokenCache {
		secret, err := s.options.Tokens.Current(ctx, cache)
		if err != nil {
			return gjson.Result{}, err
		}
		return text(secret.Reveal()), nil
	}
	entry, err := s.latest(ctx, cache, call)
	if err != nil {
		return gjson.Result{}, err
	}
	answer, err := decodeAnswer(entry.Data)
	if err != nil {
		return gjson.Result{}, &Refusal{Code: Internal, Detail: "cache " + cache.Name + " could not be read", Cause: err}
	}
	return gjson.ParseBytes(answer.output("")), nil
}

// Value gives what the ID of an output cache stands for when it is named
// outside of a Function: text as it is, anything else as JSON.
func (s *Set) Value(ctx context.Context, cache *configs.Cache, client *configs.Client) (string, error) {
	value, err := s.value(ctx, cache, &Call{Client: client})
	if err != nil {
		return "", err
	}
	return value.String(), nil
}

// latest gives the latest answer in an output cache. An empty one is filled by
// the Function that can do so without being told anything.
func (s *Set) latest(ctx context.Context, cache *configs.Cache, call *Call) (caches.Entry, error) {
	if entry, ok := s.options.Results.latest(ctx, cache, call.client()); ok {
		return entry, nil
	}
	filler, ok := s.fillers[cache.Name]
	if !ok {
		return caches.Entry{}, Refuse(CacheEmpty, "cache "+cache.Name+" is empty, and no Function can fill it without arguments")
	}
	depth, _ := ctx.Value(chainKey{}).(int)
	if depth >= maxChain {
		return caches.Entry{}, Refuse(CacheEmpty, "cache "+cache.Name+" is empty, and filling it needs too many others")
	}
	result, err := s.Call(context.WithValue(ctx, chainKey{}, depth+1), Call{Function: filler.Name()})
	if err != nil {
		return caches.Entry{}, err
	}
	entry, ok := s.options.Results.latest(ctx, cache, "")
	if !ok {
		return caches.Entry{}, Refuse(CacheEmpty, fmt.Sprintf("cache %s is empty: Function %s, which fills it, was answered with status %d", cache.Name, filler.Name(), result.Status))
	}
	return entry, nil
}

// asRefusal makes sure that every error that leaves the package is a Refusal.
func asRefusal(ctx context.Context, err error) error {
	var refusal *Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &refusal):
		return refusal
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &Refusal{Code: UpstreamTimeout, Detail: "the call took longer than the Function's timeout", ProxyError: "http_response_timeout", Cause: err}
	default:
		return &Refusal{Code: Internal, Detail: "the call could not be finished", Cause: err}
	}
}
