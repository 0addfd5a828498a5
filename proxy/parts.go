package proxy

import (
	"errors"
	goruntime "runtime"
	"slices"
	"sync"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// parts are what is built of a configuration to check it, and what a runtime of
// it works with.
type parts struct {
	index      *caches.Index
	tokens     []madeToken
	functions  *functions.Set // without its options; nil when there are problems
	identities identities
	trusts     []trust
}

// A madeToken is a Token and the entry that it was made of.
type madeToken struct {
	token *tokens.Token
	entry *configs.Token
}

// build parses keys and compiles Functions, and reports each one that does not
// fit. Tokens that were built before, of equal entries, are taken over; before
// may be nil.
func build(cfg *configs.Config, before *parts) (*parts, configs.Problems) {
	index := caches.NewIndex(cfg.Caches)
	stores, problems := openStores(cfg)
	made, wrong := makeTokens(cfg, index, stores, before.byDigest())
	problems = append(problems, wrong...)
	set, err := functions.New(cfg, functions.Options{})
	if err != nil {
		var more configs.Problems
		if !errors.As(err, &more) {
			more = configs.Problems{cfg.Problem("functions", err.Error(), "")}
		}
		problems = append(problems, more...)
	}
	problems = append(problems, checkKeyIDs(cfg, made)...)
	proofs, more := makeIdentities(cfg)
	trusts, wrong := makeTrusts(cfg)
	return &parts{index, made, set, proofs, trusts}, slices.Concat(problems, more, wrong)
}

// buildToServe is build for who needs all of it.
func buildToServe(cfg *configs.Config, before *parts) (*parts, error) {
	if cfg.Unset {
		return nil, errUnset
	}
	built, problems := build(cfg, before)
	return built, problems.Sort().Err()
}

// byDigest gives the Tokens by the digest of their entries, which has all that
// a Token depends on.
func (p *parts) byDigest() map[string]*tokens.Token {
	if p == nil {
		return nil
	}
	known := make(map[string]*tokens.Token, len(p.tokens))
	for _, m := range p.tokens {
		known[m.entry.Digest] = m.token
	}
	return known
}

// openStores opens the key stores and trust stores, once for all Tokens.
func openStores(cfg *configs.Config) (*tokens.Stores, configs.Problems) {
	stores, errs := tokens.OpenStores(cfg)
	var problems configs.Problems
	for _, e := range errs {
		problems = append(problems, cfg.Problem(e.Path+"."+e.Field, e.Message, e.Hint))
	}
	return stores, problems
}

// makeTokens makes each Token that is not known. Parsing a key takes many times
// as long as reading it, so it is done on all processors.
func makeTokens(cfg *configs.Config, index *caches.Index, stores *tokens.Stores, known map[string]*tokens.Token) ([]madeToken, configs.Problems) {
	made, errs := make([]madeToken, len(cfg.Tokens)), make([]error, len(cfg.Tokens))
	onAllProcessors(len(cfg.Tokens), func(i int) {
		entry := &cfg.Tokens[i]
		cache, ok := index.ByName(entry.Cache)
		switch {
		case !ok: // its cache has a problem of its own
		case entry.Digest != "" && known[entry.Digest] != nil:
			made[i] = madeToken{known[entry.Digest], entry}
		default:
			made[i].entry = entry
			made[i].token, errs[i] = stores.New(*entry, cache.TTL)
		}
	})
	var problems configs.Problems
	for i, err := range errs {
		if err != nil {
			problems = append(problems, tokenProblems(cfg, &cfg.Tokens[i], err)...)
		}
	}
	return slices.DeleteFunc(made, func(m madeToken) bool { return m.token == nil }), problems
}

// onAllProcessors calls do for each number below n, and waits.
func onAllProcessors(n int, do func(i int)) {
	var workers sync.WaitGroup
	many := goruntime.GOMAXPROCS(0)
	for worker := range many {
		workers.Go(func() {
			for i := worker; i < n; i += many {
				do(i)
			}
		})
	}
	workers.Wait()
}
