package functions

import (
	"encoding/json"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// live are the arguments of a call that is performed: a cache ID is the value
// of its cache. Values are substituted while a placeholder is rendered and are
// never read again, neither for placeholders nor for cache IDs.
type live prepared

// Lookup gives the argument at p with every cache ID replaced.
func (l *live) Lookup(p templates.Pointer) templates.Value {
	d := l.function.sourceOf(p.Parameter(), &l.arguments)
	at, rest := d.descend(p.Tokens())
	if cache := d.cache(at); cache != nil {
		return templates.Value{JSON: l.valueAt(cache, rest)}
	}
	return templates.Value{JSON: l.replaced(d, at)}
}

// Shown is false: the request leaves.
func (l *live) Shown() bool { return false }

// sourceOf is the document in which a parameter stands: that of the fixed
// arguments, or sent.
func (f *Function) sourceOf(parameter string, sent *document) *document {
	if f.isFixed(parameter) {
		return &f.arranged
	}
	return sent
}

// read gives what was read for a cache.
func (l *live) read(cache *configs.Cache) carried {
	for i := range l.carried {
		if l.carried[i].cache == cache {
			return l.carried[i]
		}
	}
	return carried{}
}

// valueAt gives the value of a cache, or what tokens point to in it.
func (l *live) valueAt(cache *configs.Cache, tokens []string) gjson.Result {
	read := l.read(cache)
	if w := l.set.withheld[cache.Name]; w != nil {
		l.parts = w.appendHidden(l.parts, read.value, tokens, cache.ID.String()+pointerTo(tokens))
	}
	if len(tokens) == 0 {
		return read.value
	}
	part := into(read.whole, tokens)
	if cache.Credential {
		l.parts = appendHidden(l.parts, part, cache.ID.String()+pointerTo(tokens))
	}
	return part
}

// replaced gives value i with each cache ID in it replaced, if it is an object or
// an array.
func (l *live) replaced(d *document, i int) gjson.Result {
	if i < 0 {
		return gjson.Result{}
	}
	var text []byte
	end := d.nodes[i].from
	for n := i + 1; n < d.nodes[i].next; n++ {
		if cache := d.cache(n); cache != nil {
			text = append(text, d.text[end:d.nodes[n].from]...)
			text = appendRaw(text, l.valueAt(cache, nil))
			end = d.nodes[n].to
		}
	}
	if text == nil {
		return d.result(i)
	}
	return gjson.ParseBytes(append(text, d.text[end:d.nodes[i].to]...))
}

// appendRaw appends a value as JSON text. The answer of an upstream may have had
// no content, which is null.
func appendRaw(dst []byte, value gjson.Result) []byte {
	switch {
	case !value.Exists():
		return append(dst, "null"...)
	case value.Raw == "":
		return appendQuoted(dst, value.Str)
	default:
		return append(dst, value.Raw...)
	}
}

// into points into the value of a cache. The text of a token cache that is
// itself JSON, such as a static credential with several parts, can be pointed
// into as well. gjson.Valid calls itself at each opening bracket, and the text
// may be an upstream's: some million brackets would end the process.
func into(value gjson.Result, tokens []string) gjson.Result {
	return pointed(opened(value), tokens)
}

// opened gives what a text is that is JSON itself, and any other value as it is.
func opened(value gjson.Result) gjson.Result {
	if value.Type == gjson.String && json.Valid([]byte(value.Str)) {
		return gjson.Parse(value.Str)
	}
	return value
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

// text makes a JSON value of s, which is UTF-8. Only the text is set.
func text(s string) gjson.Result { return gjson.Result{Type: gjson.String, Str: s} }
