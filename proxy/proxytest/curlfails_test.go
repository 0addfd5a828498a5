package proxytest_test

import (
	"slices"
	"strings"
	"testing"
)

// An answer that comes before the end of an upload reaches curl, which ends
// the upload then.
func TestCurlEarlyAnswer(t *testing.T) {
	const size = 50 << 20
	eachCurlWay(t, func(t *testing.T, w *curlWorld, way *curlWay) {
		path, _ := w.upload(t, size)
		for name, expect := range map[string]string{"waiting": "Expect: 100-continue", "not waiting": "Expect:"} {
			t.Run(name, func(t *testing.T) {
				got := w.curl(t, way, nil, append(slices.Clone(curlPatience), "-H", expect, "-T", path, "{base}/early")...)
				if got.info[0].Status != 413 || got.info[0].Uploaded >= size || !strings.Contains(got.stdout, "too much") || len(got.seen) != 1 {
					t.Errorf("want 413 before the upload ends; got %s", got)
				}
			})
		}
	})
}

// A request that is refused is refused before its body is sent, and nothing of
// it reaches an origin.
func TestCurlRefusedUpload(t *testing.T) {
	w := startCurlWorld(t)
	path, _ := w.upload(t, 50<<20)
	for i := range curlWays {
		way := &curlWays[i]
		if way.name == "tunnel" {
			continue // what is in it nobody reads
		}
		t.Run(way.name, func(t *testing.T) {
			got := w.curl(t, way, nil, append(slices.Clone(curlPatience), "-H", "Authorization: Bearer "+otherID, "-T", path, "{base}/")...)
			if got.info[0].Status != 403 || !strings.Contains(got.stdout, `"code":"cache_host_denied"`) || got.info[0].Uploaded != 0 || len(got.seen) != 0 {
				t.Errorf("want 403 cache_host_denied and nothing sent; got %s", got)
			}
		})
	}
}

// Curl's ways to show a client's key, and what it says when the key is wrong.
func TestCurlKeys(t *testing.T) {
	const good, bad = "curl:" + curlKey, "curl:wrong-" + curlKey
	tests := []struct {
		name   string
		args   []string
		tunnel bool
		exit   int
		status int    // of the answer, or of that to CONNECT
		stderr string // holds it
	}{
		{"in the proxy's URL", []string{"-x", "http://" + good + "@{proxy}"}, false, 0, 200, ""},
		{"in the proxy's URL", []string{"-x", "http://" + good + "@{proxy}"}, true, 0, 200, ""},
		{"after a challenge", []string{"-x", "http://{proxy}", "--proxy-anyauth", "-U", good}, false, 0, 200, ""},
		{"after a challenge", []string{"-x", "http://{proxy}", "--proxy-anyauth", "-U", good}, true, 0, 200, ""},
		{"as a bearer token", []string{"-x", "http://{proxy}", "--proxy-header", "Proxy-Authorization: Bearer " + curlKey}, false, 0, 200, ""},
		{"as a bearer token", []string{"-x", "http://{proxy}", "--proxy-header", "Proxy-Authorization: Bearer " + curlKey}, true, 0, 200, ""},
		{"to a proxy of HTTP/1.0", []string{"--proxy1.0", "http://" + good + "@{proxy}"}, false, 0, 200, ""},
		{"to a proxy of HTTP/1.0", []string{"--proxy1.0", "http://" + good + "@{proxy}"}, true, 0, 200, ""},
		{"wrong", []string{"-f", "-x", "http://" + bad + "@{proxy}"}, false, 22, 407, "The requested URL returned error: 407"},
		{"wrong", []string{"-x", "http://" + bad + "@{proxy}"}, true, 56, 407, "CONNECT tunnel failed, response 407"},
		{"wrong after a challenge", []string{"-x", "http://{proxy}", "--proxy-anyauth", "-U", bad}, true, 56, 407, "CONNECT tunnel failed, response 407"},
		{"none", []string{"-x", "http://{proxy}"}, true, 56, 407, "CONNECT tunnel failed, response 407"},
	}
	eachCurlWay(t, func(t *testing.T, w *curlWorld, way *curlWay) {
		for _, tt := range tests {
			if tt.tunnel != way.tunnels() {
				continue
			}
			t.Run(tt.name, func(t *testing.T) {
				got := w.bareCurl(t, way, nil, append(slices.Clone(tt.args), "-H", "X-Api-Key: "+curlID, "{base}/")...)
				status := got.info[0].Status
				if tt.tunnel && tt.exit != 0 {
					status = got.info[0].Connect
				}
				if got.exit != tt.exit || status != tt.status || !strings.Contains(got.stderr, tt.stderr) || (len(got.seen) == 1) != (tt.exit == 0) {
					t.Fatalf("want exit status %d, status %d and %q; got %s", tt.exit, tt.status, tt.stderr, got)
				}
				if tt.exit == 0 && (got.seen[0].header.Get("X-Api-Key") != way.sent || len(got.seen[0].header["Proxy-Authorization"]) != 0) {
					t.Errorf("the origin got %v, want %s and not egret's key", got.seen[0].header, way.sent)
				}
			})
		}
	})
}

// A field for the proxy is sent with CONNECT, and goes no further. Without a
// tunnel curl sends it with the request, of which it is a part then.
func TestCurlProxyHeader(t *testing.T) {
	eachCurlWay(t, func(t *testing.T, w *curlWorld, way *curlWay) {
		got := w.curl(t, way, nil, "--proxy-header", "X-For-Proxy: 1", "{base}/")
		if got.exit != 0 || len(got.seen) != 1 {
			t.Fatalf("want an answer; got %s", got)
		}
		if _, passed := got.seen[0].header["X-For-Proxy"]; passed == way.tunnels() {
			t.Errorf("the origin got X-For-Proxy: %t, want %t", passed, !way.tunnels())
		}
	})
}

// Without egret's authority, and without that of the origin in a tunnel that is
// not decrypted, curl ends with 60 and has sent nothing.
func TestCurlWithoutAuthority(t *testing.T) {
	w := startCurlWorld(t)
	for _, base := range []string{"https://api.acme.test", "https://blind.acme.test"} {
		got := w.curl(t, &curlWay{base: base}, nil, "-H", "Authorization: Bearer "+curlID, "{base}/")
		if got.exit != 60 || got.info[0].Connect != 200 || !strings.Contains(got.stderr, "SSL certificate problem") || len(got.seen) != 0 {
			t.Errorf("%s: want exit status 60 in the tunnel and nothing sent; got %s", base, got)
		}
	}
}

// A host that nothing permits is refused at CONNECT already.
func TestCurlDeniedHost(t *testing.T) {
	w := startCurlWorld(t)
	got := w.curl(t, &curlWay{base: "https://denied.acme.test"}, nil, "{base}/")
	if got.exit != 56 || got.info[0].Connect != 403 || !strings.Contains(got.stderr, "CONNECT tunnel failed, response 403") || len(got.seen) != 0 {
		t.Errorf("want 403 at CONNECT; got %s", got)
	}
}
