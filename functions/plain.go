package functions

import (
	"bytes"
	"encoding/json"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// Plain gives the body as egret itself is going to read it: text in another
// charset as UTF-8, JSON with every string in its shortest spelling. Who scrubs
// an answer has to search this form too. Output decodes charsets, and an output
// cache's ID as an argument decodes escapes, after the scrub: a value in UTF-16,
// or spelt \u0065yJ…, would come out in clear. It is false when the bytes are
// read as they are.
func (a *Answer) Plain() ([]byte, bool) {
	mediaType, charset := parseMediaType(a.field("Content-Type"))
	text, decoded := a.Body, false
	if charset != "" {
		if s, ok := decodeText(a.Body, mediaType, charset); ok && s != string(a.Body) {
			text, decoded = []byte(s), true
		}
	}
	text = bytes.TrimPrefix(text, byteOrderMark)
	if isJSON(mediaType) && bytes.IndexByte(text, '\\') >= 0 && utf8.Valid(text) && json.Valid(text) {
		return unescaped(text), true
	}
	return text, decoded
}

// unescaped writes JSON with its strings in their shortest spelling, and all
// else as it is but for white space.
func unescaped(text []byte) []byte {
	short, err := jsontext.AppendFormat(nil, text,
		jsontext.AllowDuplicateNames(true),
		jsontext.PreserveRawStrings(false),
		jsontext.CanonicalizeRawInts(false),
		jsontext.CanonicalizeRawFloats(false))
	if err != nil {
		return text // not well formed after all: it is shown as text
	}
	return short
}

// SetPlain replaces the body by one in the form of [Answer.Plain]. A charset
// that was declared becomes UTF-8, so that the body is read for what it is.
func (a *Answer) SetPlain(body []byte) {
	a.Body = body
	for i := range a.Header {
		if !strings.EqualFold(a.Header[i].Name, "Content-Type") {
			continue
		}
		mediaType, parameters, err := mime.ParseMediaType(a.Header[i].Value)
		if _, declared := parameters["charset"]; err == nil && declared {
			parameters["charset"] = "utf-8"
			a.Header[i].Value = mime.FormatMediaType(mediaType, parameters)
		}
	}
}
