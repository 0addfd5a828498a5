package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// FuzzWireAnswer holds the way back against net/http: an answer that reaches a
// client whole is the one that net/http read, and what net/http refuses or
// finds cut is never one.
func FuzzWireAnswer(f *testing.F) {
	for _, seed := range answerSeeds() {
		f.Add([]byte(seed))
	}
	p := newTap(f, everywhere)
	f.Fuzz(func(t *testing.T, data []byte) {
		text := string(data)
		if strings.Contains(text, "egret") {
			return // which only egret says of itself
		}
		p.answerWith(text)
		answer, _ := p.send(t, "GET http://a.test/ HTTP/1.1\r\nHost: x\r\n\r\n")
		got, err := readFinal(answer)
		switch {
		case err != nil && got == nil:
			t.Fatalf("of %q\nthe client received %q: %v", text, answer, err)
		case err != nil:
			return // it breaks off
		case strings.HasPrefix(got.Header.Get("Proxy-Status"), "egret;error="):
			return // it is egret's own
		}
		want, err := readFinal(text)
		if err != nil {
			t.Fatalf("of %q, which net/http refuses (%v),\nthe client received %q", text, err, answer)
		}
		if want.StatusCode != got.StatusCode || want.body != got.body {
			t.Errorf("of %q\nthe client received %d %q, want %d %q", text, got.StatusCode, got.body, want.StatusCode, want.body)
		}
		if diff := cmp.Diff(passed(want.Header), passed(got.Header)); diff != "" {
			t.Errorf("of %q\nthe client received %q (-want +got):\n%s", text, answer, diff)
		}
	})
}

func answerSeeds() []string {
	seeds := []string{
		"HTTP/1.1 200 OK\r\nX: y\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.0 404 Not Found\r\nConnection: X-A, close\r\nX-A: 1\r\nX-B: 2\r\n\r\nuntil the end",
		"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
		"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
		chunkedAnswer + "5;a=b\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n",
	}
	for _, odd := range oddAnswers {
		seeds = append(seeds, odd.answer)
	}
	for _, body := range oddBodies {
		seeds = append(seeds, chunkedAnswer+body)
	}
	return seeds
}

// A final answer is the one that is no interim answer, with its body.
type final struct {
	*http.Response
	body string
}

// readFinal reads the final answer of a text as net/http does. The answer is
// nil when not even its head is one; a body that is cut is an error too.
func readFinal(text string) (*final, error) {
	reader := bufio.NewReader(strings.NewReader(text))
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return nil, err
		}
		if response.StatusCode/100 == 1 && response.StatusCode != http.StatusSwitchingProtocols {
			continue
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			err = fmt.Errorf("the body is cut: %w", err)
		}
		return &final{Response: response, body: string(body)}, err
	}
}

// passed are the fields of an answer that a proxy leaves alone.
func passed(fields http.Header) http.Header {
	r := endToEnd(reading{Request: &http.Request{Header: fields}})
	r.Del("Date")
	return r
}
