package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A chunk reaches the origin before the next one is sent, and the trailer behind
// the last.
func TestLaneChunks(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		for _, host := range []string{"other.test", "api.acme.test"} {
			t.Run(host, func(t *testing.T) {
				parts, trailer := make(chan string), make(chan http.Header, 1)
				e := startLane(t, way, upgrading, handling(func(w http.ResponseWriter, r *http.Request) {
					part := make([]byte, 5)
					for {
						if _, err := io.ReadFull(r.Body, part); err != nil {
							break
						}
						parts <- string(part)
					}
					trailer <- r.Trailer
				}))
				c := e.say(t, host, "POST /\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
				for _, part := range []string{"first", "secon", "third"} {
					say(c, "5\r\n"+part+"\r\n")
					if got := <-parts; got != part {
						t.Fatalf("the origin received %q, want %q", got, part)
					}
				}
				say(c, "0\r\nX-Sum: 15\r\nAuthorization: no\r\n\r\n")
				wantStatus(t, bufio.NewReader(c), http.StatusOK)
				got := <-trailer
				if way.isBlind(host) {
					got.Del("Authorization")
				}
				if diff := cmp.Diff(http.Header{"X-Sum": {"15"}}, got); diff != "" {
					t.Errorf("the trailer (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// An upload that is cut off is never whole to the origin, and never answered as
// if it were.
func TestLaneTruncatedUpload(t *testing.T) {
	const long = 20_000
	body := strings.Repeat("x", long)
	for name, request := range map[string]string{
		"a short body":                     "Content-Length: 10\r\n\r\nhello",
		"a long body":                      "Content-Length: 30000\r\n\r\n" + body,
		"between two chunks":               "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
		"in a chunk":                       "Transfer-Encoding: chunked\r\n\r\n5\r\nhel",
		"before the end of the last chunk": "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n",
		"a chunk that is none":             "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n-1\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			eachLane(t, func(t *testing.T, way lane) {
				whole := make(chan string, 1)
				e := startLane(t, way, upgrading, handling(func(_ http.ResponseWriter, r *http.Request) {
					if text, err := io.ReadAll(r.Body); err == nil {
						whole <- string(text)
					}
				}))
				c := e.say(t, "api.acme.test", "POST /\r\n"+request)
				_ = c.CloseWrite()
				reader := bufio.NewReader(c)
				wantStatus(t, reader, http.StatusBadRequest)
				if rest, _ := io.ReadAll(reader); len(rest) > 0 {
					t.Errorf("got %q behind the refusal, want the end", rest)
				}
				select {
				case text := <-whole:
					t.Errorf("the origin received %d bytes as a whole body", len(text))
				default:
				}
			})
		})
	}
}

// A client that waits for 100 Continue gets it from egret, and the origin is not
// asked.
func TestLaneContinue(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		for framing, body := range map[string]string{"Content-Length: 5": "hello", "Content-Length: 20000": strings.Repeat("x", 20_000), "Transfer-Encoding: chunked": "5\r\nhello\r\n0\r\n\r\n"} {
			t.Run(framing, func(t *testing.T) {
				var got int
				e := startLane(t, way, upgrading, handling(func(_ http.ResponseWriter, r *http.Request) {
					if r.Header.Get("Expect") != "" {
						return
					}
					text, _ := io.ReadAll(r.Body)
					got = len(text)
				}))
				c := e.say(t, "api.acme.test", "POST /\r\nExpect: 100-continue\r\n"+framing+"\r\n\r\n")
				reader := bufio.NewReader(c)
				wantStatus(t, reader, http.StatusContinue)
				say(c, body)
				wantStatus(t, reader, http.StatusOK)
				if want := max(5, len(body)/20_000*20_000); got != want {
					t.Errorf("the origin received %d bytes, want %d", got, want)
				}
				refused := e.say(t, "api.acme.test", "POST /\r\nX-Api-Key: "+resultID+"\r\nExpect: 100-continue\r\n"+framing+"\r\n\r\n")
				wantStatus(t, bufio.NewReader(refused), http.StatusForbidden)
			})
		}
	})
}

// An answer that comes before the request has gone out whole reaches the client,
// and then its connection ends.
func TestLaneEarlyAnswer(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		for _, framing := range []string{"Content-Length: 50000000", "Transfer-Encoding: chunked"} {
			t.Run(framing, func(t *testing.T) {
				e := startLane(t, way, upgrading, speaking(func(c net.Conn) {
					reader := bufio.NewReader(c)
					if _, err := http.ReadRequest(reader); err != nil {
						return
					}
					say(c, "HTTP/1.1 413 Content Too Large\r\nContent-Length: 8\r\nConnection: close\r\n\r\ntoo long")
					_, _ = io.Copy(io.Discard, reader)
				}))
				c := e.say(t, "api.acme.test", "POST /\r\n"+framing+"\r\n\r\n")
				say(c, "5\r\nhello\r\n")
				reader := bufio.NewReader(c)
				wantStatus(t, reader, http.StatusRequestEntityTooLarge)
				if rest, err := reader.ReadByte(); err == nil {
					t.Errorf("got %q behind the answer, want the end", rest)
				}
			})
		}
	})
}

// A long upload is never held whole. Under the race detector pools drop a part of
// what they are given, so that some is allocated for each record of TLS.
func TestLaneLargeUpload(t *testing.T) {
	const size = 32 << 20
	eachLane(t, func(t *testing.T, way lane) {
		for _, framing := range []string{fmt.Sprintf("Content-Length: %d", size), "Transfer-Encoding: chunked"} {
			if underRace() && (way.name != "intercepted" || framing == "Transfer-Encoding: chunked") {
				continue // it takes long
			}
			t.Run(framing, func(t *testing.T) {
				received := make(chan int64, 1)
				e := startLane(t, way, upgrading, handling(func(_ http.ResponseWriter, r *http.Request) {
					n, _ := io.Copy(io.Discard, r.Body)
					received <- n
				}))
				c := e.say(t, "api.acme.test", "PUT /\r\n"+framing+"\r\n\r\n")
				piece := noise(1 << 20)
				if strings.HasPrefix(framing, "Transfer") {
					piece = fmt.Appendf(nil, "%x\r\n%s\r\n", len(piece), piece)
				}
				var before, after runtime.MemStats
				runtime.ReadMemStats(&before)
				for range size >> 20 {
					if _, err := c.Write(piece); err != nil {
						t.Fatal(err)
					}
				}
				if strings.HasPrefix(framing, "Transfer") {
					say(c, "0\r\n\r\n")
				}
				wantStatus(t, bufio.NewReader(c), http.StatusOK)
				runtime.ReadMemStats(&after)
				if n := <-received; n != size {
					t.Errorf("the origin received %d bytes, want %d", n, size)
				}
				if took := after.TotalAlloc - before.TotalAlloc; took > size/2 {
					t.Errorf("%d bytes were allocated for it, by all three sides", took)
				}
			})
		}
	})
}
