package scrub

import "strings"

// expand adds to each value that looks like a JWT its signature part, which is
// what makes it valid; the claims before it are often printed alone.
func expand(values []Replacement) []Replacement {
	expanded := make([]Replacement, 0, len(values))
	for _, r := range values {
		expanded = append(expanded, r)
		if signature, ok := signature(r.Value); ok {
			expanded = append(expanded, Replacement{Value: signature, With: r.With})
		}
	}
	return expanded
}

// signature gives the third part of a JWS in compact form, RFC 7515 section
// 7.1.
func signature(value string) (string, bool) {
	parts := strings.Split(value, ".")
	if len(parts) != 3 {
		return "", false
	}
	for _, part := range parts {
		if part == "" || strings.Trim(part, base64url) != "" {
			return "", false
		}
	}
	return parts[2], len(parts[2]) >= MinLength
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
