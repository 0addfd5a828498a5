package tokens

import "github.com/egret-proxy/egret/configs"

// readKey gives the key that a Token signs with, from wherever its entry has it.
// It is nil without an error where egret makes the keys, and where the only text
// that there should be is missing and may be.
func (s *signer) readKey(cfg configs.Token, stores *Stores) (any, Errors) {
	s.keyField = "key"
	var read func(configs.Token, *Stores) (any, *Error)
	switch {
	case cfg.JWK != nil, cfg.Unset && cfg.KeyType == "" && cfg.KeyStore == "":
		return nil, nil
	case cfg.KeyStore != "":
		s.keyField, read = "key_store", s.readStored
	case !cfg.SharedKey.IsZero():
		s.keyField, read = "shared_key", s.readShared
	default:
		var err *Error
		if s.keyType, err = findKeyType(cfg.KeyType); err != nil {
			return nil, Errors{err}
		}
		read = s.readText
	}
	if s.algorithm == nil {
		return nil, nil
	}
	private, err := read(cfg, stores)
	if err == nil {
		private, err = s.algorithm.use(private)
	}
	if err == nil {
		err = s.try(private)
	}
	if err != nil {
		return nil, Errors{s.placed(err)}
	}
	return private, nil
}

// placed gives an error about the key the field in which the key was configured.
func (s *signer) placed(e *Error) *Error {
	if e.Field == "key" {
		e.Field = s.keyField
	}
	return e
}

// readText reads the key that an entry has as a text.
func (s *signer) readText(cfg configs.Token, _ *Stores) (any, *Error) {
	if err := s.keyType.check(s.algorithm); err != nil {
		return nil, err
	}
	if cfg.Key.IsZero() {
		return nil, s.missing()
	}
	k := &keyText{algorithm: s.algorithm, text: cfg.Key.Reveal(), passphrase: cfg.KeyPassphrase.Reveal()}
	private, err := s.keyType.read(k)
	if err == nil {
		s.ownID = k.keyID
		s.warn(k.unopened())
		if s.keyType.name == "Secret" {
			s.warn(looseEnd("key", k.text)...)
		}
	}
	return private, err
}

// readShared reads the secret of shared_key: the bytes of its text in UTF-8.
func (s *signer) readShared(cfg configs.Token, stores *Stores) (any, *Error) {
	if s.algorithm.family != familyHMAC {
		return nil, &Error{
			Field:   "shared_key",
			Message: "shared_key does not fit algorithm " + s.algorithm.name(),
			Hint:    "HS256, HS384 and HS512 take it; others take key_type and key, or key_store",
		}
	}
	text, err := stores.plain("shared_key", cfg.SharedKey, cfg.KeyPassphrase)
	if err != nil {
		return nil, err
	}
	s.warn(looseEnd("shared_key", text)...)
	return []byte(text), nil
}

// readStored takes the key from a key store.
func (s *signer) readStored(cfg configs.Token, stores *Stores) (any, *Error) {
	if cfg.KeyAlias != "" {
		s.keyField = "key_alias"
	}
	return stores.key(cfg.KeyStore, cfg.KeyAlias)
}

// warn adds what is not nil to the warnings.
func (s *signer) warn(list ...*Error) {
	for _, w := range list {
		if w != nil {
			s.warned = append(s.warned, w)
		}
	}
}

func (s *signer) missing() *Error {
	if s.algorithm.family == familyHMAC {
		return &Error{Field: "key", Message: "secret is empty"}
	}
	return &Error{Field: "key", Message: "key is missing"}
}
