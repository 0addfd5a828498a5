package tokens

import (
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// Made is a value and its lifetime.
type Made struct {
	Value   configs.Secret
	Created time.Time
	Expires time.Time
	// NotBefore is when it begins to be good, or the zero time when it is at once.
	NotBefore time.Time
	// KeyID and TokenID are "kid" and "jti" of a JWT, "" without one.
	KeyID, TokenID string
}

// Entry is m as caches keep it. It shares the memory of the value.
func (m Made) Entry() caches.Entry {
	e := caches.NewEntry(m.Value, m.Created, m.Expires)
	e.NotBefore = m.NotBefore
	e.KeyID, e.TokenID = m.KeyID, m.TokenID
	return e
}
