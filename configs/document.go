package configs

import (
	"errors"
	"fmt"
	"net"
	"path/filepath"
	"strconv"
	"strings"
)

// What egret does when the file does not say.
const (
	defaultListen = "127.0.0.1:8080"
	defaultState  = ".egret"
)

// minKey is the least length of a key that a caller authenticates with, in
// bytes.
const minKey = 16

// document is the top of the file.
var document = section[Config]{theFile, []field[Config]{
	{"include", false, func(*decoder, *node, *Config) {}}, // Done before all else.
	{"listen", false, decodeListener},
	{"admin", false, decodeAdmin},
	{"state", false, decodeState},
	{"public_url", false, decodePublicURL},
	{"clients", false, decodeClients},
	{"egress", false, func(d *decoder, n *node, c *Config) { egress.decode(d, n, &c.Egress) }},
	{"limits", false, decodeLimits},
	{"journal", false, func(d *decoder, n *node, c *Config) { journal.decode(d, n, &c.Journal) }},
	{"key_stores", false, decodeKeyStores},
	{"trust_stores", false, decodeTrustStores},
	{"subjects", false, decodeSubjects},
	{"upstreams", false, decodeUpstreams},
	{"caches", false, decodeCaches},
	{"tokens", false, decodeTokens},
	{"functions", false, decodeFunctions},
}}

var admin = section[Admin]{anAdmin, []field[Admin]{
	{"listen", true, func(d *decoder, n *node, a *Admin) { a.Listen.Address = d.address(n) }},
	{"key", false, func(d *decoder, n *node, a *Admin) { a.Key = d.key(n) }},
	{"tls", false, func(d *decoder, n *node, a *Admin) { decodeTLS(d, n, &a.Listen) }},
}}

// decodeAdmin reads the mapping, or the address alone.
func decodeAdmin(d *decoder, n *node, c *Config) {
	if n.kind == text {
		c.Admin.Listen.Address = d.address(n)
		return
	}
	admin.decode(d, n, &c.Admin)
	d.checkSocket(n, c.Admin.Listen)
}

func decodeState(d *decoder, n *node, c *Config) {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return
	}
	if c.State = x.text(); c.State == "" {
		d.problem(n, "the directory is empty", "")
	}
}

// stateDirectory makes a directory absolute, from the directory of the file.
func stateDirectory(file, state string) (string, error) {
	if !filepath.IsAbs(state) {
		state = filepath.Join(filepath.Dir(file), state)
	}
	return filepath.Abs(state)
}

// address reads host:port, :port for every address of the machine, or the path
// of a unix socket.
func (d *decoder) address(n *node) string {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return ""
	}
	if path, ok := strings.CutPrefix(x.text(), unixPrefix); ok {
		s, err := d.socket(n, path)
		if err != nil {
			d.wrong(x, 0, err.Error(), "")
		}
		return s
	}
	s, err := parseAddress(x.text())
	if err != nil {
		d.wrong(x, 0, err.Error(), "write HOST:PORT, as in 127.0.0.1:8080, or unix:PATH")
	}
	return s
}

// parseAddress gives the canonical form of an address to listen on.
func parseAddress(s string) (string, error) {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return "", fmt.Errorf("%q is no address", s)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || strconv.FormatUint(n, 10) != port {
		return "", errors.New("the port is not between 0 and 65535")
	}
	if strings.HasPrefix(s, "[") {
		host = "[" + host + "]"
	}
	if host != "" {
		if host, err = CanonicalHost(host); err != nil {
			return "", err
		}
	}
	return net.JoinHostPort(host, port), nil
}

// key reads a key that callers authenticate with.
func (d *decoder) key(n *node) Secret {
	x, ok := d.setting(n)
	if !ok || x.unset {
		return Secret{}
	}
	d.warnReadable(n)
	s := NewSecret(x.text())
	if s.Len() < minKey {
		d.problem(n, fmt.Sprintf("the key has fewer than %d bytes", minKey), "make one with: openssl rand -hex 32")
	}
	return s
}
