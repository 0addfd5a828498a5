package configs

import (
	"cmp"
	"regexp"

	"github.com/egret-proxy/egret/templates"
)

// A fileEntry is a file of a multipart body. Its content is left to formFile, as
// it needs to know the type.
type fileEntry struct {
	f           *functionEntry
	filename    *templates.Passage
	contentType string
}

var formFile = section[fileEntry]{"a file", []field[fileEntry]{
	{"filename", true, func(d *decoder, n *node, e *fileEntry) {
		e.filename = d.passage(e.f, n, true, templates.ParseFilename)
	}},
	{"content_type", false, func(d *decoder, n *node, e *fileEntry) { e.contentType = d.mediaType(n) }},
	{"text", false, func(*decoder, *node, *fileEntry) {}},
	{"base64", false, func(*decoder, *node, *fileEntry) {}},
}}

// mediaTypeText is RFC 9110 section 8.3.1, without escapes in quotes.
var mediaTypeText = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]+/[!#$%&'*+.^_`|~0-9A-Za-z-]+( *; *[!#$%&'*+.^_`|~0-9A-Za-z-]+=([!#$%&'*+.^_`|~0-9A-Za-z-]+|\"[^\"\\\\\\x00-\\x1F\\x7F]*\"))*$")

// mediaType reads the type of a file.
func (d *decoder) mediaType(n *node) string {
	s, ok := d.plain(n)
	if ok && !mediaTypeText.MatchString(s) {
		d.problem(n, "this is no media type", "such as text/csv; charset=utf-8")
		return ""
	}
	return s
}

// formFile reads a file. It has no value when there is a problem.
func (d *decoder) formFile(f *functionEntry, n *node) (part templates.FormPart) {
	e := fileEntry{f: f}
	formFile.decode(d, n, &e)
	text, base64 := n.member("text"), n.member("base64")
	part.Filename = e.filename
	switch {
	case (text == nil) == (base64 == nil):
		d.problem(n, "a file has one of text and base64", "")
	case base64 != nil:
		part.Base64, part.ContentType = true, cmp.Or(e.contentType, "application/octet-stream")
		part.Value = d.passage(f, base64, true, templates.ParseBase64)
	default:
		part.ContentType = cmp.Or(e.contentType, "text/plain; charset=utf-8")
		part.Value = d.fileText(f, text, part.ContentType)
	}
	return part
}

// fileText compiles the text of a file. In a type that says nothing of how values
// are escaped, a value may be the whole of it.
func (d *decoder) fileText(f *functionEntry, n *node, contentType string) *templates.Passage {
	t := d.passage(f, n, false, func(src templates.Source) (*templates.Passage, error) {
		return templates.ParseFile(src, templates.FormatOf(contentType))
	})
	if t == nil || t.IsWhole() || len(t.Placeholders()) == 0 {
		return t
	}
	if mediaType, ok := escapable(contentType); !ok {
		d.problem(n, "values cannot be escaped in a file of type "+mediaType, "make one placeholder the whole text, or use text/plain, where values stand as they are")
	}
	return t
}
