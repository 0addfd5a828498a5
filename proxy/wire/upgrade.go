package wire

import (
	"slices"
	"strings"
)

// Protocols lists the protocols that the Upgrade fields of a head name, as they
// stand there. It is empty unless a Connection field says that they are meant for
// who reads them: RFC 9110 section 7.8.
func Protocols(fields []Field) (list []string) {
	if !slices.ContainsFunc(fields, func(f Field) bool { return f.Kind == Connection && HasOption(f.Value, "upgrade") }) {
		return nil
	}
	for i := range fields {
		if fields[i].Kind != Upgrade {
			continue
		}
		for rest := fields[i].Value; len(rest) > 0; {
			var one []byte
			if one, rest = nextOption(rest); len(one) > 0 {
				list = append(list, string(one))
			}
		}
	}
	return list
}

// ProtocolName gives the name of a protocol without its version. It is empty for
// what is no protocol.
func ProtocolName(protocol string) string {
	name, version, versioned := strings.Cut(protocol, "/")
	if !IsToken(name) || versioned && !IsToken(version) {
		return ""
	}
	return name
}

// AreAmong reports whether each of some protocols, of which there is one at least,
// is among those offered, which are tokens. Their letter case does not matter.
func AreAmong(protocols, offered []string) bool {
	return len(protocols) > 0 && !slices.ContainsFunc(protocols, func(one string) bool {
		return !slices.ContainsFunc(offered, func(other string) bool { return EqualFold(one, strings.ToLower(other)) })
	})
}
