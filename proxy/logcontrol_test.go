package proxy_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy"
)

// What is logged can be changed while egret runs, by who has the key.
func TestLogControl(t *testing.T) {
	var level *slog.LevelVar
	e := start(t, acme, func(o *proxy.Options) {
		level = o.LogLevel
		level.Set(slog.LevelInfo)
	})
	bearer := []string{"Authorization", "Bearer " + e.AdminKey()}
	tests := []struct {
		method, body, want string
		level              slog.Level
	}{
		{"GET", "", `{"level":"info","requests":false}`, slog.LevelInfo},
		{"PUT", `{"level":"debug"}`, `{"level":"debug","requests":false}`, slog.LevelDebug},
		{"PUT", `{"requests":true}`, `{"level":"debug","requests":true}`, slog.LevelDebug},
		{"PUT", `{}`, `{"level":"debug","requests":true}`, slog.LevelDebug},
		{"PUT", `{"level":"error","requests":false}`, `{"level":"error","requests":false}`, slog.LevelError},
		{"PUT", `{"level":"info"}`, `{"level":"info","requests":false}`, slog.LevelInfo},
		{"GET", "", `{"level":"info","requests":false}`, slog.LevelInfo},
	}
	for _, tt := range tests {
		got := e.Do(tt.method, e.AdminURL+"/api/log", tt.body, bearer...)
		if got.Status != 200 || strings.TrimSpace(got.Body) != tt.want || level.Level() != tt.level {
			t.Errorf("%s %s: got %d %s and level %v, want %s and %v", tt.method, tt.body, got.Status, got.Body, level.Level(), tt.want, tt.level)
		}
	}
	for _, body := range []string{"", "debug", `{"level":"loud"}`, `{"level":""}`, `{"lvel":"info"}`, `{"requests":1}`} {
		wantRefusal(t, e.Do("PUT", e.AdminURL+"/api/log", body, bearer...), 400, "malformed_request")
	}
	wantRefusal(t, e.Do("PUT", e.AdminURL+"/api/log", "{}"), 401, "unauthenticated")
	if got := e.Get(e.AdminURL+"/api/log", bearer...).Get("level"); got != "info" {
		t.Errorf("got level %q after refused changes, want info", got)
	}
	if n := strings.Count(e.Log(), `"msg":"logging changed"`); n != 4 { // the one to error is not logged
		t.Errorf("%d changes were logged, want 4:\n%s", n, e.Log())
	}
}

// A panicking is a handler that panics over the line of a request.
type panicking struct{ slog.Handler }

func (h panicking) Handle(ctx context.Context, r slog.Record) error {
	if r.Message == "request" {
		panic("canary")
	}
	return h.Handler.Handle(ctx, r)
}

// A panic when all is answered, and only the record is left to be made, ends
// neither egret nor the connection.
func TestRecordPanics(t *testing.T) {
	e := start(t, acme, func(o *proxy.Options) {
		o.LogRequests, o.Log = true, slog.New(panicking{o.Log.Handler()})
	})
	for range 2 {
		wantOK(t, e.Call("stored", "{}"))
	}
	eventually(t, "both panics are logged", func() bool {
		return strings.Count(e.Log(), `"level":"ERROR","msg":"panic","way":"call","panic":"string"`) == 2
	})
}

// One line for each request, once it is switched on, and nothing of what must
// not be seen in it.
func TestLogRequests(t *testing.T) {
	e := start(t, acme)
	wantOK(t, e.Call("stored", "{}"))
	if strings.Contains(e.Log(), `"msg":"request"`) {
		t.Errorf("a request was logged before that was switched on:\n%s", e.Log())
	}
	wantOK(t, e.Do("PUT", e.AdminURL+"/api/log", `{"requests":true}`, "Authorization", "Bearer "+e.AdminKey()))
	wantOK(t, e.Get("http://api.acme.test/orders?key=value", "Authorization", "Bearer "+tokenID))
	e.Get("http://evil.test/")
	wantOK(t, e.Call("order", `{"id":"1","token":"`+tokenID+`"}`))
	lines := func() (got []string) {
		for line := range strings.Lines(e.Log()) {
			if strings.Contains(line, `"msg":"request"`) {
				got = append(got, line)
			}
		}
		return got
	}
	eventually(t, "three lines are logged", func() bool { return len(lines()) == 3 })
	wantOK(t, e.Do("PUT", e.AdminURL+"/api/log", `{"requests":false}`, "Authorization", "Bearer "+e.AdminKey()))
	e.Get("http://evil.test/")
	want := []string{
		`"level":"INFO","msg":"request","way":"forward","method":"GET","host":"api.acme.test","path":"/orders?key","verdict":"allowed","rule":"caches[0].hosts","status":200,"bytes_in":`,
		`"level":"INFO","msg":"request","way":"forward","method":"GET","host":"evil.test","path":"/","verdict":"refused","rule":"egress.default","code":"egress_denied","status":403,"bytes_in":`,
		`"level":"INFO","msg":"request","way":"call","method":"POST","host":"api.acme.test","path":"/orders/{/id}","function":"order","source":"upstream","verdict":"allowed","rule":"functions[0]","status":200,"bytes_in":`,
	}
	got := lines()
	if len(got) != len(want) {
		t.Fatalf("got %d lines, want %d:\n%s", len(got), len(want), strings.Join(got, ""))
	}
	for i := range want {
		if !strings.Contains(got[i], want[i]) {
			t.Errorf("got line %d\n%s, want\n%s", i, got[i], want[i])
		}
	}
}
