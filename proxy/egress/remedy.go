package egress

import (
	"net"
	"strconv"
	"strings"
)

// remedy is the YAML that adds one entry to a list of the section egress. An
// entry with a bracket, or with more than one colon, is quoted: YAML would read
// a list or a mapping.
func remedy(list, entry string) string {
	if strings.ContainsAny(entry, "[]") || strings.Count(entry, ":") > 1 {
		entry = strconv.Quote(entry)
	}
	return "egress: {" + list + ": [" + entry + "]}"
}

// authority is a host as it is written in a rule: with its port, unless that is
// one of the two that a pattern without a port means.
func authority(host string, port uint16) string {
	if port == 80 || port == 443 {
		return host
	}
	return net.JoinHostPort(host, strconv.Itoa(int(port)))
}
