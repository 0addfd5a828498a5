package proxy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/templates"
)

// idLength is the length of a cache ID as text.
const idLength = 36

// neverSwapped are fields in which an ID is text: they are read by parties that
// have no business with a credential, or come back to other clients.
var neverSwapped = map[string]bool{
	"cookie":     true,
	"forwarded":  true,
	"host":       true,
	"origin":     true,
	"referer":    true,
	"user-agent": true,
	"via":        true,
}

func mayBeSwapped(name string) bool {
	name = strings.ToLower(name)
	return !neverSwapped[name] && !strings.HasPrefix(name, "x-forwarded-")
}

// An occurrence is a cache ID in a header field.
type occurrence struct {
	field int // index of the field
	at    int // offset of the ID in its value
	cache *configs.Cache
}

// occurrences finds the cache IDs in the fields that may be swapped. An ID is
// 36 characters in any letter case, not adjoined by a letter, a digit, a hyphen
// or an underscore.
func occurrences(index *caches.Index, fields []templates.Field) []occurrence {
	var list []occurrence
	for i, f := range fields {
		if len(f.Value) < idLength || !mayBeSwapped(f.Name) {
			continue
		}
		for at := 0; at+idLength <= len(f.Value); at++ {
			if f.Value[at+8] != '-' || at > 0 && isWord(f.Value[at-1]) || at+idLength < len(f.Value) && isWord(f.Value[at+idLength]) {
				continue
			}
			if cache, ok := index.Lookup(f.Value[at : at+idLength]); ok {
				list = append(list, occurrence{field: i, at: at, cache: cache})
				at += idLength - 1
			}
		}
	}
	return list
}

func isWord(c byte) bool {
	return c == '-' || c == '_' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

// checkOccurrences checks every ID: may this client name the cache, does the
// cache name the host, and may its value stand in a header. No value is read.
func checkOccurrences(list []occurrence, fields []templates.Field, client *configs.Client, target *target) error {
	for _, o := range list {
		cache := o.cache
		switch {
		case !mayName(client, cache):
			return functions.Refuse(functions.CacheDenied, fmt.Sprintf("client %s may not name cache %s", client.Name, cache.Name))
		case !cache.Names(target.host, target.port):
			return functions.Refuse(functions.CacheHostDenied, fmt.Sprintf("cache %s does not name the host %s", cache.Name, target.authority))
		case cache.Surfaces&configs.Header == 0:
			return functions.Refuse(functions.SurfaceDenied, fmt.Sprintf("cache %s may not stand in a header, and was sent in %s", cache.Name, fields[o.field].Name))
		}
	}
	return nil
}

func mayName(client *configs.Client, cache *configs.Cache) bool {
	return client == nil || client.Caches.Has(cache.Name)
}

// swapFields replaces every ID by its cache's current value, and lists what
// must not come back.
func (rt *runtime) swapFields(ctx context.Context, fields []templates.Field, list []occurrence, client *configs.Client) ([]functions.Hidden, error) {
	var hide []functions.Hidden
	for _, o := range slices.Backward(list) { // from the end, so that offsets stay right

		value, err := rt.value(ctx, o.cache, client)
		if err != nil {
			return nil, err
		}
		if !httpguts.ValidHeaderFieldValue(value) {
			return nil, functions.Refuse(functions.UnsafeValue, "the value of cache "+o.cache.Name+" cannot stand in a header")
		}
		text := fields[o.field].Value
		fields[o.field].Value = text[:o.at] + value + text[o.at+idLength:]
		if o.cache.Kind == configs.TokenCache {
			hide = append(hide, functions.Hidden{Value: configs.NewSecret(value), With: o.cache.ID.String()})
		}
	}
	return hide, nil
}

// value gives what a cache's ID stands for.
func (rt *runtime) value(ctx context.Context, cache *configs.Cache, client *configs.Client) (string, error) {
	if cache.Kind == configs.TokenCache {
		secret, err := rt.Current(ctx, cache)
		return secret.Reveal(), err
	}
	return rt.functions.Value(ctx, cache, client)
}
