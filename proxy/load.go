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
	cfg, problems := configs.Read(file, o)
	return checked(cfg, problems)
}

// Parse is Load for a configuration in memory. Files that it names are relative
// to the directory of name.
func Parse(name string, data []byte, o configs.ReadOptions) (*configs.Config, error) {
	cfg, problems := configs.Parse(name, data, o)
	return checked(cfg, problems)
}

func checked(cfg *configs.Config, problems configs.Problems) (*configs.Config, error) {
	_, found := makeTokens(cfg)
	problems = append(problems, found...)
	var more configs.Problems
	if _, err := functions.New(cfg, functions.Options{}); errors.As(err, &more) {
		problems = append(problems, more...)
	}
	if err := problems.Sort().Err(); err != nil {
		return nil, err
	}
	return cfg, nil
}

// makeTokens parses every key, and reports each one that does not fit.
func makeTokens(cfg *configs.Config) ([]*tokens.Token, configs.Problems) {
	var made []*tokens.Token
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
		made = append(made, token)
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
		problems = append(problems, cfg.Problem(entry.Path+"."+e.Field, e.Message, e.Hint))
	}
	return problems
}
