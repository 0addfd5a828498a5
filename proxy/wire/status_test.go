package wire_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/wire"
)

func TestParseStatus(t *testing.T) {
	for _, test := range []struct {
		line string
		want *wire.Status
	}{
		{"HTTP/1.1 200 OK", &wire.Status{Code: 200, Reason: []byte("OK")}},
		{"HTTP/1.0 404 Not Found", &wire.Status{Code: 404, HTTP10: true, Reason: []byte("Not Found")}},
		{"HTTP/1.1 100 ", &wire.Status{Code: 100, Reason: []byte{}}},
		{"HTTP/1.1 999", &wire.Status{Code: 999}},
		{"HTTP/1.1 200  \u00fc\t", &wire.Status{Code: 200, Reason: []byte(" \u00fc\t")}},
		{"", nil},
		{"HTTP/1.1", nil},
		{"HTTP/1.1 20", nil},
		{"HTTP/1.1 2000", nil},
		{"HTTP/1.1 200OK", nil},
		{"HTTP/1.1 200\tOK", nil},
		{"HTTP/1.1  200 OK", nil},
		{"HTTP/1.1\t200 OK", nil},
		{" HTTP/1.1 200 OK", nil},
		{"HTTP/1.1 099 OK", nil},
		{"HTTP/1.1 +20 OK", nil},
		{"HTTP/1.1 2x0 OK", nil},
		{"HTTP/1.2 200 OK", nil},
		{"HTTP/1.  200 OK", nil},
		{"HTTP/2.0 200 OK", nil},
		{"HTTP/11 200 OK", nil},
		{"http/1.1 200 OK", nil},
		{"HTTPS/1.1 200 OK", nil},
		{"ICY 200 OK------", nil},
		{"HTTP/1.1 200 O\rK", nil},
		{"HTTP/1.1 200 O\nK", nil},
		{"HTTP/1.1 200 O\x00K", nil},
	} {
		got, err := wire.ParseStatus([]byte(test.line))
		if test.want == nil {
			if err != wire.StatusLine {
				t.Errorf("%q: got error %v, want %v", test.line, err, wire.StatusLine)
			}
			continue
		}
		if err != nil {
			t.Errorf("%q: got error %v", test.line, err)
		}
		if diff := cmp.Diff(*test.want, got); diff != "" {
			t.Errorf("%q differs (-want +got):\n%s", test.line, diff)
		}
	}
}

// FuzzParseStatus: what is accepted, net/http reads in the same way.
func FuzzParseStatus(f *testing.F) {
	for _, seed := range []string{"HTTP/1.1 200 OK", "HTTP/1.0 404", "HTTP/1.1 200 ", "HTTP/1.1  200 OK", "HTTP/1.1 099 X"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		got, err := wire.ParseStatus([]byte(line))
		if err != nil {
			return
		}
		theirs, err := http.ReadResponse(bufio.NewReader(strings.NewReader(line+"\r\nContent-Length: 0\r\n\r\n")), nil)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", line, err)
		}
		defer theirs.Body.Close()
		if theirs.StatusCode != got.Code || theirs.ProtoAtLeast(1, 1) == got.HTTP10 {
			t.Errorf("%q is %+v, and to net/http %d, %s", line, got, theirs.StatusCode, theirs.Proto)
		}
	})
}
