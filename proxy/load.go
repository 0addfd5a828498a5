package proxy

import (
	"errors"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// Load reads a configuration and checks all that can be checked without
// dialling, keys and schemas too. Its error is [configs.Problems], with every
// problem of the file at once.
func Load(file string, o configs.ReadOptions) (*configs.Config, error) {
	return sound(Check(file, o))
}

// Parse is Load for a configuration in memory. Files that it names are relative
// to the directory of name.
func Parse(name string, data []byte, o configs.ReadOptions) (*configs.Config, error) {
	return sound(checked(configs.Parse(name, data, o)))
}

// Check is Load for those who want what could be understood, and its Warnings,
// whether there are problems or not.
func Check(file string, o configs.ReadOptions) (*configs.Config, configs.Problems) {
	return checked(configs.Read(file, o))
}

// sound gives a configuration that has no problem. Nobody will ask where
// something stands in it any more.
func sound(cfg *configs.Config, problems configs.Problems) (*configs.Config, error) {
	if err := problems.Err(); err != nil {
		return nil, err
	}
	cfg.Forget()
	return cfg, nil
}

// checked adds the problems and warnings of keys and schemas.
func checked(cfg *configs.Config, problems configs.Problems) (*configs.Config, configs.Problems) {
	made, found := makeTokens(cfg)
	problems = append(problems, found...)
	_, found = makeIdentities(cfg)
	problems = append(problems, found...)
	var more configs.Problems
	if _, err := functions.New(cfg, functions.Options{}); errors.As(err, &more) {
		problems = append(problems, more...)
	}
	for _, m := range made {
		for _, w := range m.token.Warnings() {
			cfg.Warnings = append(cfg.Warnings, cfg.Warning(m.entry.Path+"."+w.Field, w.Message, w.Hint))
		}
	}
	cfg.Warnings = cfg.Warnings.Sort()
	return cfg, problems.Sort()
}

// A madeToken is a Token and the entry that it was made of.
type madeToken struct {
	token *tokens.Token
	entry *configs.Token
}

// makeTokens parses every key, and reports each one that does not fit.
func makeTokens(cfg *configs.Config) ([]madeToken, configs.Problems) {
	var made []madeToken
	var problems configs.Problems
	index := caches.NewIndex(cfg.Caches)
	for i := range cfg.Tokens {
		entry := &cfg.Tokens[i]
		cache, ok := index.ByName(entry.Cache)
		if !ok {
			continue // its cache has a problem of its own
		}
		token, err := tokens.New(*entry, cache.TTL)
		if err != nil {
			problems = append(problems, tokenProblems(cfg, entry, err)...)
			continue
		}
		made = append(made, madeToken{token, entry})
	}
	return made, problems
}

// tokenProblems gives the errors of one Token their places in the file.
func tokenProblems(cfg *configs.Config, entry *configs.Token, err error) configs.Problems {
	var all tokens.Errors
	var one *tokens.Error
	switch {
	case errors.As(err, &all):
	case errors.As(err, &one):
		all = tokens.Errors{one}
	default:
		return configs.Problems{cfg.Problem(entry.Path, err.Error(), "")}
	}
	var problems configs.Problems
	for _, e := range all {
		if entry.Unset && e.Field == "key" {
			continue // There is none to be wrong.
		}
		problems = append(problems, cfg.Problem(entry.Path+"."+e.Field, e.Message, e.Hint))
	}
	return problems
}
