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

// Entry is m as caches keep it. It shares the memory of the value.
func (m Made) Entry() caches.Entry {
	return caches.NewEntry(m.Value, m.Created, m.Expires)
}
