package proxy_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// echoWebSocket accepts a WebSocket, and says what it hears until it is closed.
func echoWebSocket(w http.ResponseWriter, r *http.Request) {
	c, err := websocket.Accept(w, r, &websocket.AcceptOptions{CompressionMode: websocket.CompressionContextTakeover})
	if err != nil {
		return
	}
	defer func() { _ = c.CloseNow() }()
	c.SetReadLimit(-1)
	for {
		kind, message, err := c.Read(r.Context())
		if err == nil {
			err = c.Write(r.Context(), kind, message)
		}
		if err != nil {
			return
		}
	}
}

// connectWebSocket opens one through a lane.
func (l *laned) connectWebSocket(t *testing.T, host string, header http.Header, mode websocket.CompressionMode) (*websocket.Conn, *http.Response, error) {
	t.Helper()
	client := l.client(t)
	client.Timeout = 0
	ctx, cancel := context.WithTimeout(t.Context(), watchdog)
	defer cancel()
	c, response, err := websocket.Dial(ctx, "ws://"+host+"/socket", &websocket.DialOptions{HTTPClient: client, HTTPHeader: header, CompressionMode: mode})
	if err == nil {
		c.SetReadLimit(-1)
		t.Cleanup(func() { _ = c.CloseNow() })
	}
	return c, response, err
}

// A WebSocket works through every lane, to hosts that caches name and to others:
// long messages, pings both ways, and the closing handshake. The credential is
// swapped, and the protocols that are not WebSocket's are not offered.
func TestWebSocket(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		for _, host := range []string{"api.acme.test", "other.test"} {
			for name, mode := range map[string]websocket.CompressionMode{"plain": websocket.CompressionDisabled, "compressed": websocket.CompressionContextTakeover} {
				t.Run(host+", "+name, func(t *testing.T) {
					var got http.Header
					closed := make(chan error, 1)
					e := startLane(t, way, upgrading, handling(func(w http.ResponseWriter, r *http.Request) {
						got = r.Header.Clone()
						echoWebSocket(w, r)
						closed <- nil
					}))
					header := http.Header{"Authorization": {"Bearer " + tokenID}, "X-Other": {"x"}}
					if host != "api.acme.test" {
						header.Del("Authorization")
					}
					c, _, err := e.connectWebSocket(t, host, header, mode) //nolint:bodyclose // the connection is it
					if err != nil {
						t.Fatal(err)
					}
					for _, size := range []int{0, 5, 70_000, 1 << 20} {
						message := noise(size)
						if err := c.Write(t.Context(), websocket.MessageBinary, message); err != nil {
							t.Fatal(err)
						}
						if _, echo, err := c.Read(t.Context()); err != nil || !bytes.Equal(echo, message) {
							t.Fatalf("got %d bytes back (error: %v), want the %d that were sent", len(echo), err, size)
						}
					}
					pings := c.CloseRead(t.Context())
					if err := c.Ping(t.Context()); err != nil {
						t.Errorf("no answer to a ping: %v", err)
					}
					if err := c.Close(websocket.StatusNormalClosure, "done"); err != nil {
						t.Errorf("the closing handshake: %v", err)
					}
					<-pings.Done()
					<-closed
					if host == "api.acme.test" && !jwt.MatchString(got.Get("Authorization")) {
						t.Errorf("the origin received Authorization %q, want the token", got.Get("Authorization"))
					}
					if got.Get("X-Other") != "x" || got.Get("Sec-Websocket-Key") == "" || !strings.EqualFold(got.Get("Upgrade"), "websocket") {
						t.Errorf("the origin received %v, want what the client has sent", got)
					}
					status := `"status":101`
					if way.isBlind(host) {
						status = `"way":"tunnel"`
					}
					wantRecord(t, e, status, `"bytes_in":11`, `"bytes_out":11`)
				})
			}
		}
	})
}

// wantRecord waits for a record of the journal with all of some texts.
func wantRecord(t *testing.T, e *laned, texts ...string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; pass(10 * time.Millisecond) {
		records := e.Journal("")
		if slices.ContainsFunc(records, func(record string) bool {
			return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(record, text) })
		}) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("got the records %s, want one with %q", records, texts)
		}
	}
}

// A WebSocket may be silent, as long as limits.tunnel_idle_timeout says and no
// longer, whatever the other limits are.
func TestWebSocketIdle(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		t.Parallel() // it waits more than it works
		ended := make(chan error, 1)
		const limits = "limits: {tunnel_idle_timeout: 1s, idle_timeout: 100ms, body_timeout: 100ms, write_timeout: 100ms, header_timeout: 5s, stall_timeout: 100ms, first_byte_timeout: 5s}\n"
		e := startLane(t, way, upgrading+limits, handling(func(w http.ResponseWriter, r *http.Request) {
			c, err := websocket.Accept(w, r, nil)
			if err != nil {
				return
			}
			defer func() { _ = c.CloseNow() }()
			_, _, err = c.Read(context.Background())
			for err == nil {
				_, _, err = c.Read(context.Background())
			}
			ended <- err
		}))
		c, _, err := e.connectWebSocket(t, "api.acme.test", nil, 0) //nolint:bodyclose // the connection is it
		if err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			pass(400 * time.Millisecond)
			if err := c.Write(t.Context(), websocket.MessageText, []byte(fmt.Sprint(i))); err != nil {
				t.Fatalf("after %d pauses: %v", i+1, err)
			}
		}
		start := time.Now()
		select {
		case <-ended:
			if took := time.Since(start); took < 500*time.Millisecond {
				t.Errorf("it ended after %v, want a second", took)
			}
		case <-time.After(watchdog):
			t.Error("it is open still")
		}
	})
}

// Where a cache that names the host does not permit it, the protocol stays. The
// refusal says which, and how to permit it.
func TestWebSocketRefused(t *testing.T) {
	eachLane(t, func(t *testing.T, way lane) {
		e := startLane(t, way, upgrading, handling(echoWebSocket))
		_, response, err := e.connectWebSocket(t, "closed.test", nil, 0) //nolint:bodyclose // the library has read it
		if err == nil || response == nil {
			t.Fatalf("got %v, want a refusal", err)
		}
		body, _ := io.ReadAll(response.Body)
		for _, want := range []string{
			`"code":"egress_denied"`, "cache closed_key names closed.test and does not permit its connections to change to another protocol",
			"caches: [{name: closed_key, upgrade: true}]",
		} {
			if !strings.Contains(string(body), want) {
				t.Errorf("got %d %s, want %s in it", response.StatusCode, body, want)
			}
		}
		wantRecord(t, e, `"code":"egress_denied"`, `caches[2].upgrade`)
	})
}
