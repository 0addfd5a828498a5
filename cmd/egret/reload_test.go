package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// TestReloads changes the configuration of a busy egret a hundred times, in the
// ways that editors, orchestrators and people do it, every fifth time with a
// bad file in between. No call fails, nothing that has not changed is made or
// asked for again, and each change comes to hold.
func TestReloads(t *testing.T) {
	for _, way := range []struct {
		name    string
		prepare func(t *testing.T, file string)
		change  func(t *testing.T, file, text string)
		hangUp  bool
	}{
		{name: "written in place", change: writeInPlace},
		{name: "replaced by a rename", change: replaceFile},
		{name: "link swapped", prepare: mountFile, change: swapLink},
		{name: "link swapped, then SIGHUP", prepare: mountFile, change: swapLink, hangUp: true},
		{name: "replaced, then SIGHUP", change: replaceFile, hangUp: true},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "egret.yaml")
			world := newReloadWorld(t)
			first := world.yaml(0)
			if way.prepare != nil {
				way.prepare(t, file)
			}
			way.change(t, file, first)
			world.egret = serveFile(t, file)
			change := func(text string) {
				way.change(t, file, text)
				if way.hangUp {
					if err := world.egret.cmd.Process.Signal(syscall.SIGHUP); err != nil {
						t.Fatal(err)
					}
				}
			}
			world.work(t, 4)
			defer world.rest()
			for version := 1; version <= 20; version++ {
				if version%5 == 0 {
					refused := world.refused()
					change(strings.Replace(world.yaml(version), "listen:", "lisen:", 1))
					eventually(t, "the bad file is reported", func() bool { return world.refused() > refused })
					if got := world.version(t); got != version-1 {
						t.Errorf("version %d holds after a bad file, want %d", got, version-1)
					}
				}
				change(world.yaml(version))
				eventually(t, fmt.Sprintf("version %d holds", version), func() bool { return world.version(t) == version })
			}
			world.finish(t)
		})
	}
}

// A key file that is replaced is as good as a changed configuration.
func TestReloadKeyFile(t *testing.T) {
	dir := t.TempDir()
	write := func(value string) {
		replaceFile(t, filepath.Join(dir, "static.key"), value)
	}
	write("static-value-number-0")
	var last atomic.Value
	origin := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { last.Store(r.Header.Get("X-Api-Key")) }))
	defer origin.Close()
	host := strings.TrimPrefix(origin.URL, "http://")
	file := filepath.Join(dir, "egret.yaml")
	writeInPlace(t, file, fmt.Sprintf(`listen: 127.0.0.1:0
caches: [{name: static, id: %s, ttl: 1h, hosts: ["%s"]}]
tokens: [{name: static, cache: static, value: "${file:static.key}"}]
`, staticCache, host))
	egret := serveFile(t, file)
	for i := range 10 {
		value := fmt.Sprintf("static-value-number-%d", i)
		write(value)
		eventually(t, "the new value is sent", func() bool {
			request, err := http.NewRequest(http.MethodGet, origin.URL, nil)
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("X-Api-Key", staticCache)
			response, err := viaEgret(egret.address).Do(request)
			if err != nil {
				t.Fatal(err)
			}
			_ = response.Body.Close()
			return last.Load() == value
		})
	}
}

// The caches of a reloadWorld.
const (
	signedCache = "11111111-2222-4333-8444-555555555555"
	staticCache = "22222222-2222-4333-8444-555555555555"
)

// A reloadWorld is an origin, an egret that calls it, and those who call egret.
type reloadWorld struct {
	egret  *child
	origin *httptest.Server
	host   string

	stop     chan struct{}
	resting  sync.Once
	working  sync.WaitGroup
	requests atomic.Int64
	failures atomic.Int64
	stored   atomic.Int64 // how often the origin was asked for what egret stores
	mu       sync.Mutex
	tokens   map[string]bool // those that the origin has received
}

func newReloadWorld(t *testing.T) *reloadWorld {
	t.Helper()
	w := &reloadWorld{stop: make(chan struct{}), tokens: map[string]bool{}}
	w.origin = httptest.NewServer(http.HandlerFunc(func(response http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		w.tokens[r.Header.Get("Authorization")] = true
		w.mu.Unlock()
		if r.URL.Path == "/stored" {
			w.stored.Add(1)
		}
		_, _ = io.WriteString(response, `{"ok":true}`)
	}))
	t.Cleanup(w.origin.Close)
	w.host = strings.TrimPrefix(w.origin.URL, "http://")
	return w
}

