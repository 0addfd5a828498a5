package liberty

import (
	"slices"
	"strings"

	"github.com/egret-proxy/egret/configs/yamltext"
)

// claims writes what each token of Liberty says, and what the registry adds.
func (b *builder) claims() {
	own := []pair{{"token_type", "Bearer"}}
	wanted := b.list("claims")
	names := b.known(wanted)
	if len(wanted) > 0 {
		if name, others := b.importer.subject(); name != "" {
			b.subject = name
			own = append(own, pair{"sub", yamltext.Quote(name)})
			if others > 0 {
				b.note("the program says whom a token is about: sub is the first of %d subjects", others+1)
			}
		}
	}
	b.put("claims", flow(own))
	if len(names) > 0 {
		b.put("subject_claims", yamltext.FlowList(yamltext.Quoted(names)))
	}
}

// known gives those of some claims that the subject has. Liberty leaves out the
// others, too.
func (b *builder) known(wanted []string) []string {
	var names, unknown []string
	subject, _ := b.importer.subject()
	for _, name := range wanted {
		switch {
		case slices.Contains(names, name) || b.setsClaim(name):
		case b.importer.has(subject, name):
			names = append(names, name)
		default:
			unknown = append(unknown, yamltext.Safe(name))
		}
	}
	switch {
	case len(unknown) > 0 && subject == "":
		b.note("claims: there is no user of a basic registry here; add subjects, claims.sub and subject_claims: [%s]", strings.Join(unknown, ", "))
	case len(unknown) > 0:
		b.note("claims: the basic registry has no %s; add it to attributes of subjects and to subject_claims", strings.Join(unknown, ", "))
	}
	return names
}

// setsClaim reports whether the token has a claim by itself. It then wins in
// Liberty, too.
func (b *builder) setsClaim(name string) bool {
	return slices.Contains([]string{"token_type", "sub", "iss", "iat", "exp", "nbf"}, name) ||
		name == "aud" && b.has("audiences") || name == "scope" && b.has("scope") || name == "jti" && b.has("jti")
}

func (b *builder) issuer() {
	if issuer, ok := b.reference("issuer"); ok {
		b.put("issuer", yamltext.Quote(issuer))
		return
	}
	b.needURL = true
}

func (b *builder) audiences() {
	if all := b.list("audiences"); len(all) > 0 {
		b.put("audiences", yamltext.FlowList(yamltext.Quoted(all)))
	}
}

func (b *builder) scope() {
	if scope, ok := b.reference("scope"); ok {
		b.put("scope", yamltext.Quote(scope))
	}
}

func (b *builder) jti() {
	if b.flag("jti") {
		b.put("jti", "true")
	}
}

// amr notes what has no counterpart: its values come from the caller's login.
func (b *builder) amr() {
	if b.has("amrInclude") {
		b.note("amrInclude is not carried over: its values come from the login of Liberty's caller")
	}
}
