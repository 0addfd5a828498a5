package functions_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/egret-proxy/egret/functions"
)

// utf16le encodes s without a byte order mark.
func utf16le(s string) string {
	var encoded []byte
	for _, unit := range utf16.Encode([]rune(s)) {
		encoded = append(encoded, byte(unit), byte(unit>>8))
	}
	return string(encoded)
}

// utf16be encodes s without a byte order mark.
func utf16be(s string) string {
	encoded := []byte(utf16le(s))
	for i := 0; i < len(encoded); i += 2 {
		encoded[i], encoded[i+1] = encoded[i+1], encoded[i]
	}
	return string(encoded)
}

func answerOf(contentType, body string) *functions.Answer {
	header := functions.AppendLine(functions.AppendLine(nil, "X-First", "1"), "content-type", contentType)
	return &functions.Answer{Status: 200, Body: []byte(body), Header: header}
}

func TestPlain(t *testing.T) {
	const (
		escaped = `{"\u0061":"s\u0065cret", "n":[1.50,-0E+1,12345678901234567890123],"a":"\/\"\\\n\u00e9","a":1}`
		spelled = `{"a":"secret", "n":[1.50,-0E+1,12345678901234567890123],"a":"/\"\\\né","a":1}`
	)
	shifted := strings.Join(strings.Split("secret", ""), "\x1b(B")
	for _, c := range []struct{ name, contentType, body, plain, newType, output string }{
		{"UTF-16LE", "text/plain; charset=utf-16le", utf16le("secret é"), "secret é", "text/plain; charset=utf-8", `"secret é"`},
		{"UTF-16 with a byte order mark", "text/plain; charset=UTF-16", utf16le("\ufeffsecret"), "secret", "text/plain; charset=utf-8", `"secret"`},
		{"UTF-16 in the other order", "text/plain; charset=utf-16", utf16be("\ufeffsecret"), "secret", "text/plain; charset=utf-8", `"secret"`},
		{"UTF-16 that is said to be Latin-1", "text/plain; charset=iso-8859-1", utf16le("\ufeffsecret"), "secret", "text/plain; charset=utf-8", `"secret"`},
		{"Latin-1", `text/csv; header=present; charset="ISO-8859-1"`, "caf\xe9", "café", "text/csv; charset=utf-8; header=present", `"café"`},
		{"ISO-2022-JP with shifts", "text/html; charset=iso-2022-jp", shifted, "secret", "text/html; charset=utf-8", `"secret"`},
		{"escapes in values and names", "application/json", escaped, spelled, "application/json", spelled},
		{"escapes after a byte order mark", "application/json; charset=utf-8", "\ufeff" + escaped, spelled, "application/json; charset=utf-8", spelled},
		{"escapes and half a pair", "application/problem+json", `["\ud800","s\u0065cret"]`, `["` + "\ufffd" + `","secret"]`, "application/problem+json", `["` + "\ufffd" + `","secret"]`},
		{"escapes in ASCII", "application/json; charset=us-ascii", `"s\u0065cret\u00e9"`, `"secreté"`, "application/json; charset=utf-8", `"secreté"`},
		{"escapes in the depth", "application/json", strings.Repeat("[", 10_000) + `"s\u0065cret"` + strings.Repeat("]", 10_000), strings.Repeat("[", 10_000) + `"secret"` + strings.Repeat("]", 10_000), "application/json", strings.Repeat("[", 10_000) + `"secret"` + strings.Repeat("]", 10_000)},
		{"JSON in UTF-16", "application/json; charset=utf-16", utf16le("\ufeff" + escaped), spelled, "application/json; charset=utf-8", spelled},
		{"JSON in UTF-16BE without escapes", "application/json; charset=utf-16be", utf16be(`["secret"]`), `["secret"]`, "application/json; charset=utf-8", `["secret"]`},
		{"JSON in ISO-2022-JP", "application/json; charset=iso-2022-jp", "{\"a\":\"" + shifted + "\"}", `{"a":"secret"}`, "application/json; charset=utf-8", `{"a":"secret"}`},
		{"JSON in a JSON string", "application/json", `"{\"a\":\"s\\u0065cret\"}"`, `"{\"a\":\"secret\"}"`, "application/json", `"{\"a\":\"secret\"}"`},
		{"JSON that is said to be text", "text/plain", `{"a":"s\u0065cret"}`, `{"a":"secret"}`, "text/plain", `"{\"a\":\"secret\"}"`},

		{"broken JSON", "application/json", `{"a":"s\u0065cret"`, "", "", ""},
		{"broken JSON in UTF-16", "application/json; charset=utf-16le", utf16le(`{"a":"\u0065`), `{"a":"\u0065`, "application/json; charset=utf-8", `"{\"a\":\"\\u0065"`},
		{"binary", "image/png", "\x00\xff\\u0065", "", "", ""},
		{"bytes that are JSON", "application/octet-stream", `{"a":"\u0065"}`, "", "", ""},
		{"a charset nobody knows", "text/plain; charset=klingon", `\u0065`, "", "", ""},
		{"UTF-8", "text/plain; charset=utf-8", "é", "", "", ""},
		{"UTF-8 with a byte order mark", "text/plain", "\ufeffé", "", "", ""},
		{"a charset that is the same here", "text/plain; charset=windows-1252", "secret", "", "", ""},
		{"JSON as short as it can be", "application/json", ` {"a":"\"\\\n\u0001"} `, "", "", ""},
		{"JSON without escapes", "application/json", `{"a":"é"}`, "", "", ""},
		{"nothing", "", "", "", "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer := answerOf(c.contentType, c.body)
			header := answer.Fields()
			plain, ok := answer.Plain()
			if ok != (c.plain != "") || ok && string(plain) != c.plain {
				t.Fatalf("Plain = %.200q, %t, want %.200q", plain, ok, c.plain)
			}
			if string(answer.Body) != c.body {
				t.Errorf("the body is %q now", answer.Body)
			}
			if !ok {
				return
			}
			answer.SetPlain(plain)
			fields := answer.Fields()
			if got := fields[1].Value; len(fields) != 2 || got != c.newType || fields[0] != header[0] || header[1].Value != c.contentType {
				t.Errorf("the Content-Type is %q, want %q; it was %q, want %q", got, c.newType, header[1].Value, c.contentType)
			}
			if got := string(functions.Output(answer, "GET")); got != c.output {
				t.Errorf("the output is %.200s, want %.200s", got, c.output)
			}
			if again, ok := answer.Plain(); ok {
				t.Errorf("the plain form of the plain form is %.200q, want none", again)
			}
		})
	}
}

