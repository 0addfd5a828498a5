package liberty

import (
	"slices"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// encrypt writes for whom a token is encrypted. keyManagementKeyAlias is what
// makes it so. A builder whose recipient cannot be carried over is left out: a
// token that is only signed would show what it says.
func (b *builder) encrypt() {
	if !b.has("keyManagementKeyAlias") {
		b.unencrypted()
		return
	}
	alias, ok := b.reference("keyManagementKeyAlias")
	if !ok {
		b.refuse("its keyManagementKeyAlias cannot be carried over")
		return
	}
	algorithm := b.choose("keyManagementKeyAlgorithm", "RSA-OAEP", "RSA-OAEP-256", "ECDH-ES")
	content := b.choose("contentEncryptionAlgorithm", "A256GCM")
	if b.refused != "" {
		return
	}
	_, standard := b.importer.defaultStores()
	ref, ok := b.storeRef("trustStoreRef", standard)
	if !ok {
		return
	}
	name, reason := b.store(&b.trusts, ref, "")
	if reason != "" {
		b.refuse("%s", reason)
		return
	}
	b.put("encrypt", flow([]pair{{"algorithm", algorithm}, {"content", content}, {"trust_store", name}, {"key_alias", yamltext.Quote(alias)}}))
}

// choose gives an attribute that is one of some texts, the first by default.
func (b *builder) choose(name string, of ...string) string {
	if !b.has(name) {
		return of[0]
	}
	s, ok := b.fixed(name)
	if !ok || !slices.Contains(of, s) {
		b.refuse("egret does not have its %s", name)
	}
	return s
}

// unencrypted notes attributes that do nothing without keyManagementKeyAlias.
func (b *builder) unencrypted() {
	for _, name := range []string{"keyManagementKeyAlgorithm", "contentEncryptionAlgorithm", "trustStoreRef"} {
		if b.has(name) {
			b.note("without effect, because there is no keyManagementKeyAlias: %s", name)
		}
	}
}
