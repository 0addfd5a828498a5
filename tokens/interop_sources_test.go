package tokens_test

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha1" // {aes} version 0 uses it
	"crypto/sha512"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/pavlo-v-chernykh/keystore-go/v4"
	"software.sslmate.com/src/go-pkcs12"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/tokens"
)

// A keySource is a way to give a Token its key.
type keySource struct {
	name  string
	field string // of an error about the key
	takes string // the only family that its name stands for, "" for any
	holds func(k keyKind) bool
	token func(k keyKind) configs.Token // without algorithm
}

func keySources() []keySource {
	keyType := func(name, takes string, holds func(keyKind) bool, write func(k keyKind) string) keySource {
		return keySource{name, "key", takes, holds, func(k keyKind) configs.Token {
			return configs.Token{KeyType: name, Key: configs.NewSecret(write(k))}
		}}
	}
	shared := func(name, prefix string, write func(secret []byte) []byte) keySource {
		return keySource{name, "shared_key", "a secret", isSecret, func(k keyKind) configs.Token {
			text := prefix + string(k.private.([]byte))
			if write != nil {
				text = prefix + b64(write(k.private.([]byte)))
			}
			return configs.Token{SharedKey: configs.NewSecret(text), KeyPassphrase: configs.NewSecret(libertyPassphrase)}
		}}
	}
	pem := func(k keyKind) string { return armour("PRIVATE KEY", pkcs8(k.private)) }
	der := func(k keyKind) string { return b64(pkcs8(k.private)) }
	return []keySource{
		keyType("Secret", "a secret", isSecret, func(k keyKind) string { return string(k.private.([]byte)) }),
		keyType("Base64Secret", "a secret", isSecret, func(k keyKind) string { return b64(k.private.([]byte)) }),
		keyType("UrlSafeBase64Secret", "a secret", isSecret, func(k keyKind) string {
			return base64.RawURLEncoding.EncodeToString(k.private.([]byte))
		}),
		keyType("RsaPem", "an RSA key", isPair, pem),
		keyType("RsaDer", "an RSA key", isPair, der),
		keyType("EcPem", "an EC key", isPair, pem),
		keyType("EcDer", "an EC key", isPair, der),
		keyType("EdPem", "an Ed25519 key", isPair, pem),
		keyType("EdDer", "an Ed25519 key", isPair, der),
		keyType("Jwk", "", isAny, func(k keyKind) string { return string(k.jwk(false)) }),
		shared("shared_key", "", nil),
		shared("shared_key {xor}", "{xor}", xored),
		shared("shared_key {aes} 0", "{aes}", aes0),
		shared("shared_key {aes} 1", "{aes}", aes1),
		{"PKCS12", "key_store", "", isPair, func(k keyKind) configs.Token { return configs.Token{KeyStore: k.name} }},
		{"JKS", "key_alias", "", isPair, func(k keyKind) configs.Token { return configs.Token{KeyStore: "jks", KeyAlias: k.name} }},
	}
}

func isSecret(k keyKind) bool { return k.family == "a secret" }
func isPair(k keyKind) bool   { return !isSecret(k) }
func isAny(keyKind) bool      { return true }

const (
	libertyPassphrase = "a passphrase"
	storePassword     = "a password"
)

// xored is {xor}: each byte is changed by the underscore.
func xored(secret []byte) []byte {
	coded := bytes.Clone(secret)
	for i := range coded {
		coded[i] ^= '_'
	}
	return coded
}

// seeded is what {aes} encrypts: a seed with its length before it, and a text.
func seeded(secret []byte) []byte { return append([]byte("\x04seed"), secret...) }

// aes0 is version 0 of {aes}: AES-CBC whose IV is the key.
func aes0(secret []byte) []byte {
	salt := must(hex.DecodeString("a7a283394c5ab34f32150a9e2f171138c32e7d80"))
	key := must(pbkdf2.Key(sha1.New, libertyPassphrase, salt, 84756, 16))
	data := seeded(secret)
	fill := aes.BlockSize - len(data)%aes.BlockSize
	data = append(data, bytes.Repeat([]byte{byte(fill)}, fill)...)
	cipher.NewCBCEncrypter(must(aes.NewCipher(key)), key).CryptBlocks(data, data)
	return append([]byte{0}, data...)
}

