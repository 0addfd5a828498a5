package proxytest_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
)

// nastyTexts are texts that have broken some reader or writer once.
func nastyTexts() []string {
	list := []string{
		"", " ", "a", " a ", "a b", "a  b", "\t", "a\tb", "\ta", "a\t", "+", "a+b", "%", "%%", "%2", "%zz", "%2e%2e", "%2F", "%00", "%25", "..", ".", "...", "../..",
		"..;a", ";", "a;b", ";.", "/", "//", "a/b", "\\", "a\\b", "?", "#", "&", "=", "a&v=b", "a=b&c", "[]", "@", ":", "a:b", "::", ",", "$", "!", "*", "'", "\"", "`", "|", "^", "{", "}", "<", ">",
		"</v>", "{/v}", "\\{/v}", "</x>", "{/x}", "${env:HOME}", "${file:/etc/passwd}", "{{v}}", "$(id)", "<b>", "</r>", "]]>", "-->", "<!--", "<![CDATA[x]]>", "&amp;", "&lt;", "&#0;", "&#x41;", "<?xml?>", "<!DOCTYPE r>",
		`","a":2,"b":"`, `\"`, `\u0000`, `\n`, `\ud800`, "null", "true", "[1]", `{"a":1}`, `"`, `""`,
		"a\r\nX-Injected: 1", "a\nX-Injected: 1", "a\rX-Injected: 1", "a\r\n\r\nGET /admin HTTP/1.1\r\nHost: x\r\n\r\n", "\r\n", "\n", "\r", "a\r\n b",
		"--x", "\r\n--x--\r\n", "\r\n--egret-", "form-data; name=\"a\"", "a\"; filename=\"b", "=?utf-8?q?=41?=", "UTF-8''%41", "CON", "a.txt\x00.png", "~/.ssh/id_rsa",
		"11111111-2222-3333-4444-555555555556", "{11111111-2222-3333-4444-555555555555}", "urn:uuid:11111111-2222-3333-4444-555555555555", "a11111111-2222-3333-4444-555555555555", "11111111222233334444555555555555", "99999999-2222-3333-4444-555555555555",
		"ü", "€", "😀", "e\u0301", "\u0000", "\u0080", "\u0085", "\u00a0", "\u00ad", "\u200b", "\u200d", "\u200e", "\u200f", "\u2028", "\u2029", "\u202e", "\u2066", "\u2069", "\u3000", "\ufeff", "\ufeffa", "\ufffd", "\ufffe", "\uffff", "\U0001fffe", "\U0010ffff", "\u0130", "ﬀ", "ſ", "K",
		"eA==", "eA", "eA=", "eB", "/wD+", "_wD-", "eHl6\neHl6", base64.StdEncoding.EncodeToString([]byte("\x00\xff\r\n--")), "Basic eDp4",
		strings.Repeat("a", 1<<20), strings.Repeat("é%\"<", 1<<18), strings.Repeat(" ", 1<<10) + "x", strings.Repeat("../", 1000),
	}
	for c := range ' ' {
		list = append(list, string(c), "a"+string(c)+"b")
	}
	for c := rune(0x7f); c < 0xa0; c++ {
		list = append(list, string(c), "a"+string(c)+"b")
	}
	return list
}

// nastyValues are arguments as JSON: each text, the short ones in two spellings, and
// what is none.
func nastyValues() []string {
	list := []string{
		"null", "true", "false", "0", "-0", "0.0", "-0.0", "1.0", "1.50", "1E+2", "1e2", "1e-2", "1E400", "1e308", "1e309", "-1e400", "1e-400", "5e-324", "1.7976931348623157e308", "1.7976931348623159e308",
		"9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808", "-9223372036854775809", "18446744073709551615", "18446744073709551616",
		"123456789012345678901234567890", "0.1000000000000000055511151231257827021181583404541015625", "3.141592653589793238462643383279502884197", "1" + strings.Repeat("0", 1000), "0." + strings.Repeat("0", 1000) + "1",
		`"\ud83d\ude00"`, `"\uD83D\uDE00"`, `"\/"`, `"\u0061"`, `"\b\f\n\r\t\"\\"`, `"\ufffd"`, `"\u0000"`, `"\u2028\u2029"`,
		"[]", "{}", "[null]", `["a",null]`, "[[]]", "[{}]", `["a"]`, `["a","b","a"]`, `["",""]`, `[1,1.0,true,"1"]`, `["a\r\nb"]`, `["a\u0000"]`, `[" a"]`, `["a","..","%"]`, `[1e400,9007199254740993,-0]`,
		`{"a":{"b":[1,"\u0000",null]}}`, `{"":""}`, `{"</v>":"{/v}"}`, `{"a\"b":1}`, `{"\u0000":1}`, `{"b":1,"a":2}`, `{"a":1e400,"b":9007199254740993,"c":-0,"d":1.0}`, ` { "a" : [ 1 , 2 ] } `,
		strings.Repeat("[", 90) + strings.Repeat("]", 90), strings.Repeat("[", 490) + strings.Repeat("]", 490), strings.Repeat(`{"a":`, 490) + "1" + strings.Repeat("}", 490),
		"[" + strings.Repeat("1,", 9000) + "1]", "[" + strings.Repeat(`"a",`, 500) + `"b"]`, `[[` + strings.Repeat(`[1],`, 1000) + `[2]]]`,
		// These are no JSON in the sense of RFC 7493.
		`"\ud800"`, `"\udc00a"`, `"\ud83d"`, `"\ude00\ud83d"`, `["\udfff"]`, `{"a":"\ud800"}`, `{"\ud800":1}`, "\"\xff\"", "\"\xed\xa0\x80\"", "\"\xc0\x80\"", "\"\xf4\x90\x80\x80\"", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`,
	}
	for _, text := range nastyTexts() {
		list = append(list, asJSON(text))
		if len(text) < 10 {
			list = append(list, asEscapes(text))
		}
	}
	return list
}

// asJSON is a text as JSON with as few escapes as can be.
func asJSON(text string) string {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // It never fails.
	return strings.TrimSpace(b.String())
}

// asEscapes is a text as JSON in which every character is escaped.
func asEscapes(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r > 0xffff {
			fmt.Fprintf(&b, `\u%04x\u%04X`, 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		} else {
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return `"` + b.String() + `"`
}
