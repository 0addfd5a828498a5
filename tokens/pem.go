package tokens

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// pemBlock finds the blocks of RFC 7468 wherever they stand, so that quotes, a
// byte order mark, and explanatory text around them do no harm. encoding/pem
// would want BEGIN, body and END on lines of their own.
var pemBlock = regexp.MustCompile(`(?s)-----BEGIN ([A-Z0-9 ]+)-----(.*?)-----END ([A-Z0-9 ]+)-----`)

// escapes are how line breaks come out of environment variables and JSON.
var escapes = strings.NewReplacer(`\r`, "", `\n`, "\n")

const (
	hintFile = "write ${file:PATH} to read the key from a file"
	hintPEM  = "a PEM begins with -----BEGIN PRIVATE KEY-----; for base64 of DER take the key_type that ends in Der; " + hintFile
)

// A pemKind says what to do with a block of some label.
type pemKind int

const (
	pemOther pemKind = iota
	pemPrivate
	pemParameters
	pemPublic
	pemCertificate
	pemOld
	pemOpenSSH
)

var pemKinds = map[string]pemKind{
	"PRIVATE KEY":           pemPrivate,
	"ENCRYPTED PRIVATE KEY": pemPrivate,
	"RSA PRIVATE KEY":       pemPrivate,
	"EC PRIVATE KEY":        pemPrivate,
	"EC PARAMETERS":         pemParameters, // openssl ecparam -genkey writes it before the key
	"PUBLIC KEY":            pemPublic,
	"RSA PUBLIC KEY":        pemPublic,
	"EC PUBLIC KEY":         pemPublic,
	"CERTIFICATE":           pemCertificate, // often beside the key in one file
	"OPENSSH PRIVATE KEY":   pemOpenSSH,
}

// readPEM reads the one private key in a PEM.
func readPEM(k *keyText) (any, *Error) {
	var private []string
	found := map[pemKind]bool{}
	blocks := pemBlock.FindAllStringSubmatch(k.text, -1)
	for _, b := range blocks {
		label, body := b[1], escapes.Replace(b[2])
		kind := pemKinds[label]
		switch {
		case label != b[3]:
			return nil, &Error{Field: "key", Message: "BEGIN and END of the PEM have different labels"}
		case kind == pemPrivate && strings.Contains(body, ",ENCRYPTED"): // Proc-Type of RFC 1421
			kind = pemOld
		case kind == pemPrivate:
			private = append(private, body)
		}
		found[kind] = true
	}
	switch {
	case len(private) == 1:
		return k.parsePEMBody(private[0])
	case len(private) > 1:
		return nil, &Error{Field: "key", Message: "there is more than one private key in the PEM"}
	case found[pemOld]:
		return nil, errNotOpened(errOld)
	case found[pemOpenSSH]:
		return nil, &Error{Field: "key", Message: "this is a key in OpenSSH's own format", Hint: "convert a copy with ssh-keygen -p -m PKCS8 -f COPY"}
	case found[pemPublic]:
		return nil, errPublic()
	case found[pemCertificate]:
		return nil, errCertificate()
	case len(blocks) > 0:
		return nil, &Error{Field: "key", Message: "there is no private key in the PEM"}
	}
	return nil, notPEM(k.text)
}

// notPEM says what a text without any block is.
func notPEM(text string) *Error {
	switch {
	case strings.Contains(text, "-----BEGIN"):
		return &Error{Field: "key", Message: "PEM has no END line that fits", Hint: "the key may be cut off"}
	case strings.HasPrefix(strings.TrimSpace(text), "{"):
		return &Error{Field: "key", Message: "this is JSON, not PEM", Hint: "write ${file:PATH#/private_key} for one member of a file, or key_type: Jwk for a JWK"}
	}
	return &Error{Field: "key", Message: "key is not PEM", Hint: hintPEM}
}

func (k *keyText) parsePEMBody(body string) (any, *Error) {
	der, ok := decode(base64.RawStdEncoding, body)
	if !ok {
		return nil, &Error{Field: "key", Message: "PEM body is not base64", Hint: "the key may be cut off"}
	}
	return k.parseDER(der)
}
