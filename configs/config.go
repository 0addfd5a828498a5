package configs

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"time"

	"github.com/egret-proxy/egret/templates"
)

// A Config is one egret.yaml and what it includes, complete: defaults are filled in, references
// resolved, ${env:…} and ${file:…} expanded, templates compiled.
type Config struct {
	File    string   // the path it was read from
	Listen  Listener // of the data plane
	Admin   Admin
	State   string // directory, absolute
	Clients []Client
	Egress  Egress
	Limits  Limits
	Journal Journal
	// PublicURL is how verifiers reach egret's public keys: http or https, a
	// host, perhaps a path, and no slash at its end. "" when it is not set.
	PublicURL   string
	KeyStores   []KeyStore
	TrustStores []KeyStore
	Subjects    []Subject
	Upstreams   []Upstream // the first whose host fits counts
	Caches      []Cache
	Tokens      []Token
	Functions   []Function
	Warnings    Problems // what works, and may not be meant
	Unset       bool     // texts are missing that AllowUnset permits to be; only to be checked

	watched []Watched // the files, every file that they read, and patterns
	files   []string  // the main one first, as problems name them
	// variables are in the order of their names.
	variables []Variable
	// problem knows the places of the file. It is a function so that no form of
	// printing finds the text of the file behind it.
	problem func(path, message, hint string) Problem
}

// Admin is the control plane.
type Admin struct {
	Listen Listener // without an address there is no control plane
	Key    Secret   // zero means the one in State/admin.key
}

// A Client is an authenticated caller and what it may use.
type Client struct {
	Path      string // of the entry, such as "clients[0]"; for [Config.Problem]
	Name      string
	Key       Secret
	Functions Names // may call
	Caches    Names // may name
	Limits    Quota // of all its requests, calls that are answered from a cache too
}

// Names is a list of names, or all of them.
type Names struct {
	All  bool
	List []string
}

// Egress is where the forward proxy may go.
type Egress struct {
	Default      Verdict
	Allow        []Rule
	AllowPrivate []netip.Prefix
	// Intercept says that tunnels to hosts that a cache names are decrypted, and
	// those to hosts of which each rule has methods, paths or http alone.
	Intercept bool
}

// A Verdict is what to do with a host that neither a rule nor a cache names.
type Verdict string

// The verdicts.
const (
	Deny  Verdict = "deny"
	Allow Verdict = "allow"
)

// A Rule opens a host to forwarded requests. Without Schemes requests by http and
// by https pass, without Methods every method, and without Paths every path.
type Rule struct {
	Path    string // of the entry, such as "egress.allow[0]"
	Host    HostPattern
	Schemes []string // "http" and "https"
	Methods []string
	Paths   []PathPattern
	// Clients are the names of the clients that the rule is for; without any it
	// is for everyone. For others it is as if it were not there.
	Clients []string
}

// A Kind says what fills a cache.
type Kind string

// The kinds.
const (
	TokenCache  Kind = "token"  // filled by exactly one Token
	OutputCache Kind = "output" // filled by Functions, or by nothing yet
)

// A Cache is a named slot with an ID and a lifetime.
type Cache struct {
	Path        string // of the entry, such as "caches[0]"
	Name        string
	Description string
	ID          ID
	TTL         time.Duration
	Hosts       []HostPattern
	Surfaces    Surfaces
	Cleartext   bool
	Upgrade     bool // whether connections to its hosts may change to another protocol
	Kind        Kind
	// Secret says that no caller may see the value: a Token fills the cache, or a
	// Function with a credential, or one that hides or masks its output.
	Secret bool
	// Credential says that the cache has one value for all, which is made anew
	// before it expires: a Token's, or that of a Function with a credential.
	Credential bool
}

// Surfaces is a set of places where a cache's value may stand.
type Surfaces uint8

// The surfaces. Path is never written in a file: an output cache that names no
// surfaces may stand there, any other cache may not.
const (
	Header Surfaces = 1 << iota
	Query
	Body
	Path
)

