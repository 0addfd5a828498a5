package liberty

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/configs/yamltext"
)

// algorithms are those of jwtBuilder.
var algorithms = []string{"RS256", "RS384", "RS512", "HS256", "HS384", "HS512", "ES256", "ES384", "ES512"}

// symmetric reports whether a builder signs with its shared key.
func (b *builder) symmetric() bool { return strings.HasPrefix(b.signature(), "HS") }

// generated reports whether Liberty makes the key. It does for pairs of keys
// only, and keyAlias then has no effect.
func (b *builder) generated() bool {
	on, ok := b.element.get("jwkEnabled")
	s, _, known := b.vars.expand(on).fixed()
	return ok && known && strings.EqualFold(s, "true") && !b.symmetric()
}

// signature gives the algorithm, or "" for one that egret cannot find out.
func (b *builder) signature() string {
	t, ok := b.text("signatureAlgorithm")
	if !ok {
		return "RS256"
	}
	s, _, _ := t.fixed()
	return s
}

func (b *builder) algorithm() {
	if _, ok := b.fixed("signatureAlgorithm"); !ok && b.has("signatureAlgorithm") {
		b.refuse("signatureAlgorithm comes from the environment, and has no default")
		return
	}
	if !slices.Contains(algorithms, b.signature()) {
		b.refuse("its signatureAlgorithm is none that signs")
		return
	}
	b.put("algorithm", b.signature())
}

func (b *builder) sharedKey() {
	raw, ok := b.element.get("sharedKey")
	if !b.symmetric() {
		if ok {
			b.note("sharedKey has no effect with %s", b.signature())
		}
		return
	}
	holds := "the sharedKey of jwtBuilder " + yamltext.Safe(b.id) + ", " + b.element.where()
	if !ok {
		holds = "the key that the program gives to jwtBuilder " + yamltext.Safe(b.id) + ", which has no sharedKey, " + b.element.where()
	}
	b.put("shared_key", b.secret(secret{raw: raw, key: "sharedKey of " + b.id, words: words(b.id) + "_SHARED_KEY", holds: holds}))
	b.entry.pairs = append(b.entry.pairs, b.passphrase(raw)...)
}

func (b *builder) keyStore() {
	if b.symmetric() || b.generated() {
		b.ineffective("keyStoreRef", "keyAlias")
		return
	}
	standard, _ := b.importer.defaultStores()
	ref, ok := b.storeRef("keyStoreRef", standard)
	if !ok {
		return
	}
	alias, hasAlias := b.reference("keyAlias")
	if b.has("keyAlias") && !hasAlias {
		b.refuse("its keyAlias cannot be carried over")
		return
	}
	name, reason := b.store(&b.keys, ref, alias)
	if reason != "" {
		b.refuse("%s", reason)
		return
	}
	b.put("key_store", name)
	if hasAlias {
		b.put("key_alias", yamltext.Quote(alias))
	}
	b.put("kid", "spki")
	b.note("Liberty shows the public key at /jwt/ibm/api/%s/jwk; publish: true does so here", yamltext.Safe(b.id))
}

// ineffective notes attributes that do nothing beside others.
func (b *builder) ineffective(names ...string) {
	names = slices.DeleteFunc(names, func(name string) bool { return !b.has(name) })
	if len(names) == 0 {
		return
	}
	why := "with " + b.signature()
	if !b.symmetric() {
		why = "with jwkEnabled"
	}
	b.note("without effect %s: %s", why, strings.Join(names, ", "))
}

// The bounds of egret.
const (
	leastSize = 2048
	mostKeep  = 16
)

func (b *builder) jwk() {
	enabled := b.flag("jwkEnabled")
	if !b.generated() {
		if enabled {
			b.ineffective("jwkEnabled")
		}
		return
	}
	made := []pair{{"enabled", "true"}, {"rotation", b.rotation()}}
	if s, ok := b.fixed("jwkMaxKeys"); ok {
		keep, err := strconv.Atoi(s)
		if err != nil || keep < 1 {
			b.note("jwkMaxKeys is no number of keys: its default holds")
			keep = 2
		}
		if keep > mostKeep {
			b.note("jwkMaxKeys is %d; egret keeps %d", keep, mostKeep)
			keep = mostKeep
		}
		made = append(made, pair{"keep", strconv.Itoa(keep)})
	}
	if size := b.size(); size != "" {
		made = append(made, pair{"size", size})
	}
	b.put("jwk", flow(made))
}

// rotation gives how long a generated key signs.
func (b *builder) rotation() string {
	value := b.duration("jwkRotationTime", time.Minute, 720*time.Minute)
	if value < time.Minute {
		b.note("jwkRotationTime is under a minute, the least that Liberty takes")
		value = time.Minute
	}
	return configs.DurationText(value)
}

// size gives the bits of generated RSA keys, or "" for keys of one size.
func (b *builder) size() string {
	s, ok := b.fixed("jwkSigningKeySize")
	if !ok || strings.HasPrefix(b.signature(), "ES") {
		return ""
	}
	size, err := strconv.Atoi(s)
	switch {
	case err != nil:
		b.note("jwkSigningKeySize is no number: its default holds")
		return ""
	case size < leastSize:
		b.note("jwkSigningKeySize is %d; egret makes no RSA key under %d bits", size, leastSize)
		size = leastSize
	case size > 8192:
		b.note("jwkSigningKeySize is %d; egret makes RSA keys of 8192 bits at most", size)
		size = 8192
	}
	return strconv.Itoa(size)
}
