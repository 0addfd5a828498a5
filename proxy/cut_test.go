package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy"
)

// cutAnswers are answers that are cut at every byte.
var cutAnswers = map[string]string{
	"length": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world",
	"chunks": "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n",
	"end":    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\nhello world",
	"hints":  "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nhello world",
}

// A cut says where an answer ends, and how: by close, reset or stall.
type cut struct {
	answer string
	at     int
	how    string
}

// String is the cut as a path segment, which tells the origin.
func (c cut) String() string { return fmt.Sprintf("%s-%d-%s", c.answer, c.at, c.how) }

// cuts are all of them, but for the hows that are left out.
func cuts(hows ...string) []cut {
	var list []cut
	for name, text := range cutAnswers {
		for at := range len(text) + 1 {
			for _, how := range hows {
				// Behind a whole answer a stall is a connection that egret keeps,
				// and whose next request nobody hears.
				if at < len(text) || how != "stall" {
					list = append(list, cut{answer: name, at: at, how: how})
				}
			}
		}
	}
	return list
}

// serveCuts is an origin that cuts its answers as the path says.
func serveCuts(c net.Conn) {
	request, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	parts := strings.Split(strings.TrimPrefix(request.URL.Path, "/"), "-")
	at, err := strconv.Atoi(parts[1])
	if err != nil {
		return
	}
	say(c, cutAnswers[parts[0]][:at])
	switch parts[2] {
	case "reset":
		_ = c.(*net.TCPConn).SetLinger(0)
	case "stall":
		_, _ = io.Copy(io.Discard, c)
	}
}

// headLength is where the head of the final answer ends.
func (c cut) headLength() int {
	text := cutAnswers[c.answer]
	final := strings.Index(text, "HTTP/1.1 200")
	return final + strings.Index(text[final:], "\r\n\r\n") + 4
}

// want is how the answer may reach its client.
func (c cut) want() ending {
	text := cutAnswers[c.answer]
	switch inBody := c.at >= c.headLength(); {
	case c.answer == "end" && inBody && c.how == "close":
		return whole // whatever came until then is what the origin said
	case c.answer != "end" && c.at == len(text) && c.how == "reset":
		return whole | refused | broken // a reset can overtake what was sent before it
	case c.answer != "end" && c.at == len(text):
		return whole
	case inBody:
		return refused | broken
	default:
		return refused
	}
}

// cutDeadline is the time that egret gives an origin in these tests.
const cutDeadline = 400 * time.Millisecond

// TestCutCalls cuts the answer to a call at every byte of it. The caller always
// gets an answer, in time, and the right one.
func TestCutCalls(t *testing.T) {
	egret := launch(t, fmt.Sprintf(`
listen: 127.0.0.1:0
upstreams: [{host: origin.test, circuit: false}]
functions: [{name: get, parameters: {type: object, properties: {cut: {type: string}}}, url: "http://origin.test/{/cut}", timeout: %s}]
`, cutDeadline), dialAlways(serve(t, serveCuts)))
	eachCut(t, cuts("close", "reset", "stall"), cutDeadline, func(c cut) (ending, error) {
		arguments := fmt.Sprintf(`{"cut":%q}`, c)
		got, err := ask(egret, fmt.Sprintf("POST /v1/functions/get HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n%s", len(arguments), arguments))
		if err != nil {
			return 0, fmt.Errorf("no whole answer: %w", err)
		}
		if got.Status != http.StatusOK {
			return refused, c.wantProblem(got)
		}
		if got.Get("ok") != "true" || got.Get("output") != wholeBody(c) {
			return 0, fmt.Errorf("the answer %s", got.Body)
		}
		return whole, nil
	})
}

// TestCutForwarded does the same to forwarded requests, whose answers may also
// break off.
func TestCutForwarded(t *testing.T) {
	yaml := "listen: 127.0.0.1:0\negress: {default: allow}\n"
	limited := yaml + fmt.Sprintf("limits: {first_byte_timeout: %s, stall_timeout: %s}\n", cutDeadline, cutDeadline)
	hows := []string{"close", "reset"}
	if _, err := proxy.Parse("egret.yaml", []byte(limited), noEnvironment); err != nil {
		t.Logf("stalls are left out, because they would take minutes: %v", err)
	} else {
		yaml, hows = limited, append(hows, "stall")
	}
	egret := launch(t, yaml, dialAlways(serve(t, serveCuts)))
	// An answer may stall twice: before its first byte, and after its last.
	eachCut(t, cuts(hows...), 2*cutDeadline, func(c cut) (ending, error) {
		got, err := ask(egret, fmt.Sprintf("GET http://origin.test/%s HTTP/1.1\r\nHost: x\r\n\r\n", c))
		switch {
		case got.Status == 0:
			return 0, fmt.Errorf("no head: %w", err)
		case got.Status != http.StatusOK:
			return refused, c.wantProblem(got)
		case !strings.HasPrefix(wholeBody(c), got.Body):
			return 0, fmt.Errorf("the body %q, want %q", got.Body, wholeBody(c))
		case err != nil:
			return broken, nil
		case got.Body != wholeBody(c):
			return 0, fmt.Errorf("a body %q that looks whole, want %q", got.Body, wholeBody(c))
		}
		return whole, nil
	})
}

// wholeBody is the body that the client gets when it gets the whole.
func wholeBody(c cut) string {
	if c.answer == "end" {
		return cutAnswers[c.answer][c.headLength():max(c.at, c.headLength())]
	}
	return "hello world"
}
