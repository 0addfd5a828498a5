package templates

import (
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"
)

const filePlace = "multipart_file"

var errPartName = errors.New(`the name of a part is a text without control characters, " and \`)

const (
	notBase64      = "is not base64 of the standard alphabet without line breaks"
	notQuotable    = "has a control character, a quote or a backslash, which readers of such a name take for different things"
	base64Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
)

// CheckPartName says what is wrong with the name of a part.
func CheckPartName(name string) error {
	if name == "" || partNameProblem(name) != "" || !utf8.ValidString(name) {
		return errPartName
	}
	return nil
}

// partNameProblem refuses what RFC 7578 section 4.2 leaves to chance: browsers
// write %22 for a quote, others a backslash before it.
func partNameProblem(s string) string {
	if hasControl(s) || strings.ContainsAny(s, `"\`) {
		return notQuotable
	}
	return ""
}

// ParseFilename compiles the name of a file. Its error is a [*SyntaxError].
func ParseFilename(src Source) (*Passage, error) {
	t, err := ParsePassage(src, MultipartFilename)
	if err == nil && len(t.parts) == 0 {
		return nil, &SyntaxError{Message: "a file needs a name"}
	}
	return t, err
}

// ParseFile compiles the text of a file. As in a body, a format decides how values
// are escaped. Its error is a [*SyntaxError].
func ParseFile(src Source, format Format) (*Passage, error) {
	if format == PlainFormat {
		return ParsePassage(src, MultipartFile)
	}
	body, err := ParseBody(src, format, nil)
	if err != nil {
		return nil, err
	}
	return &Passage{parts: body.(textBody)}, nil //nolint:forcetypeassert // ParseBody makes nothing else.
}

// ParseBase64 compiles a file in base64: the standard alphabet of RFC 4648
// section 4, with padding or without. Its error is a [*SyntaxError].
func ParseBase64(src Source) (*Passage, error) {
	t, err := ParsePassage(src, MultipartBase64)
	if err != nil || t.last() != nil {
		return t, err
	}
	var text []byte
	for i := range t.parts {
		text = append(text, t.parts[i].text...)
	}
	if _, err := appendDecoded(nil, text); err != nil {
		return nil, &SyntaxError{Message: "the text " + notBase64}
	}
	return t, nil
}

// base64Problem looks at a piece of base64, whose length says nothing.
func base64Problem(s string) string {
	if strings.Trim(s, base64Alphabet+"=") != "" {
		return notBase64
	}
	return ""
}

// decode puts the bytes of a file in the place of its base64, which begins at
// begin. What is shown stays base64 when the bytes are no text.
func (t *Passage) decode(dst []byte, begin int, args Arguments) ([]byte, error) {
	if t.standsIn(args) {
		return dst, nil
	}
	end := len(dst)
	dst, err := appendDecoded(dst, dst[begin:end])
	switch p := t.last(); {
	case err != nil && p != nil:
		return dst[:begin], p.refuse(UnsafeValue, "the value "+notBase64)
	case args.Shown() && !utf8.Valid(dst[end:]):
		return dst[:end], nil
	}
	return slices.Delete(dst, begin, end), nil
}

func appendDecoded(dst, text []byte) ([]byte, error) {
	encoding := base64.RawStdEncoding
	if len(text) > 0 && text[len(text)-1] == '=' {
		encoding = base64.StdEncoding
	}
	return encoding.Strict().AppendDecode(dst, text)
}
