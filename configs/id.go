package configs

import "github.com/google/uuid"

// An ID is a cache ID: the UUID that agents hold where a value belongs.
type ID = uuid.UUID

// ParseID reads the 36-character form of RFC 9562, in any letter case, and
// nothing else: no braces, no urn:uuid: prefix.
func ParseID(s string) (ID, bool) {
	if len(s) != 36 {
		return ID{}, false
	}
	id, err := uuid.Parse(s)
	return id, err == nil
}

// DefaultID is the ID of a cache that is given none: a version 5 UUID in the
// URL namespace, so that it is the same everywhere.
func DefaultID(name string) ID {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("egret:"+name))
}
