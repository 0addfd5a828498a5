package functions

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// An allowance is an argument that may only have values which a cache holds: an
// agent cannot invent an ID that it was never given.
type allowance struct {
	*configs.Allowance
	cache *configs.Cache
}

func allowancesOf(c *configs.Function, index *caches.Index) []allowance {
	var list []allowance
	for i := range c.AllowedFrom {
		cache, _ := index.ByName(c.AllowedFrom[i].Cache)
		list = append(list, allowance{&c.AllowedFrom[i], cache})
	}
	return list
}

// checkAllowed holds the arguments against the caches that limit them, and lists
// every one that is refused. It never says what would be permitted. An empty cache
// is filled, unless the call is only explained: then what a call would fill is not
// judged.
func (s *Set) checkAllowed(ctx context.Context, p *prepared, explain bool) error {
	if len(p.function.allowances) == 0 {
		return nil
	}
	if explain {
		ctx = context.WithValue(ctx, chainKey{}, maxChain) // so that nothing is filled
	}
	wait := p.patient(ctx)
	defer wait.end()
	var found findings
	for _, a := range p.function.allowances {
		sent := p.arguments.standing(a.Argument)
		if len(sent) == 0 {
			continue
		}
		output, err := s.latest(wait, a.cache, p.call.owner())
		if err != nil && explain && s.fillers[a.cache.Name] != nil {
			continue
		}
		if err != nil {
			return s.nothingAllowed(a, p.call.Client, asRefusal(wait, err))
		}
		held := p.arguments.among(sent, output, a.Pointer)
		for i, n := range sent {
			if !held[i] {
				found.add(p.arguments.tokens(n), "allowed_from", s.disallowed(a.cache, p.call.Client))
			}
		}
	}
	if found == nil {
		return nil
	}
	list := found.argumentErrors()
	refusal := Refuse(InvalidArguments, summary(list)).By(p.function.config.Path + ".allowed_from")
	refusal.Errors = list
	return refusal
}

// disallowed is what a caller is told of a value that is not in a cache.
func (s *Set) disallowed(cache *configs.Cache, client *configs.Client) string {
	switch names := s.givers(cache, client); len(names) {
	case 0:
		return "is none of the values that cache " + cache.Name + " holds"
	case 1:
		return "is none of the values that " + names[0] + " gave; call " + names[0] + " first, and use a value from its answer"
	default:
		return "is none of the values that " + strings.Join(names, " or ") + " gave; call one of them first, and use a value from its answer"
	}
}

// nothingAllowed says of a cache that holds nothing what would fill it.
func (s *Set) nothingAllowed(a allowance, client *configs.Client, err error) error {
	var refusal *Refusal
	names := s.givers(a.cache, client)
	if !errors.As(err, &refusal) || refusal.Code != CacheEmpty || len(names) == 0 {
		return err
	}
	more := *refusal
	more.Detail += ": call " + strings.Join(names, " or ") + " first, " + pointerTo(a.Argument) + " needs a value from its answer"
	return &more
}

// givers names the Functions that fill a cache and that client may call.
func (s *Set) givers(cache *configs.Cache, client *configs.Client) []string {
	return slices.DeleteFunc(slices.Clone(s.names), func(name string) bool {
		function, err := s.find(name, client)
		return err != nil || function.output != cache
	})
}
