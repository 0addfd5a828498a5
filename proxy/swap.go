package proxy

import (
	"context"
	"fmt"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// idLength is the length of a cache ID as text.
const idLength = 36

// neverSwapped are fields in which an ID is text: they are read by parties that
// have no business with a credential, or come back to other clients.
var neverSwapped = [wire.Confusing + 1]bool{
	wire.Cookie:     true,
	wire.Forwarded:  true,
	wire.Host:       true,
	wire.Origin:     true,
	wire.Referer:    true,
	wire.UserAgent:  true,
	wire.Via:        true,
	wire.XForwarded: true,
}

// An occurrence is a cache ID in a header field, and what it stands for.
type occurrence struct {
	field int // index of the field
	at    int // offset of the ID in its value
	cache *configs.Cache
	value string

	keyID, tokenID string // of a token
}

// occurrences appends the cache IDs in the fields that travel on and may be
// swapped. An ID is 36 characters in any letter case, not adjoined by a letter,
// a digit, a hyphen or an underscore.
func occurrences(list []occurrence, index *caches.Index, fields []wire.Field) []occurrence {
	for i := range fields {
		if f := &fields[i]; len(f.Value) >= idLength && !f.Drop && !neverSwapped[f.Kind] {
			list = scanField(list, index, i, f.Value)
		}
	}
	return list
}

// scanField looks at each place where an ID could begin. The four hyphens are
// looked at first; what has them is looked up.
func scanField(list []occurrence, index *caches.Index, field int, text []byte) []occurrence {
	for at := 0; at+idLength <= len(text); at++ {
		if text[at+8] != '-' || text[at+13] != '-' || text[at+18] != '-' || text[at+23] != '-' {
			continue
		}
		if at > 0 && isWord(text[at-1]) || at+idLength < len(text) && isWord(text[at+idLength]) {
			continue
		}
		if cache, ok := index.LookupBytes(text[at : at+idLength]); ok {
			list = append(list, occurrence{field: field, at: at, cache: cache})
			at += idLength - 1
		}
	}
	return list
}

func isWord(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// checkOccurrences checks every ID: may this client name the cache, does the
// cache name the host, and may its value stand in a header. No value is read.
func checkOccurrences(list []occurrence, fields []wire.Field, client *configs.Client, to *target) error {
	for _, o := range list {
		cache := o.cache
		switch {
		case !mayName(client, cache):
			return functions.Refuse(functions.CacheDenied, fmt.Sprintf("client %s may not name cache %s", client.Name, cache.Name)).By(client.Path + ".caches")
		case !cache.Names(to.host, to.port):
			return functions.Refuse(functions.CacheHostDenied, fmt.Sprintf("cache %s does not name the host %s", cache.Name, to.authority)).By(cache.Path + ".hosts")
		case cache.Surfaces&configs.Header == 0:
			return functions.Refuse(functions.SurfaceDenied, fmt.Sprintf("cache %s may not stand in a header, and was sent in %s", cache.Name, fields[o.field].Name)).By(cache.Path + ".surfaces")
		}
	}
	return nil
}

func mayName(client *configs.Client, cache *configs.Cache) bool {
	return client == nil || client.Caches.Has(cache.Name)
}

// readValues reads what every ID stands for.
func (rt *runtime) readValues(ctx context.Context, list []occurrence, client *configs.Client) error {
	for i := range list {
		if rt.readAgain(&list[i], list[:i]) {
			continue
		}
		if err := rt.readValue(ctx, &list[i], client); err != nil {
			return err
		}
		if cache := list[i].cache; !wire.IsValue(list[i].value) {
			return functions.Refuse(functions.UnsafeValue, "the value of cache "+cache.Name+" cannot stand in a header").By(cache.Path)
		}
	}
	return nil
}

// readAgain takes over the value of a cache that is made for each request, when
// the same request names it before.
func (rt *runtime) readAgain(o *occurrence, before []occurrence) bool {
	if !rt.isOnUse(o.cache) {
		return false
	}
	for i := range before {
		if same := &before[i]; same.cache == o.cache {
			o.value, o.keyID, o.tokenID = same.value, same.keyID, same.tokenID
			return true
		}
	}
	return false
}

// readValue reads what one ID stands for.
func (rt *runtime) readValue(ctx context.Context, o *occurrence, client *configs.Client) (err error) {
	if o.cache.Credential {
		entry, err := rt.Current(ctx, o.cache)
		if err == nil {
			o.value, o.keyID, o.tokenID = entry.Secret().Reveal(), entry.KeyID, entry.TokenID
		}
		return err
	}
	o.value, err = rt.functions.Value(ctx, o.cache, client)
	return err
}

// addSwapped adds a field with its IDs replaced, those of list that stand in
// it: the first ones. It gives the others.
func addSwapped(lines *wire.Lines, f *wire.Field, index int, list []occurrence) []occurrence {
	lines.Bytes = append(lines.Bytes, f.Name...)
	lines.Bytes = append(lines.Bytes, ": "...)
	done := 0
	for len(list) > 0 && list[0].field == index {
		lines.Bytes = append(lines.Bytes, f.Value[done:list[0].at]...)
		lines.Bytes = append(lines.Bytes, list[0].value...)
		done = list[0].at + idLength
		list = list[1:]
	}
	lines.Bytes = append(lines.Bytes, f.Value[done:]...)
	lines.Bytes = append(lines.Bytes, "\r\n"...)
	lines.Count++
	return list
}
