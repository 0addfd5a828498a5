package proxy_test

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// A stormClient is a client of a storm with one connection, which it keeps as
// long as egret does.
type stormClient struct {
	storm  *storm
	conn   *net.TCPConn
	reader *bufio.Reader
}

func (c *stormClient) hangUp() {
	if c.conn != nil {
		_ = c.conn.Close()
	}
	c.conn = nil
}

// run does an errand and judges how it ended.
func (c *stormClient) run(e errand) {
	s := c.storm
	got, err := c.exchange(e)
	book := &s.books[e.number]
	switch {
	case err != nil && book.crossed.Load(), errors.Is(err, errPoison) && book.received.Load() == 0:
		// The poison of another answer came as this request left: nobody can
		// tell it from an answer. The request may not even have arrived, when
		// the poison was taken for the answer to a part of it.
		s.crossed.Add(1)
	case err != nil:
		s.wrong("answer", "%v: %v", e, err)
	case got == refused && book.received.Load() == 0 && !slices.Contains(repeatable, e.method):
		// The connection ended as the request left. It never arrived, and
		// nothing but its method keeps egret from sending it once more.
		s.crossed.Add(1)
	case got&e.fault.want == 0 && (got != refused || !book.crossed.Load()):
		s.wrong("answer", "%v ended %s; the origin received it %d times", e, endings[got], book.received.Load())
	case got == whole:
		s.whole.Add(1)
	case got == refused:
		s.refused.Add(1)
	default:
		s.broken.Add(1)
	}
}

// repeatable are the methods of requests that egret may send twice.
var repeatable = []string{"GET", "HEAD", "OPTIONS"}

var endings = map[ending]string{whole: "whole", refused: "refused", broken: "broken off"}

// exchange sends a request and reads its answer. An error is what no fault of
// the origin explains.
func (c *stormClient) exchange(e errand) (ending, error) {
	if c.conn == nil {
		conn, err := dialWatched(c.storm.egret)
		if err != nil {
			return 0, err
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	_ = c.conn.SetDeadline(time.Now().Add(watchdog))
	c.storm.books[e.number].sent.Store(time.Now().UnixNano())
	_, _ = c.conn.Write(e.request()) // egret may have answered already, and closed
	response, err := c.readHead(e)
	if err != nil {
		c.hangUp()
		return 0, fmt.Errorf("no answer: %w", err)
	}
	body, readErr := io.ReadAll(response.Body)
	_ = response.Body.Close()
	if readErr != nil || response.Close {
		c.hangUp()
	}
	return e.judge(response, body, readErr)
}

// readHead reads the head of the final answer.
func (c *stormClient) readHead(e errand) (*http.Response, error) {
	for {
		response, err := http.ReadResponse(c.reader, &http.Request{Method: e.method})
		if err != nil || response.StatusCode >= 200 || response.StatusCode == 101 {
			return response, err
		}
	}
}

// request is the request as text.
func (e errand) request() []byte {
	var text bytes.Buffer
	fmt.Fprintf(&text, "%s http://%s/%d HTTP/1.1\r\nHost: %s\r\n", e.method, e.host(), e.number, e.host())
	if e.swapped {
		fmt.Fprintf(&text, "X-Api-Key: %s\r\n", strings.ToUpper(staticID))
	}
	switch {
	case e.upload < 0:
		text.WriteString("\r\n")
	case e.chunked:
		fmt.Fprintf(&text, "Transfer-Encoding: chunked\r\n\r\n%s0\r\n\r\n", inChunks(e.uploaded(), e.dice))
	default:
		fmt.Fprintf(&text, "Content-Length: %d\r\n\r\n%s", e.upload, e.uploaded())
	}
	return text.Bytes()
}

// errPoison is an answer that the origin gave to nobody.
var errPoison = errors.New("wrong answer: the poison of another")

// errHung is an answer that did not come to an end.
var errHung = errors.New("the answer did not end")

// judge says how an answer ended.
func (e errand) judge(response *http.Response, body []byte, err error) (ending, error) {
	if isTimeout(err) {
		return 0, errHung
	}
	if response.StatusCode == http.StatusBadGateway && response.Header.Get("X-Nonce") == "" {
		if code := gjson.GetBytes(body, "code").String(); err != nil || e.method != "HEAD" && code != "upstream_protocol" {
			return 0, fmt.Errorf("a refusal with code %q, error %w", code, err)
		}
		return refused, nil
	}
	if nonce := response.Header.Get("X-Nonce"); nonce == "poison" {
		return 0, errPoison
	} else if nonce != e.nonce() {
		return 0, fmt.Errorf("wrong answer: status %d, nonce %q", response.StatusCode, nonce)
	}
	want := e.body(staticID)
	if e.method == "HEAD" {
		want = nil
	}
	switch {
	case err == nil && bytes.Equal(body, want):
		if got := response.Header.Get("X-Received"); !e.fault.early && got != sum(e.uploaded()) {
			return 0, fmt.Errorf("the answer is to another body: %s", got)
		}
		return whole, nil
	case !bytes.HasPrefix(want, body):
		return 0, fmt.Errorf("wrong body of %d bytes, want %d others", len(body), len(want))
	case err == nil:
		return 0, fmt.Errorf("a body of %d bytes that looks whole, want %d", len(body), len(want))
	default:
		return broken, nil
	}
}