// A Token says how to make a credential. Either Value is set, or Algorithm and
// one of Key, SharedKey, KeyStore and JWK are.
type Token struct {
	Path      string // of the entry, such as "tokens[0]"
	Name      string
	ID        string // part of the issuer and of the paths of its keys; the name unless set
	Cache     string
	Algorithm string // a "alg" of RFC 7518 or RFC 8037
	KeyType   string // one of the ten key types, such as "EcPem"
	Key       Secret // as delivered, not yet parsed
	// KeyPassphrase opens an encrypted Key, and what {aes} in SharedKey was
	// encrypted with.
	KeyPassphrase Secret
	SharedKey     Secret // as written, perhaps with {xor} or {aes}
	KeyStore      string // name of one of Config.KeyStores
	KeyAlias      string // in KeyStore; "" when there is one key in it
	JWK           *JWK   // keys that egret makes; nil unless jwk.enabled
	Publish       bool   // the public half of the key, also true with JWK
	// KeyID is the "kid": KeyIDThumbprint, KeyIDSPKI, a text of one's own, or ""
	// for that of Header, else that of the JWK in Key, else KeyIDThumbprint with
	// Publish, and none without.
	KeyID    string
	Header   json.RawMessage `json:"-"` // an object, or nil
	Claims   json.RawMessage `json:"-"` // an object, or nil; may hold secrets
	Issuer   string          // "iss", or "" for that of Claims or none; the default is resolved
	Audience []string        // "aud": one is a string, several are a list
	Scope    string          // "scope", or "" for that of Claims or none
	// Subject has the members that subject_claims takes from an entry of
	// subjects: an object, or nil.
	Subject json.RawMessage `json:"-"`
	// TokenID is how "jti" is made at each signing: a text with {uuid}, {hex},
	// {base64url} or {iat} in it; "" for that of Claims or none.
	TokenID string
	Times   Times
	Encrypt *Encrypt      // nil for a token that is signed only
	OnUse   bool          // each request carries a token of its own
	MinAge  time.Duration // a token is not replaced before it is so old; 0 without a bound
	Value   Secret        // a static credential
	Unset   bool          // the key is missing, see [ReadOptions]
	Digest  string        // changes when anything in the entry, or that it refers to, changes
}

// The key IDs that are computed from the public key.
const (
	KeyIDThumbprint = "thumbprint" // RFC 7638, SHA-256, base64url
	KeyIDSPKI       = "spki"       // base64url of SHA-256 of the SubjectPublicKeyInfo, as WebSphere Liberty has it
)

// A JWK says which keys egret makes for a Token by itself.
type JWK struct {
	Rotation time.Duration // how long one key signs; 0 for ever
	Announce time.Duration // how long a key is published before it signs
	Keep     int           // keys that are published at least, that in use and those before it
	Size     int           // of RSA keys, in bits
}

// Times are the NumericDate claims of RFC 7519 that egret writes. Each is an
// offset from the moment of signing, in whole seconds.
type Times struct {
	NoIssuedAt   bool
	IssuedAt     time.Duration // of "iat", zero or less
	NoExpires    bool
	Expires      time.Duration // of "exp"; 0 for the ttl of the cache
	HasNotBefore bool
	NotBefore    time.Duration // of "nbf"
	Others       []TimeClaim
}

// A TimeClaim is a claim with a time that is none of the registered ones.
type TimeClaim struct {
	Name   string
	Offset time.Duration
}

// Encrypt says for whom a token is encrypted: RFC 7516, with the signed token
// as its content. One of Key, JWKS and TrustStore is set.
type Encrypt struct {
	Algorithm  string // "alg": RSA-OAEP, RSA-OAEP-256 or ECDH-ES
	Content    string // "enc": A256GCM
	Key        Secret // public key or certificate in PEM, or a JWK
	JWKS       Secret // a JWK Set
	KeyID      string // of the key in JWKS; "" when there is one that fits
	TrustStore string // name of one of Config.TrustStores
	KeyAlias   string // in TrustStore; "" when there is one entry in it
}

// Format writes the algorithm alone under every verb.
func (e Encrypt) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "{%s}", e.Algorithm) }

// A KeyStore is a file with keys or certificates under aliases.
type KeyStore struct {
	Path     string // of the entry, such as "key_stores[0]"
	Name     string
	Type     string // PKCS12 or JKS; of a trust store PEM too
	Data     Secret // the bytes of the file
	Password Secret // of the store, as written, perhaps with {xor} or {aes}
	// KeyPassword is that of its keys, when it is another one; as written.
	KeyPassword Secret
	// KeyPassphrase is what {aes} in the passwords was encrypted with.
	KeyPassphrase Secret
	Unset         bool // a text is missing, see [ReadOptions]
}

