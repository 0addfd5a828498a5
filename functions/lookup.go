package functions

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// live are the arguments of a call that is performed: a cache ID is the value
// of its cache. Values are substituted while a placeholder is rendered and are
// never read again, neither for placeholders nor for cache IDs.
type live struct {
	document gjson.Result
	index    *caches.Index
	values   map[configs.ID]gjson.Result
	parts    []Hidden // what was pointed out of the values of token caches
}

// Lookup gives the argument at p with every cache ID replaced.
func (l *live) Lookup(p templates.Pointer) templates.Value {
	value, rest := descend(l.document, p.Tokens(), l.isID)
	if value.Type == gjson.String {
		if cache, ok := l.index.Lookup(value.Str); ok {
			return templates.Value{JSON: l.current(cache, rest)}
		}
	}
	return templates.Value{JSON: l.replaced(value)}
}

// Shown is false: the request leaves.
func (l *live) Shown() bool { return false }

func (l *live) isID(text string) bool {
	_, ok := l.index.Lookup(text)
	return ok
}

// current gives the value of a cache, or what tokens point to in it.
func (l *live) current(cache *configs.Cache, tokens []string) gjson.Result {
	value := l.values[cache.ID]
	if len(tokens) == 0 {
		return value
	}
	part := into(value, tokens)
	if cache.Kind == configs.TokenCache {
		l.parts = appendHidden(l.parts, part, cache.ID.String()+pointerTo(tokens))
	}
	return part
}

// replaced gives an object or array with each cache ID in it replaced.
func (l *live) replaced(value gjson.Result) gjson.Result {
	if !value.IsObject() && !value.IsArray() {
		return value
	}
	var text []byte
	end := 0
	eachID(l.index, value.Raw, func(cache *configs.Cache, from, to int) {
		text = append(text, value.Raw[end:from]...)
		text = append(text, rawOf(l.values[cache.ID])...)
		end = to
	})
	if end == 0 {
		return value
	}
	return gjson.ParseBytes(append(text, value.Raw[end:]...))
}

// rawOf gives a value as JSON text. The answer of an upstream may have had no
// content, which is null.
func rawOf(value gjson.Result) string {
	if !value.Exists() {
		return "null"
	}
	return value.Raw
}

// into points into the value of a cache. The text of a token cache that is
// itself JSON, such as a static credential with several parts, can be pointed
// into as well. gjson.Valid calls itself at each opening bracket, and the text
// may be an upstream's: some million brackets would end the process.
func into(value gjson.Result, tokens []string) gjson.Result {
	if value.Type == gjson.String && json.Valid([]byte(value.Str)) {
		value = gjson.Parse(value.Str)
	}
	return pointed(value, tokens)
}

// appendHidden appends every text of a secret that an upstream could echo: a
// scalar is one, an object or array has those inside it.
func appendHidden(list []Hidden, secret gjson.Result, with string) []Hidden {
	if secret.IsObject() || secret.IsArray() {
		eachText(secret.Raw, func(from, to int) {
			list = append(list, Hidden{Value: configs.NewSecret(unquote(secret.Raw[from:to])), With: with})
		})
		return list
	}
	return append(list, Hidden{Value: configs.NewSecret(plain(secret)), With: with})
}

// plain gives a string as it is, and anything else as its JSON.
func plain(value gjson.Result) string {
	if value.Type == gjson.String {
		return value.Str
	}
	return value.Raw
}

// text makes a JSON string of s, which is UTF-8.
func text(s string) gjson.Result {
	return gjson.Result{Type: gjson.String, Str: s, Raw: string(appendQuoted(nil, s))}
}
