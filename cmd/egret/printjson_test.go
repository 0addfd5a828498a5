package main

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestShownJSON(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"an object", `{"a":"x","b":[1.50,true,null],"c":{}}`, "{\n  \"a\": \"x\",\n  \"b\": [\n    1.50,\n    true,\n    null\n  ],\n  \"c\": {}\n}\n"},
		{"what stands in strings", `{"a\":":"{[,:]} \" \\"}`, "{\n  \"a\\\":\": \"{[,:]} \\\" \\\\\"\n}\n"},
		{"orders", "[\"\u009b2J\u202e\u00a0\U000e0001\x7f\"]", "[\n  \"\\u009b2J\\u202e\\u00a0\\udb40\\udc01\\u007f\"\n]\n"},
		{"bytes", "[\"\xff\x9b\"]", "[\n  \"\uFFFD\"\n]\n"},
		{"no JSON", "{\x1b[2J", "{\\u001b[2J\n"},
		{"a word", " 17\r\n", "17\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(shownJSON([]byte(c.text), false))); diff != "" {
				t.Errorf("without colours (-want +got):\n%s", diff)
			}
		})
	}
	const want = "{\n  \x1b[34m\"a\"\x1b[0m: \x1b[32m\"x\"\x1b[0m,\n  \x1b[34m\"b\"\x1b[0m: [\n    \x1b[33m-1e5\x1b[0m,\n    \x1b[33mfalse\x1b[0m\n  ]\n}\n"
	if diff := cmp.Diff(want, string(shownJSON([]byte(`{"a":"x","b":[-1e5,false]}`), true))); diff != "" {
		t.Errorf("with colours (-want +got):\n%s", diff)
	}
}

// FuzzShownJSON holds what is shown against what it is made of: the same JSON,
// with colours or without, and nothing that a terminal obeys.
func FuzzShownJSON(f *testing.F) {
	for _, text := range []string{
		`{"a":"x","b":[1.50,true,null],"c":{}}`, `{"a\":":"{[,:]} \" \\"}`, "[\"\u009b2J\u202e\"]", `"`, `[]`, ` 17`, `{"":""}`, `[[],[[]],"\u001b"]`,
	} {
		f.Add([]byte(text))
	}
	escapes := regexp.MustCompile("\x1b\\[[0-9]*(;[0-9]+)?m")
	f.Fuzz(func(t *testing.T, text []byte) {
		shown := shownJSON(text, false)
		if strings.ContainsFunc(string(shown), func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }) {
			t.Errorf("of %q, %q is shown", text, shown)
		}
		if got := escapes.ReplaceAll(shownJSON(text, true), nil); !bytes.Equal(got, shown) {
			t.Errorf("of %q, %q is shown in colours, and %q without", text, got, shown)
		}
		if !json.Valid(text) || !utf8.Valid(text) {
			return
		}
		var want, got any
		if err := json.Unmarshal(text, &want); err != nil {
			return // a number out of range
		}
		if err := json.Unmarshal(shown, &got); err != nil {
			t.Fatalf("of %q, %q is shown: %v", text, shown, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("of %q, %q is shown (-want +got):\n%s", text, shown, diff)
		}
	})
}
