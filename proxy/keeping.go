package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/tokens"
)

// keepFilled gives the caches that egret fills by calling Functions their sources.
func (rt *runtime) keepFilled() {
	list := rt.functions.Kept()
	credentials := make(map[configs.ID]*functions.Kept, len(list))
	for i := range list {
		if list[i].Cache.Credential {
			credentials[list[i].Cache.ID] = &list[i]
		}
	}
	rt.kept = make(map[string]string, len(list))
	for i := range list {
		k := &list[i]
		key := rt.keyOf(k, credentials)
		rt.kept[k.Function] = key
		rt.sources = append(rt.sources, tokens.Source{
			ID: k.Cache.ID, Name: k.Cache.Name, Key: key, TTL: k.Cache.TTL, OnDemand: !k.Warm,
			Timeout: k.Timeout + graceOfMaking, Make: rt.calling(k.Function, key),
		})
	}
}

// graceOfMaking is what a making may take beside its Function, so that it is the
// Function whose timeout ends it, which says so.
const graceOfMaking = time.Second

// keyOf tells one definition of a value from another: the Function, and whatever
// credentials it gets the value with. Another account is another value.
func (rt *runtime) keyOf(k *functions.Kept, credentials map[configs.ID]*functions.Kept) string {
	isCredential := k.Cache.Credential
	if known := rt.makings[k.Cache.ID]; isCredential && known.key != "" {
		return known.key
	}
	if isCredential {
		// There is no cycle in a configuration without problems; this would end one.
		rt.makings[k.Cache.ID] = making{key: k.Digest}
	}
	sum := sha256.New()
	write := func(text string) { _, _ = io.WriteString(sum, text+"\n") } // it has no error
	write(k.Digest)
	for _, need := range k.Needs {
		if other := credentials[need.ID]; other != nil {
			write(rt.keyOf(other, credentials))
			continue
		}
		write(rt.makings[need.ID].key)
	}
	key := hex.EncodeToString(sum.Sum(nil))
	if isCredential {
		rt.makings[k.Cache.ID] = making{key: key}
	}
	return key
}

// errReplaced is of a value that the configuration does not have any more.
var errReplaced = errors.New("the configuration was replaced")

// calling makes entries by a call of a Function. It holds the runtime meanwhile;
// when that has been replaced and is closed, it is the current one that calls, if
// the Function is the same there.
func (rt *runtime) calling(function, key string) func(context.Context) (caches.Entry, error) {
	return func(ctx context.Context) (caches.Entry, error) {
		by := rt
		if !by.hold() {
			by = rt.server.hold()
		}
		defer by.release()
		if by.kept[function] != key {
			return caches.Entry{}, errReplaced
		}
		return by.functions.Make(ctx, function)
	}
}
