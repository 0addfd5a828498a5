package tokens

import "github.com/egret-proxy/egret/configs"

// readKey gives the key that a Token signs with, from wherever its entry has it.
// It is nil without an error where egret makes the keys.
func (s *signer) readKey(cfg configs.Token, _ *Stores) (any, Errors) {
	if cfg.JWK != nil {
		return nil, nil
	}
	var err *Error
	if s.keyType, err = findKeyType(cfg.KeyType); err != nil {
		return nil, Errors{err}
	}
	if s.algorithm == nil {
		return nil, nil
	}
	if err := s.keyType.check(s.algorithm); err != nil {
		return nil, Errors{err}
	}
	if cfg.Key.IsZero() {
		return nil, Errors{s.missing()}
	}
	private, err := parseKey(s.keyType, s.algorithm, cfg.Key.Reveal())
	if err == nil {
		err = s.try(private)
	}
	if err != nil {
		return nil, Errors{err}
	}
	return private, nil
}

func (s *signer) missing() *Error {
	if s.algorithm.family == familyHMAC {
		return &Error{Field: "key", Message: "secret is empty"}
	}
	return &Error{Field: "key", Message: "key is missing"}
}
