package proxy_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// switched is the answer that takes a protocol.
func switched(protocol string) string {
	return lines("HTTP/1.1 101 Switching Protocols", "Date: D", "Connection: Upgrade", "Upgrade: "+protocol)
}

// A heard is what an origin received on one connection: the head and the body of
// a request, and everything behind it.
type heard struct {
	head []string // line by line, without Via
	body string
	rest string
}

// switching is an origin that gives an answer to each request, and then hears
// everything to its end. What it has to say in the other protocol, it says at
// that end.
func switching(answer, last string) (laneOrigin, chan heard) {
	all := make(chan heard, 10)
	return speaking(func(c net.Conn) {
		reader := bufio.NewReader(c)
		var h heard
		bytes := 0 // of the body
		for {
			line, err := reader.ReadString('\n')
			if err != nil {
				return
			}
			if line = strings.TrimSuffix(line, "\r\n"); line == "" {
				break
			}
			if !strings.HasPrefix(line, "Via: ") {
				h.head = append(h.head, line)
			}
			if length, ok := strings.CutPrefix(line, "Content-Length: "); ok {
				bytes, _ = strconv.Atoi(length)
			}
		}
		body := make([]byte, bytes)
		_, _ = io.ReadFull(reader, body)
		h.body = string(body)
		say(c, answer)
		rest, _ := io.ReadAll(reader)
		h.rest = string(rest)
		say(c, last)
		all <- h
	}), all
}

// Any protocol passes, with the fields that belong to it and with the body of the
// request; then both sides say what they like, and end when they like.
func TestUpgrade(t *testing.T) {
	tests := []struct {
		name, request, protocol string
		want                    heard
	}{
		{
			"kubectl", "POST /exec?command=sh\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\nContent-Length: 0\r\n\r\n", "SPDY/3.1",
			heard{head: []string{"POST /exec?command=sh HTTP/1.1", "Host: api.acme.test", "X-Stream-Protocol-Version: v4.channel.k8s.io", "Content-Length: 0", "Accept-Encoding: identity", "Connection: Upgrade", "Upgrade: SPDY/3.1"}},
		},
		{
			"docker", "POST /exec/1/start\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"Tty\":1}", "tcp",
			heard{head: []string{"POST /exec/1/start HTTP/1.1", "Host: api.acme.test", "Content-Type: application/json", "Content-Length: 9", "Accept-Encoding: identity", "Connection: Upgrade", "Upgrade: tcp"}, body: `{"Tty":1}`},
		},
		{
			"one of several, by several lines", "GET /\r\nConnection: keep-alive\r\nConnection: HTTP2-Settings, upgrade, Authorization\r\nUpgrade: h2c, TLS/1.0,a/1\r\nHTTP2-Settings: x\r\nUpgrade: HTTP/2.0, not a protocol, B\r\nAuthorization: Basic eDp5\r\nTE: trailers\r\n\r\n", "b",
			heard{head: []string{"GET / HTTP/1.1", "Host: api.acme.test", "Authorization: Basic eDp5", "Accept-Encoding: identity", "Connection: Upgrade", "Upgrade: a/1, B"}},
		},
	}
	eachLane(t, func(t *testing.T, way lane) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				origin, all := switching(strings.Replace(switched(tt.protocol), "Date: D", "Date: D\r\nContent-Length: 5", 1)+"early ", "late")
				e := startLane(t, way, upgrading, origin)
				c := e.say(t, "api.acme.test", tt.request+"hello ")
				reader := bufio.NewReader(c)
				response, err := http.ReadResponse(reader, nil) //nolint:bodyclose // it has none
				if err != nil {
					t.Fatal(err)
				}
				if response.StatusCode != 101 || response.Header.Get("Upgrade") != tt.protocol || response.Header.Get("Connection") != "Upgrade" || response.Header.Get("Via") == "" || response.Header.Get("Content-Length") != "" {
					t.Errorf("got %d with %v, want 101 with the protocol, and without a length", response.StatusCode, response.Header)
				}
				early := make([]byte, len("early "))
				if _, err := io.ReadFull(reader, early); err != nil || string(early) != "early " {
					t.Errorf("got %q (error: %v), want what the origin sent with its answer", early, err)
				}
				say(c, "GET http://elsewhere.test/ HTTP/1.1\r\n\r\n") // which is no request
				if err := c.CloseWrite(); err != nil {
					t.Fatal(err)
				}
				if late, err := io.ReadAll(reader); err != nil || string(late) != "late" {
					t.Errorf("got %q (error: %v), want what the origin sent at its end", late, err)
				}
				tt.want.rest = "hello GET http://elsewhere.test/ HTTP/1.1\r\n\r\n"
				if diff := cmp.Diff(tt.want, <-all, cmp.AllowUnexported(heard{})); diff != "" {
					t.Errorf("the origin received (-want +got):\n%s", diff)
				}
			})
		}
	})
}

