package functions

import (
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
}

// Lookup gives the argument at p with every cache ID replaced.
func (l *live) Lookup(p templates.Pointer) templates.Value {
	value, rest := descend(l.document, p.Tokens(), l.isID)
	if value.Type == gjson.String {
		if current, ok := l.current(value.Str); ok {
			return templates.Value{JSON: into(current, rest)}
		}
	}
	if (value.IsObject() || value.IsArray()) && l.holdsID(value) {
		value = gjson.Parse(string(l.appendReplaced(nil, value)))
	}
	return templates.Value{JSON: value}
}

// Shown is false: the request leaves.
func (l *live) Shown() bool { return false }

func (l *live) isID(text string) bool {
	_, ok := l.index.Lookup(text)
	return ok
}

func (l *live) current(text string) (gjson.Result, bool) {
	cache, ok := l.index.Lookup(text)
	if !ok {
		return gjson.Result{}, false
	}
	value, ok := l.values[cache.ID]
	return value, ok
}

func (l *live) holdsID(value gjson.Result) bool {
	held := false
	idsIn(l.index, value, func(*configs.Cache) { held = true })
	return held
}

// appendReplaced writes value with each cache ID in it replaced.
func (l *live) appendReplaced(dst []byte, value gjson.Result) []byte {
	if value.Type == gjson.String {
		if current, ok := l.current(value.Str); ok {
			return append(dst, current.Raw...)
		}
	}
	if !value.IsObject() && !value.IsArray() {
		return append(dst, value.Raw...)
	}
	open, closing := byte('['), byte(']')
	if value.IsObject() {
		open, closing = '{', '}'
	}
	dst = append(dst, open)
	first := true
	value.ForEach(func(name, element gjson.Result) bool {
		if !first {
			dst = append(dst, ',')
		}
		first = false
		if open == '{' {
			dst = append(append(dst, name.Raw...), ':')
		}
		dst = l.appendReplaced(dst, element)
		return true
	})
	return append(dst, closing)
}

// into points into the value of a cache. The text of a token cache that is
// itself JSON, such as a static credential with several parts, can be pointed
// into as well.
func into(value gjson.Result, tokens []string) gjson.Result {
	if len(tokens) == 0 {
		return value
	}
	if value.Type == gjson.String && gjson.Valid(value.Str) {
		value = gjson.Parse(value.Str)
	}
	value, _ = descend(value, tokens, func(string) bool { return false })
	return value
}

// text makes a JSON string of s.
func text(s string) gjson.Result {
	return gjson.Result{Type: gjson.String, Str: s, Raw: string(gjson.AppendJSONString(nil, s))}
}

// shown are the arguments of a request that is explained and not sent: cache
// IDs stay, and what the configuration fixes is withheld.
type shown struct {
	document gjson.Result
	index    *caches.Index
	function *Function
}

// Lookup gives the argument at p, or what stands for it.
func (s *shown) Lookup(p templates.Pointer) templates.Value {
	if s.function.isFixed(p.Parameter()) {
		return templates.Value{JSON: text("(fixed)"), StandIn: true}
	}
	value, rest := descend(s.document, p.Tokens(), func(id string) bool {
		_, ok := s.index.Lookup(id)
		return ok
	})
	if value.Type == gjson.String {
		if cache, ok := s.index.Lookup(value.Str); ok {
			id := cache.ID.String()
			if len(rest) > 0 {
				id += pointerTo(rest)
			}
			return templates.Value{JSON: text(id), StandIn: true}
		}
	}
	return templates.Value{JSON: value}
}

// Shown is true: people read the result.
func (s *shown) Shown() bool { return true }
