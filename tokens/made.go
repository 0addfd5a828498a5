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
}

// Entry is m as caches keep it.
func (m Made) Entry() caches.Entry {
	return caches.Entry{Data: []byte(m.Value.Reveal()), Created: m.Created, Expires: m.Expires}
}
