package functions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// maxChain is how many output caches may be filled for one call. Cycles are
// found when the configuration is loaded; this bounds what was overlooked.
const maxChain = 8

type chainKey struct{}

// values reads the current value of each cache, and fills those that are empty.
func (s *Set) values(ctx context.Context, list []*configs.Cache, whose owner) (map[configs.ID]gjson.Result, error) {
	values := make(map[configs.ID]gjson.Result, len(list))
	for _, cache := range list {
		value, err := s.value(ctx, cache, whose)
		if err != nil {
			return nil, err
		}
		values[cache.ID] = value
	}
	return values, nil
}

func (s *Set) value(ctx context.Context, cache *configs.Cache, whose owner) (gjson.Result, error) {
	if cache.Kind == configs.TokenCache {
		return s.token(ctx, cache)
	}
	answer, err := s.latest(ctx, cache, whose)
	if err != nil {
		return gjson.Result{}, err
	}
	return gjson.ParseBytes(answer.output("")), nil
}

func (s *Set) token(ctx context.Context, cache *configs.Cache) (gjson.Result, error) {
	secret, err := s.options.Tokens.Current(ctx, cache)
	if err != nil {
		return gjson.Result{}, err
	}
	if !utf8.ValidString(secret.Reveal()) {
		return gjson.Result{}, Refuse(UnsafeValue, "the value of cache "+cache.Name+" is not UTF-8 text")
	}
	return text(secret.Reveal()), nil
}

// Value gives what the ID of an output cache stands for when it is named
// outside of a Function: text as it is, anything else as JSON. Its error is a
// [*Refusal].
func (s *Set) Value(ctx context.Context, cache *configs.Cache, client *configs.Client) (string, error) {
	value, err := s.value(ctx, cache, ownerOf(client))
	if err != nil {
		return "", asRefusal(ctx, err)
	}
	if !value.Exists() {
		return "", Refuse(CacheEmpty, "cache "+cache.Name+" holds an answer without content")
	}
	return plain(value), nil
}

// latest gives the latest answer in an output cache. An empty one is filled by
// the Function that can do so without being told anything.
func (s *Set) latest(ctx context.Context, cache *configs.Cache, whose owner) (*Answer, error) {
	if entry, ok := s.options.Results.latest(ctx, cache, whose); ok {
		if answer, err := decodeAnswer(entry.Data); err == nil {
			return answer, nil
		}
	}
	filler, ok := s.fillers[cache.Name]
	if !ok {
		return nil, Refuse(CacheEmpty, "cache "+cache.Name+" is empty, and no Function can fill it without arguments")
	}
	depth, _ := ctx.Value(chainKey{}).(int)
	if depth >= maxChain {
		return nil, Refuse(CacheEmpty, "cache "+cache.Name+" is empty, and filling it needs too many others")
	}
	return s.fill(context.WithValue(ctx, chainKey{}, depth+1), cache, filler)
}

// fill runs filler as egret itself.
func (s *Set) fill(ctx context.Context, cache *configs.Cache, filler *Function) (*Answer, error) {
	p, err := s.prepare(&Call{Function: filler.Name(), internal: true})
	if err != nil {
		return nil, unfilled(cache, filler, err)
	}
	result, err := s.answer(ctx, p)
	if err != nil {
		return nil, unfilled(cache, filler, err)
	}
	if !result.OK {
		return nil, Refuse(CacheEmpty, fmt.Sprintf("cache %s is empty: Function %s, which fills it, was answered with status %d", cache.Name, filler.Name(), result.Status))
	}
	return &Answer{Status: result.Status, Header: result.Header, Body: result.Body}, nil
}

// unfilled is the refusal of a call that needed filler. What is wrong with the
// arguments of filler is no fault of the caller's, who gave it none.
func unfilled(cache *configs.Cache, filler *Function, err error) error {
	var refusal *Refusal
	ofArguments := []Code{InvalidArguments, MissingArgument, UnsafeValue}
	if errors.As(err, &refusal) && slices.Contains(ofArguments, refusal.Code) {
		return &Refusal{Code: CacheEmpty, Detail: "cache " + cache.Name + " is empty, and Function " + filler.Name() + " cannot fill it without arguments", Cause: err}
	}
	return err
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
