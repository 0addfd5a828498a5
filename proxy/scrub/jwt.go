package scrub

import "strings"

// parts gives what is searched for of a value: all of it, and the signature
// part of what looks like a JWT, which is what makes it valid; the claims before
// it are often printed alone. Where there is no signature, that is "".
func parts(value string) [2]string { return [2]string{value, signature(value)} }

// signature gives the third part of a JWS in compact form, RFC 7515 section
// 7.1, or "".
func signature(value string) string {
	header, rest, _ := strings.Cut(value, ".")
	claims, signature, _ := strings.Cut(rest, ".")
	for _, part := range [...]string{header, claims, signature} {
		if !isBase64url(part) {
			return ""
		}
	}
	return signature
}

func isBase64url(part string) bool {
	for i := range len(part) {
		if !base64url[part[i]] {
			return false
		}
	}
	return part != ""
}

var base64url = func() (table [256]bool) {
	for _, c := range "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_" {
		table[c] = true
	}
	return table
}()
