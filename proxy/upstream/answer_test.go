package upstream_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/upstream"
	"github.com/egret-proxy/egret/proxy/wire"
)

// TestAnswer: fields, lengths and bodies, however they are read.
func TestAnswer(t *testing.T) {
	for _, test := range []struct {
		name, method, answer string
		want                 result
	}{
		{"length", "GET", ok, result{200, "OK", 2, []string{"Content-Length: 2"}, nil, "ok"}},
		{"chunked", "GET", chunked + "2\r\nok\r\n0\r\n\r\n", result{200, "OK", -1, []string{"Transfer-Encoding: chunked"}, nil, "ok"}},
		{"chunked in capitals", "GET", "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n", result{200, "OK", -1, []string{"transfer-encoding: Chunked"}, nil, "ok"}},
		{"empty", "GET", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", result{404, "Not Found", 0, []string{"Content-Length: 0"}, nil, ""}},
		{"no reason", "GET", "HTTP/1.1 299\r\nContent-Length: 0\r\n\r\n", result{299, "", 0, []string{"Content-Length: 0"}, nil, ""}},
		{"odd reason", "GET", "HTTP/1.1 200  \u00fc b\t\r\nContent-Length: 0\r\n\r\n", result{200, " \u00fc b\t", 0, []string{"Content-Length: 0"}, nil, ""}},
		{"odd status", "GET", "HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n", result{999, "X", 0, []string{"Content-Length: 0"}, nil, ""}},
		{"spelling and order", "GET", "HTTP/1.1 200 OK\r\nx-b: 1\r\nX-A: 2\r\nx-B:3 \r\nSet-Cookie: b=1\r\nSet-Cookie: a=1\r\nDate: today\r\nETag: \"x\"\r\nX-Empty:\r\nContent-Length: 0\r\nServer: \u00fc\r\n\r\n", result{200, "OK", 0, []string{
			"x-b: 1", "X-A: 2", "x-B: 3", "Set-Cookie: b=1", "Set-Cookie: a=1", "Date: today", `ETag: "x"`, "X-Empty: ", "Content-Length: 0", "Server: \u00fc",
		}, nil, ""}},
		{"head", "HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", result{200, "OK", 0, []string{"Content-Length: 2"}, nil, ""}},
		{"head of chunks", "HEAD", chunked, result{200, "OK", 0, []string{"Transfer-Encoding: chunked"}, nil, ""}},
		{"head without a length", "HEAD", "HTTP/1.1 200 OK\r\n\r\n", result{200, "OK", 0, nil, nil, ""}},
		{"no content", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n", result{204, "No Content", 0, nil, nil, ""}},
		{"no content with a length", "DELETE", "HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n", result{204, "No Content", 0, []string{"Content-Length: 9"}, nil, ""}},
		{"not modified", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", result{304, "Not Modified", 0, []string{"Content-Length: 9"}, nil, ""}},
		{"redirect is an answer", "GET", "HTTP/1.1 302 Found\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n", result{302, "Found", 0, []string{"Location: https://evil.test/", "Content-Length: 0"}, nil, ""}},
		{"interim answers are passed over", "GET", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n" + ok, result{200, "OK", 2, []string{"Content-Length: 2"}, nil, "ok"}},
		{"trailer", "GET", chunked + "2\r\nok\r\n0\r\nx-Sum: 1\r\nX-sum:  2 \r\n\r\n", result{200, "OK", -1, []string{"Transfer-Encoding: chunked"}, []string{"x-Sum: 1", "X-sum: 2"}, "ok"}},
		{"extensions are dropped", "GET", chunked + "1;a=b\r\no\r\n01;c=\"d;e\"\r\nk\r\n000;f\r\n\r\n", result{200, "OK", -1, []string{"Transfer-Encoding: chunked"}, nil, "ok"}},
	} {
		for how, read := range readings {
			t.Run(test.name+", "+how, func(t *testing.T) {
				o := newOrigin(t, answering(test.answer))
				transport := newTransport(t, upstream.Options{})
				for range 2 {
					req := o.get()
					req.Method = test.method
					got, err := call(t.Context(), transport, req, read)
					if err != nil {
						t.Fatal(err)
					}
					if diff := cmp.Diff(&test.want, got); diff != "" {
						t.Errorf("the answer differs (-want +got):\n%s", diff)
					}
				}
				o.wantSeen(t, 1, 2)
			})
		}
	}
}

// TestHeadLength: what the head says of the length is told apart from what the
// body has.
func TestHeadLength(t *testing.T) {
	for _, test := range []struct {
		method, answer string
		length, head   int64
		hides          bool
	}{
		{"GET", ok, 2, 2, false},
		{"HEAD", ok[:len(ok)-2], 0, 2, true},
		{"GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n", 0, 7, true},
		{"GET", chunked + "0\r\n\r\n", -1, -1, false},
		{"HEAD", "HTTP/1.1 200 OK\r\n\r\n", 0, -1, true},
	} {
		o := newOrigin(t, answering(test.answer))
		req := o.get()
		req.Method = test.method
		var a upstream.Answer
		if err := newTransport(t, upstream.Options{}).RoundTrip(t.Context(), req, &a); err != nil {
			t.Fatal(err)
		}
		if a.Length != test.length || a.HeadLength != test.head || a.HidesBody() != test.hides {
			t.Errorf("%s, %q: Length %d, HeadLength %d, HidesBody %v, want %d, %d, %v", test.method, test.answer, a.Length, a.HeadLength, a.HidesBody(), test.length, test.head, test.hides)
		}
		a.Close()
	}
}

// TestUntilClose: a body without a length ends with the connection.
func TestUntilClose(t *testing.T) {
	for _, head := range []string{"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n\r\n"} {
		for how, read := range readings {
			t.Run(head[:8]+", "+how, func(t *testing.T) {
				body := strings.Repeat("0123456789", 5000)
				o := newOrigin(t, once(head+body))
				got, err := call(t.Context(), newTransport(t, upstream.Options{}), o.get(), read)
				if err != nil {
					t.Fatal(err)
				}
				if got.Length != -1 {
					t.Errorf("Length = %d, want -1", got.Length)
				}
				if got.Body != body {
					t.Errorf("the body has %d bytes, want %d, or differs", len(got.Body), len(body))
				}
			})
		}
	}
}

// TestSplitAnswer: an answer may come in two pieces that are cut at any byte.
func TestSplitAnswer(t *testing.T) {
	const answer = "HTTP/1.1 103 Early Hints\r\nX: 1\r\n\r\nHTTP/1.1 200 OK\r\nX-A: b\r\nTransfer-Encoding: chunked\r\n\r\n" +
		"1\r\no\r\n001;x=y\r\nk\r\n0\r\nX-Sum: 1\r\n\r\n"
	want := &result{200, "OK", -1, []string{"X-A: b", "Transfer-Encoding: chunked"}, []string{"X-Sum: 1"}, "ok"}
	cut := make(chan int, 1)
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		for {
			if _, err := o.head(r); err != nil {
				return
			}
			at := <-cut
			_, _ = io.WriteString(c, answer[:at])
			_, _ = io.WriteString(c, answer[at:])
		}
	})
	// A pipe hands over each piece by itself.
	transport := newTransport(t, upstream.Options{Dialer: o.inMemory()})
	for at := 1; at < len(answer); at++ {
		cut <- at
		got, err := call(t.Context(), transport, o.get(), readings["streamed"])
		if err != nil {
			t.Fatalf("cut at %d: %v", at, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("cut at %d: the answer differs (-want +got):\n%s", at, diff)
		}
	}
	o.wantSeen(t, 1, len(answer)-1)
}

// TestStreamArrivesPieceByPiece: an event is read before the next one is sent.
func TestStreamArrivesPieceByPiece(t *testing.T) {
	next := make(chan struct{})
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
		for range next {
			_, _ = io.WriteString(c, "9\r\ndata: 1\n\n\r\n")
		}
		_, _ = io.WriteString(c, "0\r\n\r\n")
	})
	var answer upstream.Answer
	if err := newTransport(t, upstream.Options{}).RoundTrip(t.Context(), o.get(), &answer); err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	if body, ok := answer.Buffered(); ok {
		t.Errorf("Buffered gives %q of a body that has not come", body)
	}
	event := make([]byte, 9)
	for range 3 {
		next <- struct{}{}
		if _, err := io.ReadFull(&answer, event); err != nil || string(event) != "data: 1\n\n" {
			t.Fatalf("read %q, %v", event, err)
		}
	}
	close(next)
	for range 2 {
		if n, err := answer.Read(event); n != 0 || err != io.EOF {
			t.Errorf("at the end: %d bytes, %v, want 0, io.EOF", n, err)
		}
	}
}

// TestBuffered: a body that has come in with the head is handed out without a
// Read, once.
func TestBuffered(t *testing.T) {
	for name, answer := range map[string]string{"ok": ok, "": "HTTP/1.1 204 No Content\r\n\r\n"} {
		o := newOrigin(t, answering(answer))
		transport := newTransport(t, upstream.Options{Dialer: o.inMemory()})
		for range 2 {
			var a upstream.Answer
			if err := transport.RoundTrip(t.Context(), o.get(), &a); err != nil {
				t.Fatal(err)
			}
			if body, whole := a.Buffered(); !whole || string(body) != name {
				t.Errorf("Buffered gives %q, %v, want %q", body, whole, name)
			}
			if n, err := a.Read(make([]byte, 9)); n != 0 || err != io.EOF {
				t.Errorf("Read behind it gives %d, %v, want 0, io.EOF", n, err)
			}
			a.Close()
		}
		o.wantSeen(t, 1, 2)
	}
}

// TestLateLineEnd: the bytes of a chunk do not wait for the line end behind it.
func TestLateLineEnd(t *testing.T) {
	next := make(chan struct{})
	o := newOrigin(t, func(o *origin, c net.Conn, r *bufio.Reader) {
		_, _ = o.head(r)
		_, _ = io.WriteString(c, chunked+"1\r\no")
		<-next
		_, _ = io.WriteString(c, "\r\n1\r\nk")
		<-next
		_, _ = io.WriteString(c, "\r\n0\r\n\r\n")
	})
	var answer upstream.Answer
	if err := newTransport(t, upstream.Options{StallTimeout: 10 * time.Second}).RoundTrip(t.Context(), o.get(), &answer); err != nil {
		t.Fatal(err)
	}
	defer answer.Close()
	defer close(next)
	for _, want := range []string{"o", "k"} {
		piece := make([]byte, 9)
		if n, err := answer.Read(piece); err != nil || string(piece[:n]) != want {
			t.Fatalf("read %q, %v, want %q", piece[:n], err, want)
		}
		next <- struct{}{}
	}
	if n, err := answer.Read(make([]byte, 9)); n != 0 || err != io.EOF {
		t.Errorf("at the end: %d, %v, want 0, io.EOF", n, err)
	}
}

// TestReadBehindClose: a closed answer, and one that never was, have nothing.
func TestReadBehindClose(t *testing.T) {
	for _, answer := range []string{byLength + "x", chunked + "ff\r\nx", "HTTP/1.1 200 OK\r\n\r\nx", ""} {
		var a upstream.Answer
		if answer != "" {
			o := newOrigin(t, stalling(answer))
			if err := newTransport(t, upstream.Options{}).RoundTrip(t.Context(), o.get(), &a); err != nil {
				t.Fatal(err)
			}
		}
		a.Close()
		a.Close()
		if n, err := a.Read(make([]byte, 9)); n != 0 || err == nil || err.Error() != "the answer is closed" {
			t.Errorf("Read gives %d, %v", n, err)
		}
		if body, ok := a.Buffered(); ok || len(body) > 0 {
			t.Errorf("Buffered gives %q, %v", body, ok)
		}
	}
}

// TestInterim: interim answers are handed on in order, but for 100.
func TestInterim(t *testing.T) {
	o := newOrigin(t, answering("HTTP/1.1 100 Continue\r\nX: 0\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\nlink: </b>\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n"+ok))
	var got []string
	req := o.get()
	req.Interim = func(code int, fields []wire.Field) {
		got = append(got, fmt.Sprint(code, linesOf(fields)))
	}
	mustCall(t, newTransport(t, upstream.Options{}), req)
	if diff := cmp.Diff([]string{"103 [Link: </a> link: </b>]", "199 []"}, got); diff != "" {
		t.Errorf("the interim answers differ (-want +got):\n%s", diff)
	}
}

// TestLimitsOfHead: MaxHead and MaxFields are what may come, to the byte.
func TestLimitsOfHead(t *testing.T) {
	head := func(size int) string {
		const begin, end = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: ", "\r\n\r\n"
		return begin + strings.Repeat("a", size-len(begin)-len(end)) + end
	}
	fields := func(n int) string {
		return "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + strings.Repeat("X: 1\r\n", n-1) + "\r\n"
	}
	for _, test := range []struct {
		name, head string
		options    upstream.Options
		proxyError string
	}{
		{"default head", head(64 << 10), upstream.Options{}, ""},
		{"large head", head(200 << 10), upstream.Options{MaxHead: 200 << 10}, ""},
		{"beyond default", head(64<<10 + 1), upstream.Options{}, "http_response_header_section_size"},
		{"far beyond", head(1 << 20), upstream.Options{}, "http_response_header_section_size"},
		{"beyond small", head(1001), upstream.Options{MaxHead: 1000}, "http_response_header_section_size"},
		{"small head", head(1000), upstream.Options{MaxHead: 1000}, ""},
		{"default fields", fields(200), upstream.Options{}, ""},
		{"more than default", fields(201), upstream.Options{}, "http_protocol_error"},
		{"few fields", fields(3), upstream.Options{MaxFields: 3}, ""},
		{"one too many", fields(4), upstream.Options{MaxFields: 3}, "http_protocol_error"},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, once(test.head+"ok"))
			transport := newTransport(t, test.options)
			if test.proxyError == "" {
				mustCall(t, transport, o.get())
				return
			}
			wantProxyError(t, outcome(t.Context(), transport, o.get()), functions.UpstreamProtocol, test.proxyError)
		})
	}
}

