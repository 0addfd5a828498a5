package templates

import (
	"mime"
	"strings"
)

// A Body is a compiled body template. [NewJSON], [NewForm] and [ParseBody]
// make them.
type Body interface {
	// Append appends the body. Its error is a [*RenderError].
	Append(dst []byte, args Arguments) ([]byte, error)
	// Placeholders gives the placeholders in the order of the text.
	Placeholders() []Placeholder
}

// A Format is how values stand in a text body.
type Format int

// The formats.
const (
	// PlainFormat: values stand verbatim, and </x> is a placeholder only when
	// x is a parameter.
	PlainFormat Format = iota
	// JSONFormat: values are JSON, and are escaped inside quotes.
	JSONFormat
	// XMLFormat: values are escaped, and only {/x} is a placeholder.
	XMLFormat
	// HTMLFormat: as XMLFormat, for readers that parse as HTML says. XHTML is
	// XML.
	HTMLFormat
)

// formats has the media types that are not plain text. Types ending in +json
// and +xml are RFC 6839 sections 3.1 and 4.1, those that begin as XML's own, such
// as application/xml-dtd, RFC 7303 section 3.
var formats = map[string]Format{
	"application/json":   JSONFormat,
	"application/x-json": JSONFormat,
	"text/json":          JSONFormat,
	"text/x-json":        JSONFormat,
	"application/xml":    XMLFormat,
	"text/xml":           XMLFormat,
	"text/html":          HTMLFormat,
}

// FormatOf gives the format for the value of a Content-Type header.
func FormatOf(contentType string) Format {
	mediaType, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		// A broken parameter does not change what the type is.
		mediaType, _, _ = strings.Cut(contentType, ";")
		mediaType = strings.ToLower(strings.TrimSpace(mediaType))
	}
	if format, ok := formats[mediaType]; ok {
		return format
	}
	switch {
	case strings.HasSuffix(mediaType, "+json"):
		return JSONFormat
	case strings.HasSuffix(mediaType, "+xml"),
		strings.HasPrefix(mediaType, "application/xml-"), strings.HasPrefix(mediaType, "text/xml-"):
		return XMLFormat
	default:
		return PlainFormat
	}
}

// ParseBody compiles a text body. Known tells which names are parameters; plain
// text needs it, because there an unknown </x> is text. Nil knows every name.
// Its error is a [*SyntaxError].
func ParseBody(src Source, format Format, known func(parameter string) bool) (Body, error) {
	if known == nil {
		known = always
	}
	var parts []part
	var err *SyntaxError
	switch format {
	case JSONFormat:
		parts, err = parseJSONText(src)
	case XMLFormat, HTMLFormat:
		parts, err = parseMarkup(src, format == HTMLFormat)
	default:
		if parts, err = scan(src, grammar{angle: known, open: true}); err == nil {
			parts, err = compile(parts, PlainText)
		}
	}
	if err != nil {
		return nil, err
	}
	return textBody(parts), nil
}

// A textBody is a body whose text is there as it was written.
type textBody []part

func (b textBody) Append(dst []byte, args Arguments) ([]byte, error) {
	return appendParts(dst, b, args)
}

func (b textBody) Placeholders() []Placeholder { return appendPlaceholders(nil, b) }
