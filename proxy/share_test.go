package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

// numbered is an origin that tells the number of the connection on which a
// request came.
func numbered(t *testing.T) string {
	t.Helper()
	var connections atomic.Int64
	return serve(t, func(c net.Conn) {
		number := connections.Add(1)
		for reader := bufio.NewReader(c); ; {
			request, err := http.ReadRequest(reader)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, request.Body)
			body := fmt.Sprintf("connection %d", number)
			say(c, fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body))
		}
	})
}

// A connection that carried a value, or credentials of a client's own, is not
// used for another client: an origin may take the whole connection for theirs.
func TestConnectionsApart(t *testing.T) {
	origin := numbered(t)
	e := start(t, open+"clients: [{name: one, key: key-of-client-one}, {name: two, key: key-of-client-two}]\n", dialling(origin))
	ask := func(client, field string) string {
		c := e.Connect()
		c.Send("GET http://other.test/ HTTP/1.1\r\nHost: x\r\nProxy-Authorization: Bearer key-of-client-" + client + "\r\n" + field + "\r\n")
		got := c.Answer(http.MethodGet)
		wantOK(t, got)
		c.End()
		return got.Body
	}
	const own, cookie, bound, none = "Authorization: Bearer own\r\n", "Cookie: session=own\r\n", "Authorization: NTLM TlRMTVNTUAAB\r\n", ""
	first := ask("one", own)
	for _, test := range []struct {
		what, client, field string
		same                bool
	}{
		{"the same client with credentials again", "one", own, true},
		{"the same client with a cookie", "one", cookie, true},
		{"another client with credentials", "two", own, false},
		{"another client without any", "two", none, false},
		{"the same client without any", "one", none, false},
		{"credentials that bind a connection", "one", bound, false},
	} {
		if got := ask(test.client, test.field); (got == first) != test.same {
			t.Errorf("%s: got %s, the first request had %s; want the same: %t", test.what, got, first, test.same)
		}
	}
	if a, b := ask("one", bound), ask("one", bound); a == b {
		t.Errorf("two requests with credentials that bind a connection came on %s", a)
	}
	if a, b := ask("one", none), ask("two", none); a != b {
		t.Errorf("requests without credentials came on %s and on %s, want the same", a, b)
	}
}

// A stream outlives configurations. A cache that a later one adds is looked for
// in what is still to come.
func TestScrubCacheAddedDuringStream(t *testing.T) {
	const addedID, addedKey = "99999999-9999-4999-8999-999999999999", "added-key-5e4d3c2b1a"
	e := start(t, open)
	e.Canary.Add(addedKey)
	added := make(chan struct{})
	e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/stream" {
			return
		}
		flush(w, "first\n")
		<-added
		flush(w, "second "+addedKey+"\n")
	})
	response, err := e.Client().Get("http://api.acme.test/stream") //nolint:noctx // the client has a time limit
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	lines := bufio.NewReader(response.Body)
	wantLine(t, lines, "first\n")
	more := strings.NewReplacer(
		"caches:\n", "caches:\n  - {name: added, id: "+addedID+", ttl: 15m, hosts: [api.acme.test]}\n",
		"tokens:\n", "tokens:\n  - {name: added, cache: added, value: "+addedKey+"}\n").Replace(open)
	if err := e.Reload(more); err != nil {
		t.Fatal(err)
	}
	wantOK(t, e.Get("http://api.acme.test/", "X-Api-Key", addedID))
	close(added)
	wantLine(t, lines, "second "+addedID+"\n")
}

// Where there is no body there is no length: RFC 9110 section 8.6.
func TestNoLengthWithoutBody(t *testing.T) {
	r, dial := record(t, "HTTP/1.1 103 Early Hints\r\nContent-Length: 5\r\n\r\nHTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n")
	e := start(t, open, dial)
	if _, got := r.exchange(t, e, lines("GET http://other.test/ HTTP/1.1", "Host: x")); strings.Contains(got, "Content-Length") {
		t.Errorf("got a length in %q", got)
	}
}
