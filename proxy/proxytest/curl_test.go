package proxytest_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/intercept"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

const (
	curlKey   = "curl-key-of-the-tests-0123456789abcdef"
	curlValue = "live-value-of-the-tests-0123456789"
	curlID    = "11111111-2222-3333-4444-555555555555"
	otherID   = "22222222-2222-3333-4444-555555555555" // of a cache for another host
)

const curlConfig = `
clients: [{name: curl, key: ` + curlKey + `}]
egress: {allow: [blind.acme.test]}
caches:
  - {name: acme, id: ` + curlID + `, ttl: 15m, hosts: [api.acme.test]}
  - {name: other, id: ` + otherID + `, ttl: 15m, hosts: [other.acme.test]}
tokens:
  - {name: acme_key, cache: acme, value: ` + curlValue + `}
  - {name: other_key, cache: other, value: other-` + curlValue + `}
`

// A curlWay is a way from curl to an origin.
type curlWay struct {
	name string
	base string   // of URLs
	args []string // {ca} stands for egret's authority, {roots} for the origin's
	sent string   // what the origin gets for the cache ID
}

var curlWays = []curlWay{
	{name: "forward", base: "http://api.acme.test", sent: curlValue},
	{name: "proxytunnel", base: "http://api.acme.test", args: []string{"--proxytunnel"}, sent: curlValue},
	{name: "intercept", base: "https://api.acme.test", args: []string{"--cacert", "{ca}"}, sent: curlValue},
	{name: "tunnel", base: "https://blind.acme.test", args: []string{"--cacert", "{roots}"}, sent: curlID},
}

// tunnels tells whether curl sends CONNECT.
func (w *curlWay) tunnels() bool { return w.name != "forward" }

// A curlWorld is egret, an origin, and a directory for curl.
type curlWorld struct {
	egret  *proxytest.Egret
	origin *curlOrigin
	ca     string
	dir    string
}

func startCurlWorld(t *testing.T) *curlWorld {
	t.Helper()
	if output, err := exec.CommandContext(t.Context(), "curl", "--version").CombinedOutput(); err != nil {
		configstest.Missing(t, "this test needs curl: %v\n%s", err, output)
	}
	w := &curlWorld{origin: startCurlOrigin(t), dir: t.TempDir()}
	authority, err := intercept.New()
	if err != nil {
		t.Fatal(err)
	}
	w.egret = proxytest.Start(t, curlConfig, w.origin.reached(), func(o *proxy.Options) { o.Authority = authority })
	w.egret.Canary.Add(curlValue)
	w.ca = filepath.Join(w.dir, "ca.pem")
	if err := os.WriteFile(w.ca, authority.PEM(), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// upload writes a file of a size, and gives its path and digest.
func (w *curlWorld) upload(t *testing.T, size int64) (path, digest string) {
	t.Helper()
	path = filepath.Join(w.dir, fmt.Sprintf("upload-%d", size))
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.New()
	_, err = io.CopyN(io.MultiWriter(file, sum), rand.NewChaCha8([32]byte{byte(size)}), size)
	if err = errors.Join(err, file.Close()); err != nil {
		t.Fatal(err)
	}
	return path, hex.EncodeToString(sum.Sum(nil))
}

// A curlResult is how curl ended, and what there is to know of it.
type curlResult struct {
	exit   int
	stdout string
	stderr string
	info   []curlInfo // of each URL
	seen   []originRequest
}

// A curlInfo is what curl says of a transfer with --write-out.
type curlInfo struct {
	Status   int    `json:"http_code"`
	Connect  int    `json:"http_connect"`
	Connects int    `json:"num_connects"`
	Uploaded int64  `json:"size_upload"`
	Version  string `json:"http_version"`
}

// curl runs curl through egret with the client's key.
func (w *curlWorld) curl(t *testing.T, way *curlWay, input io.Reader, args ...string) *curlResult {
	t.Helper()
	proxyURL, err := url.Parse(w.egret.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxyURL.User = url.UserPassword("curl", curlKey)
	return w.bareCurl(t, way, input, append([]string{"-x", proxyURL.String()}, args...)...)
}

// bareCurl runs curl without a proxy, unless the arguments name one. In them
// {base} stands for the beginning of URLs, and {proxy} for egret's address.
func (w *curlWorld) bareCurl(t *testing.T, way *curlWay, input io.Reader, args ...string) *curlResult {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	args = slices.Concat([]string{"-q", "-sS", "-w", `%{stderr}%{json}\n`}, way.args, args)
	for i, arg := range args {
		args[i] = strings.NewReplacer("{ca}", w.ca, "{roots}", w.origin.file, "{base}", way.base, "{proxy}", strings.TrimPrefix(w.egret.URL, "http://")).Replace(arg)
	}
	cmd := exec.CommandContext(ctx, "curl", args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr, cmd.Env = input, &stdout, &stderr, []string{"LC_ALL=C"}
	err := cmd.Run()
	if exit := new(exec.ExitError); err != nil && !errors.As(err, &exit) {
		t.Fatalf("cannot run curl: %v", err)
	}
	w.egret.Canary.Keep("curl", stdout.String()+stderr.String())
	result := &curlResult{exit: cmd.ProcessState.ExitCode(), stdout: stdout.String(), seen: w.origin.take()}
	for line := range strings.Lines(stderr.String()) {
		var info curlInfo
		if strings.HasPrefix(line, "{") && json.Unmarshal([]byte(line), &info) == nil {
			result.info = append(result.info, info)
		} else {
			result.stderr += line
		}
	}
	if len(result.info) == 0 {
		t.Fatalf("curl %q ended with %d and tells nothing of its transfer:\n%s", args, result.exit, result.stderr)
	}
	return result
}

// String is the result, for failures.
func (r *curlResult) String() string {
	return fmt.Sprintf("exit status %d\nstdout: %.300s\nstderr: %s\ninfo: %+v\nthe origin got: %+v", r.exit, r.stdout, r.stderr, r.info, r.seen)
}
