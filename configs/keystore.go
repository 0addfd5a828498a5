package configs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strconv"
)

// The kinds of stores.
var (
	keyStoreTypes   = []string{"PKCS12", "JKS"}
	trustStoreTypes = []string{"PKCS12", "JKS", "PEM"}
)

var (
	keyStore   = storeSection(aKeyStore, keyStoreTypes, true)
	trustStore = storeSection(aTrustStore, trustStoreTypes, false)
)

// storeSection makes the table of a store, whose file may be secret.
func storeSection(noun string, types []string, secret bool) section[KeyStore] {
	return section[KeyStore]{noun, []field[KeyStore]{
		{"name", true, func(d *decoder, n *node, k *KeyStore) { k.Name = d.name(n) }},
		{"type", true, func(d *decoder, n *node, k *KeyStore) { k.Type = d.oneOf(n, "type", types) }},
		{"file", true, func(d *decoder, n *node, k *KeyStore) {
			k.Data = d.content(n, secret)
		}},
		{"password", false, func(d *decoder, n *node, k *KeyStore) { k.Password = d.secret(n) }},
		{"key_password", false, func(d *decoder, n *node, k *KeyStore) { k.KeyPassword = d.secret(n) }},
		{"key_passphrase", false, func(d *decoder, n *node, k *KeyStore) { k.KeyPassphrase = d.secret(n) }},
	}}
}

func decodeKeyStores(d *decoder, n *node, cfg *Config) {
	cfg.KeyStores = append(cfg.KeyStores, d.stores(n, keyStore)...)
}

func decodeTrustStores(d *decoder, n *node, cfg *Config) {
	cfg.TrustStores = append(cfg.TrustStores, d.stores(n, trustStore)...)
}

func (d *decoder) stores(n *node, table section[KeyStore]) []KeyStore {
	var all []KeyStore
	d.each(n, func(n *node) {
		k := KeyStore{Path: n.path}
		table.decode(d, n, &k)
		k.Unset = d.unset[n.path]
		if k.Type == "PEM" {
			d.checkOpen(n)
		}
		all = append(all, k)
	})
	return all
}

// checkOpen refuses passwords of a file that has none.
func (d *decoder) checkOpen(n *node) {
	for _, key := range []string{"password", "key_password", "key_passphrase"} {
		if n.member(key) != nil {
			d.elsewhere(below(n.path, key), "a PEM file has no "+key, "leave it out")
		}
	}
}

// content reads the file that a text names, relative to the file in which it
// does. Its bytes are as they are.
func (d *decoder) content(n *node, secret bool) Secret {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return Secret{}
	}
	path := x.text()
	if path == "" {
		d.problem(n, "the path is empty", "")
		return Secret{}
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(d.sources.of(n.path).file), path)
	}
	data, err := d.expander.file(path)
	switch {
	case d.expander.permits(err):
		mark(&d.unset, n.path)
		mark(&d.unset, "")
	case err != nil:
		d.wrong(x, 0, err.Error(), "")
	case secret:
		d.warnMode(n, path, x.shown(path))
	}
	return NewSecret(data)
}

// shown is what a message calls a path. What came from the environment stays
// out of it.
func (x expansion) shown(path string) string {
	if len(x.secrets()) > 0 {
		return "the file"
	}
	return path
}

// sum changes when anything in the store does.
func (k *KeyStore) sum() string {
	hash := sha256.New()
	for _, part := range []string{k.Type, k.Data.Reveal(), k.Password.Reveal(), k.KeyPassword.Reveal(), k.KeyPassphrase.Reveal()} {
		_, _ = hash.Write([]byte(strconv.Itoa(len(part)) + ":" + part)) // a hash takes everything
	}
	return hex.EncodeToString(hash.Sum(nil))
}

// dependsOn is what a token depends on of the rest of the file, beside its cache.
func (d *decoder) dependsOn(t *Token) string {
	text := fmt.Sprintf("%q %q", t.Issuer, t.Subject)
	if t.KeyStore != "" {
		text += " " + d.storeSum(d.keyStores.byName[t.KeyStore])
	}
	if t.Encrypt != nil && t.Encrypt.TrustStore != "" {
		text += " " + d.storeSum(d.trustStores.byName[t.Encrypt.TrustStore])
	}
	return text
}

// unsound reports whether a store has a problem of its own.
func (d *decoder) unsound(k KeyStore) bool { return d.reported(k.Path) }

// soundStores reports whether the stores that a token names are sound.
func (d *decoder) soundStores(t *Token) bool {
	k := d.keyStores.byName[t.KeyStore]
	if k != nil && d.unsound(*k) {
		return false
	}
	if t.Encrypt == nil {
		return true
	}
	k = d.trustStores.byName[t.Encrypt.TrustStore]
	return k == nil || !d.unsound(*k)
}

// storeSum is the sum of a store, which many tokens may name.
func (d *decoder) storeSum(k *KeyStore) string {
	if k == nil {
		return ""
	}
	if d.sums == nil {
		d.sums = map[*KeyStore]string{}
	}
	if d.sums[k] == "" {
		d.sums[k] = k.sum()
	}
	return d.sums[k]
}

// checkStores looks for the stores that a token names, and notes whether they
// are there.
func (d *decoder) checkStores(t *tokenEntry) {
	if n := t.node.member("key_store"); n != nil && t.KeyStore != "" && known(d, n, "key store", &d.keyStores) {
		t.Unset = t.Unset || d.keyStores.byName[t.KeyStore].Unset
	}
	if t.Encrypt == nil || t.Encrypt.TrustStore == "" {
		return
	}
	if n := t.node.member("encrypt").member("trust_store"); known(d, n, "trust store", &d.trustStores) {
		t.Unset = t.Unset || d.trustStores.byName[t.Encrypt.TrustStore].Unset
	}
}
