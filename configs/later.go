package configs

// later lists the keys of each place that the format has and this version does
// not know yet. They are refused rather than ignored, because many of them
// restrict something.
var later = map[string][]string{
	theFile:  {"public_url", "key_stores", "trust_stores", "subjects", "stores"},
	anEgress: {"intercept", "mode", "upstream_proxy"},
	aCache:   {"range", "upgrade", "stand_in", "quarantine"},
	aToken: {
		"id", "jwk", "issuer", "audiences", "scope", "jti", "nbf_offset", "expires_in", "expiry", "encrypt", "publish",
		"kid", "time", "sign", "min_age", "key_store", "key_alias", "key_passphrase", "shared_key", "subject_claims",
	},
	aFunction: {
		"output", "prompt", "caching", "credential", "ok_statuses", "basic", "multipart", "retry", "idempotency_key",
		"allowed_from", "errors", "limits",
	},
}

// What messages call the places that have keys.
const (
	theFile   = "egret.yaml"
	aListener = "listen"
	anAdmin   = "admin"
	aClient   = "a client"
	anEgress  = "egress"
	aRule     = "an egress rule"
	theLimits = "limits"
	aJournal  = "journal"
	aCache    = "a cache"
	aToken    = "a token"
	aFunction = "a function"
)
