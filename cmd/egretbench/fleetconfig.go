package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// A fleet is very many token caches with a Token each.
type fleet struct {
	settings *fleetSettings
	keys     []fleetKey // by the number of the Token
	kinds    []string   // its algorithm
}

// newFleet makes the keys. The algorithms are used in turn.
func newFleet(set *fleetSettings) (*fleet, error) {
	f := &fleet{settings: set}
	for i := range set.Tokens {
		kind := keyKinds[set.Algorithms[i%len(set.Algorithms)]]
		key, err := f.key(i, kind)
		if err != nil {
			return nil, fmt.Errorf("cannot make a key for %s: %w", kind.algorithm, err)
		}
		f.keys, f.kinds = append(f.keys, key), append(f.kinds, kind.algorithm)
	}
	return f, nil
}

func (f *fleet) key(i int, kind keyKind) (fleetKey, error) {
	turn := maxRSAKeys * len(f.settings.Algorithms)
	if kind.algorithm == "RS256" && i >= turn {
		return f.keys[i-turn], nil
	}
	return kind.newKey()
}

// tokenName is the name of a Token, of its cache, and what its claim sub says.
func tokenName(i int) string { return fmt.Sprintf("t%07d", i) }

// fleetID is the cache ID.
func fleetID(i int) string { return fmt.Sprintf("00000000-0000-4000-8000-%012d", i) }

// maxIncluded is the most that egret reads of one file, less some room.
const maxIncluded = 1000 << 10

// writeConfig writes the configuration into dir, and gives its main file. The
// caches are spread over the hosts.
func (f *fleet) writeConfig(dir, listen, admin string, hosts []string) (file string, err error) {
	file = filepath.Join(dir, "egret.yaml")
	main := fmt.Sprintf("listen: %s\nadmin: %s\nstate: %s\ninclude: [conf.d/*.yaml]\n", listen, admin, strconv.Quote(filepath.Join(dir, "state")))
	if err := os.WriteFile(file, []byte(main), 0o600); err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(dir, "conf.d"), 0o700); err != nil {
		return "", err
	}
	var caches, tokens strings.Builder
	files := 0
	flush := func() error {
		name := filepath.Join(dir, "conf.d", fmt.Sprintf("%05d.yaml", files))
		files++
		text := "caches:\n" + caches.String() + "tokens:\n" + tokens.String()
		caches.Reset()
		tokens.Reset()
		return os.WriteFile(name, []byte(text), 0o600)
	}
	for i := range f.keys {
		name, kind := tokenName(i), keyKinds[f.kinds[i]]
		fmt.Fprintf(&caches, "  - {name: %s, id: %s, ttl: %s, hosts: [%q]}\n", name, fleetID(i), f.settings.TTL, hosts[i%len(hosts)])
		fmt.Fprintf(&tokens, "  - {name: %s, cache: %s, algorithm: %s, key_type: %s, key: %q, claims: {iss: egret, sub: %s, aud: bench}}\n",
			name, name, kind.algorithm, kind.keyType, f.keys[i].text, name)
		if caches.Len()+tokens.Len() > maxIncluded-4<<10 || i == len(f.keys)-1 {
			if err := flush(); err != nil {
				return "", err
			}
		}
	}
	return file, nil
}