// FuzzPlain checks that the plain form of JSON means the same and hides nothing.
func FuzzPlain(f *testing.F) {
	for _, s := range []string{`{"a":"\u0065"}`, `"\ud83d\ude00"`, `["\ud800\\"]`, `"{\"\\u0061\":1}"`, "\ufeff\"\\/\"", `\`, `"\\"`} {
		f.Add("application/json", s)
		f.Add("application/json; charset=utf-16", utf16le(s))
		f.Add("text/plain; charset=utf-16", "\xfe\xff"+utf16be(s))
	}
	f.Fuzz(func(t *testing.T, contentType, body string) {
		answer := answerOf(contentType, body)
		plain, ok := answer.Plain()
		if !ok {
			return
		}
		if !utf8.Valid(plain) {
			t.Fatalf("the plain form of %q as %q is %q, want UTF-8", body, contentType, plain)
		}
		before := functions.Output(answer, "GET")
		if contentType == "application/json" && json.Valid(before) && json.Valid([]byte(body)) {
			var one, other any
			if err := json.Unmarshal(plain, &other); err != nil {
				t.Fatalf("the plain form of %q is %q: %v", body, plain, err)
			}
			if err := json.Unmarshal([]byte(body), &one); err != nil {
				return
			}
			if _, isText := one.(string); !isText && quoted(t, one) != quoted(t, other) {
				t.Errorf("the plain form of %q is %q, want the same value", body, plain)
			}
		}
		answer.SetPlain(plain)
		if output := functions.Output(answer, "GET"); !json.Valid(output) {
			t.Errorf("the output of %q is %q", plain, output)
		}
	})
}

// An upstream's text of nothing but brackets is pointed into, and is no JSON.
func TestTextOfBrackets(t *testing.T) {
	w := newWorld(t, echoing+"  - {name: part, parameters: {properties: {v: {}}}, url: https://api.acme.test/, json: {v: </v/a>}}\n")
	w.sender.answer = func(context.Context, *sentRequest) (*reply, error) {
		answer := jsonAnswer(200, strings.Repeat("[", 10<<20))
		answer.Header[0].Value = "text/plain"
		return answer, nil
	}
	w.put(t, "alice", "a")
	w.sender.answer = echo
	if got := string(w.requestOf(t, "alice", "part", `{"v":"`+resultID+`"}`).Body); got != `{}` {
		t.Errorf("the request brought %s, want {}", got)
	}
}
