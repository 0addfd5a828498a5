package proxy

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A pairError is what is wrong with a certificate or its key.
type pairError struct{ key, message, hint string }

// parsePair parses a certificate, those behind it, and its key.
func parsePair(pair *configs.TLS) (tls.Certificate, *pairError) {
	chain, err := parseChain(pair.Cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := parseKey(pair.Key)
	if err != nil {
		return tls.Certificate{}, err
	}
	made := tls.Certificate{PrivateKey: key, Leaf: chain[0]}
	for _, certificate := range chain {
		made.Certificate = append(made.Certificate, certificate.Raw)
	}
	for i, certificate := range chain {
		switch public, ok := certificate.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); {
		case !ok || !public.Equal(key.Public()):
		case i == 0:
			return made, nil
		default:
			return made, &pairError{"cert", fmt.Sprintf("the key belongs to certificate %d", i+1), "the server's own certificate stands first"}
		}
	}
	return made, &pairError{"key", "the key does not belong to the certificate", ""}
}

// parseChain parses all certificates of a text. There is at least one.
func parseChain(text string) ([]*x509.Certificate, *pairError) {
	var chain []*x509.Certificate
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &pairError{"cert", fmt.Sprintf("certificate %d is not well formed", len(chain)+1), ""}
		}
		chain = append(chain, certificate)
	}
	if chain == nil {
		return nil, &pairError{"cert", "there is no certificate in PEM", `write "${file:server.pem}", or the text that begins with -----BEGIN CERTIFICATE-----`}
	}
	return chain, nil
}

// parseKey parses the first private key of a text: PKCS #8, PKCS #1 or SEC 1.
func parseKey(secret configs.Secret) (crypto.Signer, *pairError) {
	for rest := []byte(secret.Reveal()); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil, &pairError{"key", "there is no private key in PEM", `write "${file:server.key}", or the text that begins with -----BEGIN PRIVATE KEY-----`}
		}
		switch {
		case block.Type == "ENCRYPTED PRIVATE KEY", strings.Contains(block.Headers["Proc-Type"], "ENCRYPTED"):
			return nil, &pairError{"key", "the key is encrypted, which is not supported", "decrypt it with: openssl pkey -in KEY"}
		case strings.HasSuffix(block.Type, "PRIVATE KEY"):
			return usableKey(parseDER(block.Bytes))
		}
	}
}

// parseDER parses a private key, nil when it is none.
func parseDER(der []byte) any {
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParsePKCS1PrivateKey(der); err == nil {
		return key
	}
	if key, err := x509.ParseECPrivateKey(der); err == nil {
		return key
	}
	return nil
}

// usableKey gives a key that TLS 1.3 knows signatures of: RFC 8446 section
// 4.2.3.
func usableKey(key any) (crypto.Signer, *pairError) {
	switch key := key.(type) {
	case nil:
		return nil, &pairError{"key", "the key is not well formed", ""}
	case *rsa.PrivateKey:
		if key.N.BitLen() < 2048 {
			return nil, &pairError{"key", "the RSA key has fewer than 2048 bits", ""}
		}
		return key, nil
	case *ecdsa.PrivateKey:
		if key.Curve == elliptic.P224() {
			return nil, &pairError{"key", "TLS has no signatures on the curve of the key", "use P-256, P-384, P-521, Ed25519 or RSA"}
		}
		return key, nil
	case ed25519.PrivateKey:
		return key, nil
	}
	return nil, &pairError{"key", "the key makes no signatures", "use P-256, P-384, P-521, Ed25519 or RSA"}
}
