package proxytest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/coder/websocket"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

func driveWebSocket(t *testing.T, egret *proxytest.Egret) {
	egret.Upstream.Handle("", func(w http.ResponseWriter, r *http.Request) {
		c, err := websocket.Accept(w, r, nil)
		if err != nil {
			return
		}
		defer func() { _ = c.CloseNow() }()
		if kind, text, err := c.Read(r.Context()); err == nil {
			_ = c.Write(r.Context(), kind, append([]byte("heard "), text...))
			_ = c.Close(websocket.StatusNormalClosure, "")
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dial := func(host, id string) (*websocket.Conn, *http.Response, error) {
		return websocket.Dial(ctx, "wss://"+host+"/v1/events", &websocket.DialOptions{
			HTTPClient: egret.Client(), HTTPHeader: http.Header{"Authorization": {"Bearer " + id}},
		})
	}
	c, _, err := dial("stream.acme.test", "66666666-6666-4666-8666-666666666666") //nolint:bodyclose // the connection is it
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	if err := c.Write(ctx, websocket.MessageText, []byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, text, err := c.Read(ctx); err != nil || string(text) != "heard hello" {
		t.Errorf("got %q (error: %v), want an answer", text, err)
	}
	if got, want := egret.Upstream.Last(t).Header.Get("Authorization"), "Bearer "+exampleEnvironment["STREAM_API_KEY"]; got != want {
		t.Errorf("the upstream received Authorization %q, want the key", got)
	}
	_, response, err := dial("billing.acme.test", "55555555-5555-4555-8555-555555555555") //nolint:bodyclose // the library has read it
	if err == nil || response == nil || response.StatusCode != http.StatusForbidden {
		t.Errorf("got %v for a host whose cache does not permit it, want 403", err)
	}
}
