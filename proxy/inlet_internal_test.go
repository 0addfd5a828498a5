package proxy

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// A handed is a request as an inlet hands it out.
type handed struct {
	Head, Body string
	Fault      bool // there is something wrong with the head, or with the body
	Cut        bool // the connection ended before the request did
}

// A feed is a connection that gives its text in pieces. Each cut is how long a
// piece is; the last one holds for all that follow, 0 is everything.
type feed struct {
	text string
	cuts []byte
	read int
}

func (f *feed) Read(p []byte) (int, error) {
	if f.read == len(f.text) {
		return 0, io.EOF
	}
	rest := f.text[f.read:]
	if len(f.cuts) > 0 {
		if n := int(f.cuts[0]); n > 0 {
			rest = rest[:min(n, len(rest))]
		}
		if len(f.cuts) > 1 {
			f.cuts = f.cuts[1:]
		}
	}
	n := copy(p, rest)
	f.read += n
	return n, nil
}

// hand reads all requests of a stream as fasthttp does: heads into a buffer of
// this size, bodies in parts of that size. It stops behind the first request
// that has a fault, as the gate does.
func hand(f *feed, room, part int) (list []handed) {
	in, head, body := &inlet{most: 20}, make([]byte, room), make([]byte, part)
	for {
		n, err := in.readHead(head, f.Read)
		if n == 0 && err != nil {
			return list
		}
		got := handed{Head: strings.TrimLeft(string(head[:n]), "\r\n"), Fault: in.fault != nil}
		got.Cut = !strings.HasSuffix(got.Head, "\r\n\r\n")
		if !got.Cut && in.fault == nil {
			got.Head = string(in.raw) // of which fasthttp gets a part
		}
		for err = nil; err == nil; {
			n, err = in.readBody(body, f.Read)
			got.Body += string(body[:n])
		}
		got.Cut = got.Cut || errors.Is(err, io.ErrUnexpectedEOF)
		got.Fault = got.Fault || errors.Is(err, errBody)
		if list = append(list, got); got.Fault || got.Cut {
			return list
		}
	}
}

const chunkedHead = "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"

// inletStreams are streams, and the requests in them.
var inletStreams = []struct {
	name, text string
	want       []handed
}{
	{"nothing", "", nil},
	{"a request", "GET / HTTP/1.1\r\nHost: x\r\n\r\n", []handed{{Head: "GET / HTTP/1.1\r\nHost: x\r\n\r\n"}}},
	{"requests without a body", "GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\n\r\n", []handed{
		{Head: "GET /1 HTTP/1.1\r\n\r\n"}, {Head: "GET /2 HTTP/1.1\r\n\r\n"}, {Head: "GET /3 HTTP/1.1\r\n\r\n"},
	}},
	{"bodies of every framing", "POST /l HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello" + chunkedHead + "5\r\nhello\r\n0\r\n\r\nPOST /e HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /n HTTP/1.1\r\n\r\n", []handed{
		{Head: "POST /l HTTP/1.1\r\nContent-Length: 5\r\n\r\n", Body: "hello"},
		{Head: chunkedHead, Body: "hello"},
		{Head: "POST /e HTTP/1.1\r\nContent-Length: 0\r\n\r\n"},
		{Head: "GET /n HTTP/1.1\r\n\r\n"},
	}},
	{"chunks with extensions and a trailer", chunkedHead + "2;a=\"b\"\r\nhe\r\n3\r\nllo\r\n0\r\nX-T: 1\r\nX-U: 2\r\n\r\nGET / HTTP/1.1\r\n\r\n", []handed{
		{Head: chunkedHead, Body: "hello"},
		{Head: "GET / HTTP/1.1\r\n\r\n"},
	}},
	{"a body that looks like a request", "POST / HTTP/1.1\r\nContent-Length: 18\r\n\r\nGET /x HTTP/1.1\r\n\r", []handed{
		{Head: "POST / HTTP/1.1\r\nContent-Length: 18\r\n\r\n", Body: "GET /x HTTP/1.1\r\n\r"},
	}},
	{"empty lines before requests", "\r\n\r\nGET /1 HTTP/1.1\r\n\r\n\r\nPOST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\nok\r\nGET /3 HTTP/1.1\r\n\r\n", []handed{
		{Head: "GET /1 HTTP/1.1\r\n\r\n"}, {Head: "POST /2 HTTP/1.1\r\nContent-Length: 2\r\n\r\n", Body: "ok"}, {Head: "GET /3 HTTP/1.1\r\n\r\n"},
	}},
	{"a body that ends early", "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhello", []handed{
		{Head: "POST / HTTP/1.1\r\nContent-Length: 9\r\n\r\n", Body: "hello", Cut: true},
	}},
	{"two lengths", "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nokGET / HTTP/1.1\r\n\r\n", []handed{
		{Head: "POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\n", Fault: true},
	}},
	{"a length and chunks", "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\nokGET / HTTP/1.1\r\n\r\n", []handed{
		{Head: "POST / HTTP/1.1\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", Fault: true},
	}},
	{"too many fields", "GET / HTTP/1.1\r\n" + strings.Repeat("A: b\r\n", 21) + "\r\nGET / HTTP/1.1\r\n\r\n", []handed{
		{Head: "GET / HTTP/1.1\r\n" + strings.Repeat("A: b\r\n", 21) + "\r\n", Fault: true},
	}},
}

