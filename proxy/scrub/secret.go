package scrub

import (
	"fmt"
	"log/slog"
)

const masked = "[secret]"

// Format masks the values under every verb and flag.
func (s *Scrubber) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the values in logs.
func (s *Scrubber) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the values in JSON, YAML and text.
func (s *Scrubber) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Format masks the values under every verb and flag.
func (x *Index) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the values in logs.
func (x *Index) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the values in JSON, YAML and text.
func (x *Index) MarshalText() ([]byte, error) { return []byte(masked), nil }

// Format masks the value under every verb and flag.
func (r Replacement) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(masked)) }

// LogValue masks the value in logs.
func (r Replacement) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText masks the value in JSON, YAML and text.
func (r Replacement) MarshalText() ([]byte, error) { return []byte(masked), nil }
