package configs_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
)

func TestCanonicalHost(t *testing.T) {
	for _, test := range []struct{ host, want string }{
		{"api.acme.test", "api.acme.test"},
		{"API.Acme.Test.", "api.acme.test"},
		{"a_b.test", "a_b.test"},
		{"localhost", "localhost"},
		{"xn--bcher-kva.test", "xn--bcher-kva.test"},
		{"127.0.0.1", "127.0.0.1"},
		{"127.0.0.1.", "127.0.0.1"},
		{"::1", "::1"},
		{"[::1]", "::1"},
		{"[0:0:0:0:0:0:0:1]", "::1"},
		{"[2001:DB8::A]", "2001:db8::a"},
		{"::ffff:127.0.0.1", "127.0.0.1"},
		{"[::ffff:7f00:1]", "127.0.0.1"},
		{strings.Repeat("a", 63) + ".test", strings.Repeat("a", 63) + ".test"},
	} {
		if got, err := configs.CanonicalHost(test.host); got != test.want || err != nil {
			t.Errorf("CanonicalHost(%q): got %q and error %v, want %q", test.host, got, err, test.want)
		}
	}
}

func TestCanonicalHostRefuses(t *testing.T) {
	for _, host := range []string{
		"", ".", "a..b", ".a", "a..", "a b", "a/b", "a:b", "a:80", "user@a", "a%2eb", "a\x00b", "a\nb", "*.a", "ａ.test", "bücher.test",
		"2130706433", "0x7f.1", "0x7f000001", "127.1", "0177.0.0.1", "1.2.3", "1.2.3.4.5", "256.1.1.1", "1.2.3.4a.5", "a.0x", "a.0X1f", "0",
		"[127.0.0.1]", "[a.test]", "[::1", "::1]", "[]", "[::1]x", "fe80::1%eth0", "[fe80::1%25eth0]", "::1::",
		strings.Repeat("a", 64) + ".test", strings.Repeat("a.", 127) + "test",
	} {
		if got, err := configs.CanonicalHost(host); err == nil {
			t.Errorf("CanonicalHost(%q): got %q, want an error", host, got)
		}
	}
}

func TestHostPattern(t *testing.T) {
	for _, test := range []struct {
		pattern, host string
		port          uint16
		want          bool
	}{
		{"api.acme.test", "api.acme.test", 443, true},
		{"api.acme.test", "api.acme.test", 80, true},
		{"api.acme.test", "api.acme.test", 8443, false},
		{"API.acme.test.", "api.acme.test", 443, true},
		{"api.acme.test", "x.api.acme.test", 443, false},
		{"api.acme.test", "api.acme.test.evil.test", 443, false},
		{"api.acme.test", "apixacme.test", 443, false},
		{"api.acme.test", "API.acme.test", 443, false}, // Not as CanonicalHost gives it.
		{"api.acme.test:8443", "api.acme.test", 8443, true},
		{"api.acme.test:8443", "api.acme.test", 443, false},
		{"api.acme.test:*", "api.acme.test", 1, true},
		{"*.acme.test", "api.acme.test", 443, true},
		{"*.acme.test", "a.b.acme.test", 443, true},
		{"*.acme.test", "acme.test", 443, false},
		{"*.acme.test", ".acme.test", 443, false},
		{"*.acme.test", "evilacme.test", 443, false},
		{"*.acme.test:*", "a.acme.test", 22, true},
		{"*.acme.test:22", "a.acme.test", 443, false},
		{"127.0.0.1", "127.0.0.1", 80, true},
		{"127.0.0.1:8080", "127.0.0.1", 8080, true},
		{"127.0.0.1:8080", "127.0.0.2", 8080, false},
		{"::1", "::1", 443, true},
		{"[::1]", "::1", 443, true},
		{"[::1]:8080", "::1", 8080, true},
		{"[::1]:*", "::1", 1, true},
		{"[0:0::1]:8080", "::1", 8080, true},
		{"[::ffff:10.0.0.1]", "10.0.0.1", 443, true},
	} {
		p, err := configs.ParseHostPattern(test.pattern)
		if err != nil {
			t.Errorf("ParseHostPattern(%q): %v", test.pattern, err)
			continue
		}
		if got := p.Match(test.host, test.port); got != test.want {
			t.Errorf("%s matches %s:%d: got %t, want %t", test.pattern, test.host, test.port, got, test.want)
		}
	}
}

func TestHostPatternText(t *testing.T) {
	for _, test := range []struct {
		pattern, want string
		literal       bool
	}{
		{"API.acme.test.", "api.acme.test", false},
		{"*.Acme.test:*", "*.acme.test:*", false},
		{"127.0.0.1", "127.0.0.1", true},
		{"127.0.0.1:80", "127.0.0.1:80", true},
		{"[::1]", "::1", true},
		{"[::1]:80", "[::1]:80", true},
		{"localhost:*", "localhost:*", true},
		{"*.localhost", "*.localhost", false},
	} {
		p, err := configs.ParseHostPattern(test.pattern)
		if err != nil {
			t.Errorf("ParseHostPattern(%q): %v", test.pattern, err)
			continue
		}
		if p.String() != test.want || p.Literal() != test.literal {
			t.Errorf("%s: got %s and literal %t, want %s and %t", test.pattern, p, p.Literal(), test.want, test.literal)
		}
	}
}

func TestHostPatternRefuses(t *testing.T) {
	for _, pattern := range []string{
		"", "*", "*.", "*:443", "*:*", "**.a.test", "a.*.test", "*a.test", "a.test:", "a.test:0", "a.test:65536", "a.test:+80", "a.test:-1", "a.test:8*",
		"https://a.test", "a.test/", "::1:80:x", "[::1]80", "[::1]:", "[a.test]:80", "*.127.0.0.1", "*.1.2", "2130706433:80", "127.1:80", "0x7f.1",
	} {
		if p, err := configs.ParseHostPattern(pattern); err == nil {
			t.Errorf("ParseHostPattern(%q): got %s, want an error", pattern, p)
		}
	}
}

func TestZeroPatternsMatchNothing(t *testing.T) {
	if (configs.HostPattern{}).Match("", 443) || (configs.HostPattern{}).Match("a.test", 443) {
		t.Error("got a match of the zero host pattern, want none")
	}
	if (configs.PathPattern{}).Match("") || (configs.PathPattern{}).Match("/") {
		t.Error("got a match of the zero path pattern, want none")
	}
}

func FuzzHostPattern(f *testing.F) {
	for _, s := range []string{"api.acme.test", "*.acme.test:*", "[::1]:80", "127.0.0.1:8080", "2130706433", "::ffff:1.2.3.4", "bücher.test"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := configs.ParseHostPattern(s)
		if err != nil {
			return
		}
		again, err := configs.ParseHostPattern(p.String())
		if err != nil || again != p {
			t.Errorf("%q: got %v and error %v out of its text %q, want the same pattern", s, again, err, p)
		}
		if host, ok := strings.CutPrefix(s, "*."); ok && p.Match(host, 443) {
			t.Errorf("%q: got a match of its suffix, want none", s)
		}
		if host, err := configs.CanonicalHost(s); err == nil && (!p.Match(host, 443) || p.Match(host, 8443)) {
			t.Errorf("%q: got no match of itself at 443, or one at 8443", s)
		}
	})
}

func BenchmarkHostPattern(b *testing.B) {
	p, err := configs.ParseHostPattern("*.acme.test")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		p.Match("api.acme.test", 443)
	}
}

func BenchmarkCanonicalHost(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := configs.CanonicalHost("api.acme.test"); err != nil {
			b.Fatal(err)
		}
	}
}
