package liberty

import (
	"fmt"
	"slices"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// placeholderHost stands in caches for the hosts that nothing in a server.xml
// tells. The name can never be resolved (RFC 6761 section 6.4).
const placeholderHost = "change-me.invalid"

// A builder is a jwtBuilder on its way to a token.
type builder struct {
	*importer
	element *element
	id      string
	entry   *entry
	subject string // whom its claims are about
	refused string // why the builder cannot be carried over
}

// builderAttributes are those of a jwtBuilder, in the order in which egret.yaml
// has what comes of them. An attribute without carry is read by another.
var builderAttributes = []struct {
	name  string
	carry func(*builder)
}{
	{"id", nil},
	{"signatureAlgorithm", (*builder).algorithm},
	{"sharedKey", (*builder).sharedKey},
	{"keyStoreRef", (*builder).keyStore},
	{"keyAlias", nil},
	{"jwkEnabled", (*builder).jwk},
	{"jwkRotationTime", nil},
	{"jwkMaxKeys", nil},
	{"jwkSigningKeySize", nil},
	{"claims", (*builder).claims},
	{"issuer", (*builder).issuer},
	{"audiences", (*builder).audiences},
	{"scope", (*builder).scope},
	{"jti", (*builder).jti},
	{"expiresInSeconds", (*builder).life},
	{"expiry", nil},
	{"nbfOffset", (*builder).notBefore},
	{"keyManagementKeyAlias", (*builder).encrypt},
	{"trustStoreRef", nil},
	{"keyManagementKeyAlgorithm", nil},
	{"contentEncryptionAlgorithm", nil},
	{"amrInclude", (*builder).amr},
}

// readBuilder makes a token and its cache of a jwtBuilder.
func (im *importer) readBuilder(e *element) {
	b := &builder{importer: im, element: e, id: im.id(e, "defaultJWT")}
	if b.id == "" {
		im.pass("the jwtBuilder of %s: it has no id that is known here", e.where())
		return
	}
	name := uniqueName(im.tokens, b.id)
	b.entry = &entry{name: b.id, pairs: []pair{{"name", yamltext.Quote(name)}}}
	b.note("jwtBuilder %s, %s", yamltext.Safe(b.id), e.where())
	if name != b.id {
		b.identify(name)
	}
	b.put("cache", yamltext.Quote(name))
	cache := &entry{name: b.id, comments: []string{"Write the hosts that the token may be sent to: server.xml does not know them."}, pairs: []pair{{"name", yamltext.Quote(name)}}}
	before := *im // stores and variables of a refused builder are not written
	im.caches = append(im.caches, cache)
	for _, a := range builderAttributes {
		if a.carry != nil && b.refused == "" {
			a.carry(b)
		}
	}
	if b.refused != "" {
		im.keys, im.trusts, im.caches, im.needURL = before.keys, before.trusts, before.caches, before.needURL
		im.pass("jwtBuilder %s, %s: %s", yamltext.Safe(b.id), e.where(), b.refused)
		return
	}
	im.unknown(e, "jwtBuilder "+yamltext.Safe(b.id), builderNames())
	cache.pairs = append(cache.pairs,
		pair{"description", yamltext.Quote("a token as of jwtBuilder " + name)},
		pair{"ttl", b.ttl()},
		pair{"hosts", "[" + placeholderHost + "]"})
	im.tokens = append(im.tokens, b.entry)
}

// builderNames lists the attributes that are known.
func builderNames() []string {
	names := make([]string, len(builderAttributes))
	for i, a := range builderAttributes {
		names[i] = a.name
	}
	return names
}

// put adds a key to the token.
func (b *builder) put(key, value string) {
	b.entry.pairs = append(b.entry.pairs, pair{key, value})
}

// note adds a comment to the token.
func (b *builder) note(format string, a ...any) {
	if s := fmt.Sprintf(format, a...); !slices.Contains(b.entry.comments, s) {
		b.entry.comments = append(b.entry.comments, s)
	}
}

// refuse leaves the builder out.
func (b *builder) refuse(format string, a ...any) { b.refused = fmt.Sprintf(format, a...) }
