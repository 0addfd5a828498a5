package main

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/spf13/cobra"
)

// unixScheme begins an address that is the path of a socket.
const unixScheme = "unix:"

// parseServer gives what every URL begins with, and the socket to dial when
// there is one. A message never quotes the text, which may hold a password.
func parseServer(server string) (base, socket string, err error) {
	if path, ok := strings.CutPrefix(server, unixScheme); ok {
		if path == "" {
			return "", "", errors.New("the path behind unix: is missing")
		}
		return "http://localhost", path, nil
	}
	u, err := url.Parse(server)
	switch {
	case err != nil, u.Scheme != "http" && u.Scheme != "https", u.Hostname() == "":
		return "", "", errors.New("the server is named as http://HOST:PORT, https://HOST:PORT or unix:/path/to.sock")
	case u.User != nil:
		return "", "", errors.New("the server's URL has a user: everybody on this machine can read arguments; use --key-file")
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "", "", errors.New("the server's URL is scheme, host and port alone")
	}
	return u.Scheme + "://" + u.Host, "", nil
}

// warnExposed tells the person at the terminal that the key can be read on its
// way.
func (r *remote) warnExposed(cmd *cobra.Command) {
	if r.exposed() {
		say(cmd.ErrOrStderr(), "warning", "the key travels without TLS, and so do the answers")
	}
}

// exposed reports whether the key leaves this machine without TLS.
func (r *remote) exposed() bool {
	u, err := url.Parse(r.base)
	if err != nil || u.Scheme != "http" || u.Hostname() == "localhost" || r.key.IsZero() {
		return false
	}
	address, err := netip.ParseAddr(u.Hostname())
	return err != nil || !address.IsLoopback()
}
