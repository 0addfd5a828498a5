package functions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// fillTimeout bounds a call that others wait for. Every Function has a shorter
// one of its own unless it is configured longer.
const fillTimeout = 10 * time.Minute

// Results are the output caches: answers by Function and arguments, and the
// latest answer of each client. They outlive a reload.
type Results struct {
	store  caches.Store
	filler *caches.Filler
}

// NewResults keeps answers in store.
func NewResults(store caches.Store) *Results {
	return &Results{store: store, filler: caches.NewFiller(fillTimeout)}
}

// resultKey is the slot of a call: the Function as it is defined, and the
// arguments as the caller sent them, IDs as IDs. The client is part of it only
// where an argument means something else for each client.
func resultKey(f *Function, arguments []byte, client string) (string, error) {
	canonical, err := canonicalArguments(arguments)
	if err != nil {
		return "", fmt.Errorf("cannot make the key of a call of %s: %w", f.Name(), err)
	}
	digest := sha256.New()
	for _, part := range [][]byte{[]byte(f.config.Digest), canonical, []byte(client)} {
		_, _ = fmt.Fprintf(digest, "%d:", len(part))
		_, _ = digest.Write(part)
	}
	return "result/" + f.output.ID.String() + "/" + hex.EncodeToString(digest.Sum(nil)), nil
}

func latestKey(cache *configs.Cache, client string) string {
	return "latest/" + cache.ID.String() + "/" + client
}

// get gives what is stored under key. A store that fails is a miss: a call can
// always be performed.
func (r *Results) get(ctx context.Context, key string) (caches.Entry, bool) {
	entry, ok, err := r.store.Get(ctx, key)
	return entry, ok && err == nil
}

// put stores an answer under its key, and as the latest of client.
func (r *Results) put(ctx context.Context, key string, cache *configs.Cache, client string, entry caches.Entry) error {
	if err := r.store.Put(ctx, key, entry); err != nil {
		return fmt.Errorf("cannot store in cache %q: %w", cache.Name, err)
	}
	return r.touch(ctx, cache, client, entry)
}

// touch makes entry the latest answer of client: the one that the cache's own
// ID stands for.
func (r *Results) touch(ctx context.Context, cache *configs.Cache, client string, entry caches.Entry) error {
	if err := r.store.Put(ctx, latestKey(cache, client), entry); err != nil {
		return fmt.Errorf("cannot store in cache %q: %w", cache.Name, err)
	}
	return nil
}

// latest gives the newest answer that calls of client, or egret itself, stored
// in cache.
func (r *Results) latest(ctx context.Context, cache *configs.Cache, client string) (caches.Entry, bool) {
	own, found := r.get(ctx, latestKey(cache, client))
	egrets, ok := r.get(ctx, latestKey(cache, ""))
	if ok && (!found || egrets.Created.After(own.Created)) {
		return egrets, true
	}
	return own, found
}
