package tokens

import (
	"crypto/rsa"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A signer makes JWTs: RFC 7519 in the compact form of RFC 7515 section 7.1.
type signer struct {
	algorithm *algorithm
	keyType   *keyType
	key       any
	header    string // encoded
	claims    claims
	// keyID and tokenID are those that header and claims say, or "".
	keyID, tokenID string
}

// newSigner reports everything that is wrong at once.
func newSigner(cfg configs.Token) (*signer, Errors) {
	var s signer
	var errs Errors
	add := func(e *Error) {
		if e != nil {
			errs = append(errs, e)
		}
	}
	var err *Error
	s.algorithm, err = findAlgorithm(cfg.Algorithm)
	add(err)
	s.keyType, err = findKeyType(cfg.KeyType)
	add(err)
	if s.algorithm != nil && s.keyType != nil {
		add(s.readKey(cfg.Key))
	}
	var more Errors
	if s.algorithm != nil {
		s.header, more = compileHeader(s.algorithm, cfg.Header)
		errs = append(errs, more...)
	}
	s.claims, more = compileClaims(cfg.Claims)
	s.keyID, s.tokenID = textOf(cfg.Header, "kid"), textOf(cfg.Claims, "jti")
	return &s, append(errs, more...)
}

func (s *signer) readKey(key configs.Secret) *Error {
	if err := s.keyType.check(s.algorithm); err != nil {
		return err
	}
	if key.IsZero() {
		return s.missing()
	}
	var err *Error
	if s.key, err = parseKey(s.keyType, s.algorithm, key.Reveal()); err != nil {
		return err
	}
	return s.try()
}

func (s *signer) missing() *Error {
	if s.algorithm.family == familyHMAC {
		return &Error{Field: "key", Message: "secret is empty"}
	}
	return &Error{Field: "key", Message: "key is missing"}
}

// try signs once with an RSA key, so that one whose parts do not belong together
// is found when the configuration is loaded. Of the other keys one part is read,
// and what there is beside it is made of it.
func (s *signer) try() *Error {
	const text = "egret"
	private, ok := s.key.(*rsa.PrivateKey)
	if !ok {
		return nil
	}
	sig, err := s.algorithm.method.Sign(text, private)
	if err != nil || s.algorithm.method.Verify(text, sig, private.Public()) != nil {
		return errBroken()
	}
	return nil
}

func (s *signer) warnings() []*Error {
	if s.algorithm == nil || s.keyType == nil || s.key == nil {
		return nil
	}
	var list []*Error
	if w := weak(s.algorithm, s.key); w != nil {
		list = append(list, w)
	}
	if secret, ok := s.key.([]byte); ok && s.keyType.name == "Secret" {
		list = append(list, looseEnd("key", string(secret))...)
	}
	return list
}

func (s *signer) make(now time.Time, ttl time.Duration) (Made, error) {
	iat := now.Truncate(time.Second)
	exp := iat.Add(ttl).Truncate(time.Second)
	value, err := s.sign(s.header, s.claims.at(iat, exp))
	if err != nil {
		return Made{}, err
	}
	// Added to now, the end of the life has now's monotonic reading.
	life := min(ttl, exp.Sub(now.Round(0)))
	return Made{Value: configs.NewSecret(value), Created: now, Expires: now.Add(life), KeyID: s.keyID, TokenID: s.tokenID}, nil
}

// sign gives the compact form. The header is encoded already.
func (s *signer) sign(header string, payload []byte) (string, error) {
	text := header + "." + segment(payload)
	sig, err := s.algorithm.method.Sign(text, s.key)
	if err != nil {
		return "", fmt.Errorf("cannot sign with algorithm=%q: %w", s.algorithm.name(), err)
	}
	return text + "." + segment(sig), nil
}
