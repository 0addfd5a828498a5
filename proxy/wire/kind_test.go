package wire_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/wire"
)

// kinds has every name that is known.
var kinds = map[string]wire.Kind{
	"Accept-Encoding": wire.AcceptEncoding, "Authorization": wire.Authorization, "Cache-Control": wire.CacheControl, "Connection": wire.Connection,
	"Content-Encoding": wire.ContentEncoding, "Content-Length": wire.ContentLength, "Content-Type": wire.ContentType, "Cookie": wire.Cookie,
	"Date": wire.Date, "Egret-Key": wire.EgretKey, "Expect": wire.Expect, "Forwarded": wire.Forwarded, "Host": wire.Host, "If-Range": wire.IfRange, "Keep-Alive": wire.KeepAlive,
	"Max-Forwards": wire.MaxForwards, "Origin": wire.Origin, "Proxy-Authenticate": wire.ProxyAuthenticate,
	"Proxy-Authentication-Info": wire.ProxyAuthenticationInfo, "Proxy-Authorization": wire.ProxyAuthorization, "Proxy-Connection": wire.ProxyConnection,
	"Range": wire.Range, "Referer": wire.Referer, "Sec-Fetch-Site": wire.SecFetchSite, "Set-Cookie": wire.SetCookie, "TE": wire.TE, "Trailer": wire.Trailer,
	"Transfer-Encoding": wire.TransferEncoding, "Upgrade": wire.Upgrade, "User-Agent": wire.UserAgent, "Via": wire.Via,
	"X-Forwarded-": wire.XForwarded, "X-Forwarded-For": wire.XForwarded, "X-Forwarded-Client-Cert-And-A-Long-Name": wire.XForwarded,
	"Transfer_Encoding": wire.Confusing, "Content_Length": wire.Confusing,
}

// TestKindOf: every name in every case, and nothing that is like one.
func TestKindOf(t *testing.T) {
	seen := map[wire.Kind]bool{wire.Other: true}
	for name, want := range kinds {
		seen[want] = true
		for i := range 4 {
			spelled := []string{name, strings.ToLower(name), strings.ToUpper(name), alternating(name)}[i]
			if got := wire.KindOf(spelled); got != want {
				t.Errorf("KindOf(%q) = %v, want %v", spelled, got, want)
			}
		}
		for _, like := range []string{name + "s", "x" + name, name[1:], strings.ReplaceAll(name, "-", ""), strings.Replace(name, "a", "\u00e4", 1), name + "\x00", name + " "} {
			if want, known := kinds[like]; !known && !strings.HasPrefix(like, "X-Forwarded-") && wire.KindOf(like) != wire.Other {
				t.Errorf("KindOf(%q) = %v, want %v", like, wire.KindOf(like), want)
			}
		}
	}
	for kind := wire.Other; kind <= wire.Confusing; kind++ {
		if !seen[kind] {
			t.Errorf("no name has the kind %v", kind)
		}
	}
}

func alternating(name string) string {
	text := []byte(strings.ToLower(name))
	for i := 0; i < len(text); i += 2 {
		text[i] = strings.ToUpper(string(text[i]))[0]
	}
	return string(text)
}

// FuzzKindOf holds the kinds against [strings.EqualFold], for names in ASCII:
// beyond it, that takes the Kelvin sign for a k.
func FuzzKindOf(f *testing.F) {
	for name := range kinds {
		f.Add(name)
		f.Add(alternating(name))
	}
	f.Add("\u212aeep-Alive")
	f.Fuzz(func(t *testing.T, name string) {
		want := wire.Other
		for known, kind := range kinds {
			if isASCII(name) && strings.EqualFold(name, known) {
				want = kind
			}
		}
		const forwarded = "x-forwarded-"
		if isASCII(name[:min(len(name), len(forwarded))]) && len(name) >= len(forwarded) && strings.EqualFold(name[:len(forwarded)], forwarded) {
			want = wire.XForwarded
		}
		if got := wire.KindOf(name); got != want {
			t.Errorf("KindOf(%q) = %v, want %v", name, got, want)
		}
		for known := range kinds {
			lower := strings.ToLower(known)
			if got := wire.EqualFold(name, lower); got != (isASCII(name) && strings.EqualFold(name, lower)) {
				t.Errorf("EqualFold(%q, %q) = %v", name, lower, got)
			}
		}
	})
}

func isASCII(text string) bool {
	for i := range len(text) {
		if text[i] >= 0x80 {
			return false
		}
	}
	return true
}
