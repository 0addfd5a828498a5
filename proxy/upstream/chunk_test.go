package upstream_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http/httputil"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/egress"
	"github.com/egret-proxy/egret/proxy/upstream"
)

// TestChunks: a chunked body is read strictly, and one that is refused is
// never taken for whole.
func TestChunks(t *testing.T) {
	const malformed = "http_protocol_error"
	tail := "\r\nok\r\n0\r\n\r\n"
	for _, test := range []struct{ name, text, proxyError string }{
		{"plain", "2" + tail, ""},
		{"leading zeros", "000000000000002" + tail, ""},
		{"fifteen digits are the most", "0000000000000002" + tail, malformed},
		{"overflow", "10000000000000002" + tail, malformed},
		{"largest", "fffffffffffffff" + tail, "http_response_incomplete"},
		{"0x", "0x2" + tail, malformed},
		{"sign", "+2" + tail, malformed},
		{"minus", "-2" + tail, malformed},
		{"no digit", "g" + tail, malformed},
		{"empty length", tail, malformed},
		{"only an extension", ";a" + tail, malformed},
		{"blank first", " 2" + tail, malformed},
		{"blank behind", "2 " + tail, malformed},
		{"underscore", "0_2" + tail, malformed},
		{"extension", "2;a" + tail, ""},
		{"extension with a value", "2;a=b" + tail, ""},
		{"extension behind blanks", "2 \t;a" + tail, malformed},
		{"extension in quotes", `2;a="b;c\""` + tail, ""},
		{"empty extension", "2;" + tail, ""},
		{"two extensions", "2;a;b=c" + tail, ""},
		{"extension of another kind", "2 a" + tail, malformed},
		{"carriage return in an extension", "2;a\rb" + tail, malformed},
		{"nul in an extension", "2;a\x00" + tail, malformed},
		{"longest line", "2;" + strings.Repeat("a", 254) + tail, ""},
		{"too long a line", "2;" + strings.Repeat("a", 255) + tail, malformed},
		{"endless line", "2;" + strings.Repeat("a", 100_000), malformed},
		{"bare line feed behind the length", "2\nok\r\n0\r\n\r\n", malformed},
		{"bare line feed behind the chunk", "2\r\nok\n0\r\n\r\n", malformed},
		{"bare line feed behind the last chunk", "2\r\nok\r\n0\n\r\n", malformed},
		{"bare line feed at the end", "2\r\nok\r\n0\r\n\n", malformed},
		{"bare carriage return", "2\rok\r\n0\r\n\r\n", malformed},
		{"no line end behind the chunk", "2\r\nok0\r\n\r\n", malformed},
		{"longer than its length", "2\r\nokay\r\n0\r\n\r\n", malformed},
		{"two line ends", "2\r\nok\r\n\r\n0\r\n\r\n", malformed},
		{"trailer", "2\r\nok\r\n0\r\nX: 1\r\n\r\n", ""},
		{"extension of the last chunk", "2\r\nok\r\n00;a=b\r\n\r\n", ""},
		{"folded trailer", "2\r\nok\r\n0\r\nX: 1\r\n 2\r\n\r\n", malformed},
		{"trailer without a colon", "2\r\nok\r\n0\r\nX\r\n\r\n", malformed},
		{"trailer with a bare line feed", "2\r\nok\r\n0\r\nX: 1\nY: 2\r\n\r\n", malformed},
		{"trailer with a nul", "2\r\nok\r\n0\r\nX: \x00\r\n\r\n", malformed},
		{"most trailer fields", "2\r\nok\r\n0\r\n" + strings.Repeat("X: 1\r\n", 64) + "\r\n", ""},
		{"too many trailer fields", "2\r\nok\r\n0\r\n" + strings.Repeat("X: 1\r\n", 65) + "\r\n", malformed},
		{"large trailer", "2\r\nok\r\n0\r\nX: " + strings.Repeat("a", 8<<10-7) + "\r\n\r\n", ""},
		{"too large a trailer", "2\r\nok\r\n0\r\nX: " + strings.Repeat("a", 8<<10-6) + "\r\n\r\n", malformed},
		{"endless trailer", "2\r\nok\r\n0\r\n" + strings.Repeat("X: "+strings.Repeat("a", 1000)+"\r\n", 100), malformed},
	} {
		for how, read := range readings {
			t.Run(test.name+", "+how, func(t *testing.T) {
				o := newOrigin(t, once(chunked+test.text))
				got, err := call(t.Context(), newTransport(t, upstream.Options{}), o.get(), read)
				if test.proxyError != "" {
					wantProxyError(t, err, functions.UpstreamProtocol, test.proxyError)
				} else if err != nil || got.Body != "ok" {
					t.Errorf("got %v, %v, want ok", got, err)
				}
			})
		}
	}
}

// extensionBlanks are those that RFC 9112 section 7.1.1 permits before an
// extension, and net/http does not.
var extensionBlanks = regexp.MustCompile(`[ \t]+;`)

// FuzzChunks holds the reader of chunks against that of net/http: what it
// accepts, net/http accepts as well, and reads the same bytes.
func FuzzChunks(f *testing.F) {
	for _, seed := range []string{
		"0\r\n\r\n", "2\r\nok\r\n0\r\n\r\n", "2;a=b\r\nok\r\n0\r\nX: 1\r\n\r\n", "2 ;a\r\nok\r\n0\r\n\r\n", "0x2\r\nok\r\n0\r\n\r\n",
		"2\nok\n0\n\n", "\r\n", "ffffffffffffffffff\r\n", "1\r\no\r\n1\r\nk\r\n00000\r\n\r\n", "2\r\nokay\r\n0\r\n\r\n", "-1\r\n", "A\r\n0123456789\r\n0\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		transport, err := upstream.New(upstream.Options{Dialer: &egress.Dialer{Dial: func(context.Context, string, string) (net.Conn, error) {
			return &recorded{from: bytes.NewReader(append([]byte(chunked), text...))}, nil
		}}})
		if err != nil {
			t.Fatal(err)
		}
		defer transport.Close()
		req := &upstream.Request{Method: "GET", Scheme: "http", Host: "a.test", Port: 80, Authority: "a.test", Target: []byte("/")}
		got, err := call(t.Context(), transport, req, readings["streamed"])
		if err != nil {
			wantRefusal(t, err, functions.UpstreamProtocol)
			return
		}
		theirs, err := io.ReadAll(httputil.NewChunkedReader(bytes.NewReader(text)))
		if err != nil && extensionBlanks.Match(text) {
			return
		}
		if err != nil && strings.Contains(err.Error(), "too much non-data") {
			return // net/http bounds the sum of what is no data
		}
		if err != nil || got.Body != string(theirs) {
			t.Errorf("%q gives %q, and to net/http %q, %v", text, got.Body, theirs, err)
		}
	})
}

// A recorded connection takes what is written, and gives what was recorded.
type recorded struct {
	net.Conn
	from io.Reader
}

func (*recorded) Write(p []byte) (int, error)  { return len(p), nil }
func (r *recorded) Read(p []byte) (int, error) { return r.from.Read(p) }
func (*recorded) Close() error                 { return nil }

func (*recorded) SetReadDeadline(time.Time) error  { return nil }
func (*recorded) SetWriteDeadline(time.Time) error { return nil }
