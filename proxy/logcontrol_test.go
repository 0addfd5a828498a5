package proxy_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/egret-proxy/egret/proxy"
)

// What is logged can be changed while egret runs, by who has the key.
func TestLogControl(t *testing.T) {
	level, text := &slog.LevelVar{}, &buffer{}
	e := start(t, acme, func(o *proxy.Options) {
		o.LogLevel, o.Log = level, slog.New(slog.NewTextHandler(text, &slog.HandlerOptions{Level: level}))
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
	if n := strings.Count(text.String(), `msg="logging changed"`); n != 4 { // the one to error is not logged
		t.Errorf("%d changes were logged, want 4:\n%s", n, text)
	}
}

// A buffer is a bytes.Buffer for several goroutines.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
