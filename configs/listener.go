package configs

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
)

// A Listener is where egret listens, and what it proves there who it is with.
type Listener struct {
	Address string // host:port, or "unix:" and an absolute path; "" means nowhere
	TLS     *TLS   // nil means plain HTTP
}

// TLS is a certificate and its key, as delivered and not yet parsed.
type TLS struct {
	Path string // of the mapping, such as "listen.tls"; for [Config.Problem]
	Cert string // PEM: the server's own certificate, and behind it those that lead to its root
	Key  Secret // PEM
}

// Equal reports whether two listeners have the same certificate, or both none.
func (t *TLS) Equal(other *TLS) bool {
	if t == nil || other == nil {
		return t == other
	}
	return t.Cert == other.Cert && t.Key.Equal(other.Key)
}

// unixPrefix is how the address of a unix socket begins.
const unixPrefix = "unix:"

// maxUnixPath is the length of the longest path of a unix socket, in bytes.
// Systems have room for 103 or 107, and the socket is made under another name,
// a little longer.
const maxUnixPath = 90

// String gives the address.
func (l Listener) String() string { return l.Address }

// Socket gives the path of a unix socket, "" when the listener is none.
func (l Listener) Socket() string {
	path, ok := strings.CutPrefix(l.Address, unixPrefix)
	if !ok {
		return ""
	}
	return path
}

// Local reports whether only this machine can reach the listener: it is a unix
// socket, or its address is one of loopback.
func (l Listener) Local() bool {
	if l.Socket() != "" {
		return true
	}
	host, _, err := net.SplitHostPort(l.Address)
	return err == nil && isLoopback(host)
}

var listener = section[Listener]{aListener, []field[Listener]{
	{"address", true, func(d *decoder, n *node, l *Listener) { l.Address = d.address(n) }},
	{"tls", false, decodeTLS},
}}

var certificate = section[TLS]{"tls", []field[TLS]{
	{"cert", true, func(d *decoder, n *node, t *TLS) { t.Cert, _ = d.filled(n) }},
	{"key", true, func(d *decoder, n *node, t *TLS) { t.Key = d.secret(n) }},
}}

// decodeListener reads the mapping, or the address alone.
func decodeListener(d *decoder, n *node, c *Config) {
	if n.kind != mapping {
		c.Listen.Address = d.address(n)
		return
	}
	c.Listen.Address = ""
	listener.decode(d, n, &c.Listen)
	d.checkSocket(n, c.Listen)
}

func decodeTLS(d *decoder, n *node, l *Listener) {
	t := TLS{Path: n.path}
	certificate.decode(d, n, &t)
	if !d.doubtful(n.path) {
		l.TLS = &t
	}
}

// checkSocket refuses a certificate where nobody would look at it.
func (d *decoder) checkSocket(n *node, l Listener) {
	if m := n.member("tls"); m != nil && l.Socket() != "" {
		d.problem(m, "a unix socket has no tls", "leave it out: only this user's programs can open the socket")
	}
}

// socket makes the path of a unix socket absolute, from the directory of the
// file.
func (d *decoder) socket(n *node, path string) (string, error) {
	if path == "" {
		return "", fmt.Errorf("the path of the socket is empty")
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(d.sources.of(n.path).file), path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("cannot find the directory: %w", err)
	}
	if len(path) > maxUnixPath {
		return "", fmt.Errorf("the path of the socket has %d bytes, more than %d", len(path), maxUnixPath)
	}
	return unixPrefix + path, nil
}
