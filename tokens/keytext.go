package tokens

// A keyText is a private key as it was delivered, and what was found out while
// it was read.
type keyText struct {
	algorithm  *algorithm // that it is to be for
	text       string
	passphrase string // "" without one
	opened     bool   // the passphrase was needed
	keyID      string // "kid" of a JWK, or ""
}

// unopened is the warning about a passphrase that nothing needed. It is no
// error: the key works, and may be encrypted in another place. But whoever has
// configured a passphrase believes that the file alone is no use to a thief.
func (k *keyText) unopened() *Error {
	if k.passphrase == "" || k.opened {
		return nil
	}
	return &Error{
		Field:   "key_passphrase",
		Message: "key_passphrase is not needed: the key is not encrypted",
		Hint:    "whoever reads the key's text has the key; remove key_passphrase, or encrypt the key",
	}
}
