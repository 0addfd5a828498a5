package tokens

import (
	"cmp"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"slices"
	"strconv"
)

const (
	oidData          = "1.2.840.113549.1.7.1"
	oidEncryptedData = "1.2.840.113549.1.7.6"

	oidKeyBag         = "1.2.840.113549.1.12.10.1.1"
	oidShroudedKeyBag = "1.2.840.113549.1.12.10.1.2"
	oidCertBag        = "1.2.840.113549.1.12.10.1.3"
	oidX509           = "1.2.840.113549.1.9.22.1"

	oidFriendlyName = "1.2.840.113549.1.9.20"
	oidLocalKeyID   = "1.2.840.113549.1.9.21"
)

// A pfx is a PKCS#12 file, RFC 7292 section 4.
type pfx struct {
	Version  int
	AuthSafe contentInfo
	MAC      macData `asn1:"optional"`
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"tag:0,explicit,optional"`
}

// encryptedData is that of RFC 5652 section 8.
type encryptedData struct {
	Version int
	Content struct {
		Type      asn1.ObjectIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte `asn1:"tag:0,optional"`
	}
}

type safeBag struct {
	Type       asn1.ObjectIdentifier
	Value      asn1.RawValue `asn1:"tag:0,explicit"`
	Attributes []struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue
	} `asn1:"set,optional"`
}

// looksLikePKCS12 reports whether data begins as a PFX does: a SEQUENCE with the
// version 3 in it.
func looksLikePKCS12(data []byte) bool {
	var outer asn1.RawValue
	if _, err := asn1.Unmarshal(data, &outer); err != nil {
		return len(data) > 4 && data[0] == 0x30 && data[1] == 0x80 // BER of indefinite length
	}
	var version int
	rest, err := asn1.Unmarshal(outer.Bytes, &version)
	var info contentInfo
	if err != nil || version != 3 {
		return false
	}
	_, err = asn1.Unmarshal(rest, &info)
	return err == nil
}

// readPKCS12 reads what OpenSSL and keytool write. The library for it gives no
// aliases of certificates, no Ed25519 keys beside others, and does as much work
// as a file asks for.
func readPKCS12(f *storeFile) ([]*storeEntry, *Error) {
	var p pfx
	var safe []byte
	var infos []contentInfo
	if !unmarshal(f.data, &p) || p.Version != 3 || p.AuthSafe.Type.String() != oidData || !unmarshal(p.AuthSafe.Content.Bytes, &safe) {
		return nil, errBrokenPKCS12()
	}
	o := &pkcs12Opener{passwords: passwordsOf(f.password), work: &f.work}
	if err := o.verify(&p.MAC, safe); err != nil {
		return nil, f.errPKCS12(err)
	}
	if !unmarshal(safe, &infos) {
		return nil, errBrokenPKCS12()
	}
	var bags []safeBag
	for _, info := range infos {
		content, err := o.content(info)
		var more []safeBag
		if err == nil && content != nil && !unmarshal(content, &more) {
			err = errMalformed
		}
		if err != nil {
			return nil, f.errPKCS12(err)
		}
		bags = append(bags, more...)
	}
	return f.entriesOf(bags), nil
}

// content gives the bags of a part; nil of one that is encrypted for somebody's
// public key.
func (o *pkcs12Opener) content(info contentInfo) ([]byte, error) {
	switch info.Type.String() {
	case oidData:
		var data []byte
		if !unmarshal(info.Content.Bytes, &data) {
			return nil, errMalformed
		}
		return data, nil
	case oidEncryptedData:
		var data encryptedData
		if !unmarshal(info.Content.Bytes, &data) {
			return nil, errMalformed
		}
		return o.open(data.Content.Algorithm, data.Content.Data)
	}
	return nil, nil
}

// errPKCS12 says what kept a store shut.
func (f *storeFile) errPKCS12(err error) *Error {
	switch {
	case errors.Is(err, errPassword) && !f.sealed:
		return &Error{Field: "password", Message: "password is missing", Hint: "write password: ${env:NAME}"}
	case errors.Is(err, errPassword):
		return errStorePassword()
	case errors.Is(err, errWork):
		return &Error{Field: "file", Message: "the store asks for too much work to open it", Hint: "at most 5000000 rounds are taken for a key, and four times that for a store"}
	case errors.Is(err, errOld), errors.Is(err, errScheme):
		return &Error{Field: "file", Message: "the store is encrypted in a way that is not supported", Hint: "write a new one with openssl pkcs12 -export, or keytool -importkeystore"}
	}
	return errBrokenPKCS12()
}

func errBrokenPKCS12() *Error {
	e := errBrokenStore()
	e.Hint = "it must be DER: openssl pkcs12 and keytool write a new one out of it"
	return e
}

// A namedBag is a key or certificate with its attributes.
type namedBag struct {
	entry *storeEntry
	id    string // that a key and its certificate share
	key   bool
	used  bool // a certificate that is part of a key's entry
}

// entriesOf gives keys and certificates their aliases, as Java does: that of a
// key is its name, else that of its certificate, else its place among the keys.
// A certificate that belongs to a key is part of its entry, any other one an
// entry of its own, under its name.
func (f *storeFile) entriesOf(bags []safeBag) []*storeEntry {
	var named []*namedBag
	for _, b := range bags {
		if n := f.bag(b); n != nil {
			named = append(named, n)
		}
	}
	var entries []*storeEntry
	for _, k := range named {
		if !k.key {
			continue
		}
		entries = append(entries, k.entry)
		if i := slices.IndexFunc(named, func(n *namedBag) bool { return !n.key && !n.used && n.id != "" && n.id == k.id }); i >= 0 {
			named[i].used = true
			k.entry.public = named[i].entry.public
			k.entry.alias = cmp.Or(k.entry.alias, named[i].entry.alias)
		}
		k.entry.alias = cmp.Or(k.entry.alias, strconv.Itoa(len(entries)))
	}
	for _, c := range named {
		if !c.key && !c.used {
			c.entry.alias = cmp.Or(c.entry.alias, strconv.Itoa(len(entries)+1))
			entries = append(entries, c.entry)
		}
	}
	return entries
}

// bag reads a key or a certificate, and gives nil for anything else.
func (f *storeFile) bag(b safeBag) *namedBag {
	n := &namedBag{entry: &storeEntry{}}
	for _, a := range b.Attributes {
		switch a.Type.String() {
		case oidFriendlyName:
			_, _ = asn1.Unmarshal(a.Values.Bytes, &n.entry.alias)
		case oidLocalKeyID:
			n.id = string(a.Values.Bytes)
		}
	}
	switch b.Type.String() {
	case oidKeyBag:
		n.key = true
		if !f.trusted {
			n.entry.private, n.entry.err = parsePlainDER(b.Value.Bytes)
		}
	case oidShroudedKeyBag:
		n.key = true
		if !f.trusted {
			n.entry.private, n.entry.err = f.openBag(b.Value.Bytes)
		}
	case oidCertBag:
		var c struct {
			Type asn1.ObjectIdentifier
			Data []byte `asn1:"tag:0,explicit"`
		}
		if unmarshal(b.Value.Bytes, &c) && c.Type.String() == oidX509 {
			n.entry.public = publicOfCertificate(c.Data)
		}
	default:
		return nil
	}
	return n
}

// openBag decrypts a PKCS#8 in a store.
func (f *storeFile) openBag(der []byte) (any, *Error) {
	var e encryptedKey
	if !unmarshal(der, &e) {
		return nil, errBrokenEntry()
	}
	o := &pkcs12Opener{passwords: passwordsOf(f.keyPassword), work: &f.work}
	plain, err := o.open(e.Algorithm, e.Data)
	switch {
	case err == nil && isSequence(plain):
		return parsePlainDER(plain)
	case err == nil || errors.Is(err, errPassword):
		return nil, errEntryPassword()
	case errors.Is(err, errMalformed):
		return nil, errBrokenEntry()
	}
	return nil, f.errPKCS12(err)
}
