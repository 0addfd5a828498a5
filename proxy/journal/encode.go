package journal

import (
	"encoding/hex"
	"strconv"
	"time"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/egret-proxy/egret/configs"
)

// timeFormat is RFC 3339 with milliseconds.
const timeFormat = "2006-01-02T15:04:05.000Z07:00"

// AppendJSON appends the record as a JSON object on one line. It is printable
// text, whatever the client sent: nothing in it can command a terminal.
func (r *Record) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"time":"`...)
	dst = append(r.Time.UTC().AppendFormat(dst, timeFormat), '"')
	if r.CallID != (configs.ID{}) {
		dst = append(appendID(append(dst, `,"call_id":"`...), r.CallID), '"')
	}
	dst = appendText(dst, "client", r.Client)
	dst = appendText(dst, "way", r.Way)
	dst = appendText(dst, "method", r.Method)
	dst = appendText(dst, "host", r.Host)
	dst = r.Target.appendMember(dst)
	dst = appendText(dst, "function", r.Function)
	dst = appendText(dst, "source", r.Source)
	if r.Attempts > 1 {
		dst = appendNumber(dst, "attempts", int64(r.Attempts))
	}
	dst = r.appendCaches(dst)
	dst = appendText(dst, "verdict", r.Verdict())
	dst = appendText(dst, "rule", r.Rule)
	dst = appendText(dst, "code", r.Code)
	dst = appendNumber(dst, "status", int64(r.Status))
	dst = appendNumber(dst, "bytes_in", r.Received)
	dst = appendNumber(dst, "bytes_out", r.Sent)
	dst = append(dst, `,"ms":{"total":`...)
	dst = appendMilliseconds(dst, r.Total())
	for i, took := range r.Took {
		dst = append(append(append(dst, `,"`...), phaseNames[i]...), `":`...)
		dst = appendMilliseconds(dst, took)
	}
	return append(dst, `}}`...)
}

// Verdict is "refused" or "allowed".
func (r *Record) Verdict() string {
	if r.Refused {
		return "refused"
	}
	return "allowed"
}

// appendCaches appends the swaps, if there are any.
func (r *Record) appendCaches(dst []byte) []byte {
	if r.swapped == 0 {
		return dst
	}
	dst = append(dst, `,"caches":[`...)
	for i := range min(r.swapped, maxSwaps) {
		if i > 0 {
			dst = append(dst, ',')
		}
		s := &r.swaps[i]
		dst = append(appendID(append(dst, `{"id":"`...), s.Cache), '"')
		dst = appendText(dst, "surface", s.Surface.String())
		dst = appendText(dst, "jti", s.TokenID)
		dst = appendText(dst, "kid", s.KeyID)
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	if r.swapped > maxSwaps {
		dst = appendNumber(dst, "more_caches", int64(r.swapped-maxSwaps))
	}
	return dst
}

// appendID appends an ID as text, which nothing is made for.
func appendID(dst []byte, id configs.ID) []byte {
	dst = append(hex.AppendEncode(dst, id[:4]), '-')
	dst = append(hex.AppendEncode(dst, id[4:6]), '-')
	dst = append(hex.AppendEncode(dst, id[6:8]), '-')
	dst = append(hex.AppendEncode(dst, id[8:10]), '-')
	return hex.AppendEncode(dst, id[10:])
}

// appendMember appends the target as a member, unless it is empty.
func (t *Target) appendMember(dst []byte) []byte {
	if t.size == 0 {
		return dst
	}
	dst = append(dst, `,"path":"`...)
	for text := t.text[:t.size]; len(text) > 0; {
		c, n := utf8.DecodeRune(text)
		dst, text = appendPrintable(dst, c), text[n:]
	}
	return append(dst, '"')
}

// appendText appends a member whose value is text, unless that is empty.
func appendText(dst []byte, name, text string) []byte {
	if text == "" {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return appendQuoted(dst, text)
}

func appendNumber(dst []byte, name string, n int64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, n, 10)
}

// appendMilliseconds appends a time with three decimals.
func appendMilliseconds(dst []byte, d time.Duration) []byte {
	micro := max(d, 0).Microseconds()
	dst = strconv.AppendInt(dst, micro/1000, 10)
	return append(dst, '.', '0'+byte(micro/100%10), '0'+byte(micro/10%10), '0'+byte(micro%10))
}

// appendQuoted appends a JSON string in which everything is escaped that is not
// printable: RFC 8259 would let C1 controls and signs that turn the direction of
// writing stand as they are.
func appendQuoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	for _, c := range text { // invalid UTF-8 becomes U+FFFD
		dst = appendPrintable(dst, c)
	}
	return append(dst, '"')
}

func appendPrintable(dst []byte, c rune) []byte {
	switch {
	case ' ' <= c && c <= '~' && c != '"' && c != '\\':
		return append(dst, byte(c))
	case c == '"' || c == '\\':
		return append(dst, '\\', byte(c))
	case unicode.IsPrint(c):
		return utf8.AppendRune(dst, c)
	case c > 0xffff:
		high, low := utf16.EncodeRune(c)
		return appendEscape(appendEscape(dst, high), low)
	default:
		return appendEscape(dst, c)
	}
}

func appendEscape(dst []byte, c rune) []byte {
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', digits[c>>12&15], digits[c>>8&15], digits[c>>4&15], digits[c&15])
}