// A request that offers nothing that may be offered is one like any other: Java's
// clients send such an offer with each of theirs. Its connection goes on.
func TestUpgradeNotOffered(t *testing.T) {
	const long = 20_000
	tests := []struct {
		name, request string
		goesOn        bool
	}{
		{"h2c", "GET /\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n", true},
		{"h2c with a body", "POST /\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 5\r\n\r\nhello", true},
		{"TLS", "GET /\r\nConnection: upgrade\r\nUpgrade: TLS/1.2, HTTP/2.0\r\n\r\n", true},
		{"no protocol", "GET /\r\nConnection: upgrade\r\nUpgrade: web socket, a/b/c,\r\n\r\n", true},
		{"not meant", "GET /\r\nUpgrade: websocket\r\n\r\n", true},
		{"a body that is still coming", "POST /\r\nConnection: upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", false},
		{"a long body", "POST /\r\nConnection: upgrade\r\nUpgrade: websocket\r\nContent-Length: 20000\r\n\r\n" + strings.Repeat("x", long), false},
	}
	eachLane(t, func(t *testing.T, way lane) {
		var got http.Header
		e := startLane(t, way, upgrading, handling(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			got = r.Header.Clone()
		}))
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				c := e.say(t, "closed.test", tt.request)
				reader := bufio.NewReader(c)
				wantStatus(t, reader, http.StatusOK)
				if got.Get("Upgrade")+got.Get("Connection")+got.Get("Http2-Settings") != "" {
					t.Errorf("the origin received %v, want no offer", got)
				}
				say(c, e.line("GET", "closed.test", "/")+"\r\nHost: "+e.hostField("closed.test")+"\r\n\r\n")
				if !tt.goesOn {
					if rest, err := io.ReadAll(reader); len(rest) > 0 {
						t.Errorf("got %q (error: %v) to a second request, want the end", rest, err)
					}
					return
				}
				wantStatus(t, reader, http.StatusOK)
			})
		}
	})
}

func wantStatus(t *testing.T, reader *bufio.Reader, status int) {
	t.Helper()
	response, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != status {
		t.Errorf("got %d %s (error: %v), want %d", response.StatusCode, body, err, status)
	}
}

// What a client sends in a protocol that it does not get is never read as a
// request: the connection ends with the answer, and the origin hears nothing of
// it. Nor is what an origin sends behind a 101 that was not asked for an answer.
func TestUpgradeSmuggling(t *testing.T) {
	const (
		offer  = "GET /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
		behind = "GET http://api.acme.test/behind HTTP/1.1\r\nHost: api.acme.test\r\n\r\n"
		ok     = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
	)
	tests := []struct {
		name, request, answer string
		want                  []int
	}{
		{"the origin takes none", offer + "\r\n", ok, []int{200}},
		{"the origin wants another one", offer + "\r\n", lines("HTTP/1.1 426 Upgrade Required", "Connection: Upgrade", "Upgrade: x", "Content-Length: 0"), []int{426}},
		{"the origin goes on with HTTP", offer + "\r\n", switched("h2c") + ok, []int{502}},
		{"the origin names no protocol", offer + "\r\n", lines("HTTP/1.1 101 Switching Protocols", "Connection: Upgrade") + ok, []int{502}},
		{"the origin takes what was not offered", "GET /\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n", switched("h2c") + ok, []int{502}},
		{"a body behind which more comes", "POST /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 5\r\n\r\nhello", ok, []int{200}},
		{"a body that is still coming", "POST /\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", switched("websocket") + ok, []int{502}},
		{"no key", offer + "X-Api-Key: " + resultID + "\r\n\r\n", ok, []int{403}},
	}
	eachLane(t, func(t *testing.T, way lane) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				heads := make(chan string, 10)
				e := startLane(t, way, upgrading, speaking(func(c net.Conn) {
					reader := bufio.NewReader(c)
					for {
						request, err := http.ReadRequest(reader)
						if err != nil {
							return
						}
						_, _ = io.Copy(io.Discard, request.Body)
						heads <- request.URL.Path
						say(c, tt.answer)
					}
				}))
				c := e.say(t, "api.acme.test", tt.request+behind)
				_ = c.CloseWrite()
				text, err := io.ReadAll(c)
				if err != nil {
					t.Fatal(err)
				}
				got := statuses(string(text))
				if tt.name == "the origin takes what was not offered" && len(got) > 0 {
					got = got[:1] // here what is behind was a request
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("the statuses of %q (-want +got):\n%s", text, diff)
				}
				e.Stop()
				close(heads)
				for path := range heads {
					if path == "/behind" && tt.name != "the origin takes what was not offered" {
						t.Error("the origin received what was no request")
					}
				}
			})
		}
	})
}

