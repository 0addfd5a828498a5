package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Events arrive one by one through every lane, and the head of the answer before
// the first, be the answer searched for values or not.
func TestLaneEvents(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		for _, host := range []string{"other.test", "api.acme.test"} {
			t.Run(host, func(t *testing.T) {
				next := make(chan string)
				e := startLane(t, way, upgrading, handling(func(w http.ResponseWriter, _ *http.Request) {
					w.Header().Set("Content-Type", "text/event-stream")
					flush(w, "")
					for event := range next {
						flush(w, event)
					}
				}))
				response, err := e.client(t).Get("http://" + host + "/events") // returns before there is an event
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = response.Body.Close() }()
				wantEvents(t, response.Body, next)
			})
		}
	})
}

// A value in an event is replaced in it, and does not wait for the next one. What
// is only the beginning of a value is not kept back for longer than the event.
func TestLaneEventsScrubbed(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		next := make(chan string)
		e := startLane(t, way, upgrading, handling(func(w http.ResponseWriter, r *http.Request) {
			flush(w, "data: "+r.Header.Get("X-Api-Key")+"\n\n")
			for event := range next {
				flush(w, event)
			}
		}))
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://api.acme.test/events", nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Api-Key", staticID)
		response, err := e.client(t).Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		lines := bufio.NewReader(response.Body)
		wantLine(t, lines, "data: "+staticID+"\n")
		wantLine(t, lines, "\n")
		next <- "data: " + staticKey[:9] + "\n\n"
		wantLine(t, lines, "data: "+staticKey[:9]+"\n")
		close(next)
	})
}

// A stream may be silent for longer than the limits that are not for it.
func TestLaneEventsSilent(t *testing.T) {
	const limits = "limits: {header_timeout: 5s, first_byte_timeout: 300ms, body_timeout: 100ms, idle_timeout: 100ms, write_timeout: 100ms, tunnel_idle_timeout: 100ms}\n"
	eachLane(t, func(t *testing.T, way lane) {
		e := startLane(t, way, upgrading+limits, handling(func(w http.ResponseWriter, _ *http.Request) {
			flush(w, "data: 1\n\n")
			pass(time.Second)
			flush(w, "data: 2\n\n")
		}))
		response, err := e.client(t).Get("http://api.acme.test/events")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		if got, err := io.ReadAll(response.Body); err != nil || string(got) != "data: 1\n\ndata: 2\n\n" {
			t.Errorf("got %q (error: %v), want both events", got, err)
		}
	})
}

// A client that goes away ends its stream at the origin, be it silent or not.
func TestLaneGone(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		for _, silent := range []bool{false, true} {
			for _, how := range leavers {
				if silent && how.name == "closes" {
					continue // which looks like a client that will send no more
				}
				t.Run(fmt.Sprintf("%s, silent %t", how.name, silent), func(t *testing.T) {
					t.Parallel()
					ended := make(chan time.Time, 1)
					e := startLane(t, way, upgrading+"limits: {"+patient+"}\n", handling(func(w http.ResponseWriter, r *http.Request) {
						flush(w, "data: 1\n\n")
						for r.Context().Err() == nil {
							if pass(20 * time.Millisecond); !silent {
								flush(w, "data: 2\n\n")
							}
						}
						ended <- time.Now()
					}))
					below := dialClient(t, e.Egret)
					c := e.lane.enter(t, e, below, "api.acme.test")
					say(c, e.line("GET", "api.acme.test", "/")+"\r\nHost: "+e.hostField("api.acme.test")+"\r\n\r\n")
					reader := bufio.NewReader(c)
					for line := ""; line != "data: 1\n"; {
						var err error
						if line, err = reader.ReadString('\n'); err != nil {
							t.Fatal(err)
						}
					}
					start := time.Now()
					how.leave(below)
					select {
					case end := <-ended:
						t.Logf("the origin's stream ended after %v", end.Sub(start).Round(time.Millisecond))
					case <-time.After(watchdog):
						t.Error("the origin's stream goes on")
					}
				})
			}
		}
	})
}

// Interim answers arrive when they are sent, and before the answer.
func TestLaneInterim(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		proceed := make(chan bool)
		e := startLane(t, way, upgrading, speaking(afterHead(func(c net.Conn) {
			say(c, lines("HTTP/1.1 103 Early Hints", "Link: </a>"))
			<-proceed
			say(c, lines("HTTP/1.1 200 OK", "Content-Length: 0", "Connection: close"))
		})))
		c := e.say(t, "api.acme.test", "GET /\r\n\r\n")
		reader := bufio.NewReader(c)
		hints, err := http.ReadResponse(reader, nil) //nolint:bodyclose // it has none
		close(proceed)
		if err != nil || hints.StatusCode != 103 || !strings.HasSuffix(hints.Header.Get("Link"), "/a>") {
			t.Fatalf("got %v (error: %v), want the hints", hints, err)
		}
		wantStatus(t, reader, http.StatusOK)
	})
}

// An origin of HTTP/1.0 takes a request, and the end of its connection is that of
// its answer.
func TestLaneOriginOfHTTP10(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		e := startLane(t, way, upgrading, speaking(func(c net.Conn) {
			request, err := http.ReadRequest(bufio.NewReader(c))
			if err != nil {
				return
			}
			body, _ := io.ReadAll(request.Body)
			say(c, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nheard "+string(body))
		}))
		response, err := e.client(t).Post("http://api.acme.test/", "text/plain", io.MultiReader(strings.NewReader("hello")))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		if diff := cmp.Diff("heard hello", string(body)); diff != "" || err != nil || response.ProtoMinor != 1 {
			t.Errorf("got %s (error: %v; -want +got):\n%s", response.Proto, err, diff)
		}
	})
}
