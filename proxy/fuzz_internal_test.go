package proxy

import (
	"bufio"
	"bytes"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/valyala/fasthttp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/wire"
)

// FuzzGate holds the gate against another reader: what it lets through, net/http
// must understand as well, and in the same way.
func FuzzGate(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
		"POST http://a.test/b?c HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: identity\r\nContent-Length: 3\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX: a\nY: b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: x\r\nX Y: a\r\nX : b\r\n\r\n",
		"CONNECT a.test:443 HTTP/1.1\r\nHost: b.test\r\n\r\n",
		"OPTIONS * HTTP/1.0\r\n\r\n",
		"PRI * HTTP/2.0\r\n\r\n",
		"GET http://[::1%25a]/%2f%zz#x HTTP/9.9\r\nHost: a,b\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var request fasthttp.RequestHeader
		request.DisableNormalizing()
		if request.Read(bufio.NewReaderSize(bytes.NewReader(data), maxHead)) != nil {
			return
		}
		in := inlet{most: 200}
		room := make([]byte, maxHead)
		source := bytes.NewReader(data)
		if _, err := in.readHead(room, source.Read); err != nil {
			return
		}
		var h head
		h.read(&request, &in)
		if gate(&h) != nil {
			return
		}
		target := string(h.target)
		if h.method == fasthttp.MethodConnect {
			if _, err := parseTunnel(target); err != nil {
				return
			}
		} else if target != "*" && target[0] != '/' {
			if _, _, err := parseTarget(target); err != nil {
				return
			}
		}
		// fasthttp's server looks at the Host after the parser does.
		if host, found := h.only(wire.Host); found != 1 || checkHost(string(host)) != nil {
			return
		}
		other, err := http.ReadRequest(bufio.NewReaderSize(bytes.NewReader(data), 2*maxHead))
		if err != nil {
			t.Fatalf("the gate lets through what net/http refuses: %v\n%q", err, data)
		}
		if other.Method != h.method || other.RequestURI != target {
			t.Errorf("got %s %s, net/http sees %s %s", h.method, h.target, other.Method, other.RequestURI)
		}
		length := int64(request.ContentLength())
		if length == -2 || !h.has(wire.ContentLength) && length >= 0 {
			length = 0
		}
		if other.ContentLength != length {
			t.Errorf("got a body of length %d, net/http sees %d", length, other.ContentLength)
		}
		for _, field := range h.fields {
			same := 0
			for _, f := range h.fields {
				if bytes.EqualFold(f.Name, field.Name) {
					same++
				}
			}
			if values := other.Header.Values(string(field.Name)); field.Kind != wire.Host && field.Kind != wire.TransferEncoding && len(values) != same {
				t.Errorf("got %d fields %s, net/http sees %d", same, field.Name, len(values))
			}
		}
	})
}

const maxHead = 16 << 10

// parseTarget reads a target in absolute form.
func parseTarget(text string) (*target, string, error) {
	rt := &runtime{cfg: &configs.Config{}, policy: egress.NewPolicy(configs.Egress{}, nil)}
	to, rest, err := rt.destination([]byte(text))
	if err != nil {
		return nil, "", err
	}
	return &to.target, string(appendTarget(nil, rest, "GET")), nil
}

// checkHost parses a Host field as fasthttp's server does.
func checkHost(host string) error {
	var uri fasthttp.URI
	return uri.Parse([]byte(host), []byte("/"))
}

// FuzzTarget: what is taken for a target has one host, which every reader of
// the URL sees, and reading it again changes nothing.
func FuzzTarget(f *testing.F) {
	for _, seed := range []string{
		"http://api.acme.test/a?b", "http://API.acme.test.:80", "http://[::1]:8080/", "http://127.0.0.1?x=http://y/", "http://a@b/", "http://a:b@c:1/",
		"http://0x7f.1/", "http://[::ffff:1.2.3.4]/", "http://[fe80::1%25eth0]/", "http://a_b/", "http://a:/", "http://:1/", "HTTP://x:65536/", "http://xn--a/", "http://1.2.3.4.:80/",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if wire.CheckTarget([]byte(text)) != nil || !strings.Contains(text, "://") {
			return
		}
		got, request, err := parseTarget(text)
		if err != nil {
			return
		}
		if again, rest, err := parseTarget("http://" + got.authority + request); err != nil || *again != *got || rest != request {
			t.Errorf("parsed again %q is %+v (error: %v), before %+v", text, again, err, got)
		}
		if canonical, err := configs.CanonicalHost(got.host); err != nil || canonical != got.host {
			t.Errorf("the host of %q is %q, which is not canonical (%v)", text, got.host, err)
		}
		u, err := url.Parse(text)
		if err != nil {
			t.Fatalf("net/url refuses %q: %v", text, err)
		}
		host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
		if addr, err := netip.ParseAddr(host); err == nil {
			host = addr.String()
		}
		if host != got.host || u.User != nil || u.Fragment != "" {
			t.Errorf("%q has the host %q, net/url sees %q", text, got.host, u.Host)
		}
		if path := u.EscapedPath(); path != "" && !strings.HasPrefix(request, path) {
			t.Errorf("%q has the path %q, net/url sees %q", text, request, path)
		}
	})
}

// FuzzEntityTags: a tag is found in a list that has it, whatever stands before it
// as whole tags, and never in one that does not hold its text.
func FuzzEntityTags(f *testing.F) {
	const tag = `"tag"`
	for _, list := range []string{tag, "W/" + tag, "*", `"a", "b,c" , ` + tag, `"`, `W/`, `"a"x` + tag, ",,"} {
		f.Add(list)
	}
	f.Fuzz(func(t *testing.T, list string) {
		found := namesTag([]byte(list), tag)
		if found && !strings.Contains(list, tag) && strings.Trim(list, " \t") != "*" {
			t.Errorf("%q has a tag that does not stand there", list)
		}
		if quoted := strings.ReplaceAll(list, `"`, ""); !namesTag([]byte(`W/"`+quoted+`", `+tag), tag) {
			t.Errorf("the tag behind %q is not found", quoted)
		}
	})
}
