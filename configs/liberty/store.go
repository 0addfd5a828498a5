package liberty

import (
	"fmt"
	"path"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

const (
	defaultKeyStore  = "defaultKeyStore"
	defaultSSL       = "defaultSSLConfig"
	defaultLocation  = "${server.output.dir}/resources/security/key.p12"
	defaultStoreType = "PKCS12"
)

// used reports whether a store is in the result.
func (im *importer) used(id string) bool {
	for _, list := range [][]*entry{im.keys, im.trusts} {
		for _, e := range list {
			if e.name == id {
				return true
			}
		}
	}
	return false
}

// store adds a keyStore to key_stores or trust_stores, unless it is there, and
// gives its name. The reason says why it cannot be used.
func (im *importer) store(list *[]*entry, id, alias string) (name, reason string) {
	e := im.find("keyStore", id, defaultKeyStore)
	if e == nil && id != defaultKeyStore {
		return "", "there is no keyStore " + yamltext.Safe(id)
	}
	if e == nil {
		e = im.unwritten()
	}
	for _, known := range *list {
		if known.name == id {
			return known.pairs[0].value, ""
		}
	}
	entry := &entry{name: id, pairs: []pair{{"name", yamltext.Quote(uniqueName(*list, id))}}}
	if reason := im.describe(e, entry, alias); reason != "" {
		return "", "keyStore " + yamltext.Safe(id) + " " + reason
	}
	*list = append(*list, entry)
	return entry.pairs[0].value, ""
}

// describe writes the entry of a keyStore.
func (im *importer) describe(e *element, entry *entry, alias string) (reason string) {
	entry.comments = append(entry.comments, fmt.Sprintf("keyStore %s, %s", yamltext.Safe(entry.name), e.where()))
	if im.fixed(e, "fileBased", "true") == "false" {
		return "is no file"
	}
	raw, ok := e.get("location")
	if !ok {
		raw = defaultLocation
	}
	location := im.vars.expand(raw)
	file, ok := location.reference()
	if !ok || file == "" {
		return "has a location that cannot be carried over"
	}
	if strings.Contains(file, "keyring:") || strings.Contains(file, "://") {
		return "is no file"
	}
	kind, known := storeType(im.fixed(e, "type", ""), file)
	if !known {
		return "is neither PKCS12 nor JKS"
	}
	entry.pairs = append(entry.pairs, pair{"type", kind}, pair{"file", yamltext.Quote(storePath(file, location.rooted))})
	im.passwords(e, entry, alias)
	im.unknown(e, "keyStore "+yamltext.Safe(entry.name), storeAttributes)
	return ""
}

// storeAttributes are those that a keyStore may have and that need no comment.
var storeAttributes = []string{"id", "password", "location", "type", "fileBased", "readOnly", "pollingRate", "updateTrigger", "keyEntry"}

// storeType gives the type of a store. Liberty takes a file that ends in .jks
// for one of Java's own when the type is left out.
func storeType(kind, file string) (string, bool) {
	switch strings.ToUpper(kind) {
	case "":
		if strings.HasSuffix(strings.ToLower(file), ".jks") {
			return "JKS", true
		}
		return defaultStoreType, true
	case "PKCS12", "P12":
		return "PKCS12", true
	case "JKS":
		return "JKS", true
	default:
		return "", false
	}
}

// storePath gives the path of a store from the directory of server.xml. Liberty
// looks for a relative one in resources/security.
func storePath(file string, rooted bool) string {
	file = strings.ReplaceAll(file, `\`, "/")
	switch {
	case strings.HasPrefix(file, "/"), len(file) > 1 && file[1] == ':', strings.HasPrefix(file, "${"):
		return file
	case strings.Contains(file, "${"):
		return "./" + strings.TrimPrefix(file, "./") // its middle is not known here
	case rooted:
		return path.Clean(file)
	default:
		return path.Join("resources/security", file)
	}
}

// passwords adds those of a store, and of the key with an alias.
func (im *importer) passwords(e *element, entry *entry, alias string) {
	var raws []string
	raw, ok := e.get("password")
	if !ok && entry.name == defaultKeyStore {
		raw, ok = "${env.keystore_password}", true // as Liberty writes it into server.env
	}
	if ok {
		raws = append(raws, raw)
		entry.pairs = append(entry.pairs, pair{"password", im.secret(secret{
			raw: raw, key: "password of " + entry.name, words: words(entry.name) + "_PASSWORD",
			holds: "the password of keyStore " + yamltext.Safe(entry.name) + ", " + e.where(),
		})})
	}
	for _, c := range e.children {
		name := im.fixed(c, "name", "")
		key, ok := c.get("keyPassword")
		if c.name != "keyEntry" || !ok || len(raws) > 1 || alias != "" && !strings.EqualFold(name, alias) {
			continue
		}
		raws = append(raws, key)
		entry.pairs = append(entry.pairs, pair{"key_password", im.secret(secret{
			raw: key, key: "key password of " + entry.name, words: words(entry.name) + "_KEY_PASSWORD",
			holds: "the password of key " + yamltext.Safe(name) + " in keyStore " + yamltext.Safe(entry.name) + ", " + c.where(),
		})})
	}
	entry.pairs = append(entry.pairs, im.passphrase(raws...)...)
}
