package functions

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sync"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// fillTimeout bounds a call that others wait for. It only has to be longer than
// every Function's own timeout, which ends the call.
const fillTimeout = 24 * time.Hour

// Results are the output caches: answers by Function and arguments, and the
// latest answer of each owner. They outlive a reload.
type Results struct {
	store   caches.Store
	filler  *caches.Filler
	pauses  *pauses
	shelves shelves
}

// NewResults keeps answers in store.
func NewResults(store caches.Store) *Results {
	return &Results{store: store, filler: caches.NewFiller(fillTimeout), pauses: newPauses()}
}

// Wait returns when no call is running whose answer is to be stored. Such a
// call goes on when the caller gives up, because others may wait for it.
func (r *Results) Wait() { r.filler.Wait() }

// appendResultText appends what a slot depends on beside the arguments: the
// Function as it is defined, and the scope, which tells apart clients who may not
// share an answer.
func appendResultText(dst []byte, f *Function, scope string) []byte {
	return appendSized(appendSized(dst, f.config.Digest), scope)
}

// resultKey is the slot of a call, whose text is that of appendResultText and the
// canonical arguments as the caller sent them, IDs as IDs.
func resultKey(f *Function, text []byte) string {
	sum := sha256.Sum256(text)
	var room [128]byte
	key := append(room[:0], "result/"...)
	key = append(appendID(key, f.output.ID), '/')
	return string(hex.AppendEncode(key, sum[:]))
}

// An owner is whose latest answer is meant. egret itself is one, and so are all
// anonymous callers together: once a reload adds clients, what anonymous callers
// stored must not become everybody's, as what egret itself stored is.
type owner string

const (
	egretItself owner = "egret"
	anonymous   owner = "anonymous"
)

// ownerOf gives the owner of a client's calls.
func ownerOf(client *configs.Client) owner {
	if client == nil {
		return anonymous
	}
	return owner("client/" + client.Name)
}

func latestKey(cache *configs.Cache, whose owner) string {
	return "latest/" + cache.ID.String() + "/" + string(whose)
}

// latestKeys are the keys under which the latest answers of a Function are, one for
// each configured client that has called it, so that they are not made anew for
// every call.
type latestKeys struct {
	mu   sync.RWMutex
	keys map[latestOf]string
}

// A latestOf is an owner, without the making of its name.
type latestOf struct {
	client   *configs.Client
	internal bool
	behalf   owner
}

// latestKey is the key of the latest answer of the one who calls.
func (f *Function) latestKey(call *Call) string {
	of := latestOf{client: call.Client, internal: call.internal, behalf: call.behalf}
	f.latest.mu.RLock()
	key, ok := f.latest.keys[of]
	f.latest.mu.RUnlock()
	if ok {
		return key
	}
	key = latestKey(f.output, call.owner())
	f.latest.mu.Lock()
	defer f.latest.mu.Unlock()
	if f.latest.keys == nil || len(f.latest.keys) >= maxLatestKeys {
		f.latest.keys = map[latestOf]string{}
	}
	f.latest.keys[of] = key
	return key
}

// maxLatestKeys bounds latestKeys, should clients come from elsewhere than the
// configuration.
const maxLatestKeys = 10_000

// get gives what is stored under key. A store that fails is a miss: a call can
// always be performed.
func (r *Results) get(ctx context.Context, key string) (caches.Entry, bool) {
	entry, ok, err := r.store.Get(ctx, key)
	return entry, ok && err == nil
}

// put stores an answer of a Function under its key.
func (r *Results) put(ctx context.Context, key string, f *Function, entry caches.Entry) error {
	if err := r.store.Put(ctx, key, entry); err != nil {
		return fmt.Errorf("cannot store in cache %q: %w", f.output.Name, err)
	}
	r.use(ctx, key, f)
	return nil
}

// touch makes entry the latest answer of its owner: the one that the cache's own
// ID stands for. The latest is the one that a call got last, whenever it was
// made.
func (r *Results) touch(ctx context.Context, latest string, cache *configs.Cache, entry caches.Entry) error {
	entry.Created = time.Now()
	if err := r.store.Put(ctx, latest, entry); err != nil {
		return fmt.Errorf("cannot store in cache %q: %w", cache.Name, err)
	}
	return nil
}

// latest gives the answer that a call of the owner, or of egret itself, got last
// from cache.
func (r *Results) latest(ctx context.Context, cache *configs.Cache, whose owner) (caches.Entry, bool) {
	own, found := r.get(ctx, latestKey(cache, whose))
	egrets, ok := r.get(ctx, latestKey(cache, egretItself))
	if ok && (!found || egrets.Created.After(own.Created)) {
		return egrets, true
	}
	return own, found
}
