package proxy

import (
	"bytes"
	"regexp"
	"testing"
)

// requestLine is what a request line of HTTP/1 begins with.
var requestLine = regexp.MustCompile("^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32} [^\x00-\x20\x7f]+ HTTP/1\\.")

// FuzzProtocolOf holds protocolOf against a pattern, and sees that no later byte
// changes what was decided.
func FuzzProtocolOf(f *testing.F) {
	for _, text := range []string{
		"", "\x16\x03\x01", "GET / HTTP/1.1\r\n", "GET / HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\n", "GET  / HTTP/1.1", " / HTTP/1.1",
		"SSH-2.0-x\r\n", "CONNECT a.test:443 HTTP/1.0\r\n", "GET /\x00 HTTP/1.1", "GET /", "GET / HTTP/1", "\r\nGET / HTTP/1.1",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := protocolOf(text)
		// The pattern knows nothing of UTF-8.
		latin := bytes.Map(func(r rune) rune { return r }, bytes.ReplaceAll(text, []byte{0xff}, []byte("x")))
		if want := requestLine.Match(latin); bytes.Equal(latin, text) && want != (got == httpProtocol) {
			t.Errorf("%q: got %d, want a request line: %t", text, got, want)
		}
		decided := unclearProtocol
		for i := range len(text) + 1 {
			at := protocolOf(text[:i])
			if decided != unclearProtocol && at != decided {
				t.Fatalf("%q is %d, and was %d before", text[:i], at, decided)
			}
			decided = at
		}
	})
}
