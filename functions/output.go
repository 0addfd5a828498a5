package functions

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/tidwall/gjson"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// output is what a call shows of an answer's body, as JSON: JSON as it came,
// text as a string in UTF-8, other bytes in base64 beside their media type. It
// is nil when the answer has no body to show.
func (a *Answer) output(method string) json.RawMessage {
	shown := a.appendMember(nil, method)
	if shown == nil {
		return nil
	}
	return shown[len(outputMember):]
}

// appendMember appends the output as a member of an envelope, or nothing.
func (a *Answer) appendMember(dst []byte, method string) []byte {
	if hasNoContent(method, a.Status) {
		return dst
	}
	dst = append(dst, outputMember...)
	text, valid, ok := a.text()
	switch {
	case valid:
		return append(dst, bytes.TrimSpace(text)...)
	case ok:
		return appendQuoted(dst, text)
	}
	dst = append(dst, `{"content_type":`...)
	dst = appendQuoted(dst, a.field("Content-Type"))
	dst = append(dst, `,"base64":"`...)
	dst = base64.StdEncoding.AppendEncode(dst, a.Body)
	return append(dst, `"}`...)
}

// hasNoContent reports whether an answer has no body, whatever its fields say: RFC
// 9112 section 6.3.
func hasNoContent(method string, status int) bool {
	return method == "HEAD" || status == 204 || status == 304
}

// text gives the body in UTF-8, and whether it is declared to be JSON and is.
// It reports false when the body is no text.
func (a *Answer) text() (text []byte, valid, ok bool) {
	mediaType, charset := parseMediaType(a.field("Content-Type"))
	if body := bytes.TrimPrefix(a.Body, byteOrderMark); isJSON(mediaType) && utf8.Valid(body) && validJSON(body) {
		return body, true, true
	}
	text, ok = decodeText(a.Body, mediaType, charset)
	return text, false, ok
}

// validJSON reports whether text is JSON. gjson is the faster reader, and calls
// itself at each opening bracket: text of nothing but brackets would end the
// process.
func validJSON(text []byte) bool {
	const deep = 500
	if bytes.Count(text, []byte{'['})+bytes.Count(text, []byte{'{'}) > deep && isDeeper(text, deep) {
		return json.Valid(text)
	}
	return gjson.ValidBytes(text)
}

// isDeeper reports whether more than most brackets are open at once in a text, as
// far as it is JSON.
func isDeeper(text []byte, most int) bool {
	open := 0
	for at := 0; at < len(text); at++ {
		switch text[at] {
		case '"':
			at = endOfText(text, at) - 1
		case '[', '{':
			if open++; open > most {
				return true
			}
		case ']', '}':
			open--
		}
	}
	return false
}

// byteOrderMark may stand before UTF-8 and is no part of it: RFC 8259 section
// 8.1 lets a reader of JSON ignore it.
var byteOrderMark = []byte("\ufeff")

// commonTypes are the Content-Types of most answers, read already.
var commonTypes = map[string]struct{ mediaType, charset string }{
	"":                                {},
	"application/json":                {"application/json", ""},
	"application/json; charset=utf-8": {"application/json", "utf-8"},
	"application/json; charset=UTF-8": {"application/json", "UTF-8"},
	"application/json;charset=utf-8":  {"application/json", "utf-8"},
	"application/json;charset=UTF-8":  {"application/json", "UTF-8"},
	"text/html; charset=utf-8":        {"text/html", "utf-8"},
	"text/plain":                      {"text/plain", ""},
	"text/plain; charset=utf-8":       {"text/plain", "utf-8"},
}

// parseMediaType reads a Content-Type. A broken parameter does not change what
// the type is.
func parseMediaType(field []byte) (mediaType, charset string) {
	if common, ok := commonTypes[string(field)]; ok {
		return common.mediaType, common.charset
	}
	contentType := string(field)
	mediaType, parameters, err := mime.ParseMediaType(contentType)
	if err == nil {
		return mediaType, parameters["charset"]
	}
	mediaType, _, _ = strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(mediaType)), ""
}

// isJSON reports whether a media type is JSON by RFC 8259 or RFC 6839.
func isJSON(mediaType string) bool {
	return mediaType == "application/json" || strings.HasSuffix(mediaType, "+json")
}

// textTypes are media types that are text although they do not say so.
var textTypes = map[string]bool{
	"":                                  true, // none declared: text if it reads as UTF-8
	"application/ecmascript":            true,
	"application/javascript":            true,
	"application/json":                  true, // broken JSON is shown as text
	"application/sql":                   true,
	"application/toml":                  true,
	"application/x-ndjson":              true,
	"application/x-www-form-urlencoded": true,
	"application/xml":                   true,
	"application/yaml":                  true,
}

func isText(mediaType string) bool {
	return strings.HasPrefix(mediaType, "text/") || textTypes[mediaType] ||
		strings.HasSuffix(mediaType, "+xml") || strings.HasSuffix(mediaType, "+json")
}

// decodeText makes UTF-8 of a body that is text. A charset that is declared is
// believed, unless the body begins with a byte order mark, which says more (RFC
// 2781 section 3.2, and what browsers do); without one only valid UTF-8 is text.
func decodeText(body []byte, mediaType, charset string) ([]byte, bool) {
	if !isText(mediaType) {
		return nil, false
	}
	if isUTF8(charset) {
		body = bytes.TrimPrefix(body, byteOrderMark)
		return body, utf8.Valid(body)
	}
	known, err := htmlindex.Get(charset)
	if err != nil || known == encoding.Replacement { // what decodes to nothing but U+FFFD
		return nil, false
	}
	decoded, _, err := transform.Bytes(unicode.BOMOverride(known.NewDecoder()), body)
	return decoded, err == nil && utf8.Valid(decoded)
}

// isUTF8 reports whether text in a charset is read as UTF-8. That is what none
// declared means, and of US-ASCII it is a superset.
func isUTF8(charset string) bool {
	return charset == "" || strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "us-ascii")
}

// appendQuoted appends a JSON string, without the escapes for HTML that
// encoding/json and gjson make. Invalid UTF-8 becomes U+FFFD.
func appendQuoted[Bytes ~[]byte | ~string](dst []byte, s Bytes) []byte {
	dst, _ = jsontext.AppendQuote(dst, s)
	return dst
}
