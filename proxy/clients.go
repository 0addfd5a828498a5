package proxy

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/wire"
)

// clients authenticates callers. Keys are compared as SHA-256 digests in
// constant time, and always with every client, so that the time taken tells
// nothing about which key is nearly right.
type clients struct {
	list     []configs.Client
	digests  [][sha256.Size]byte
	limiters map[*configs.Client]*functions.Limiter // of those that have limits
}

func newClients(list []configs.Client) *clients {
	c := &clients{list: list, limiters: map[*configs.Client]*functions.Limiter{}}
	for i := range list {
		if limiter := functions.NewLimiter(list[i].Limits); limiter != nil {
			c.limiters[&list[i]] = limiter
		}
		c.digests = append(c.digests, sha256.Sum256([]byte(list[i].Key.Reveal())))
	}
	return c
}

// follow goes on with what was counted before of the clients that have the same
// name and limits.
func (c *clients) follow(before *clients) {
	known := make(map[string]*configs.Client, len(before.limiters))
	for client := range before.limiters {
		known[client.Name] = client
	}
	for client := range c.limiters {
		if old := known[client.Name]; old != nil && old.Limits == client.Limits {
			c.limiters[client] = before.limiters[old]
		}
	}
}

// enter takes room for a request of a client, who may be nil.
func (c *clients) enter(client *configs.Client, now time.Time) (*functions.Limiter, *functions.Refusal) {
	if client == nil || len(c.limiters) == 0 {
		return nil, nil
	}
	limiter := c.limiters[client]
	if refusal := limiter.Enter(now, functions.Limited{Scope: functions.OfClient, Name: client.Name, Path: client.Path}); refusal != nil {
		return nil, refusal
	}
	return limiter, nil
}

// open reports that no clients are configured: everyone who reaches the
// listener, which is then on loopback, may use everything.
func (c *clients) open() bool { return len(c.list) == 0 }

// bearer authenticates on /v1: Authorization: Bearer KEY. A nil client with a
// nil error is everyone, when no clients are configured.
func (c *clients) bearer(field []byte, found int) (*configs.Client, error) {
	if c.open() {
		return nil, nil
	}
	scheme, key, ok := credentials(field, found)
	if !ok || !wire.EqualFold(scheme, "bearer") {
		return nil, functions.Refuse(functions.Unauthenticated, "a client's key is needed: Authorization: Bearer KEY")
	}
	return c.find(key, nil)
}

// proxy authenticates at the forward proxy: Proxy-Authorization with Bearer
// KEY, or with Basic name:KEY (RFC 7617).
func (c *clients) proxy(field []byte, found int) (*configs.Client, error) {
	if c.open() {
		return nil, nil
	}
	scheme, key, ok := credentials(field, found)
	switch {
	case ok && wire.EqualFold(scheme, "bearer"):
		return c.find(key, nil)
	case ok && wire.EqualFold(scheme, "basic"):
		var room [128]byte
		decoded, err := base64.StdEncoding.AppendDecode(room[:0], key)
		if name, key, found := bytes.Cut(decoded, []byte(":")); err == nil && found && len(name) > 0 {
			return c.find(key, name)
		}
	}
	return nil, functions.Refuse(functions.Unauthenticated, "a client's key is needed: Proxy-Authorization: Bearer KEY, or Basic name:KEY")
}

// gateway authenticates on the gateway path: Egret-Key: KEY. Authorization is the
// upstream's there.
func (c *clients) gateway(key []byte, found int) (*configs.Client, error) {
	switch {
	case c.open():
		return nil, nil
	case found != 1 || len(key) == 0:
		return nil, functions.Refuse(functions.Unauthenticated, "a client's key is needed, in one field: Egret-Key: KEY")
	}
	return c.find(key, nil)
}

// credentials splits the one field that there must be.
func credentials(field []byte, found int) (scheme, rest []byte, ok bool) {
	if found != 1 {
		return nil, nil, false
	}
	scheme, rest, ok = bytes.Cut(field, []byte(" "))
	return scheme, bytes.TrimLeft(rest, " "), ok
}

// find gives the client with this key and, unless it is nil, this name.
func (c *clients) find(key, name []byte) (*configs.Client, error) {
	return c.withDigest(sha256.Sum256(key), name)
}

// withDigest is find by the digest of the key.
func (c *clients) withDigest(digest [sha256.Size]byte, name []byte) (*configs.Client, error) {
	found := -1
	for i := range c.digests {
		equal := subtle.ConstantTimeCompare(digest[:], c.digests[i][:])
		found = subtle.ConstantTimeSelect(equal, i, found)
	}
	if found < 0 || name != nil && c.list[found].Name != string(name) {
		return nil, functions.Refuse(functions.Unauthenticated, "the client's key is not known")
	}
	return &c.list[found], nil
}

// digestOf gives the digest of the key of a client in the list.
func (c *clients) digestOf(client *configs.Client) (digest [sha256.Size]byte) {
	for i := range c.list {
		if &c.list[i] == client {
			digest = c.digests[i]
		}
	}
	return digest
}

// challenges are what a 401 or a 407 asks for.
func challenges(w way) (name string, values []string) {
	if w.isProxy() {
		return "Proxy-Authenticate", []string{`Bearer realm="egret"`, `Basic realm="egret", charset="UTF-8"`}
	}
	if w == gateway {
		return "WWW-Authenticate", []string{`Egret-Key realm="egret"`}
	}
	return "WWW-Authenticate", []string{`Bearer realm="egret"`}
}
