package configs

// A claimSource is a key of a token that sets a claim, and where it says so.
type claimSource struct {
	claim, key string
	node       *node
}

// claimSources lists what sets claims beside claims itself.
func (t *tokenEntry) claimSources() []claimSource {
	var all []claimSource
	add := func(claim, key string, set bool) {
		if n := t.node.member(key); n != nil && set {
			all = append(all, claimSource{claim, key, n})
		}
	}
	add("iss", "issuer", t.Issuer != "")
	add("aud", "audiences", len(t.Audience) > 0)
	add("scope", "scope", t.Scope != "")
	add("jti", "jti", t.TokenID != "")
	add("nbf", "nbf_offset", t.spans.hasNotBefore)
	if n := t.node.member("time"); n != nil {
		for _, m := range n.members {
			if m.key == "nbf" {
				all = append(all, claimSource{"nbf", "time.nbf", m.value})
			}
			if m.key == "claims" {
				for _, claim := range m.value.members {
					all = append(all, claimSource{claim.key, "time.claims", claim.value})
				}
			}
		}
	}
	if n := t.node.member("subject_claims"); n != nil {
		for _, item := range n.items {
			all = append(all, claimSource{item.text, "subject_claims", item})
		}
	}
	return all
}

// checkClaims looks for claims that are set twice. RFC 7519 section 4 lets
// readers take either one.
func (d *decoder) checkClaims(t *tokenEntry) {
	sources := t.claimSources()
	if len(sources) == 0 {
		return
	}
	setBy := map[string]string{}
	if claims := t.node.member("claims"); claims != nil {
		for _, m := range claims.members {
			setBy[m.key] = "claims"
		}
	}
	for _, s := range sources {
		first, ok := setBy[s.claim]
		if ok && !d.reported(s.node.path) {
			d.conflict(s.node, s.claim, first)
		}
		if !ok {
			setBy[s.claim] = s.key
		}
	}
}

// conflict reports that a claim is set a second time.
func (d *decoder) conflict(n *node, claim, first string) {
	if !plainKey(claim) {
		claim = "this claim"
	}
	d.problem(n, claim+" is set by "+first+" already", "leave one of them out")
}

// fillIssuer gives a token its default issuer.
func (d *decoder) fillIssuer(t *tokenEntry) {
	if d.cfg.PublicURL == "" || t.node.member("issuer") != nil || t.ID == "" {
		return
	}
	if claims := t.node.member("claims"); claims != nil && claims.member("iss") != nil {
		return
	}
	t.Issuer = d.cfg.PublicURL + "/jwt/" + t.ID
}
