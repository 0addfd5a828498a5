package tokens

import (
	"cmp"
	"crypto"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A signer makes JWTs: RFC 7519 in the compact form of RFC 7515 section 7.1,
// and around it perhaps that of RFC 7516 section 7.1.
type signer struct {
	algorithm *algorithm
	keyType   *keyType // nil of a key that is not given as a text of its own
	keyID     string   // how "kid" is made, see [configs.Token]
	published bool     // the public half of the key
	header    *header
	claims    *claims
	key       *signingKey // nil where egret makes the keys
	recipient *recipient  // nil of tokens that are signed only

	keyField string // of the entry, that has the key
	ownID    string // "kid" that the key was delivered with, in a JWK
	warned   []*Error

	id     string       // of the Token
	made   *configs.JWK // what is said of keys that egret makes, or nil
	ring   *ringUse     // those keys; nil before there are any
	public []PublicKey  // of key, if it is published
}

// A signingKey is a key, and what a signer has derived from it once.
type signingKey struct {
	private any              // []byte, *rsa.PrivateKey, *ecdsa.PrivateKey or ed25519.PrivateKey
	public  crypto.PublicKey // nil of a secret
	id      string           // "kid", or ""
	told    string           // id as records have it, which have no room for a long one
	encoded string           // the beginning of each token: the header, and claims in whole groups of base64
	rest    string           // the claims behind those, up to "jti" and the times
	size    int              // of a signature, in bytes
}

// newSigner reports everything that is wrong at once.
func newSigner(cfg configs.Token, ttl time.Duration, stores *Stores) (*signer, Errors) {
	s := signer{keyID: cfg.KeyID, published: cfg.Publish, id: cfg.ID, made: cfg.JWK}
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
	s.claims, more = compileClaims(cfg, ttl)
	errs = append(errs, more...)
	add(s.check(cfg))
	s.recipient, err = newRecipient(cfg.Encrypt, stores)
	add(err)
	if len(errs) > 0 {
		return &s, errs
	}
	if private != nil {
		s.key, err = s.prepare(private)
		add(err)
	}
	if s.key != nil && cfg.Publish {
		s.public = []PublicKey{newPublicKey(s.algorithm, s.key)}
	}
	return &s, errs
}

// check finds what does not go together in an entry.
func (s *signer) check(cfg configs.Token) *Error {
	secret := s.algorithm != nil && s.algorithm.family == familyHMAC
	switch {
	case s.header != nil && s.header.keyID != "" && cfg.KeyID != "":
		return &Error{Field: "kid", Message: "header has kid too: remove one of them"}
	case secret && (cfg.Publish || cfg.JWK != nil):
		return &Error{Field: "publish", Message: s.algorithm.name() + " signs with a secret, which is never published", Hint: "take an algorithm with a public key, such as ES256"}
	case secret && (cfg.KeyID == configs.KeyIDThumbprint || cfg.KeyID == configs.KeyIDSPKI):
		return &Error{Field: "kid", Message: cfg.KeyID + " is computed from a public key, and " + s.algorithm.name() + " has none", Hint: "write a text of your own"}
	case secret && len(s.claims.gaps) > 0:
		return &Error{Field: "claims", Message: fingerprintWord + " is computed from a public key, and " + s.algorithm.name() + " has none", Hint: `write \` + fingerprintWord + " for the text itself"}
	case cfg.OnUse && cfg.TokenID == "":
		return &Error{Field: "sign", Message: "two tokens of one second would be the same without jti", Hint: "add jti: true"}
	}
	return nil
}

// prepare derives from a key what does not change from one token to the next.
func (s *signer) prepare(private any) (*signingKey, *Error) {
	key := &signingKey{private: private, public: publicOf(private)}
	key.id = s.keyIDOf(key.public)
	if len(key.id) <= maxIdentity {
		key.told = key.id
	}
	text := s.claims.text
	if len(s.claims.gaps) > 0 {
		text = fill(text, s.claims.gaps, fingerprint(key.public))
	}
	whole := len(text) - len(text)%3 // three bytes are four characters, whatever follows
	key.encoded, key.rest = s.header.encode(key.id)+"."+segment(text[:whole]), string(text[whole:])
	key.size = s.algorithm.signatureSize(private)
	return key, nil
}

// keyIDOf gives the "kid" of a key, or "". A key that is published has one: that
// which it was delivered with is the name that its vendor knows.
func (s *signer) keyIDOf(public crypto.PublicKey) string {
	given := cmp.Or(s.header.keyID, s.ownID)
	switch s.keyID {
	case "":
		if given == "" && s.published {
			return thumbprint(public)
		}
		return given
	case configs.KeyIDThumbprint:
		return thumbprint(public)
	case configs.KeyIDSPKI:
		sum := spkiSum(public)
		return segment(sum[:])
	default:
		return s.keyID
	}
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
	list := s.warned
	if s.key != nil {
		if w := weak(s.algorithm, s.key.private); w != nil {
			list = append([]*Error{s.placed(w)}, list...)
		}
	}
	return list
}

var errNoKey = errors.New("there is no key yet")

func (s *signer) make(now time.Time) (Made, error) {
	m, err := s.makeSigned(now)
	if err != nil {
		return Made{}, err
	}
	return s.seal(m)
}

// seal encrypts a value, where there is a recipient.
func (s *signer) seal(m Made) (Made, error) {
	if s.recipient == nil {
		return m, nil
	}
	text, err := s.recipient.encrypt(m.Value.Reveal())
	if err != nil {
		return Made{}, err
	}
	m.Value = configs.NewSecret(text)
	return m, nil
}

// makeSigned makes a token that is not encrypted yet.
func (s *signer) makeSigned(now time.Time) (Made, error) {
	key, err := s.keyAt(now)
	if err != nil {
		return Made{}, err
	}
	m := Made{KeyID: key.told, TokenID: s.claims.givenID}
	var room [512]byte
	rest, id := s.claims.appendTo(append(room[:0], key.rest...), now.Unix())
	if id != "" && len(id) <= maxIdentity {
		m.TokenID = id
	}
	value, err := s.sign(key, rest)
	if err != nil {
		return Made{}, err
	}
	m.Value = configs.NewSecret(value)
	s.claims.times.frame(&m, now)
	return m, nil
}

// sign gives the compact form. What is not encoded yet is rest.
func (s *signer) sign(key *signingKey, rest []byte) (string, error) {
	var room [1024]byte
	coded := base64.RawURLEncoding.AppendEncode(room[:0], rest)
	var b strings.Builder
	b.Grow(len(key.encoded) + len(coded) + 1 + base64.RawURLEncoding.EncodedLen(key.size))
	b.WriteString(key.encoded)
	b.Write(coded)
	sig, err := s.algorithm.method.Sign(b.String(), key.private)
	if err != nil {
		return "", fmt.Errorf("cannot sign with algorithm=%q: %w", s.algorithm.name(), err)
	}
	b.WriteByte('.')
	b.Write(base64.RawURLEncoding.AppendEncode(room[:0], sig))
	return b.String(), nil
}
