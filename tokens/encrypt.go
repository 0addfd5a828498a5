package tokens

import (
	"fmt"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/configs"
)

// A keyManagement is an "alg" of RFC 7518 section 4.1.
type keyManagement struct {
	algorithm jose.KeyAlgorithm
	family    family
	needs     string // the key, in a sentence about one that does not fit
}

// keyManagements are all that egret encrypts with. ECDH-ES is direct key
// agreement, RFC 7518 section 4.6.
var keyManagements = []*keyManagement{
	{jose.RSA_OAEP, familyRSA, "RSA"},
	{jose.RSA_OAEP_256, familyRSA, "RSA"},
	{jose.ECDH_ES, familyEC, "EC on P-256, P-384 or P-521"},
}

func findKeyManagement(name string) (*keyManagement, *Error) {
	words := make([]string, len(keyManagements))
	for i, m := range keyManagements {
		if words[i] = string(m.algorithm); words[i] == name {
			return m, nil
		}
	}
	err := unknown("algorithm", name, words)
	err.Field = "encrypt.algorithm"
	return nil, err
}

// A recipient is who can read the tokens of a signer. It may be used by many
// goroutines.
type recipient struct{ encrypter jose.Encrypter }

// newRecipient gives nil for a token that is signed only. It encrypts once, so
// that a key that cannot is found when the configuration is loaded.
func newRecipient(cfg *configs.Encrypt, stores *Stores) (*recipient, *Error) {
	if cfg == nil {
		return nil, nil
	}
	m, err := findKeyManagement(cfg.Algorithm)
	if err != nil {
		return nil, err
	}
	if cfg.Content != "" && cfg.Content != string(jose.A256GCM) {
		return nil, &Error{Field: "encrypt.content", Message: "unknown content", Hint: "the one there is is A256GCM"}
	}
	key, err := findRecipientKey(cfg, m, stores)
	if err != nil {
		return nil, err
	}
	r := &recipient{}
	// WebSphere Liberty writes the same typ, and readers compare cty in any case.
	options := (&jose.EncrypterOptions{}).WithType("JOSE").WithContentType("JWT")
	var problem error
	r.encrypter, problem = jose.NewEncrypter(jose.A256GCM, jose.Recipient{
		Algorithm: m.algorithm, Key: key.public, KeyID: key.id,
	}, options)
	if problem == nil {
		_, problem = r.encrypt("egret")
	}
	if problem != nil {
		return nil, &Error{Field: "encrypt", Message: "the key of the recipient is broken"}
	}
	return r, nil
}

// encrypt puts a signed token into the compact form of RFC 7516 section 7.1, as
// RFC 7519 section 5.2 wants nested ones.
func (r *recipient) encrypt(signed string) (string, error) {
	sealed, err := r.encrypter.Encrypt([]byte(signed))
	if err != nil {
		return "", fmt.Errorf("cannot encrypt token: %w", err)
	}
	text, err := sealed.CompactSerialize()
	if err != nil {
		return "", fmt.Errorf("cannot write encrypted token: %w", err)
	}
	return text, nil
}
