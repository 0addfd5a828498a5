package tokens

import (
	"crypto"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// Stores are the opened key stores and trust stores of a configuration. A nil
// Stores has none.
type Stores struct{}

// recipient gives the public key under an alias of a trust store, and that of
// the one entry for "".
func (s *Stores) recipient(name, alias string) (crypto.PublicKey, *Error) {
	return nil, &Error{Field: "encrypt.trust_store", Message: "trust stores are not read yet"}
}

// New is [New] for a Token that may name a store.
func (s *Stores) New(cfg configs.Token, ttl time.Duration) (*Token, error) {
	return newToken(cfg, ttl, s)
}