// However a stream comes in, the requests are the same.
func TestInlet(t *testing.T) {
	for _, tt := range inletStreams {
		t.Run(tt.name, func(t *testing.T) {
			check := func(cuts []byte, room, part int) {
				t.Helper()
				got := hand(&feed{text: tt.text, cuts: cuts}, room, part)
				if diff := cmp.Diff(tt.want, got, cmpopts.EquateEmpty()); diff != "" {
					t.Fatalf("cut %v, with room for %d and parts of %d, it differs (-want +got):\n%s", cuts, room, part, diff)
				}
			}
			for at := range min(len(tt.text)+1, 256) {
				for _, part := range []int{1, 7, 512} {
					check([]byte{byte(at), 0}, 256, part) // two pieces
					check([]byte{byte(at)}, 256, part)    // pieces of that size
				}
			}
		})
	}
}

// What is not going to be a head, or is too long for one, is handed out as it
// came, and nothing behind it is.
func TestInletGarbage(t *testing.T) {
	for name, text := range map[string]string{
		"too long":           "GET / HTTP/1.1\r\nX-Long: " + strings.Repeat("x", 300) + "\r\n\r\nGET / HTTP/1.1\r\n\r\n",
		"no line ever":       strings.Repeat("x", 1000),
		"bare line feeds":    "GET / HTTP/1.1\nHost: x\n\nGET / HTTP/1.1\r\n\r\n",
		"one bare line feed": "GET / HTTP/1.1\r\nHost: x\nGET / HTTP/1.1\r\n\r\n",
		"TLS":                "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + strings.Repeat("\x00", 300),
		"only empty lines":   strings.Repeat("\r\n", 500),
	} {
		for size := range 40 {
			in, room := &inlet{most: 20}, make([]byte, 256)
			f := &feed{text: text, cuts: []byte{byte(size)}}
			n, err := in.readHead(room, f.Read)
			if err != nil || !strings.HasPrefix(text, string(room[:n])) || n == 0 {
				t.Fatalf("%s: got %q (error: %v), want the beginning of the stream", name, room[:n], err)
			}
			if feed := bytes.IndexByte(room[:n], '\n'); n < len(room) && in.fault == nil {
				t.Errorf("%s: got %q, with a line end at %d, want a full buffer or a fault", name, room[:n], feed)
			}
			if n, err := in.readBody(room, f.Read); n != 0 || !errors.Is(err, io.EOF) {
				t.Errorf("%s: got %q (error: %v) behind it, want nothing", name, room[:n], err)
			}
		}
	}
}

// FuzzInlet holds what comes of a stream in pieces against what comes of it in
// whole.
func FuzzInlet(f *testing.F) {
	for _, tt := range inletStreams {
		f.Add(tt.text, []byte{0}, byte(0))
		f.Add(tt.text, []byte{1}, byte(1))
		f.Add(tt.text, []byte{3, 1, 5, 20, 0}, byte(9))
	}
	f.Fuzz(func(t *testing.T, text string, cuts []byte, part byte) {
		want := hand(&feed{text: text}, 4096, 4096)
		got := hand(&feed{text: text, cuts: cuts}, 4096, 1+int(part))
		if len(got) != len(want) {
			t.Fatalf("got %d requests, want %d\ngot:  %+v\nwant: %+v", len(got), len(want), got, want)
		}
		for i := range want {
			if want[i].Fault || want[i].Cut {
				// How much of what is refused has come is a matter of the pieces.
				if !got[i].Fault && !got[i].Cut {
					t.Errorf("got %+v, want %+v", got[i], want[i])
				}
				continue
			}
			if end := strings.Index(got[i].Head, "\r\n\r\n"); end != len(got[i].Head)-4 {
				t.Errorf("the head %q has an end at %d", got[i].Head, end)
			}
			if diff := cmp.Diff(want[i], got[i]); diff != "" {
				t.Errorf("request %d differs (-want +got):\n%s", i, diff)
			}
		}
	})
}
