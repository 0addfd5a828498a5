package main

import (
	"encoding/json"
	"testing"
)

// The large bodies are JSON, and as large as the report says.
func TestLargeBodies(t *testing.T) {
	for name, tt := range map[string]struct {
		text        string
		least, most int
	}{
		"report": {reportBody, 4 << 10, 5 << 10},
		"orders": {orderList, 64 << 10, 64 << 10},
	} {
		if n := len(tt.text); n < tt.least || n > tt.most || !json.Valid([]byte(tt.text)) {
			t.Errorf("%s has %d bytes and is JSON: %t, want %d to %d", name, n, json.Valid([]byte(tt.text)), tt.least, tt.most)
		}
	}
}
