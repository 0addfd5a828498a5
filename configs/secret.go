package configs

import (
	"crypto/subtle"
	"fmt"
	"log/slog"
)

// A Secret is a value that cannot print itself: every form of fmt, slog, JSON,
// YAML and text shows "[secret]". The only way to its bytes is [Secret.Reveal].
//
// The text stands behind a function because fmt reads the unexported fields of
// a struct without asking their methods: of a function it can print no more
// than an address.
type Secret struct{ reveal func() string }

const masked = "[secret]"

// NewSecret wraps s.
func NewSecret(s string) Secret { return Secret{reveal: func() string { return s }} }

// Reveal gives the bytes. Few places may call it: where a key is parsed, where
// a client is authenticated, and where a request is written.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}
	return s.reveal()
}

// IsZero reports whether there is nothing in s.
func (s Secret) IsZero() bool { return s.Reveal() == "" }

// Len is the length in bytes.
func (s Secret) Len() int { return len(s.Reveal()) }

// Equal compares in constant time.
func (s Secret) Equal(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

// String masks the value.
func (s Secret) String() string { return masked }

// GoString masks the value under %#v.
func (s Secret) GoString() string { return masked }

// Format masks the value under every verb and flag.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the value in logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the value in text, and so in XML and as a key of a map.
func (s Secret) MarshalText() ([]byte, error) { return []byte(masked), nil }

// MarshalJSON masks the value in JSON.
func (s Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + masked + `"`), nil }

// MarshalYAML masks the value in YAML.
func (s Secret) MarshalYAML() (any, error) { return masked, nil }
