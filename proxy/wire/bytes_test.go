package wire_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/wire"
)

func TestCheckTarget(t *testing.T) {
	for _, test := range []struct {
		target string
		want   error
	}{
		{"/", nil},
		{"*", nil},
		{"/a//b/./c/../%2F%2e%2E/d%20e+f;g=h?i=j&k=l/?m", nil},
		{"http://[::1]:80/a", nil},
		{"/-._~!$&'()*+,;=:@%00", nil},
		{"", wire.NoTarget},
		{"/ ", wire.TargetByte},
		{" /", wire.TargetByte},
		{"/a#b", wire.TargetByte},
		{"/\t", wire.TargetByte},
		{"/\r", wire.TargetByte},
		{"/\n", wire.TargetByte},
		{"/\x00", wire.TargetByte},
		{"/\x7f", wire.TargetByte},
		{"/\u00fc", wire.TargetByte},
		{`/"`, wire.TargetByte},
		{"/<", wire.TargetByte},
		{"/>", wire.TargetByte},
		{`/\`, wire.TargetByte},
		{"/^", wire.TargetByte},
		{"/`", wire.TargetByte},
		{"/{", wire.TargetByte},
		{"/|", wire.TargetByte},
		{"/}", wire.TargetByte},
		{"/%", wire.TargetPercent},
		{"/%2", wire.TargetPercent},
		{"/%zz", wire.TargetPercent},
		{"/%2g", wire.TargetPercent},
		{"/%g2", wire.TargetPercent},
		{"/%%20", wire.TargetPercent},
		{"/%u0041", wire.TargetPercent},
	} {
		if got := wire.CheckTarget([]byte(test.target)); got != test.want {
			t.Errorf("CheckTarget(%q) = %v, want %v", test.target, got, test.want)
		}
	}
}

// FuzzCheckTarget: what is accepted is a target to package net/url too, which
// writes it in the same way.
func FuzzCheckTarget(f *testing.F) {
	for _, seed := range []string{"", "a//b?c", "%2F%2e", "a b", "#", "%zz", "\u00fc", "[::1]"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target := "/" + text
		if wire.CheckTarget([]byte(target)) != nil {
			return
		}
		u, err := url.ParseRequestURI(target)
		if err != nil {
			t.Fatalf("net/url refuses %q: %v", target, err)
		}
		path, query, _ := strings.Cut(target, "?")
		if u.Host != "" || u.Scheme != "" || u.RawQuery != query || u.EscapedPath() != path && u.RawPath != path {
			if unescaped, _ := url.PathUnescape(path); u.Path != unescaped || u.Host != "" || u.RawQuery != query {
				t.Errorf("%q is to net/url %+v", target, u)
			}
		}
	})
}

func TestIsTokenAndIsValue(t *testing.T) {
	for _, test := range []struct {
		text         string
		token, value bool
	}{
		{"", false, true},
		{"GET", true, true},
		{"pUrGe!#$%&'*+-.^_`|~0", true, true},
		{"a b", false, true},
		{"a:", false, true},
		{"a\tb", false, true},
		{"\u00fc", false, true},
		{"a\r", false, false},
		{"a\n", false, false},
		{"\x00", false, false},
		{"\x7f", false, false},
		{"a,b", false, true},
		{`"`, false, true},
	} {
		if got := wire.IsToken(test.text); got != test.token || wire.IsToken([]byte(test.text)) != got {
			t.Errorf("IsToken(%q) = %v, want %v", test.text, got, test.token)
		}
		if got := wire.IsValue(test.text); got != test.value || wire.IsValue([]byte(test.text)) != got {
			t.Errorf("IsValue(%q) = %v, want %v", test.text, got, test.value)
		}
	}
}
