package journal_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/egret-proxy/egret/proxy/journal"
)

func TestTarget(t *testing.T) {
	long := strings.Repeat("x", 300)
	for _, c := range []struct{ name, target, want string }{
		{"empty", "", ""},
		{"path", "/v1/orders", "/v1/orders"},
		{"values", "/v1/x?limit=10&page=2", "/v1/x?limit&page"},
		{"no value", "/v1/x?limit=&page=", "/v1/x?limit&page"},
		{"no equals sign", "/v1/x?sk_live_1234", "/v1/x?…"},
		{"one of some", "/v1/x?a=1&sk_live_1234&b=2", "/v1/x?a&…&b"},
		{"equals signs in values", "/?a=b=c&d==", "/?a&d"},
		{"no name", "/?=secret", "/?"},
		{"empty parameters", "/?&&a=1&&", "/?a"},
		{"empty query", "/?", "/"},
		{"question marks in values", "/?a=?b&c?d=e", "/?a&c?d"},
		{"no path", "?a=1", "?a"},
		{"long name", "/?" + long[:65] + "=1&a=1", "/?…&a"},
		{"a name that fits", "/?" + long[:64] + "=1", "/?" + long[:64]},
		{"a path that fits", "/" + long[:255], "/" + long[:255]},
		{"long path", "/" + long[:256], "/" + long[:252] + "…"},
		{"long query", "/?" + strings.Repeat("a=1&", 300), "/?" + strings.Repeat("a&", 125) + "a…"},
		{"cut in a character", strings.Repeat("ä", 200), strings.Repeat("ä", 126) + "…"},
		{"placeholders", "/orders/{/id}?limit={/limit}", "/orders/{/id}?limit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var target journal.Target
			target.Set([]byte("/what was there before?a=b"))
			target.Set([]byte(c.target))
			if got := target.String(); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestTargetText(t *testing.T) {
	for in, want := range map[string]string{"/?a=b": "/?a=b", strings.Repeat("x", 300): strings.Repeat("x", 253) + "…"} {
		var target journal.Target
		if target.SetText(in); target.String() != want {
			t.Errorf("got %s, want %s", target.String(), want)
		}
	}
}

// FuzzTarget: what is shown is bounded, is the path, and is never a value.
func FuzzTarget(f *testing.F) {
	for _, s := range []string{"/a?b=c&d", "/" + strings.Repeat("ä", 140) + "?x=y", "?&=&&a==b", "/\xc3\xc3\xc3" + strings.Repeat("\x80", 300)} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		var target journal.Target
		target.Set(in)
		got := target.String()
		if len(got) > 256 || utf8.Valid(in) && !utf8.ValidString(got) {
			t.Fatalf("%q became %q of %d bytes", in, got, len(got))
		}
		path, query, _ := strings.Cut(string(in), "?")
		shownPath, shownQuery, hasQuery := strings.Cut(got, "?")
		if shownPath != path && (hasQuery || !strings.HasPrefix(path, strings.TrimSuffix(shownPath, "…"))) {
			t.Fatalf("%q became %q: another path", in, got)
		}
		names := map[string]bool{"…": true, "": true}
		for pair := range strings.SplitSeq(query, "&") {
			if name, _, found := strings.Cut(pair, "="); found {
				names[name] = true
			}
		}
		list := strings.Split(shownQuery, "&")
		for i, name := range list {
			last := i == len(list)-1 && strings.HasSuffix(name, "…")
			if !names[name] && !(last && hasName(names, strings.TrimSuffix(name, "…"))) {
				t.Fatalf("%q became %q: %q is no name", in, got, name)
			}
		}
	})
}

// hasName reports whether one of the names begins like that.
func hasName(names map[string]bool, begin string) bool {
	for name := range names {
		if strings.HasPrefix(name, begin) {
			return true
		}
	}
	return false
}
