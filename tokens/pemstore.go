package tokens

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
)

func looksLikePEM(data []byte) bool { return bytes.Contains(data, []byte("-----BEGIN ")) }

// readPEMStore reads the certificates and public keys of a PEM. The alias of a
// certificate is the common name of its subject; the alias of one without, of
// one whose name is taken, and of a public key, is its place in the file: the
// first one is "1".
func readPEMStore(f *storeFile) ([]*storeEntry, *Error) {
	var entries []*storeEntry
	for _, b := range pemBlock.FindAllStringSubmatch(string(f.data), -1) {
		label, body := b[1], escapes.Replace(b[2])
		if strings.Contains(label, "PRIVATE") {
			return nil, &Error{Field: "file", Message: "there is a private key in the trust store", Hint: "leave certificates and public keys alone in it"}
		}
		der, ok := decode(base64.RawStdEncoding, body)
		public, name := publicOfPEM(label, der)
		if !ok || public == nil {
			return nil, &Error{Field: "file", Message: "block " + strconv.Itoa(len(entries)+1) + " of the PEM is no certificate and no public key"}
		}
		if name == "" || slices.ContainsFunc(entries, func(e *storeEntry) bool { return strings.EqualFold(e.alias, name) }) {
			name = strconv.Itoa(len(entries) + 1)
		}
		entries = append(entries, &storeEntry{alias: name, public: public})
	}
	if len(entries) == 0 {
		return nil, errBrokenStore()
	}
	return entries, nil
}

// publicOfPEM gives the key in a block, and the common name of a certificate.
func publicOfPEM(label string, der []byte) (crypto.PublicKey, string) {
	switch label {
	case "CERTIFICATE", "X509 CERTIFICATE", "TRUSTED CERTIFICATE":
		if c, err := x509.ParseCertificate(der); err == nil {
			return c.PublicKey, c.Subject.CommonName
		}
	case "PUBLIC KEY":
		if key, err := x509.ParsePKIXPublicKey(der); err == nil {
			return key, ""
		}
	case "RSA PUBLIC KEY":
		if key, err := x509.ParsePKCS1PublicKey(der); err == nil {
			return key, ""
		}
	}
	return nil, ""
}