// A value that comes back in the head of a 101 is replaced.
func TestUpgradeScrubbed(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		e := startLane(t, way, upgrading, speaking(func(c net.Conn) {
			request, err := http.ReadRequest(bufio.NewReader(c))
			if err != nil {
				return
			}
			say(c, strings.TrimSuffix(switched("x"), "\r\n")+"X-Echo: "+request.Header.Get("X-Api-Key")+"\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nraw")
		}))
		c := e.say(t, "api.acme.test", "GET /\r\nConnection: Upgrade\r\nUpgrade: x\r\nX-Api-Key: "+staticID+"\r\n\r\n")
		_ = c.CloseWrite()
		text, err := io.ReadAll(c)
		if got := string(text); err != nil || !strings.HasPrefix(got, "HTTP/1.1 101 ") || !strings.HasSuffix(got, "\r\n\r\nraw") ||
			!strings.Contains(got, "\r\nX-Echo: "+staticID+"\r\n") || strings.Contains(got, staticKey) || strings.Contains(got, "Content-Length") || strings.Contains(got, "Transfer-Encoding") {
			t.Errorf("got %q (error: %v), want the head with the ID, without a framing, and what is behind it", got, err)
		}
	})
}

// Connections that have changed their protocol count as tunnels do.
func TestUpgradeLimit(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		origin, _ := switching(switched("x"), "")
		e := startLane(t, way, upgrading+"limits: {tunnels: 1}\n", origin)
		const offer = "GET /\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
		first := e.say(t, "api.acme.test", offer)
		response, err := http.ReadResponse(bufio.NewReader(first), nil) //nolint:bodyclose // it has none
		if err != nil || response.StatusCode != 101 {
			t.Fatalf("got %v (error: %v), want 101", response, err)
		}
		wantStatus(t, bufio.NewReader(e.say(t, "api.acme.test", offer)), http.StatusTooManyRequests)
		_ = first.Close()
		eventually(t, "there is room again", func() bool {
			c := e.say(t, "api.acme.test", offer)
			defer func() { _ = c.Close() }()
			response, err := http.ReadResponse(bufio.NewReader(c), nil) //nolint:bodyclose // it has none
			return err == nil && response.StatusCode == 101
		})
	})
}

// When egret stops, connections that have changed their protocol end with the
// time that there is for what is in flight.
func TestUpgradeDrain(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		t.Parallel() // it waits more than it works
		origin, all := switching(switched("x"), "")
		e := startLane(t, way, upgrading, origin, proxytest.Draining(short))
		c := e.say(t, "api.acme.test", "GET /\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello")
		response, err := http.ReadResponse(bufio.NewReader(c), nil) //nolint:bodyclose // it has none
		if err != nil || response.StatusCode != 101 {
			t.Fatalf("got %v (error: %v), want 101", response, err)
		}
		start := time.Now()
		_ = e.Stop() // which may say that something was in flight
		if _, err := io.Copy(io.Discard, c); isTimeout(err) {
			t.Errorf("the connection is open after %v", time.Since(start))
		}
		if got := <-all; got.rest != "hello" {
			t.Errorf("the origin received %q, want hello", got.rest)
		}
	})
}