// aes1 is version 1 of {aes}: AES-GCM with the IV before it.
func aes1(secret []byte) []byte {
	salt := must(hex.DecodeString("a7c1160f870b664ba544a2a76053ebbbd31d1a6aee453cfa6c496f7a29edb2b1" +
		"e46639f64230366f235c3b87240f0ec1d56b3fee572bc74a006b89fef9f9d2a1" +
		"d424f65689b08e0a55181887e23f3b3134b4866cac1004d93a4b09e77e7fa07a" +
		"c2a247f89bdf39d4a3564c8d718468d887f75679d0c7b3c649070c0418afc06b"))
	key := must(pbkdf2.Key(sha512.New, libertyPassphrase, salt, 210000, 32))
	iv := make([]byte, 12)
	_, _ = rand.Read(iv)
	gcm := must(cipher.NewGCM(must(aes.NewCipher(key))))
	return gcm.Seal(append([]byte{1, byte(len(iv))}, iv...), iv, seeded(secret), nil)
}

// openStores opens key stores and trust stores: a PKCS#12 file with the key, and
// a PEM with the certificate, for each kind of key pair; a JKS file with all
// keys, and one and a PKCS#12 file with all certificates.
func openStores(t *testing.T) *tokens.Stores {
	t.Helper()
	cfg := &configs.Config{}
	add := func(list *[]configs.KeyStore, name, kind string, data []byte, password string) {
		*list = append(*list, configs.KeyStore{Name: name, Type: kind, Data: configs.NewSecret(string(data)), Password: configs.NewSecret(password)})
	}
	keys, trusted := keystore.New(), keystore.New()
	var certificates []pkcs12.TrustStoreEntry
	for _, k := range keyKinds() {
		if isSecret(k) {
			continue
		}
		der := storedCertificates()[k.name]
		c := must(x509.ParseCertificate(der))
		add(&cfg.KeyStores, k.name, "PKCS12", must(pkcs12.Modern.Encode(k.private, c, nil, storePassword)), storePassword)
		add(&cfg.TrustStores, "pem "+k.name, "PEM", []byte(armour("CERTIFICATE", der)), "")
		certificates = append(certificates, pkcs12.TrustStoreEntry{Cert: c, FriendlyName: k.name})
		now, x509 := time.Now(), keystore.Certificate{Type: "X.509", Content: der}
		err := errors.Join(
			keys.SetPrivateKeyEntry(k.name, keystore.PrivateKeyEntry{
				CreationTime: now, PrivateKey: pkcs8(k.private), CertificateChain: []keystore.Certificate{x509},
			}, []byte(storePassword)),
			trusted.SetTrustedCertificateEntry(k.name, keystore.TrustedCertificateEntry{CreationTime: now, Certificate: x509}),
		)
		if err != nil {
			t.Fatal(err)
		}
	}
	add(&cfg.KeyStores, "jks", "JKS", jksFile(t, keys), storePassword)
	add(&cfg.TrustStores, "jks", "JKS", jksFile(t, trusted), storePassword)
	add(&cfg.TrustStores, "pkcs12", "PKCS12", must(pkcs12.Modern.EncodeTrustStoreEntries(certificates, storePassword)), storePassword)
	stores, errs := tokens.OpenStores(cfg)
	if len(errs) > 0 {
		t.Fatalf("OpenStores: %v", errs)
	}
	return stores
}

func jksFile(t *testing.T, store keystore.KeyStore) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := store.Store(&file, []byte(storePassword)); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// storedCertificates has a certificate for each kind of key pair.
var storedCertificates = sync.OnceValue(func() map[string][]byte {
	all := map[string][]byte{}
	for _, k := range keyKinds() {
		if pair, ok := k.private.(crypto.Signer); ok {
			all[k.name] = certificate(pair)
		}
	}
	return all
})
