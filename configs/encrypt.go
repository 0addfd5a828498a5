package configs

// The algorithms of RFC 7518 sections 4.1 and 5.1 that tokens are encrypted
// with.
var (
	keyAlgorithms     = []string{"RSA-OAEP", "RSA-OAEP-256", "ECDH-ES"}
	contentAlgorithms = []string{"A256GCM"}
)

// recipient is where the key comes from that a token is encrypted for.
var recipient = choice{"the key of the recipient", []string{"key", "jwks", "trust_store"}, []companion{
	{"kid", []string{"jwks"}},
	{"key_alias", []string{"trust_store"}},
}}

var encrypt = section[Encrypt]{theEncryption, []field[Encrypt]{
	{"algorithm", true, func(d *decoder, n *node, e *Encrypt) {
		e.Algorithm = d.oneOf(n, "algorithm", keyAlgorithms)
	}},
	{"content", false, func(d *decoder, n *node, e *Encrypt) {
		e.Content = d.oneOf(n, "algorithm", contentAlgorithms)
	}},
	{"key", false, func(d *decoder, n *node, e *Encrypt) { e.Key = d.public(n) }},
	{"jwks", false, func(d *decoder, n *node, e *Encrypt) { e.JWKS = d.public(n) }},
	{"kid", false, func(d *decoder, n *node, e *Encrypt) { e.KeyID = d.jwtText(n) }},
	{"trust_store", false, func(d *decoder, n *node, e *Encrypt) { e.TrustStore = d.name(n) }},
	{"key_alias", false, func(d *decoder, n *node, e *Encrypt) { e.KeyAlias, _ = d.filled(n) }},
}}

// decodeEncrypt reads for whom a token is encrypted.
func decodeEncrypt(d *decoder, n *node, t *tokenEntry) {
	e := Encrypt{Content: contentAlgorithms[0]}
	encrypt.decode(d, n, &e)
	if n.kind != mapping {
		return
	}
	var found []string
	for _, key := range recipient.of {
		if encrypt.has(d, n, key) {
			found = append(found, key)
		}
	}
	if len(found) == 0 {
		d.problem(n, "encrypt needs the key of the recipient", "write key, jwks or trust_store")
	}
	d.checkChoice(n, recipient, found)
	t.Encrypt = &e
}

// public reads a key that others may read, too.
func (d *decoder) public(n *node) Secret {
	s, _ := d.filled(n)
	return NewSecret(s)
}
