package configs_test

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/egret-proxy/egret/configs"
)

func TestPathPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, path string
		want          bool
	}{
		{"/v1/*", "/v1/orders", true},
		{"/v1/*", "/v1/orders/1/items", true},
		{"/v1/*", "/v1/", true},
		{"/v1/*", "/v1", false},
		{"/v1/*", "/v2/orders", false},
		{"/v1/*", "/V1/orders", false},
		{"/v1/*", "/x/v1/orders", false},
		{"/v1", "/v1", true},
		{"/v1", "/v1/", false},
		{"/*", "", true},
		{"/", "", true},
		{"/", "/", true},
		{"/", "*", false},
		{"/*", "v1", false},
		{"/a/*/c", "/a/b/c", true},
		{"/a/*/c", "/a/b/b/c", true},
		{"/a/*/c", "/a/c", false},
		{"/a/*/c", "/a/b/c/d", false},
		{"/*a*b*", "/xaxbx", true},
		{"/*a*b*", "/xbxax", false},
		{"/*aa", "/aaa", true},
		{"/a*a", "/a", false},
		{"/**", "/x", true},
		// Percent-encoded characters are what they stand for.
		{"/v1/*", "/v%31/orders", true},
		{"/a%20b", "/a b", true},
		{"/a%2Ab", "/a*b", true},
		{"/a%2Ab", "/axb", false},
		{"/v1/*", "/v1/%3F", true},
		// What a server may read differently matches nothing.
		{"/v1/*", "/v1/../admin", false},
		{"/v1/*", "/v1/./x", false},
		{"/v1/*", "/v1/..", false},
		{"/v1/*", "/v1/%2e%2E/admin", false},
		{"/v1/*", "/v1/.%2e/admin", false},
		{"/v1/*", "/v1/..;x=y/admin", false},
		{"/v1/*", "/v1/a%2Fb", false},
		{"/v1/*", "/v1/..%2fadmin", false},
		{"/v1/*", "/v1/a%5cb", false},
		{"/v1/*", `/v1/a\b`, false},
		{"/v1/*", `/v1/..\admin`, false},
		{"/v1/*", "/v1/%zz", false},
		{"/v1/*", "/v1/%2", false},
		{"/v1/*", "/v1/x?y", false},
		{"/v1/*", "/v1/..%3bx/admin", false},
		{"/v1/*", "/v1/a%00", false},
		{"/v1/*", "/v1/a%0d%0ab", false},
		{"/v1/*", "/v1/a%1f", false},
		{"/v1/*", "/v1/a%7f", false},
		{"/v1/*", "/v1/a\x01", false},
		{"/v1/*", "/v1/%c0%ae%c0%ae/admin", false},
		{"/v1/*", "/v1/\xff", false},
		{"/v1/*", "/v1/..%20/admin", false},
		{"/v1/*", "/v1/%20../admin", false},
		{"/v1/*", "/v1/.. ;x/admin", false},
		{"/v1/*", "/v1/%20.%20", false},
		{"/v1/*", "/v1/%252e%252e/admin", false},
		{"/v1/*", "/v1/a%252Fb", false},
		{"/v1/*", "/v1/%25%32e", false},
		{"/v1/*", "/v1/%c3%bc", true},
		{"/v1/*", "/v1/a%20b", true},
		{"/v1/*", "/v1/100%25", true},
		{"/v1/*", "/v1/100%25/50%25x", true},
		{"/v1/*", "/v1/...", true},
		{"/v1/*", "/v1/.well-known", true},
		{"/v1/*", "/v1//x", true},
	} {
		p, err := configs.ParsePathPattern(test.pattern)
		if err != nil {
			t.Errorf("ParsePathPattern(%q): %v", test.pattern, err)
			continue
		}
		if got := p.Match(test.path); got != test.want {
			t.Errorf("%s matches %s: got %t, want %t", test.pattern, test.path, got, test.want)
		}
		if p.String() != test.pattern {
			t.Errorf("got text %q, want %q", p.String(), test.pattern)
		}
	}
}

func TestPathPatternRefuses(t *testing.T) {
	for _, pattern := range []string{"", "v1", "*", "/v1?x", "/v1#x", "/a/../b", "/a/.", "/a%2fb", `/a\b`, "/%", "/%zz", "/%*2", "/a%00*", "/%c0%ae/*", "/..%20/*", "/%252e/*"} {
		if p, err := configs.ParsePathPattern(pattern); err == nil {
			t.Errorf("ParsePathPattern(%q): got %s, want an error", pattern, p)
		}
	}
}

func FuzzPathPattern(f *testing.F) {
	f.Add("/v1/*", "/v1/orders")
	f.Add("/a/*/c", "/a/%2e%2e/c")
	f.Add("/*a*b", "/a%2fb")
	f.Fuzz(func(t *testing.T, pattern, path string) {
		p, err := configs.ParsePathPattern(pattern)
		if err != nil {
			return
		}
		if !p.Match(path) {
			return
		}
		if path == "" {
			path = "/"
		}
		decoded, err := url.PathUnescape(path)
		if err != nil {
			t.Fatalf("%q matches %q, which cannot be decoded", pattern, path)
		}
		if strings.Count(decoded, "/") != strings.Count(path, "/") || strings.Contains(decoded, `\`) {
			t.Errorf("%q matches %q, which has an encoded slash or a backslash", pattern, path)
		}
		if again, err := url.PathUnescape(decoded); err == nil && again != decoded {
			t.Errorf("%q matches %q, which is encoded twice", pattern, path)
		}
		if !utf8.ValidString(decoded) || strings.ContainsFunc(decoded, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			t.Errorf("%q matches %q, which has no plain text", pattern, path)
		}
		for segment := range strings.SplitSeq(decoded, "/") {
			if segment = strings.TrimSpace(segment); segment == "." || segment == ".." {
				t.Errorf("%q matches %q, which has a dot segment", pattern, path)
			}
		}
	})
}

func BenchmarkPathPattern(b *testing.B) {
	p, err := configs.ParsePathPattern("/v1/*/items")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Match("/v1/orders/A-1001/items")
	}
}
