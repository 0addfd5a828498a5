package configs

// later lists the keys of each place that the format has and this version does
// not know yet. They are refused rather than ignored, because many of them
// restrict something.
var later = map[string][]string{
	theFile:  {"stores"},
	anEgress: {"mode", "upstream_proxy"},
	aCache:   {"range", "stand_in", "quarantine"},
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
	aJWK      = "jwk"
	theTime   = "time"
	aSubject  = "a subject"
	aFunction = "a function"

	theEncryption = "encrypt"
	aKeyStore     = "a key store"
	aTrustStore   = "a trust store"

	aBasic            = "basic"
	anAllowance       = "an entry of allowed_from"
	theOutput         = "output"
	theCaching        = "caching"
	aRetry            = "retry"
	theFunctionLimits = "limits of a function"
	theClientLimits   = "limits of a client"
	anUpstream        = "an upstream"
	theUpstreamLimits = "limits of an upstream"
	aCircuit          = "circuit"
	anUpstreamTLS     = "tls of an upstream"
)
