package proxy_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// watched is a control plane for limitedTo and its like.
const watched = "admin: {listen: 127.0.0.1:0, key: admin-key-0123456789}\n"

// The bytes of the records of a connection are those that went over it, to the
// last one: heads, bodies, chunks, interim answers, and what was refused.
func TestJournalBytes(t *testing.T) {
	const stream = 300_000
	origin := serve(t, func(c net.Conn) {
		reader := bufio.NewReader(c)
		for {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			switch request.URL.Path {
			case "/stream":
				say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n", stream, strings.Repeat("x", stream)))
			case "/hints":
				say(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")
			default:
				say(c, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
			}
		}
	})
	e := proxytest.Start(t, watched+everywhere, dialling(origin))
	const head = " HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	requests := []struct{ text, method string }{
		{"GET http://a.test/" + head + "\r\n", "GET"},
		{"HEAD http://a.test/" + head + "\r\n", "HEAD"},
		{"POST http://a.test/" + head + "Content-Length: 5\r\n\r\nhello", "POST"},
		{"POST http://a.test/" + head + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX: y\r\n\r\n", "POST"},
		{"POST http://a.test/" + head + fmt.Sprintf("Content-Length: %d\r\n\r\n", stream) + strings.Repeat("y", stream), "POST"},
		{"GET http://a.test/stream" + head + "\r\n", "GET"},
		{"\r\nGET http://a.test/hints" + head + "\r\n", "GET"},
		{"GET /v1/functions" + head + "\r\n", "GET"},
		{"GET /nothing" + head + "\r\n", "GET"},
		{"GET /v1/functions" + head + "Bad Name: x\r\n\r\n", "GET"},
	}
	// One after the other, and then all of it at once.
	for _, together := range []bool{false, true} {
		before := len(e.Journal(""))
		c := e.Connect()
		sent, received := []int{}, []int{}
		all := ""
		for _, r := range requests {
			if sent = append(sent, len(r.text)); together {
				all += r.text
				continue
			}
			start := len(c.Received())
			c.Send(r.text)
			if r.text[:2] == "\r\n" {
				c.Answer(r.method) // the hints
			}
			c.Answer(r.method)
			received = append(received, len(c.Received())-start)
		}
		go c.Send(all)
		whole := c.Rest()
		var list []string
		eventually(t, "all requests are recorded", func() bool {
			list = e.Journal("")[before:]
			return len(list) == len(requests)
		})
		sum := 0
		for i, record := range list {
			in, out := int(gjson.Get(record, "bytes_in").Int()), int(gjson.Get(record, "bytes_out").Int())
			sum += out
			if in != sent[i] {
				t.Errorf("request %d, all at once %t: got %d bytes, want %d: %s", i, together, in, sent[i], record)
			}
			if !together && out != received[i] {
				t.Errorf("answer %d: got %d bytes, want %d: %s", i, out, received[i], record)
			}
		}
		if sum != len(whole) {
			t.Errorf("all at once %t: got answers of %d bytes, want %d", together, sum, len(whole))
		}
	}
}

// The phases are all of the time, and connecting is none on a connection that
// was kept.
func TestJournalPhases(t *testing.T) {
	const slow = 30 * time.Millisecond
	origin := serve(t, func(c net.Conn) {
		reader := bufio.NewReader(c)
		for {
			if _, err := http.ReadRequest(reader); err != nil {
				return
			}
			pass(2 * slow)
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n")
			pass(slow)
			say(c, "0\r\n\r\n")
		}
	})
	e := proxytest.Start(t, watched+everywhere+"functions: [{name: get, url: \"http://a.test/\"}]\n", func(o *proxy.Options) {
		o.Dial = func(ctx context.Context, network, to string) (net.Conn, error) {
			pass(slow)
			return dialAlways(origin)(ctx, network, to)
		}
	})
	for i, request := range []func() proxytest.Answer{
		func() proxytest.Answer { return e.Get("http://a.test/") },
		func() proxytest.Answer { return e.Get("http://a.test/") },
		func() proxytest.Answer { return e.Call("get", "{}") },
		func() proxytest.Answer { return e.Get("http://b.test/") },
		func() proxytest.Answer { return e.Call("get", "{}") },
	} {
		wantOK(t, request())
		record := nextRecord(t, e, i)
		ms := func(name string) float64 { return gjson.Get(record, "ms."+name).Float() }
		sum := 0.0
		for _, name := range []string{"checks", "body", "values", "connect", "wait", "answer"} {
			if ms(name) < 0 {
				t.Errorf("request %d: %s is negative: %s", i, name, record)
			}
			sum += ms(name)
		}
		least := float64(slow.Milliseconds())
		if total := ms("total"); total < sum-0.01 || total > sum+0.01 {
			t.Errorf("request %d: the total is %v, the sum %v", i, total, sum)
		}
		if isNew := i == 0 || i == 3; isNew && ms("connect") < least || !isNew && ms("connect") != 0 {
			t.Errorf("request %d: connecting took %v ms", i, ms("connect"))
		}
		if ms("wait") < 2*least || ms("wait")+ms("answer") < 3*least || ms("answer") == 0 {
			t.Errorf("request %d: the phases are wrong: %s", i, record)
		}
	}
}

// What goes wrong has a record, too.
func TestJournalFailures(t *testing.T) {
	started := func(t *testing.T, yaml string, options ...proxytest.Option) *proxytest.Egret {
		return proxytest.Start(t, watched+yaml, options...)
	}
	t.Run("the guard", func(t *testing.T) {
		e := started(t, "egress: {default: allow}\ncaches:\n  - {name: open, id: "+resultID+", ttl: 1m, hosts: [\"192.0.2.1:*\"], cleartext: true}\n"+
			"  - {name: key, id: "+staticID+", ttl: 1m, hosts: [\"192.0.2.1:*\"]}\ntokens: [{name: key, cache: key, value: "+staticKey+"}, {name: open, cache: open, value: open-"+staticKey+"}]\n"+
			"functions: [{name: send, parameters: {type: object, properties: {open: {type: string}, key: {type: string}}}, url: \"http://192.0.2.1/\", headers: {X-Open: </open>, X-Key: </key>}}]\n", proxytest.Dialling())
		wantRefusal(t, e.Get("http://127.0.0.2:1/"), 403, "private_address")
		wantRefusal(t, e.Get("http://192.0.2.1/", "X-Open", resultID, "X-Key", staticID), 403, "cleartext_denied")
		wantRefusal(t, e.Call("send", `{"open":"`+resultID+`","key":"`+staticID+`"}`), 403, "cleartext_denied")
		wantTold(t, e, "forward - GET 127.0.0.2:1 / - - refused egress.allow_private private_address 403",
			"forward - GET 192.0.2.1 / - - refused caches[1].cleartext cleartext_denied 403",
			"call - POST 192.0.2.1 / send - refused caches[1].cleartext cleartext_denied 403")
	})
	t.Run("nobody listens", func(t *testing.T) {
		e := started(t, everywhere, dialling(unused(t)))
		wantRefusal(t, e.Get("http://a.test/"), 502, "upstream_unreachable")
		wantTold(t, e, "forward - GET a.test / - - allowed egress.default upstream_unreachable 502")
	})
	t.Run("panic", func(t *testing.T) {
		var text atomic.Pointer[string]
		head := "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"
		text.Store(&head)
		e := started(t, everywhere, trapping(&text, serve(t, readAndTalk)))
		c := e.Connect()
		c.Send(getForward)
		c.Rest()
		head = ""
		c = e.Connect()
		c.Send(getForward)
		c.Rest()
		wantTold(t, e, "forward - GET origin.test / - - allowed egress.default internal 200", "forward - GET origin.test / - - refused internal internal 500")
	})
	t.Run("too many requests", func(t *testing.T) {
		proceed := make(chan bool)
		e := started(t, everywhere+"limits: {concurrency: 1}\n", dialling(serve(t, afterHead(func(c net.Conn) {
			proceed <- true
			<-proceed
			say(c, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		}))))
		first := e.Connect()
		first.Send(getForward)
		<-proceed
		_, got := answerTo(e, getForward)
		wantRefusal(t, got, 429, "too_many_requests")
		proceed <- true
		wantOK(t, first.Answer("GET"))
		wantTold(t, e, "other - - - - - - refused limits.concurrency too_many_requests 429", "forward - GET origin.test / - - allowed egress.default - 200")
	})
	t.Run("the client is gone", func(t *testing.T) {
		o := newSilentOrigin(t, "")
		e := started(t, everywhere, dialling(o.address))
		c := dialClient(t, e)
		say(c, getForward)
		<-o.began
		leavers[1].leave(c)
		wantTold(t, e, "forward - GET origin.test / - - allowed egress.default client_gone 0")
	})
	t.Run("the answer breaks off", func(t *testing.T) {
		e := started(t, everywhere, dialling(serve(t, afterHead(func(c net.Conn) {
			say(c, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n")
		}))))
		c := e.Connect()
		c.Send(getForward)
		c.Rest()
		wantTold(t, e, "forward - GET origin.test / - - allowed egress.default upstream_protocol 200")
	})
}

// wantTold expects exactly these records.
func wantTold(t *testing.T, e *proxytest.Egret, want ...string) {
	t.Helper()
	eventually(t, "there are all records", func() bool { return len(e.Journal("")) >= len(want) })
	var got []string
	for _, record := range e.Journal("") {
		got = append(got, told(record))
	}
	if !slices.Equal(got, want) {
		t.Errorf("got records\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// Of equal calls one sends the request, and has what it was sent with. The other
// one cannot tell which token that was.
func TestJournalOfSharedCall(t *testing.T) {
	e := proxytest.Start(t, strings.ReplaceAll(kept, "functions: [plain], caches: []", "functions: [stored], caches: [acme_token]"), keptEnvironment)
	var asked atomic.Int32
	release := make(chan struct{})
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		<-release
		_, _ = io.WriteString(w, "done")
	})
	var running sync.WaitGroup
	call := func(client string) {
		running.Go(func() {
			wantOK(t, e.Call("stored", `{"token":"`+tokenID+`"}`, "Authorization", "Bearer "+client+"-key-0123456789"))
		})
	}
	call("agent")
	eventually(t, "the upstream is asked", func() bool { return asked.Load() == 1 })
	call("limited")
	pass(100 * time.Millisecond) // so that the second one most likely waits for the first
	close(release)
	running.Wait()
	eventually(t, "both are recorded", func() bool { return len(e.Journal("")) == 2 })
	for _, record := range e.Journal("") {
		want := "call agent POST api.acme.test /stored stored upstream allowed functions[2] - 200 token:header(t-1 2026-11)"
		if strings.Contains(record, `"limited"`) {
			want = "call limited POST api.acme.test /stored stored upstream allowed functions[2] - 200 token:header"
			if strings.Contains(record, `"source":"cache"`) { // it came late
				want = "call limited POST api.acme.test /stored stored cache allowed functions[2] - 200"
			}
		}
		if got := told(record); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if asked.Load() != 1 || gjson.Get(record, "ms.wait").Float() <= 0 {
			t.Errorf("the upstream was asked %d times; the record: %s", asked.Load(), record)
		}
	}
}