// yaml is a configuration that differs from the others in what one Function is
// said to be for, and in one rule.
func (w *reloadWorld) yaml(version int) string {
	return fmt.Sprintf(`listen: 127.0.0.1:0
egress: {allow: [v%[1]d.test]}
caches:
  - {name: signed, id: %[2]s, ttl: 1h, hosts: ["%[3]s"]}
  - {name: results, ttl: 1h}
tokens:
  - {name: jwt, cache: signed, algorithm: HS256, key_type: Secret, key: 0123456789abcdef0123456789abcdef}
functions:
  - name: stored
    url: http://%[3]s/stored
    fixed: {token: %[2]s}
    headers: {Authorization: Bearer </token>}
    cache: results
  - {name: marker, instructions: version %[1]d, url: "http://%[3]s/"}
`, version, signedCache, w.host)
}

// version is the one that egret's answers tell.
func (w *reloadWorld) version(t *testing.T) int {
	t.Helper()
	response, err := http.Get("http://" + w.egret.address + "/v1/functions/marker")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, _ := io.ReadAll(response.Body)
	var version int
	if _, err := fmt.Sscanf(gjson.GetBytes(text, "instructions").Str, "version %d", &version); err != nil {
		t.Fatalf("got %s, want a version: %v", text, err)
	}
	return version
}

// refused is how many configurations egret has refused.
func (w *reloadWorld) refused() int {
	return strings.Count(w.egret.said(), `"msg":"configuration not applied"`)
}

// work has callers go on until [reloadWorld.rest].
func (w *reloadWorld) work(t *testing.T, callers int) {
	forward := viaEgret(w.egret.address)
	ask := []func() (*http.Response, error){
		func() (*http.Response, error) {
			return http.Post("http://"+w.egret.address+"/v1/functions/stored", "application/json", strings.NewReader("{}"))
		},
		func() (*http.Response, error) {
			request, err := http.NewRequest(http.MethodGet, w.origin.URL+"/forwarded", nil)
			if err != nil {
				return nil, err
			}
			request.Header.Set("Authorization", "Bearer "+signedCache)
			return forward.Do(request)
		},
	}
	for i := range callers {
		w.working.Go(func() {
			for {
				select {
				case <-w.stop:
					return
				case <-time.After(time.Millisecond): // so that the machine has time for the rest
				}
				w.requests.Add(1)
				response, err := ask[i%len(ask)]()
				if err != nil {
					w.failures.Add(1)
					t.Errorf("a request failed: %v", err)
					return
				}
				text, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK {
					w.failures.Add(1)
					t.Errorf("got status %d, %s, %v, want 200", response.StatusCode, text, err)
				}
			}
		})
	}
}

// rest ends the work, once.
func (w *reloadWorld) rest() {
	w.resting.Do(func() { close(w.stop) })
	w.working.Wait()
}

// finish ends the work and looks at what came of it.
func (w *reloadWorld) finish(t *testing.T) {
	t.Helper()
	w.rest()
	t.Logf("%d requests, %d failed", w.requests.Load(), w.failures.Load())
	if len(w.tokens) != 1 {
		t.Errorf("the origin received %d different tokens, want 1: a reload has emptied their cache", len(w.tokens))
	}
	if n := w.stored.Load(); n != 1 {
		t.Errorf("the origin was asked %d times for a stored answer, want once", n)
	}
}

// writeInPlace truncates the file and writes it in two pieces.
func writeInPlace(t *testing.T, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	half := len(text) / 2
	_, _ = f.WriteString(text[:half])
	<-time.After(10 * time.Millisecond) // as if the rest were late
	_, _ = f.WriteString(text[half:])
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// replaceFile writes another file and gives it the name.
func replaceFile(t *testing.T, file, text string) {
	t.Helper()
	next := file + "~"
	if err := os.WriteFile(next, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(next, file); err != nil {
		t.Fatal(err)
	}
}

// mountFile makes the file a link into a directory that is a link itself, as
// Kubernetes mounts a ConfigMap.
func mountFile(t *testing.T, file string) {
	t.Helper()
	if err := os.Symlink(filepath.Join("..data", filepath.Base(file)), file); err != nil {
		t.Fatal(err)
	}
}

// swapLink puts the text into a new directory, makes the link lead there, and
// removes the old directory.
func swapLink(t *testing.T, file, text string) {
	t.Helper()
	dir := filepath.Dir(file)
	next, err := os.MkdirTemp(dir, "..2026_")
	if err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "..data")
	old, _ := os.Readlink(data) // there is none the first time
	for _, err := range []error{
		os.WriteFile(filepath.Join(next, filepath.Base(file)), []byte(text), 0o600),
		os.Symlink(filepath.Base(next), data+"_tmp"),
		os.Rename(data+"_tmp", data),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	if old != "" {
		if err := os.RemoveAll(filepath.Join(dir, old)); err != nil {
			t.Fatal(err)
		}
	}
}
