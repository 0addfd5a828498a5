package tokens

import (
	"crypto"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// Stores are the opened key stores and trust stores of a configuration. A nil
// Stores has none.
type Stores struct {
	keys, trusted map[string]*store
	derived       derivations
}

// A StoreError is what is wrong with one field of a key store or a trust store:
// "file", "type", "password", "key_password" or "key_passphrase".
type StoreError struct {
	Path string // of the entry, such as "key_stores[0]"
	*Error
}

// OpenStores opens the stores of a configuration. A Token that refers to one
// that could not be opened gets an [Error] that follows from the StoreError.
func OpenStores(cfg *configs.Config) (*Stores, []StoreError) {
	s := &Stores{keys: map[string]*store{}, trusted: map[string]*store{}}
	var errs []StoreError
	for _, each := range []struct {
		list    []configs.KeyStore
		into    map[string]*store
		trusted bool
	}{
		{cfg.KeyStores, s.keys, false},
		{cfg.TrustStores, s.trusted, true},
	} {
		for _, entry := range each.list {
			if entry.Unset {
				continue // There is nothing to be opened.
			}
			opened, err := s.open(entry, each.trusted, work{storeWork})
			if err != nil {
				errs = append(errs, StoreError{entry.Path, err})
				continue
			}
			each.into[entry.Name] = opened
		}
	}
	return s, errs
}

// New is [New] for a Token that may name a store.
func (s *Stores) New(cfg configs.Token, ttl time.Duration) (*Token, error) {
	return newToken(cfg, ttl, s)
}

// Format writes nothing of the keys under any verb.
func (s *Stores) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte("stores")) }

// open reads one store, with no more work than w.
func (s *Stores) open(cfg configs.KeyStore, trusted bool, w work) (*store, *Error) {
	kind, err := findStoreKind(cfg, trusted)
	if err != nil {
		return nil, err
	}
	file := &storeFile{data: []byte(cfg.Data.Reveal()), trusted: trusted, work: w, sealed: !cfg.Password.IsZero()}
	if file.password, err = s.plain("password", cfg.Password, cfg.KeyPassphrase); err != nil {
		return nil, err
	}
	file.keyPassword, file.keyField = file.password, "password"
	if !cfg.KeyPassword.IsZero() {
		file.keyField = "key_password"
		if file.keyPassword, err = s.plain("key_password", cfg.KeyPassword, cfg.KeyPassphrase); err != nil {
			return nil, err
		}
	}
	entries, err := kind.read(file)
	if err != nil {
		return nil, err
	}
	opened := &store{name: cfg.Name, entries: entries}
	return opened, opened.shut(file.keyField, trusted)
}

// key gives the private key under an alias of a key store, and its only one for
// "". It may be one that is [foreign].
func (s *Stores) key(name, alias string) (any, *Error) {
	opened := s.find(name, false)
	if opened == nil {
		return nil, unopenedStore("key_store")
	}
	e, err := opened.find("key store", "key_store", "key_alias", alias, (*storeEntry).isKey)
	switch {
	case err != nil:
		return nil, err
	case !e.isKey():
		return nil, &Error{
			Field:   "key_alias",
			Message: fmt.Sprintf("%q in key store %q is a certificate, signing needs a private key", e.alias, name),
			Hint:    opened.hint((*storeEntry).isKey),
		}
	case e.err != nil:
		return nil, e.err.in("key_store")
	}
	return e.private, nil
}

// recipient gives the public key under an alias of a trust store, and that of
// its only entry for "".
func (s *Stores) recipient(name, alias string) (crypto.PublicKey, *Error) {
	opened := s.find(name, true)
	if opened == nil {
		return nil, unopenedStore("encrypt.trust_store")
	}
	e, err := opened.find("trust store", "encrypt.trust_store", "encrypt.key_alias", alias, (*storeEntry).isPublic)
	switch {
	case err != nil:
		return nil, err
	case !e.isPublic():
		return nil, &Error{
			Field:   "encrypt.key_alias",
			Message: fmt.Sprintf("%q in trust store %q has no certificate that can be read", e.alias, name),
			Hint:    opened.hint((*storeEntry).isPublic),
		}
	}
	return e.public, nil
}

// find gives a store that is open, or nil.
func (s *Stores) find(name string, trusted bool) *store {
	switch {
	case s == nil:
		return nil
	case trusted:
		return s.trusted[name]
	default:
		return s.keys[name]
	}
}

func unopenedStore(field string) *Error {
	return &Error{Field: field, Message: "the store could not be opened", Follows: true}
}
