//go:build !linux

package main

import (
	"testing"
	"time"
)

func TestParsePS(t *testing.T) {
	tests := []struct {
		text string
		want usage
	}{
		{"  0:00.07   5120\n", usage{cpu: 70 * time.Millisecond, resident: 5 << 20}},
		{"01:02:03 8\n", usage{cpu: time.Hour + 2*time.Minute + 3*time.Second, resident: 8 << 10}},
		{"2-01:00:00 8\n", usage{cpu: 49 * time.Hour, resident: 8 << 10}},
	}
	for _, tt := range tests {
		if got, err := parsePS(tt.text); err != nil || got != tt.want {
			t.Errorf("parsePS(%q) = %+v, %v, want %+v", tt.text, got, err, tt.want)
		}
	}
}
