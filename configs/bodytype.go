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
	mediaType, ok := escapable(h.text)
	if ok {
		return true
	}
	shown := "type " + mediaType
	if mediaType == "" || hasReference(h.node.text) {
		shown = "this type" // Configured text is never shown.
	}
	d.problem(n, "values cannot be escaped in a body of "+shown, escapingHint(mediaType))
	return false
}

// escapable reports whether values can stand in a body of a type, which it gives
// without its parameters.
func escapable(contentType string) (mediaType string, ok bool) {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		mediaType = strings.ToLower(strings.TrimSpace(contentType))
	}
	return mediaType, templates.FormatOf(contentType) != templates.PlainFormat || err == nil && slices.Contains(verbatimTypes, mediaType)
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
