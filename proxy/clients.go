package proxy

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strings"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// clients authenticates callers. Keys are compared as SHA-256 digests in
// constant time, and always with every client, so that the time taken tells
// nothing about which key is nearly right.
type clients struct {
	list    []configs.Client
	digests [][sha256.Size]byte
}

func newClients(list []configs.Client) *clients {
	c := &clients{list: list}
	for i := range list {
		c.digests = append(c.digests, sha256.Sum256([]byte(list[i].Key.Reveal())))
	}
	return c
}

// open reports that no clients are configured: everyone who reaches the
// listener, which is then on loopback, may use everything.
func (c *clients) open() bool { return len(c.list) == 0 }

// bearer authenticates on /v1: Authorization: Bearer KEY. A nil client with a
// nil error is everyone, when no clients are configured.
func (c *clients) bearer(fields []string) (*configs.Client, error) {
	if c.open() {
		return nil, nil
	}
	scheme, key, ok := credentials(fields)
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return nil, functions.Refuse(functions.Unauthenticated, "a client's key is needed: Authorization: Bearer KEY")
	}
	return c.find(key, "")
}

// proxy authenticates at the forward proxy: Proxy-Authorization with Bearer
// KEY, or with Basic name:KEY (RFC 7617).
func (c *clients) proxy(fields []string) (*configs.Client, error) {
	if c.open() {
		return nil, nil
	}
	scheme, key, ok := credentials(fields)
	switch {
	case ok && strings.EqualFold(scheme, "Bearer"):
		return c.find(key, "")
	case ok && strings.EqualFold(scheme, "Basic"):
		decoded, err := base64.StdEncoding.DecodeString(key)
		if name, key, found := strings.Cut(string(decoded), ":"); err == nil && found && name != "" {
			return c.find(key, name)
		}
	}
	return nil, functions.Refuse(functions.Unauthenticated, "a client's key is needed: Proxy-Authorization: Bearer KEY, or Basic name:KEY")
}

// credentials splits the one field that there must be.
func credentials(fields []string) (scheme, rest string, ok bool) {
	if len(fields) != 1 {
		return "", "", false
	}
	scheme, rest, ok = strings.Cut(fields[0], " ")
	return scheme, strings.TrimLeft(rest, " "), ok
}

// find gives the client with this key and, unless it is "", this name.
func (c *clients) find(key, name string) (*configs.Client, error) {
	digest := sha256.Sum256([]byte(key))
	found := -1
	for i := range c.digests {
		equal := subtle.ConstantTimeCompare(digest[:], c.digests[i][:])
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	if found < 0 || name != "" && c.list[found].Name != name {
		return nil, functions.Refuse(functions.Unauthenticated, "the client's key is not known")
	}
	return &c.list[found], nil
}

// challenges are what a 401 or a 407 asks for.
func challenges(w way) (name string, values []string) {
	if w == forward {
		return "Proxy-Authenticate", []string{`Bearer realm="egret"`, `Basic realm="egret", charset="UTF-8"`}
	}
	return "WWW-Authenticate", []string{`Bearer realm="egret"`}
}
