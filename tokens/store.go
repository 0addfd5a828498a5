package tokens

import (
	"crypto"
	"fmt"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// A store is what a key store or a trust store has, under aliases.
type store struct {
	name    string
	entries []*storeEntry
}

// A storeEntry is a private key, a certificate, or both.
type storeEntry struct {
	alias   string
	private any              // the key, or what it is when egret cannot use it; nil of a certificate
	public  crypto.PublicKey // of the certificate, or of a public key; nil without one
	err     *Error           // why the private key could not be read
}

func (e *storeEntry) isKey() bool    { return e.private != nil || e.err != nil }
func (e *storeEntry) isPublic() bool { return e.public != nil }

// A storeFile is a store as it is in a file, and what opens it.
type storeFile struct {
	data        []byte
	trusted     bool // a trust store: its private keys are left alone
	sealed      bool // there is a password, perhaps an empty one
	password    string
	keyPassword string
	keyField    string // that has keyPassword
	work        work
}

// A storeKind is a form that stores have.
type storeKind struct {
	name  string
	title string
	read  func(*storeFile) ([]*storeEntry, *Error)
	looks func(data []byte) bool // whether data begins as files of this kind do
	use   string                 // what to do with one, when it is no type
}

var storeKinds = []*storeKind{
	{"PKCS12", "a PKCS#12 file", readPKCS12, looksLikePKCS12, ""},
	{"JKS", "a JKS file", readJKS, looksLikeJKS, ""},
	{"PEM", "a PEM file", readPEMStore, looksLikePEM, "a PEM with the key is for key_type and key"},
	{"", "a JCEKS file", nil, looksLikeJCEKS, "convert a copy with keytool -importkeystore -srcstoretype JCEKS -deststoretype PKCS12"},
	{"", "a BKS file", nil, looksLikeBKS, "convert a copy to PKCS12 with keytool -importkeystore"},
}

// findStoreKind finds how to read a store: as its type says, when it looks so.
func findStoreKind(cfg configs.KeyStore, trusted bool) (*storeKind, *Error) {
	data := []byte(cfg.Data.Reveal())
	if len(data) == 0 {
		return nil, &Error{Field: "file", Message: "the file is empty"}
	}
	var said, seen *storeKind
	for _, k := range storeKinds {
		if strings.EqualFold(k.name, cfg.Type) && k.read != nil {
			said = k
		}
		if seen == nil && k.looks(data) {
			seen = k
		}
	}
	switch {
	case said == nil || said.name == "PEM" && !trusted:
		return nil, &Error{Field: "type", Message: "unknown type", Hint: "PKCS12 or JKS, and PEM for a trust store"}
	case seen == nil:
		return nil, &Error{Field: "file", Message: "this is no key store", Hint: "a file of type " + said.name + " begins otherwise; it may be cut off, or base64"}
	case seen == said:
		return said, nil
	}
	e := &Error{Field: "type", Message: "this is " + seen.title + ", type says " + said.name, Hint: seen.use}
	if seen.read != nil && (seen.name != "PEM" || trusted) {
		e.Hint = "write type: " + seen.name
	}
	return nil, e
}

// shut says that no key of the store could be opened.
func (s *store) shut(field string, trusted bool) *Error {
	if trusted {
		return nil
	}
	keys := 0
	for _, e := range s.entries {
		if !e.isKey() {
			continue
		}
		if e.err == nil || e.err.Field != "key_password" {
			return nil
		}
		keys++
	}
	if keys == 0 {
		return nil
	}
	if field == "password" {
		return &Error{Field: field, Message: "the password does not open the keys of the store", Hint: "write key_password, if they have another one"}
	}
	return &Error{Field: field, Message: "key_password does not open the keys of the store"}
}

// find gives the entry under an alias, and for "" the only one that fits. Java
// does not tell upper from lower case in the aliases of either kind.
func (s *store) find(what, storeField, aliasField, alias string, fits func(*storeEntry) bool) (*storeEntry, *Error) {
	var found []*storeEntry
	for _, e := range s.entries {
		if alias == "" && fits(e) || alias != "" && strings.EqualFold(e.alias, alias) {
			found = append(found, e)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1 && alias == "":
		return nil, &Error{
			Field:   storeField,
			Message: fmt.Sprintf("%s %q has %d entries that fit, key_alias is missing", what, s.name, len(found)),
			Hint:    s.hint(fits),
		}
	case len(found) > 1:
		return nil, &Error{Field: aliasField, Message: fmt.Sprintf("%d entries of %s %q are called %q", len(found), what, s.name, alias)}
	case alias == "" && len(s.entries) == 0:
		return nil, &Error{Field: storeField, Message: fmt.Sprintf("%s %q is empty", what, s.name)}
	case alias == "":
		return nil, &Error{Field: storeField, Message: fmt.Sprintf("%s %q has no entry that fits", what, s.name)}
	}
	return nil, &Error{
		Field:   aliasField,
		Message: fmt.Sprintf("%s %q has no alias %q", what, s.name, alias),
		Hint:    s.hint(fits),
	}
}

// hint lists the aliases of the entries that would do, and no more of them, nor
// longer ones, than one can read. They stand in a file of somebody else's.
func (s *store) hint(fits func(*storeEntry) bool) string {
	const most, longest = 20, 60
	var names []string
	for _, e := range s.entries {
		if fits(e) {
			names = append(names, fmt.Sprintf("%.*q", longest, e.alias))
		}
	}
	if len(names) == 0 {
		return ""
	}
	slices.Sort(names)
	if len(names) > most {
		names = append(names[:most], "…")
	}
	return "it has " + strings.Join(names, ", ")
}
