package proxy

import (
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// Load reads a configuration and checks all that can be checked without
// dialling, keys and schemas too. Its error is [configs.Problems], with every
// problem of the file at once.
func Load(file string, o configs.ReadOptions) (*configs.Config, error) {
	cfg, problems := configs.Read(file, o)
	_, problems = checked(cfg, problems, nil)
	return sound(cfg, problems)
}

// Parse is Load for a configuration in memory. Files that it names are relative
// to the directory of name.
func Parse(name string, data []byte, o configs.ReadOptions) (*configs.Config, error) {
	cfg, problems := configs.Parse(name, data, o)
	_, problems = checked(cfg, problems, nil)
	return sound(cfg, problems)
}

// Check is Load for those who want what could be understood, and its Warnings,
// whether there are problems or not. What there is to say of the certificate
// authority in the state directory is one of them.
func Check(file string, o configs.ReadOptions) (*configs.Config, configs.Problems) {
	cfg, problems := configs.Read(file, o)
	_, problems = checked(cfg, problems, nil)
	if warning := authorityWarning(cfg); warning != "" {
		cfg.Warnings = append(cfg.Warnings, cfg.Warning("state", warning, "")).Sort()
	}
	return cfg, problems
}

// Open is [Load] and [New] in one: what was built to check the configuration is
// what the Server runs with, so that each key is parsed once. The configuration
// is read with o.ReadOptions.
func Open(file string, o Options) (*Server, error) {
	cfg, problems := configs.Read(file, o.ReadOptions)
	built, problems := checked(cfg, problems, nil)
	cfg, err := sound(cfg, problems)
	if err != nil {
		return nil, err
	}
	return assemble(cfg, built, o)
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

// checked builds a configuration, and adds the problems and warnings of keys,
// certificates and schemas. What has not changed since before is taken from
// there.
func checked(cfg *configs.Config, problems configs.Problems, before *parts) (*parts, configs.Problems) {
	built, found := build(cfg, before)
	problems = append(problems, found...)
	for _, m := range built.tokens {
		for _, w := range m.token.Warnings() {
			cfg.Warnings = append(cfg.Warnings, cfg.Warning(m.entry.Path+"."+w.Field, w.Message, w.Hint))
		}
	}
	for _, i := range []*identity{built.identities.data, built.identities.admin} {
		if warning := i.outdated(time.Now()); warning != "" {
			cfg.Warnings = append(cfg.Warnings, cfg.Warning(i.pair.Path+".cert", warning, ""))
		}
	}
	for i := range built.trusts {
		cfg.Warnings = append(cfg.Warnings, built.trusts[i].warnings(cfg, time.Now())...)
	}
	cfg.Warnings = cfg.Warnings.Sort()
	return built, problems.Sort()
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
		if e.Follows || entry.Unset && ofKey(e.Field) {
			continue // Something else is wrong, or there is nothing to be wrong.
		}
		problems = append(problems, cfg.Problem(entry.Path+"."+e.Field, e.Message, e.Hint))
	}
	return problems
}

// ofKey reports whether a field of a Token is about a text of which a part may
// be missing when it is only checked.
func ofKey(field string) bool {
	return slices.Contains([]string{"key", "key_passphrase", "shared_key", "key_store", "key_alias"}, field) ||
		field == "encrypt" || strings.HasPrefix(field, "encrypt.")
}
