package tokens

import (
	"context"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A Source is how one cache is kept filled.
type Source struct {
	ID   configs.ID
	Name string // of the cache
	// Key tells one definition of the value from another, such as a digest of
	// the Token. It is the key of caches.Values too.
	Key string
	TTL time.Duration // of the cache, for the record
	// MinAge is how old a value becomes before the schedule replaces it, unless
	// it can no longer be used. It is shorter than two thirds of the life. A
	// source with another Key is another one, and knows nothing of the age that
	// the value of the one before had.
	MinAge time.Duration
	// OnDemand is a value that is made when somebody asks for it and there is
	// none, and not before: nothing keeps it warm.
	OnDemand bool
	// Timeout is what one making may take, 0 for that of the Refresher.
	Timeout time.Duration
	// Make makes the value. It obeys its context, and its error holds no
	// part of the value.
	Make func(ctx context.Context) (caches.Entry, error)
}
