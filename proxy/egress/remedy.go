package egress

import (
	"net"
	"strconv"
	"strings"
)

// remedy is the YAML that adds one entry to a list of the section egress.
func remedy(list, entry string) string {
	if strings.ContainsAny(entry, `*[]{}:, "<>`) && !plainScalar(entry) {
		entry = strconv.Quote(entry)
	}
	return "egress: {" + list + ": [" + entry + "]}"
}

// plainScalar reports whether entry may stand unquoted in a flow list of YAML:
// a name with a port may, an IPv6 literal may not.
func plainScalar(entry string) bool {
	return !strings.ContainsAny(entry, `*[]{}, "<>`) && strings.Count(entry, ":") == 1
}

// authority is a host as it is written in a rule: with its port, unless that is
// one of the two that a pattern without a port means.
func authority(host string, port uint16) string {
	if port == 80 || port == 443 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
