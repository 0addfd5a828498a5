package tokens

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A signer makes JWTs: RFC 7519 in the compact form of RFC 7515 section 7.1.
type signer struct {
	algorithm *algorithm
	keyType   *keyType // nil of a key that is not given as a text of its own
	keyID     string   // how "kid" is made, see [configs.Token]
	header    *header
	claims    *claims
	key       *signingKey // nil where egret makes the keys
	tokenID   string      // "jti" of the configured claims, or ""
}

// A signingKey is a key, and what a signer has derived from it once.
type signingKey struct {
	private any              // []byte, *rsa.PrivateKey, *ecdsa.PrivateKey or ed25519.PrivateKey
	public  crypto.PublicKey // nil of a secret
	id      string           // "kid", or ""
	told    string           // id as records have it, which have no room for a long one
	header  string           // encoded
	claims  claims
}

// newSigner reports everything that is wrong at once.
func newSigner(cfg configs.Token, stores *Stores) (*signer, Errors) {
	s := signer{keyID: cfg.KeyID}
	var errs Errors
	add := func(e *Error) {
		if e != nil {
			errs = append(errs, e)
		}
	}
	var err *Error
	s.algorithm, err = findAlgorithm(cfg.Algorithm)
	add(err)
	private, more := s.readKey(cfg, stores)
	errs = append(errs, more...)
	if s.algorithm != nil {
		s.header, more = compileHeader(s.algorithm, cfg.Header)
		errs = append(errs, more...)
	}
	s.claims, more = compileClaims(cfg.Claims)
	errs = append(errs, more...)
	s.tokenID = textOf(cfg.Claims, "jti")
	if len(errs) > 0 {
		return &s, errs
	}
	if private != nil {
		s.key, err = s.prepare(private)
		add(err)
	}
	return &s, errs
}

// prepare derives from a key what does not change from one token to the next.
func (s *signer) prepare(private any) (*signingKey, *Error) {
	key := &signingKey{private: private, public: publicOf(private)}
	key.id = s.header.keyID
	if len(key.id) <= maxIdentity {
		key.told = key.id
	}
	key.header = s.header.encode(key.id)
	key.claims = *s.claims
	return key, nil
}

// publicOf gives the public half of a key, nil of a secret.
func publicOf(private any) crypto.PublicKey {
	if pair, ok := private.(crypto.Signer); ok {
		return pair.Public()
	}
	return nil
}

// try signs once with an RSA key, so that one whose parts do not belong together
// is found when the configuration is loaded. Of the other keys one part is read,
// and what there is beside it is made of it.
func (s *signer) try(key any) *Error {
	const text = "egret"
	private, ok := key.(*rsa.PrivateKey)
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
	if s.key == nil {
		return nil
	}
	var list []*Error
	if w := weak(s.algorithm, s.key.private); w != nil {
		list = append(list, w)
	}
	if secret, ok := s.key.private.([]byte); ok && s.keyType != nil && s.keyType.name == "Secret" {
		list = append(list, looseEnd("key", string(secret))...)
	}
	return list
}

var errNoKey = errors.New("there is no key yet")

func (s *signer) make(now time.Time, ttl time.Duration) (Made, error) {
	key := s.key
	if key == nil {
		return Made{}, errNoKey
	}
	iat := now.Truncate(time.Second)
	exp := iat.Add(ttl).Truncate(time.Second)
	value, err := s.sign(key, key.claims.at(iat, exp))
	if err != nil {
		return Made{}, err
	}
	// Added to now, the end of the life has now's monotonic reading.
	life := min(ttl, exp.Sub(now.Round(0)))
	return Made{Value: configs.NewSecret(value), Created: now, Expires: now.Add(life), KeyID: key.told, TokenID: s.tokenID}, nil
}

// sign gives the compact form.
func (s *signer) sign(key *signingKey, payload []byte) (string, error) {
	text := key.header + "." + segment(payload)
	sig, err := s.algorithm.method.Sign(text, key.private)
	if err != nil {
		return "", fmt.Errorf("cannot sign with algorithm=%q: %w", s.algorithm.name(), err)
	}
	return text + "." + segment(sig), nil
}
