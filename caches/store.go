package caches

import (
	"context"
	"errors"
)

// A Store keeps entries by key. All methods may be called at the same time.
type Store interface {
	// Get gives the entry under key. An expired one is never given.
	Get(ctx context.Context, key string) (Entry, bool, error)
	// Put makes e the entry under key; nobody may change e.Data afterwards. If
	// it fails, nothing is under key. The error is ErrExpired for a dead
	// entry and ErrTooLarge for one that the store can never hold.
	Put(ctx context.Context, key string, e Entry) error
	// Delete removes what is under key, if there is anything.
	Delete(ctx context.Context, key string) error
}

// The errors of [Store.Put].
var (
	ErrExpired  = errors.New("entry is expired")
	ErrTooLarge = errors.New("entry is larger than the store")
)