// Format writes the place and the name alone under every verb.
func (k KeyStore) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "{%s %s}", k.Path, k.Name) }

// Format writes the place and the name alone under every verb, because header
// and claims may hold secrets.
func (t Token) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "{%s %s}", t.Path, t.Name) }

// A Function is a configured outbound HTTP call.
type Function struct {
	Path         string // of the entry, such as "functions[0]"
	Name         string
	Instructions string
	Parameters   json.RawMessage // JSON Schema as written, or nil
	Fixed        json.RawMessage // an object, or nil
	AllowedFrom  []Allowance
	Prompt       string // for who reads the answer, or ""
	Method       string
	URL          *templates.URL
	Headers      []*templates.Header // in the order of the file
	Body         templates.Body      // nil without one
	Cache        string              // name of the output cache, or ""
	Caching      Caching
	// Credential are the reference tokens that lead to the credential in the
	// answer; nil without one, empty when the answer as a whole is it.
	Credential []string
	Output     Output
	Errors     map[string]string // sentences by "404", "4xx" or "default"
	OKStatuses []int             // that are ok beside 2xx
	Timeout    time.Duration     // for the whole call
	Limits     FunctionLimits
	Retry      Retry
	// IdempotencyKey says that each call has an Idempotency-Key, the same each
	// time it is sent.
	IdempotencyKey bool
	Configured     []Secret // text from ${env:…} and ${file:…} in url, query, headers and body
	Digest         string   // changes when anything in the entry changes
}

// An Allowance limits an argument to values that a cache holds.
type Allowance struct {
	Path     string   // of the entry, such as "functions[0].allowed_from.order_id"
	Argument []string // the reference tokens that lead to it
	Cache    string
	// Pointer leads into what the cache's ID stands for; an array on the way, and
	// at the end, stands for each of its elements.
	Pointer []string
}

// Output is what callers see of an answer. Pointers are reference tokens, in
// which an array on the way stands for each of its elements, unless the token is
// a number.
type Output struct {
	Select   string     // a JSON Pointer when it begins with "/", else a gjson path; "" for all
	Fields   [][]string // what is shown of what is selected; nil for all
	Mask     [][]string // what is withheld, wherever it would be shown
	Hide     bool       // nothing is shown
	MaxBytes int64      // of the output as JSON, 0 for no bound
}

// Caching is how the answers of a Function are kept in its output cache.
type Caching struct {
	Written   bool       // in the file: what a warning would ask about is decided
	Single    bool       // one slot for all arguments
	Key       [][]string // the arguments that count, by reference tokens; nil for all
	PerClient bool
	Stale     time.Duration // how long an old answer is given while a new one is fetched
	// TTLFrom are the reference tokens of the life in the answer; TTLFromHeader
	// says that it is in the field Cache-Control. The ttl of the cache is the most.
	TTLFrom       []string
	TTLFromHeader bool
	Negative      map[int]time.Duration // statuses that are not ok and stored, and for how long
	Warm          bool
	MaxEntries    int // of this Function; 0 for no bound of its own
}

// FunctionLimits bound what one Function may cost. Zero is the value of [Limits],
// or no bound.
type FunctionLimits struct {
	Quota
	ConnectTimeout   time.Duration
	FirstByteTimeout time.Duration
	AnswerBytes      int64
}

// A Quota is how much may be asked for. Zero is no bound.
type Quota struct {
	Concurrency int // at once
	Rate        Rate
}

// A Rate is Count in Per; as many may come at once. The zero Rate is no bound.
type Rate struct {
	Count int
	Per   time.Duration
}

// Retry is how often, and when, a request is sent again. The zero Retry is never.
type Retry struct {
	Attempts      int // in all
	Statuses      []int
	Wait, MaxWait time.Duration // before the second, and the longest of those that follow
}

// An Upstream is what holds for the requests to one host.
type Upstream struct {
	Path    string // of the entry, such as "upstreams[0]"
	Host    HostPattern
	Limits  Quota
	Circuit Circuit
	TLS     *UpstreamTLS // nil means the roots of the system, and no certificate
}

// A Circuit is when requests to a host are not tried any more for a while.
type Circuit struct {
	Off      bool
	Failures int           // one after another
	Open     time.Duration // until one is tried again
}

// Format writes the place and the name alone under every verb, because the
// compiled templates hold configured text.
func (f Function) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "{%s %s}", f.Path, f.Name) }
