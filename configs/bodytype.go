package configs

import (
	"mime"
	"slices"
	"strings"

	"github.com/egret-proxy/egret/templates"
)

// verbatimTypes are the media types in which a value is meant to stand as it
// is. In every other type that is not JSON, XML or HTML, a value could become
// syntax that nobody wrote.
var verbatimTypes = []string{"text/plain", "text/markdown", "application/octet-stream"}

// escapes reports a body with placeholders whose Content-Type says nothing of
// how values are escaped. A type that cannot be read is none of the table:
// readers may differ about what it is.
func (d *decoder) escapes(n *node, h *headerEntry) bool {
	if templates.FormatOf(h.text) != templates.PlainFormat {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(h.text)
	if err == nil && slices.Contains(verbatimTypes, mediaType) {
		return true
	}
	if err != nil {
		mediaType = strings.ToLower(strings.TrimSpace(h.text))
	}
	shown := "type " + mediaType
	if mediaType == "" || hasReference(h.node.text) {
		shown = "this type" // Configured text is never shown.
	}
	d.problem(n, "values cannot be escaped in a body of "+shown, escapingHint(mediaType))
	return false
}

func escapingHint(mediaType string) string {
	switch {
	case strings.HasPrefix(mediaType, "application/x-www-form-urlencoded"):
		return "use form:"
	case strings.Contains(mediaType, "json"):
		return "use json:"
	default:
		return "use text/plain, where values stand as they are"
	}
}
