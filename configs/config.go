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
	File      string   // the path it was read from
	Listen    Listener // of the data plane
	Admin     Admin
	State     string // directory, absolute
	Clients   []Client
	Egress    Egress
	Limits    Limits
	Journal   Journal
	Caches    []Cache
	Tokens    []Token
	Functions []Function
	Warnings  Problems // what works, and may not be meant
	Unset     bool     // texts are missing that AllowUnset permits to be; only to be checked

	watched []Watched // the files, every file that they read, and patterns
	files   []string  // the main one first, as problems name them
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
}

// A Verdict is what to do with a host that neither a rule nor a cache names.
type Verdict string

// The verdicts.
const (
	Deny  Verdict = "deny"
	Allow Verdict = "allow"
)

// A Rule opens a host to forwarded requests. Without Methods every method
// passes, without Paths every path.
type Rule struct {
	Path    string // of the entry, such as "egress.allow[0]"
	Host    HostPattern
	Methods []string
	Paths   []PathPattern
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
	Kind        Kind
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

// A Token says how to make a credential. Either Value is set, or Algorithm,
// KeyType and Key are.
type Token struct {
	Path      string // of the entry, such as "tokens[0]"
	Name      string
	Cache     string
	Algorithm string          // a "alg" of RFC 7518 or RFC 8037
	KeyType   string          // one of the nine key types, such as "EcPem"
	Key       Secret          // as delivered, not yet parsed
	Header    json.RawMessage `json:"-"` // an object, or nil
	Claims    json.RawMessage `json:"-"` // an object, or nil; may hold secrets
	Value     Secret          // a static credential
	Unset     bool            // the key is missing, see [ReadOptions]
	Digest    string          // changes when anything in the entry changes
}

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
	Method       string
	URL          *templates.URL
	Headers      []*templates.Header // in the order of the file
	Body         templates.Body      // nil without one
	Cache        string              // name of the output cache, or ""
	Timeout      time.Duration
	Configured   []Secret // text from ${env:…} and ${file:…} in url, query, headers and body
	Digest       string   // changes when anything in the entry changes
}

// Format writes the place and the name alone under every verb, because the
// compiled templates hold configured text.
func (f Function) Format(s fmt.State, _ rune) { fmt.Fprintf(s, "{%s %s}", f.Path, f.Name) }
