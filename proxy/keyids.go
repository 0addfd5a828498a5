package proxy

import (
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// checkKeyIDs finds published keys that are called as another one is: a verifier
// could not tell which of them to take.
func checkKeyIDs(cfg *configs.Config, made []madeToken) configs.Problems {
	type owner struct {
		entry *configs.Token
		key   *tokens.PublicKey // nil of keys that egret makes
	}
	var problems configs.Problems
	owners := map[string]owner{}
	for _, m := range made {
		if !m.entry.Publish {
			continue
		}
		kid := m.token.KeyID()
		if kid == "" {
			continue // computed from keys, no two of which are equal
		}
		var key *tokens.PublicKey
		if list := m.token.PublicKeys(); len(list) > 0 {
			key = &list[0]
		}
		first, taken := owners[kid]
		switch {
		case !taken:
			owners[kid] = owner{m.entry, key}
		case first.key == nil || key == nil || !first.key.Equal(*key):
			path, hint := keyIDPath(m.entry)
			problems = append(problems, cfg.Problem(path, cfg.Shown(first.entry.Path)+" publishes another key with this kid", hint))
		}
	}
	return problems
}

// keyIDPath is where an entry says the kid, which is none that is computed, and
// what to do about it.
func keyIDPath(entry *configs.Token) (path, hint string) {
	const each = "give each key a kid of its own"
	switch {
	case entry.KeyID != "":
		return entry.Path + ".kid", each + ", or leave it out"
	case gjson.GetBytes(entry.Header, "kid").Exists():
		return entry.Path + ".header.kid", each + ", or leave it out"
	default:
		return entry.Path + ".key", each + ": what kid says comes before the one in the JWK"
	}
}
