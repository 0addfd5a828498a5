package liberty

import (
	"net"
	"strconv"
	"strings"

	"github.com/egret-proxy/egret/configs"
)

// readPublicURL writes public_url where a token has the default issuer, which
// Liberty makes of its default HTTP endpoint.
func (im *importer) readPublicURL() {
	if !im.needURL {
		return
	}
	origin, why := im.origin()
	if why != "" {
		im.pass("the default issuer of builders without one: %s; write public_url, or issuer in each of them", why)
		return
	}
	im.publicURL = origin
}

// origin gives the default endpoint as a URL, or why it is not known.
func (im *importer) origin() (origin, why string) {
	e := im.find("httpEndpoint", "defaultHttpEndpoint", "defaultHttpEndpoint")
	if e == nil {
		e = &element{name: "httpEndpoint"}
	}
	host := im.fixed(e, "host", "")
	if raw, ok := e.get("host"); ok && host == "" {
		if t := im.vars.expand(raw); !t.empty() {
			return "", "the host comes from the environment"
		}
	}
	if host == "" || host == "*" {
		named, _, ok := im.vars.expand("${defaultHostName}").fixed()
		switch {
		case ok && named != "" && named != "localhost" && named != "*":
			host = named
		case host == "*":
			return "", "the host is that of the machine"
		default:
			host = "localhost"
		}
	}
	scheme, port := "https", im.port(e, "httpsPort", 9443)
	if port <= 0 {
		scheme, port = "http", im.port(e, "httpPort", 9080)
	}
	if _, err := configs.CanonicalHost(bracketed(host)); err != nil || port <= 0 || port > 65535 {
		return "", "the endpoint has no host and port that make a URL"
	}
	return scheme + "://" + net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(port)), ""
}

// bracketed puts an IPv6 address into brackets.
func bracketed(host string) string {
	if strings.Contains(host, ":") && !strings.HasPrefix(host, "[") {
		return "[" + host + "]"
	}
	return host
}

func (im *importer) port(e *element, name string, otherwise int) int {
	port, err := strconv.Atoi(im.fixed(e, name, strconv.Itoa(otherwise)))
	if err != nil {
		return 0
	}
	return port
}
