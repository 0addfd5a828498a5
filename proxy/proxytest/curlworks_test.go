package proxytest_test

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
)

// eachCurlWay runs a test by each way to an origin.
func eachCurlWay(t *testing.T, test func(t *testing.T, w *curlWorld, way *curlWay)) {
	t.Helper()
	w := startCurlWorld(t)
	for i := range curlWays {
		t.Run(curlWays[i].name, func(t *testing.T) { test(t, w, &curlWays[i]) })
	}
}

// What curl can be told about a request, and what reaches the origin then.
func TestCurlRequests(t *testing.T) {
	tests := []struct {
		name string
		args []string
		line string // that the origin gets
		want string // in what curl prints
	}{
		{"GET", []string{"{base}/a?b=c%20d"}, "GET /a?b=c%20d HTTP/1.1", "0 e3b0c44298fc"},
		{"HEAD", []string{"-I", "{base}/"}, "HEAD / HTTP/1.1", "HTTP/1.1 200 OK"},
		{"HTTP/1.0", []string{"--http1.0", "{base}/"}, "GET / HTTP/1.1", "0 e3b0c44298fc"},
		{"HTTP/2 where there is", []string{"--http2", "{base}/"}, "GET / HTTP/1.1", "0 e3b0c44298fc"},
		{"POST", []string{"-d", "a=b", "{base}/"}, "POST / HTTP/1.1", "3 "},
		{"any method", []string{"-X", "PURGE", "{base}/"}, "PURGE / HTTP/1.1", "0 "},
		{"path as it is", []string{"--path-as-is", "{base}/a/../b"}, "GET /a/../b HTTP/1.1", "0 "},
		{"compressed", []string{"--compressed", "{base}/echo"}, "GET /echo HTTP/1.1", "you sent Bearer " + curlID + "\n"},
		{"slowly down", []string{"--limit-rate", "4M", "{base}/large"}, "GET /large HTTP/1.1", strings.Repeat("abcdefghijklmnopqrstuvw", 100)},
	}
	eachCurlWay(t, func(t *testing.T, w *curlWorld, way *curlWay) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				line := tt.line
				if way.name == "tunnel" && slices.Contains(tt.args, "--http1.0") {
					line = strings.ReplaceAll(line, "HTTP/1.1", "HTTP/1.0")
				}
				got := w.curl(t, way, nil, append([]string{"-H", "Authorization: Bearer " + curlID}, tt.args...)...)
				if got.exit != 0 || len(got.seen) != 1 || got.seen[0].line != line || !strings.Contains(got.stdout, tt.want) {
					t.Fatalf("want %q at the origin, and %.100q; got %s", line, tt.want, got)
				}
				if sent := got.seen[0].header.Get("Authorization"); sent != "Bearer "+way.sent {
					t.Errorf("the origin got Authorization: %s, want %s", sent, way.sent)
				}
				if host := strings.TrimPrefix(strings.TrimPrefix(way.base, "https://"), "http://"); got.seen[0].host != host {
					t.Errorf("the origin got Host: %s, want %s", got.seen[0].host, host)
				}
			})
		}
	})
}

// curlPatience makes curl wait for 100 Continue longer than a transfer may last:
// without one it fails.
var curlPatience = []string{"--expect100-timeout", "60", "--max-time", "30"}

// Uploads arrive whole, however curl sends them.
func TestCurlUploads(t *testing.T) {
	tests := []struct {
		name    string
		size    int64
		args    []string // before the file
		chunked bool
	}{
		{"a small one", 1000, nil, false},
		{"1 MiB that waits", 1 << 20, slices.Concat([]string{"-H", "Expect: 100-continue"}, curlPatience), false},
		{"1 MiB that does not wait", 1 << 20, []string{"-H", "Expect:"}, false},
		{"1 MiB slowly", 1 << 20, []string{"--limit-rate", "8M"}, false},
		{"50 MiB", 50 << 20, curlPatience, false},
		{"from a pipe", 3 << 20, nil, true},
		{"from a pipe that does not wait", 3 << 20, []string{"-H", "Expect:"}, true},
		{"in HTTP/1.0", 1 << 20, []string{"--http1.0"}, false},
	}
	eachCurlWay(t, func(t *testing.T, w *curlWorld, way *curlWay) {
		for _, tt := range tests {
			t.Run(tt.name, func(t *testing.T) {
				path, digest := w.upload(t, tt.size)
				var input io.Reader
				if tt.chunked {
					file, err := os.Open(path)
					if err != nil {
						t.Fatal(err)
					}
					defer func() { _ = file.Close() }()
					path, input = "-", file
				}
				got := w.curl(t, way, input, append(slices.Clone(tt.args), "-H", "X-Api-Key: "+curlID, "-T", path, "{base}/upload")...)
				if got.exit != 0 || got.info[0].Status != 200 || len(got.seen) != 1 || got.stdout != fmt.Sprintf("%d %s\n", tt.size, digest) {
					t.Fatalf("want an upload of %d bytes with the digest %s; got %s", tt.size, digest, got)
				}
				if tt.chunked != (got.seen[0].coding == "chunked") || got.seen[0].header.Get("X-Api-Key") != way.sent {
					t.Errorf("the origin got %+v, want it chunked: %t, with %s", got.seen[0], tt.chunked, way.sent)
				}
			})
		}
	})
}

// One connection, and in it one tunnel, serves several requests.
func TestCurlKeepAlive(t *testing.T) {
	eachCurlWay(t, func(t *testing.T, w *curlWorld, way *curlWay) {
		got := w.curl(t, way, nil, "-H", "Authorization: Bearer "+curlID, "{base}/1", "{base}/2", "{base}/3")
		if got.exit != 0 || len(got.info) != 3 || len(got.seen) != 3 {
			t.Fatalf("want three answers; got %s", got)
		}
		for i, want := range []int{1, 0, 0} {
			if got.info[i].Connects != want || got.seen[i].client != got.seen[0].client {
				t.Errorf("request %d took %d connections to egret, want %d, and came from %s", i+1, got.info[i].Connects, want, got.seen[i].client)
			}
		}
		if got.seen[0].header.Get("Authorization") != "Bearer "+way.sent || got.seen[2].header.Get("Authorization") != "Bearer "+way.sent {
			t.Errorf("want %s in every request; got %s", way.sent, got)
		}
	})
}
