package tokens

import (
	"encoding/base64"
	"errors"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// A jwk is a JSON Web Key of RFC 7517 section 4 with the members of RFC 7518
// section 6 and RFC 8037 section 2, or a JWK Set of section 5. No name may be
// there twice.
type jwk struct {
	Type      string   `json:"kty"`
	Use       string   `json:"use"`
	Uses      []string `json:"key_ops"`
	Algorithm string   `json:"alg"`
	ID        string   `json:"kid"`

	Curve string         `json:"crv"`
	X     string         `json:"x"`
	Y     string         `json:"y"`
	D     string         `json:"d"`
	K     string         `json:"k"`
	N     string         `json:"n"`
	E     string         `json:"e"`
	P     string         `json:"p"`
	Q     string         `json:"q"`
	DP    string         `json:"dp"`
	DQ    string         `json:"dq"`
	QI    string         `json:"qi"`
	Other jsontext.Value `json:"oth"`

	Keys []jsontext.Value `json:"keys"`
}

// readJWK reads a private JWK, or the one key of a JWK Set.
func readJWK(k *keyText) (any, *Error) {
	key, err := parseJWK([]byte(k.text))
	if err == nil && key.Keys != nil {
		key, err = key.only()
	}
	if err == nil {
		err = key.permits(k.algorithm)
	}
	if err != nil {
		return nil, err
	}
	k.keyID = key.ID
	return key.private()
}

func parseJWK(text []byte) (*jwk, *Error) {
	var key jwk
	err := json.Unmarshal(text, &key)
	switch {
	case errors.Is(err, jsontext.ErrDuplicateName):
		return nil, &Error{Field: "key", Message: "a member of the JWK is there twice"}
	case err != nil || key.Type == "" && key.Keys == nil:
		return nil, &Error{Field: "key", Message: "key is not a JWK", Hint: `a JWK is a JSON object with "kty"; ` + hintFile}
	}
	return &key, nil
}

// only gives the key of a JWK Set.
func (j *jwk) only() (*jwk, *Error) {
	switch len(j.Keys) {
	case 0:
		return nil, &Error{Field: "key", Message: "there is no key in the JWK Set"}
	case 1:
		return parseJWK(j.Keys[0])
	}
	return nil, &Error{Field: "key", Message: "there is more than one key in the JWK Set", Hint: "leave the one in it that is to sign"}
}

// permits says what the key itself has against signing with a.
func (j *jwk) permits(a *algorithm) *Error {
	switch {
	case j.Algorithm != "" && j.Algorithm != a.name():
		return &Error{Field: "key", Message: "alg of the JWK is not " + a.name(), Hint: "write as algorithm what the key is for"}
	case j.Use != "" && j.Use != "sig":
		return &Error{Field: "key", Message: "use of the JWK is not sig", Hint: "the key is not for signatures (RFC 7517 section 4.2)"}
	case j.Uses != nil && !slices.Contains(j.Uses, "sign"):
		return &Error{Field: "key", Message: "key_ops of the JWK are without sign", Hint: "the key is not for making signatures (RFC 7517 section 4.3)"}
	}
	return nil
}

// private gives the key, or what is known of one that egret cannot use.
func (j *jwk) private() (any, *Error) {
	switch j.Type {
	case "oct":
		secret, ok := base64url(j.K)
		if !ok {
			return nil, badMember("k")
		}
		return secret, nil
	case "RSA":
		return j.rsa()
	case "EC":
		return j.ec()
	case "OKP":
		return j.okp()
	}
	return foreign("a key of an unknown kind"), nil
}

// base64url reads what RFC 7515 section 2 calls so: no padding, no other
// characters, and no bits that mean nothing.
func base64url(text string) ([]byte, bool) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	return b, err == nil
}

func badMember(name string) *Error {
	return &Error{Field: "key", Message: name + " of the JWK is missing, or not base64url of the right length"}
}

func errMisfit() *Error {
	return &Error{Field: "key", Message: "the members of the JWK do not fit together"}
}
