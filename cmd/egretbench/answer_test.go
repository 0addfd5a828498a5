package main

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"
)

func TestAnswerReader(t *testing.T) {
	type got struct {
		Status int
		Body   string
		Length int64
		Close  bool
	}
	tests := []struct {
		name, text string
		want       []got
		err        string // of the answer behind those
	}{
		{
			name: "a length",
			text: "HTTP/1.1 200 OK\r\nDate: now\r\ncOnTent-LENGTH:  5\r\n\r\nhello",
			want: []got{{Status: 200, Body: "hello", Length: 5}},
			err:  "EOF",
		},
		{
			name: "one behind the other",
			text: "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nhi",
			want: []got{{Status: 404}, {Status: 200, Body: "hi", Length: 2, Close: true}},
			err:  "EOF",
		},
		{
			name: "chunks, an extension and a trailer",
			text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\nA\r\n0123456789\r\n0\r\nX-Sum: 1\r\n\r\n",
			want: []got{{Status: 200, Body: "abc0123456789", Length: 13}},
			err:  "EOF",
		},
		{
			name: "more than is kept",
			text: "HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + strings.Repeat("0123456789", 900),
			want: []got{{Status: 200, Body: strings.Repeat("0123456789", 900)[:keepBody], Length: 9000}},
			err:  "EOF",
		},
		{
			name: "a body that ends early",
			text: "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell",
			err:  "unexpected EOF",
		},
		{
			name: "chunks that end early",
			text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
			err:  "unexpected EOF",
		},
		{
			name: "a head that ends early",
			text: "HTTP/1.1 200 OK\r\nContent-Le",
			err:  "unexpected EOF",
		},
		{
			name: "a chunk longer than it said",
			text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
			err:  `a chunk ends with "d"`,
		},
		{
			name: "a chunk without a size",
			text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nabc\r\n",
			want: nil,
			err:  "unexpected EOF", // 0xabc bytes that do not come
		},
		{
			name: "a chunk whose size is none",
			text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
			err:  `a chunk begins with "xyz"`,
		},
		{name: "no length at all", text: "HTTP/1.1 200 OK\r\n\r\nhello", err: "the answer has neither Content-Length nor chunks"},
		{name: "a bad length", text: "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", err: `content-length is "-1"`},
		{name: "no HTTP", text: "SSH-2.0-OpenSSH_9.6\r\n", err: `the answer begins with "SSH-2.0-OpenSSH_9.6"`},
		{name: "no status", text: "HTTP/1.1 abc OK\r\n", err: `the answer begins with "HTTP/1.1 abc OK"`},
		{name: "nothing", text: "", err: "EOF"},
	}
	for _, tt := range tests {
		for how, reader := range map[string]io.Reader{
			"at once":      strings.NewReader(tt.text),
			"byte by byte": iotest.OneByteReader(strings.NewReader(tt.text)),
		} {
			t.Run(tt.name+" "+how, func(t *testing.T) {
				answers := newAnswerReader(reader, 4<<10)
				var list []got
				var err error
				for err == nil {
					var one answer
					if one, err = answers.read(); err == nil {
						list = append(list, got{one.status, string(one.body), one.length, one.close})
					}
				}
				if diff := cmp.Diff(tt.want, list); diff != "" {
					t.Errorf("answers (-want +got):\n%s", diff)
				}
				if err.Error() != tt.err {
					t.Errorf("error %q, want %q", err, tt.err)
				}
			})
		}
	}
}

func FuzzAnswerReader(f *testing.F) {
	f.Add("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
	f.Add("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\n\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		answers := newAnswerReader(strings.NewReader(text), 4<<10)
		for read := int64(0); ; {
			got, err := answers.read()
			if err != nil {
				return
			}
			if read += got.length; read > int64(len(text)) {
				t.Fatalf("%d bytes of bodies out of %d of text", read, len(text))
			}
		}
	})
}
