package proxy

import (
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/egret-proxy/egret/templates"
)

// valueOf gives the value of the first field of this name, in any letter case.
func valueOf(fields []templates.Field, name string) string {
	for _, f := range fields {
		if strings.EqualFold(f.Name, name) {
			return f.Value
		}
	}
	return ""
}

// without gives fields without those of the given names. It changes the slice.
func without(fields []templates.Field, names ...string) []templates.Field {
	kept := fields[:0]
	for _, f := range fields {
		drop := false
		for _, name := range names {
			drop = drop || strings.EqualFold(f.Name, name)
		}
		if !drop {
			kept = append(kept, f)
		}
	}
	return kept
}

// validField reports whether a field of an answer may be passed on.
func validField(f templates.Field) bool {
	return httpguts.ValidHeaderFieldName(f.Name) && httpguts.ValidHeaderFieldValue(f.Value)
}
