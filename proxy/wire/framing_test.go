package wire_test

import (
	"bufio"
	"bytes"
	"net/http"
	"testing"

	"github.com/egret-proxy/egret/proxy/wire"
)

func TestFramingOf(t *testing.T) {
	none := wire.Framing{Length: -1}
	for _, test := range []struct {
		name, raw string
		http10    bool
		want      wire.Framing
		err       error
	}{
		{"none", "a: b\r\n", false, none, nil},
		{"length", "content-LENGTH: 42\r\n", false, wire.Framing{Length: 42}, nil},
		{"zero", "Content-Length: 0\r\n", false, wire.Framing{}, nil},
		{"leading zeros", "Content-Length: 0042\r\n", false, wire.Framing{Length: 42}, nil},
		{"largest", "Content-Length: 999999999999999999\r\n", false, wire.Framing{Length: 999999999999999999}, nil},
		{"chunked", "Transfer-Encoding: CHUNKED\r\n", false, wire.Framing{Length: -1, Chunked: true}, nil},
		{"length in HTTP/1.0", "Content-Length: 2\r\n", true, wire.Framing{Length: 2}, nil},
		{"overflow", "Content-Length: 1000000000000000000\r\n", false, none, wire.Length},
		{"empty length", "Content-Length:\r\n", false, none, wire.Length},
		{"sign", "Content-Length: +2\r\n", false, none, wire.Length},
		{"minus", "Content-Length: -2\r\n", false, none, wire.Length},
		{"hexadecimal", "Content-Length: 0x2\r\n", false, none, wire.Length},
		{"list", "Content-Length: 2, 2\r\n", false, none, wire.Length},
		{"blank within", "Content-Length: 2 2\r\n", false, none, wire.Length},
		{"twice", "Content-Length: 2\r\nContent-Length: 2\r\n", false, none, wire.LengthTwice},
		{"twice, of which one is zero", "Content-Length: 0\r\nContent-Length: 2\r\n", false, none, wire.LengthTwice},
		{"both", "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n", false, none, wire.LengthAndCoding},
		{"both, the other way", "Transfer-Encoding: chunked\r\nContent-Length: 0\r\n", false, none, wire.LengthAndCoding},
		{"gzip", "Transfer-Encoding: gzip\r\n", false, none, wire.Coding},
		{"list of codings", "Transfer-Encoding: gzip, chunked\r\n", false, none, wire.Coding},
		{"identity", "Transfer-Encoding: identity\r\n", false, none, wire.Coding},
		{"empty coding", "Transfer-Encoding:\r\n", false, none, wire.Coding},
		{"chunked, chunked", "Transfer-Encoding: chunked, chunked\r\n", false, none, wire.Coding},
		{"xchunked", "Transfer-Encoding: xchunked\r\n", false, none, wire.Coding},
		{"parameter", "Transfer-Encoding: chunked;a=b\r\n", false, none, wire.Coding},
		{"chunked twice", "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", false, none, wire.CodingTwice},
		{"chunked in HTTP/1.0", "Transfer-Encoding: chunked\r\n", true, none, wire.CodingOfHTTP10},
	} {
		t.Run(test.name, func(t *testing.T) {
			fields, err := wire.Scan(nil, []byte(test.raw), 9)
			if err != nil {
				t.Fatal(err)
			}
			got, err := wire.FramingOf(fields, test.http10)
			if err != test.err {
				t.Errorf("got error %v, want %v", err, test.err)
			}
			if err == nil && got != test.want {
				t.Errorf("got %v, want %v", got, test.want)
			}
		})
	}
}

// FuzzFraming holds the framing of an answer against net/http: what is
// accepted, that delimits in the same way.
func FuzzFraming(f *testing.F) {
	for _, seed := range []string{
		"Content-Length: 3\r\n", "Transfer-Encoding: chunked\r\n", "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
		"Content-Length: 3\r\nContent-Length: 4\r\n", "Transfer-Encoding: Chunked\r\nx: y\r\n", "Content_Length: 3\r\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		fields, err := wire.Scan(nil, raw, 1000)
		if err != nil || bytes.HasSuffix(append([]byte("\r\n"), raw...), []byte("\r\n\r\n")) {
			return
		}
		got, err := wire.FramingOf(fields, false)
		if err != nil || wire.KindsOf(fields).Has(wire.Trailer) {
			return // net/http refuses what it does not like in Trailer
		}
		text := append(append([]byte("HTTP/1.1 200 OK\r\n"), raw...), "\r\n"...)
		theirs, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(text)), nil)
		if err != nil {
			t.Fatalf("net/http refuses %q: %v", raw, err)
		}
		defer theirs.Body.Close()
		chunked := len(theirs.TransferEncoding) == 1 && theirs.TransferEncoding[0] == "chunked"
		if theirs.ContentLength != got.Length || chunked != got.Chunked {
			t.Errorf("%q is %+v, and to net/http %d, %v", raw, got, theirs.ContentLength, theirs.TransferEncoding)
		}
	})
}
