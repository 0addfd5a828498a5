package functions

import (
	"bytes"
	"cmp"
	"encoding/json"
	"mime"

	"github.com/tidwall/gjson"
)

// Plain gives the body as a reader sees it who decodes its charset and the
// escapes of JSON: text in UTF-8, and in JSON every string in its shortest
// spelling. It reports false when that is no other form than the bytes
// themselves, and when the body is no text.
//
// A Sender looks for values in this form as well as in the bytes. egret itself
// decodes charsets for the output of a call, and escapes when the ID of an
// output cache is used as an argument, both after the Sender is done: a value in
// UTF-16, or written with \u0065 for e, would otherwise come out in clear.
func (a *Answer) Plain() ([]byte, bool) {
	_, charset := parseMediaType(a.field("Content-Type"))
	if isUTF8(charset) && !hasLongEscapes(a.Body) {
		return nil, false
	}
	text, valid, ok := a.text()
	if !ok {
		return nil, false
	}
	// Text that is JSON is pointed into as well, whatever type is declared.
	if hasLongEscapes(text) && (valid || json.Valid(text)) {
		text = plainJSON(text)
	}
	return text, !bytes.Equal(text, bytes.TrimPrefix(a.Body, byteOrderMark))
}

// hasLongEscapes reports whether a text may have an escape of JSON that is not in
// its shortest spelling: \u0065, or \/. All others stand for what has no shorter
// one. Escapes within escapes, as of JSON in a string of JSON, are found as well.
func hasLongEscapes(text []byte) bool {
	return bytes.Contains(text, []byte(`\u`)) || bytes.Contains(text, []byte(`\/`))
}

// SetPlain makes body, which came from [Answer.Plain], the body. Where a charset
// was declared, it is declared to be UTF-8 now.
func (a *Answer) SetPlain(body []byte) {
	a.Body = body
	var header []byte
	found := false
	for lines := a.Header; len(lines) > 0; {
		name, value, rest := cutLine(lines)
		line := lines[:len(lines)-len(rest)]
		lines = rest
		if found || !bytes.EqualFold(name, []byte("Content-Type")) {
			header = append(header, line...)
			continue
		}
		found = true
		header = AppendLine(header, string(name), inUTF8(string(value)))
	}
	a.Header = header
}

// inUTF8 gives a Content-Type whose charset, if it declares one, is UTF-8. What
// nobody can read declares nothing.
func inUTF8(contentType string) string {
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err != nil || parameters["charset"] == "" {
		return contentType
	}
	parameters["charset"] = "utf-8"
	return cmp.Or(mime.FormatMediaType(mediaType, parameters), mediaType+"; charset=utf-8")
}

// plainJSON respells a JSON text. A text that is one string may have JSON in it,
// which is pointed into like the text of a token cache.
func plainJSON(text []byte) []byte {
	if inner := gjson.ParseBytes(text); inner.Type == gjson.String && json.Valid([]byte(inner.Str)) {
		return appendQuoted(nil, respell([]byte(inner.Str)))
	}
	return respell(text)
}

// respell writes each string of a JSON text in its shortest spelling, names
// included. All else stays byte for byte. The text must be valid JSON.
func respell(text []byte) []byte {
	plain := make([]byte, 0, len(text))
	for at := 0; at < len(text); {
		quote := bytes.IndexByte(text[at:], '"')
		if quote < 0 {
			return append(plain, text[at:]...)
		}
		from := at + quote
		plain = append(plain, text[at:from]...)
		at = endOfText(text, from)
		plain = appendRespelled(plain, text[from:at])
	}
	return plain
}

// appendRespelled appends a JSON string in its shortest spelling.
func appendRespelled(dst, token []byte) []byte {
	if !hasLongEscapes(token) {
		return append(dst, token...)
	}
	return appendQuoted(dst, gjson.ParseBytes(token).Str)
}
