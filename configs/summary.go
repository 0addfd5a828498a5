package configs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
)

// An Entry is one part of a configuration, summed up. Two configurations have
// the same digest for a part that means the same in both.
type Entry struct {
	Section string `json:"section"`        // a key at the top of the file
	Name    string `json:"name,omitempty"` // of the entry, in a section that is a list
	Digest  string `json:"digest"`         // SHA-256, in hexadecimal
}

// AtStart sums up what holds from egret's start to its end: a change of it needs
// a restart. That a listener speaks TLS is a part of it, with which certificate
// is not.
func (c *Config) AtStart() []Entry {
	return []Entry{
		sumUp("listen", "", c.Listen.Address, c.Listen.TLS == nil),
		sumUp("admin", "", c.Admin.Listen.Address, c.Admin.Listen.TLS == nil, c.Admin.Key.Reveal()),
		sumUp("state", "", c.State),
	}
}

// Summary sums up every part of the configuration, those of [Config.AtStart]
// first. What its parts depend on outside of the file, such as a key file,
// counts.
func (c *Config) Summary() []Entry {
	entries := append(
		c.AtStart(),
		sumUp("egress", "", c.Egress.Default, c.Egress.AllowPrivate, withoutPaths(c.Egress.Allow), c.Egress.Intercept),
		sumUp("limits", "", c.Limits.WithDefaults()),
		sumUp("journal", "", c.Journal.Entries, c.Journal.File),
		sumUp("public_url", "", c.PublicURL),
	)
	for _, listener := range []struct {
		section string
		tls     *TLS
	}{{"listen", c.Listen.TLS}, {"admin", c.Admin.Listen.TLS}} {
		if listener.tls != nil {
			entries = append(entries, sumUp(listener.section, "tls", listener.tls.Cert, listener.tls.Key.Reveal()))
		}
	}
	for _, client := range c.Clients {
		entries = append(entries, sumUp("clients", client.Name, client.Key.Reveal(), client.Functions, client.Caches, client.Limits))
	}
	for i := range c.KeyStores {
		entries = append(entries, Entry{"key_stores", c.KeyStores[i].Name, c.KeyStores[i].sum()})
	}
	for i := range c.TrustStores {
		entries = append(entries, Entry{"trust_stores", c.TrustStores[i].Name, c.TrustStores[i].sum()})
	}
	for i := range c.Subjects {
		entries = append(entries, sumUp("subjects", c.Subjects[i].Name, string(c.Subjects[i].Attributes)))
	}
	for i := range c.Upstreams {
		u := &c.Upstreams[i]
		entries = append(entries, sumUp("upstreams", u.Host.String(), u.Host, u.Limits, u.Circuit, u.TLS.sum()))
	}
	for i := range c.Caches {
		cache := &c.Caches[i]
		entries = append(entries, sumUp("caches", cache.Name, cache.entry(), cache.Description))
	}
	for _, token := range c.Tokens {
		entries = append(entries, Entry{"tokens", token.Name, token.Digest})
	}
	for i := range c.Functions {
		entries = append(entries, Entry{"functions", c.Functions[i].Name, c.Functions[i].Digest})
	}
	return entries
}

// sumUp makes an entry of what its parts say when they are printed.
func sumUp(section, name string, parts ...any) Entry {
	hash := sha256.New()
	for _, part := range parts {
		text := fmt.Sprintf("%v", part)
		_, _ = fmt.Fprintf(hash, "%d:%s,", len(text), text) // a hash takes everything
	}
	return Entry{section, name, hex.EncodeToString(hash.Sum(nil))}
}

// withoutPaths gives rules without where they stand in the file.
func withoutPaths(rules []Rule) []Rule {
	rules = slices.Clone(rules)
	for i := range rules {
		rules[i].Path = ""
	}
	return rules
}

// A Change is a part in which two configurations differ.
type Change struct {
	Section string `json:"section"`
	Name    string `json:"name,omitempty"`
	Kind    string `json:"change"` // "added", "removed" or "changed"
}

// Changes lists what makes after of before, in the order of before; what is new
// comes last.
func Changes(before, after []Entry) []Change {
	type key struct{ section, name string }
	next := make(map[key]string, len(after))
	for _, e := range after {
		next[key{e.Section, e.Name}] = e.Digest
	}
	var changes []Change
	for _, e := range before {
		k := key{e.Section, e.Name}
		switch digest, there := next[k]; {
		case !there:
			changes = append(changes, Change{e.Section, e.Name, "removed"})
		case digest != e.Digest:
			changes = append(changes, Change{e.Section, e.Name, "changed"})
		}
		delete(next, k)
	}
	for _, e := range after {
		if _, added := next[key{e.Section, e.Name}]; added {
			changes = append(changes, Change{e.Section, e.Name, "added"})
		}
	}
	return changes
}
