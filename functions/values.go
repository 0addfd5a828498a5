package functions

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
)

// maxChain is how many output caches may be filled for one call. Cycles are
// found when the configuration is loaded; this bounds what was overlooked.
const maxChain = 8

type chainKey struct{}

// readValues reads the current value of each cache that the request carries, and
// fills those that are empty.
func (s *Set) readValues(ctx context.Context, p *prepared) (err error) {
	if p.distinguish(); len(p.carried) == 0 {
		return nil
	}
	wait := p.patient(ctx)
	defer wait.end()
	for i := range p.carried {
		if err := s.read(wait, &p.carried[i], p.call.owner()); err != nil {
			return err
		}
	}
	return nil
}

// read reads the value of one cache.
func (s *Set) read(ctx context.Context, c *carried, whose owner) (err error) {
	if c.cache.Credential {
		entry, err := s.options.Tokens.Current(ctx, c.cache)
		if err != nil {
			return err
		}
		c.entry, c.secret, c.keyID, c.tokenID = entry, entry.Secret(), entry.KeyID, entry.TokenID
		if !utf8.ValidString(c.secret.Reveal()) {
			return Refuse(UnsafeValue, "the value of cache "+c.cache.Name+" is not UTF-8 text").By(c.cache.Path)
		}
		c.value = text(c.secret.Reveal())
		if c.whole = c.value; !entry.Answer.IsZero() {
			c.whole = gjson.Parse(entry.Answer.Reveal())
		}
		return nil
	}
	output, err := s.latest(ctx, c.cache, whose)
	c.value = gjson.ParseBytes(output)
	c.whole = c.value
	return err
}

// Value gives what the ID of an output cache stands for when it is named
// outside of a Function: text as it is, anything else as JSON. Its error is a
// [*Refusal].
func (s *Set) Value(ctx context.Context, cache *configs.Cache, client *configs.Client) (string, error) {
	c := carried{cache: cache}
	if err := s.read(ctx, &c, ownerOf(client)); err != nil {
		return "", asRefusal(ctx, err)
	}
	if !c.value.Exists() {
		return "", Refuse(CacheEmpty, "cache "+cache.Name+" holds an answer without content").By(cache.Path)
	}
	return plain(c.value), nil
}

// latest gives the output of the latest answer in an output cache. An empty one
// is filled by the Function that can do so without being told anything.
func (s *Set) latest(ctx context.Context, cache *configs.Cache, whose owner) ([]byte, error) {
	if entry, ok := s.options.Results.latest(ctx, cache, whose); ok {
		var answer Answer
		if _, err := decodeAnswer(entry.Data, &answer); err == nil {
			return answer.output(""), nil
		}
	}
	filler, ok := s.fillers[cache.Name]
	if !ok {
		return nil, Refuse(CacheEmpty, "cache "+cache.Name+" is empty, and no Function can fill it without arguments").By(cache.Path)
	}
	depth := chainDepth(ctx)
	if depth >= maxChain {
		return nil, Refuse(CacheEmpty, "cache "+cache.Name+" is empty, and filling it needs too many others").By(cache.Path)
	}
	call := Call{Function: filler.Name(), internal: true}
	if filler.config.Caching.PerClient {
		call.behalf = owner(strings.Clone(string(whose))) // the text of other calls needs no memory
	}
	return s.fill(context.WithValue(ctx, chainKey{}, depth+1), cache, filler, call)
}

// chainDepth is how many output caches are being filled, each for the next.
func chainDepth(ctx context.Context) int {
	depth, _ := ctx.Value(chainKey{}).(int)
	return depth
}

// fill runs filler as egret itself, for the owner who has an answer of his own.
func (s *Set) fill(ctx context.Context, cache *configs.Cache, filler *Function, call Call) ([]byte, error) {
	p := newPrepared(call)
	if err := s.answer(ctx, p); err != nil {
		p.release()
		return nil, unfilled(cache, filler, err)
	}
	ok, status, output := p.outcome.OK, p.outcome.Status, p.current.output("")
	p.release()
	if !ok {
		return nil, Refuse(CacheEmpty, fmt.Sprintf("cache %s is empty: Function %s, which fills it, was answered with status %d", cache.Name, filler.Name(), status)).By(cache.Path)
	}
	return output, nil
}

// unfilled is the refusal of a call that needed filler. What is wrong with the
// arguments of filler is no fault of the caller's, who gave it none.
func unfilled(cache *configs.Cache, filler *Function, err error) error {
	var refusal *Refusal
	ofArguments := []Code{InvalidArguments, MissingArgument, UnsafeValue}
	if errors.As(err, &refusal) && slices.Contains(ofArguments, refusal.Code) {
		return &Refusal{Code: CacheEmpty, Rule: cache.Path, Detail: "cache " + cache.Name + " is empty, and Function " + filler.Name() + " cannot fill it without arguments", Cause: err}
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
		return &Refusal{Code: UpstreamTimeout, Detail: "the call took longer than it may", ProxyError: "http_response_timeout", Cause: err}
	default:
		return &Refusal{Code: Internal, Detail: "the call could not be finished", Cause: err}
	}
}
