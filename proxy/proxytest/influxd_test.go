package proxytest_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
)

// influxDBPatience bounds each wait for the database: its start, its answer to
// a query, its end.
const influxDBPatience = 30 * time.Second

// startInfluxDB runs an InfluxDB 1.x of its own for one test and stops it at
// the test's end. The database takes a JWT as its credential: HS256, HS384 or
// HS512 signed with secret, with the claims username (user, who may do
// everything) and exp. All its files are in a temporary directory, and its
// ports are chosen by the kernel on loopback.
//
// Without influxd on the PATH the test is skipped, and fails where CI=true.
func startInfluxDB(t *testing.T) (baseURL, secret, user string) {
	t.Helper()
	influxd := findInfluxDB(t)
	secret = rand.Text()
	home := t.TempDir()
	config := filepath.Join(home, "influxdb.conf")
	if err := os.WriteFile(config, influxDBConfig(home, secret), 0o600); err != nil {
		t.Fatal(err)
	}

	log := newInfluxDBLog()
	cmd := exec.CommandContext(t.Context(), influxd, "run", "-config", config)
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH")} // no INFLUXDB_… of the developer
	cmd.Stdout, cmd.Stderr = log, log
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = influxDBPatience
	if err := cmd.Start(); err != nil {
		t.Fatalf("cannot start influxd=%q: %v", influxd, err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait() // always an error here: a signal ends it
	}()
	t.Cleanup(func() {
		<-ended // t.Context is cancelled by now
		if t.Failed() {
			t.Logf("influxd wrote:\n%s", log.text())
		}
	})

	select {
	case address := <-log.address:
		baseURL = "http://" + address
	case <-ended:
		t.Fatal("influxd ended before it listened")
	case <-time.After(influxDBPatience):
		t.Fatalf("influxd does not listen after %v", influxDBPatience)
	}
	user = "egret"
	createInfluxDBAdmin(t, baseURL, user)
	return baseURL, secret, user
}

// findInfluxDB gives the path of an influxd of version 1: version 2 has other
// credentials.
func findInfluxDB(t *testing.T) string {
	t.Helper()
	influxd, err := exec.LookPath("influxd")
	if err != nil {
		configstest.Missing(t, "needs InfluxDB 1.x (Debian: apt-get install influxdb): %v", err)
	}
	version, err := exec.CommandContext(t.Context(), influxd, "version").Output()
	if err != nil || !strings.HasPrefix(string(version), "InfluxDB v1.") {
		configstest.Missing(t, "needs InfluxDB 1.x, %s is %q (error: %v)", influxd, version, err)
	}
	return influxd
}

// influxDBConfig keeps the database to itself: no report to its makers, no
// monitoring of itself, loopback only, and no request without a credential.
func influxDBConfig(home, secret string) []byte {
	return fmt.Appendf(nil, `
reporting-disabled = true
bind-address = "127.0.0.1:0"
[meta]
  dir = %q
[data]
  dir = %q
  wal-dir = %q
[monitor]
  store-enabled = false
[http]
  bind-address = "127.0.0.1:0"
  auth-enabled = true
  shared-secret = %q
  log-enabled = false
`, filepath.Join(home, "meta"), filepath.Join(home, "data"), filepath.Join(home, "wal"), secret)
}

// createInfluxDBAdmin makes the first user, the one query that InfluxDB takes
// without a credential.
func createInfluxDBAdmin(t *testing.T, baseURL, user string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), influxDBPatience)
	defer cancel()
	form := url.Values{"q": {fmt.Sprintf(`CREATE USER %q WITH PASSWORD '%s' WITH ALL PRIVILEGES`, user, rand.Text())}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+"/query", strings.NewReader(form.Encode()))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatalf("cannot create the first user of InfluxDB: %v", err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || bytes.Contains(answer, []byte(`"error"`)) {
		t.Fatalf("cannot create the first user of InfluxDB: got %s %s (error: %v), want 200", response.Status, answer, err)
	}
}

// influxDBListening is how influxd 1.x tells the port that the kernel chose.
var influxDBListening = regexp.MustCompile(`msg="Listening on HTTP".* addr=(\S+)`)

// An influxDBLog keeps what influxd writes, and watches it for the address.
type influxDBLog struct {
	address chan string // gets one value, when HTTP is served

	mu      sync.Mutex
	written bytes.Buffer
	found   bool
}

func newInfluxDBLog() *influxDBLog { return &influxDBLog{address: make(chan string, 1)} }

func (l *influxDBLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.written.Write(p)
	if match := influxDBListening.FindSubmatch(l.written.Bytes()); match != nil && !l.found {
		l.found = true
		l.address <- string(match[1])
	}
	return len(p), nil
}

func (l *influxDBLog) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.written.String()
}
