package tokens

import (
	"time"

	"github.com/egret-proxy/egret/configs"
)

// Stores are the opened key stores and trust stores of a configuration. A nil
// Stores has none.
type Stores struct{}

// New is [New] for a Token that may name a store.
func (s *Stores) New(cfg configs.Token, ttl time.Duration) (*Token, error) {
	return newToken(cfg, ttl, s)
}
