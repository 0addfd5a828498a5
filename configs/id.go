package configs

import "github.com/google/uuid"

// An ID is a cache ID: the UUID that agents hold where a value belongs.
type ID = uuid.UUID

// ParseID reads the 36-character form of RFC 9562, in any letter case, and
// nothing else: no braces, no urn:uuid: prefix.
func ParseID[T string | []byte](s T) (ID, bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return ID{}, false
	}
	var id ID
	at := 0
	for i := range id {
		if at == 8 || at == 13 || at == 18 || at == 23 {
			at++
		}
		high, low := nibbles[s[at]], nibbles[s[at+1]]
		if high|low == notHex {
			return ID{}, false
		}
		id[i] = high<<4 | low
		at += 2
	}
	return id, true
}

const notHex = 0xff

// nibbles has the value of each hexadecimal digit, and notHex elsewhere.
var nibbles = func() (table [256]byte) {
	for i := range table {
		table[i] = notHex
	}
	for i, c := range "0123456789abcdef" {
		table[c] = byte(i)
	}
	for i, c := range "ABCDEF" {
		table[c] = byte(10 + i)
	}
	return table
}()

// DefaultID is the ID of a cache that is given none: a version 5 UUID in the
// URL namespace, so that it is the same everywhere.
func DefaultID(name string) ID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("egret:"+name))
}
