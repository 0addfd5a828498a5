package proxy_test

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzWire holds egret's whole way from socket to socket against net/http: what
// net/http refuses never reaches an origin, and what reaches it is what
// net/http read, field by field and byte by byte.
func FuzzWire(f *testing.F) {
	for _, seed := range wireSeeds() {
		f.Add([]byte(seed))
	}
	p := newTap(f, "listen: 127.0.0.1:0\negress: {default: allow}\n")
	f.Fuzz(func(t *testing.T, data []byte) {
		text := string(data)
		want, _, refusal := readAll(text, true)
		for _, r := range want {
			if r.Method == http.MethodConnect {
				return // what follows is no HTTP, or that of another connection
			}
		}
		_, received := p.send(t, text)
		for _, bytes := range received {
			got := readOne(t, bytes)
			if got == nil {
				return
			}
			at := slices.IndexFunc(want, func(r reading) bool { return isForwardOf(r, *got) })
			if at < 0 {
				t.Errorf("of %q\nthe origin received %q\nwhich net/http does not read there (%v)", text, bytes, refusal)
				return
			}
			if diff := differences(want[at], *got); diff != "" {
				t.Errorf("of %q\nthe origin received %q (-want +got):\n%s", text, bytes, diff)
			}
			want = want[at+1:]
		}
	})
}

// wireSeeds are requests that are read in more than one way somewhere.
func wireSeeds() []string {
	var seeds []string
	for _, head := range slices.Concat(hidden("Transfer-Encoding", "chunked"), oddFramings, []string{"X-One: 1", "X-One: 1\r\nContent-Length: 5"}) {
		seeds = append(seeds, "POST http://a.test/b?c HTTP/1.1\r\nHost: x\r\n"+head+"\r\n\r\n0\r\n\r\n"+"GET http://a.test/next HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	for _, body := range oddBodies {
		seeds = append(seeds, "PUT http://a.test/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"+body)
	}
	for _, line := range oddLines {
		seeds = append(seeds, line+"\r\nHost: x\r\n\r\n")
	}
	return seeds
}

// readOne reads what one connection to the origin brought: one request, whole
// or broken off. It is nil when it broke off in its head.
func readOne(t *testing.T, text string) *reading {
	t.Helper()
	list, rest, err := readAll(text, false)
	switch {
	case len(list) == 0 && !strings.Contains(text, "\r\n\r\n"):
		return nil
	case len(list) != 1 || rest != "" && !list[0].cut:
		t.Errorf("a connection to the origin brought %d requests and the rest %q (%v), want one request:\n%q", len(list), rest, err, text)
		return nil
	}
	return &list[0]
}

// isForwardOf reports whether got is what a proxy makes of the request r, as
// far as its first line goes.
func isForwardOf(r, got reading) bool {
	scheme, rest, absolute := strings.Cut(r.RequestURI, "://")
	if !absolute || !strings.EqualFold(scheme, "http") || strings.HasPrefix(r.RequestURI, "/") {
		return false
	}
	end := strings.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	target := rest[end:]
	if target == "" && r.Method == http.MethodOptions {
		target = "*"
	} else if !strings.HasPrefix(target, "/") {
		target = "/" + target
	}
	return r.Method == got.Method && target == got.RequestURI && authority(r) == got.Host
}

// authority is the host of a request's target as a proxy writes it.
func authority(r reading) string {
	host, port := strings.TrimSuffix(strings.ToLower(r.URL.Hostname()), "."), r.URL.Port()
	if addr, err := netip.ParseAddr(host); err == nil && addr.Is6() {
		host = "[" + addr.String() + "]"
	}
	if port != "" && port != "80" {
		host += ":" + port
	}
	return host
}

// differences says what else differs between a request and what a proxy made
// of it.
func differences(r, got reading) string {
	if diff := cmp.Diff(endToEnd(r), endToEnd(got)); diff != "" {
		return "fields: " + diff
	}
	for name := range got.Trailer {
		if diff := cmp.Diff(r.Trailer[name], got.Trailer[name]); diff != "" {
			return "trailer: " + diff
		}
	}
	switch {
	case got.cut && strings.HasPrefix(r.body, got.body):
		return "" // whether it may have been cut is the client's affair
	case r.cut:
		return "the request was cut, and arrived whole"
	default:
		return cmp.Diff(r.body, got.body)
	}
}

// endToEnd are the fields of a request that a proxy leaves alone.
func endToEnd(r reading) http.Header {
	fields := r.Header.Clone()
	gone := []string{
		"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization",
		"Proxy-Connection", "Te", "Trailer", "Upgrade", "Content-Length", "Expect", "Host", "Via", "Max-Forwards",
	}
	for _, line := range r.Header.Values("Connection") {
		for option := range strings.SplitSeq(line, ",") {
			switch name := http.CanonicalHeaderKey(strings.TrimSpace(option)); name {
			case "Authorization", "Cache-Control", "Content-Type":
			default:
				gone = append(gone, name)
			}
		}
	}
	for _, name := range gone {
		fields.Del(name)
	}
	return fields
}