// TestTooLarge: ReadAll has a limit.
func TestTooLarge(t *testing.T) {
	const two = chunked + "2\r\nok\r\n0\r\n\r\n"
	for _, test := range []struct {
		name   string
		origin script
		limit  int64
		fits   bool
	}{
		{"length within", answering(ok), 2, true},
		{"length beyond", answering(ok), 1, false},
		{"chunks within", answering(two), 2, true},
		{"chunks beyond", answering(two), 1, false},
		{"nothing", answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"), 0, true},
		{"of head", answering("HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n"), 0, true},
		{"announced only", answering("HTTP/1.1 200 OK\r\nContent-Length: 9999999999999\r\n\r\n" + canary), 1 << 20, false},
		{"endless chunks", endless(chunked, "b\r\n"+canary+"\r\n"), 1 << 16, false},
		{"endless", endless("HTTP/1.1 200 OK\r\n\r\n", strings.Repeat(canary, 10_000)), 1 << 20, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := newOrigin(t, test.origin)
			_, err := call(t.Context(), newTransport(t, upstream.Options{}), o.get(), func(a *upstream.Answer) ([]byte, error) {
				before := []byte("before ")
				all, err := a.ReadAll(before, test.limit)
				if !strings.HasPrefix(string(all), "before ") {
					t.Errorf("ReadAll gives %q, want it behind what was there", all)
				}
				return all, err
			})
			if !test.fits {
				wantProxyError(t, err, functions.UpstreamTooLarge, "http_response_body_size")
			} else if err != nil {
				t.Errorf("got %v, want an answer", err)
			}
		})
	}
}
