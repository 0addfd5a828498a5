package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs/configstest"
)

// TestSlowClients has everyone come at once who could make a proxy keep too
// much: clients whose heads dribble in, clients that read nothing of a long
// answer, silent ones, and long uploads. Others are served beside them as if
// nothing were, and egret's memory stays within a bound. EGRET_SOAK=100 is the
// whole of it; an ordinary run makes a tenth.
func TestSlowClients(t *testing.T) {
	const most = 256 << 20
	if testing.Short() {
		configstest.Missing(t, "it takes some seconds, which -short does not have")
	}
	percent := soakPercent(t)
	origin := httptest.NewServer(http.HandlerFunc(slowOrigin))
	defer origin.Close()
	egret := serveChild(t, forwardLoopback)
	before := egret.descriptors(t)
	baseline := serveOthers(t, egret.address, origin.URL, 2000)

	crowd := &crowd{t: t, egret: egret.address, origin: origin.URL, stop: make(chan struct{})}
	crowd.gather(1000*percent/100, crowd.dribble)
	crowd.gather(500*percent/100, crowd.readNothing)
	crowd.gather(1000*percent/100, crowd.sayNothing)
	crowd.arrived.Wait()
	var uploads sync.WaitGroup
	for range max(1, 20*percent/100) {
		uploads.Go(func() { upload(t, egret.address, origin.URL, 100<<20) })
	}
	crowded := serveOthers(t, egret.address, origin.URL, 2000)
	uploads.Wait()
	peak := egret.peakMemory(t)
	close(crowd.stop)
	crowd.gone.Wait()

	t.Logf("%d%%: memory at most %d MiB; 99 of 100 requests took at most %v beside the crowd, %v without it", percent, peak>>20, crowded, baseline)
	if peak > most && (!underRace() || percent >= 100) { // whose detector keeps more than egret does
		t.Errorf("egret needed %d bytes, want at most %d", peak, most)
	}
	if percent >= 100 {
		eventually(t, "the connections are closed", func() bool { return egret.descriptors(t) <= before })
	}
}

// slowOrigin has long answers for those who do not read, and short ones.
func slowOrigin(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/long" {
		n, _ := io.Copy(io.Discard, r.Body)
		_, _ = fmt.Fprintf(w, "%d bytes", n)
		return
	}
	block := bytes.Repeat([]byte("x"), 64<<10)
	for range 1024 {
		if _, err := w.Write(block); err != nil {
			return
		}
	}
}

// viaEgret is a client of egret that keeps its connections.
func viaEgret(address string) *http.Client {
	return &http.Client{
		Timeout:   3 * patience,
		Transport: &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: address}), MaxIdleConnsPerHost: 100},
	}
}

// serveOthers makes requests as anybody would, none of which may fail, and
// gives the time that 99 of 100 took at most.
func serveOthers(t *testing.T, egret, origin string, n int) time.Duration {
	const clients = 8
	client := viaEgret(egret)
	defer client.CloseIdleConnections()
	var mu sync.Mutex
	var times []time.Duration
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for range n / clients {
				start := time.Now()
				response, err := client.Post(origin+"/short", "text/plain", strings.NewReader("hello"))
				if err != nil {
					t.Errorf("a request beside the crowd failed: %v", err)
					continue
				}
				body, err := io.ReadAll(response.Body)
				_ = response.Body.Close()
				if err != nil || response.StatusCode != http.StatusOK || string(body) != "5 bytes" {
					t.Errorf("a request beside the crowd got %d %q (error: %v), want 200 and 5 bytes", response.StatusCode, body, err)
				}
				took := time.Since(start)
				mu.Lock()
				times = append(times, took)
				mu.Unlock()
			}
		})
	}
	running.Wait()
	if len(times) == 0 {
		t.Fatal("no request was answered")
	}
	slices.Sort(times)
	return times[len(times)*99/100].Round(10 * time.Microsecond)
}

// upload sends n bytes through egret.
func upload(t *testing.T, egret, origin string, n int64) {
	client := viaEgret(egret)
	defer client.CloseIdleConnections()
	response, err := client.Post(origin+"/upload", "application/octet-stream", io.LimitReader(endless{}, n))
	if err != nil {
		t.Errorf("an upload failed: %v", err)
		return
	}
	defer func() { _ = response.Body.Close() }()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != fmt.Sprintf("%d bytes", n) {
		t.Errorf("the origin received %q of an upload (error: %v), want %d bytes", body, err, n)
	}
}

// endless is a body without an end.
type endless struct{}

// Read gives as much as is asked for.
func (endless) Read(p []byte) (int, error) { return len(p), nil }

// A crowd is clients that keep their connections for as long as they can.
type crowd struct {
	t             *testing.T
	egret, origin string
	stop          chan struct{}
	arrived, gone sync.WaitGroup
}

// gather lets n clients come, each of which behaves in this way.
func (c *crowd) gather(n int, behave func(*net.TCPConn)) {
	c.arrived.Add(n)
	for range n {
		c.gone.Go(func() {
			conn, err := net.Dial("tcp", c.egret)
			c.arrived.Done()
			if err != nil {
				c.t.Errorf("a client of the crowd is not let in: %v", err)
				return
			}
			defer func() { _ = conn.Close() }()
			behave(conn.(*net.TCPConn))
		})
	}
}

// dribble sends a head without an end, a few bytes at a time.
func (c *crowd) dribble(conn *net.TCPConn) {
	_, err := fmt.Fprintf(conn, "GET %s/short HTTP/1.1\r\nHost: x\r\n", c.origin)
	for err == nil {
		select {
		case <-c.stop:
			return
		case <-time.After(200 * time.Millisecond):
			_, err = io.WriteString(conn, "X-Slow: 1\r\n")
		}
	}
}

// readNothing asks for a long answer and does not read it.
func (c *crowd) readNothing(conn *net.TCPConn) {
	_ = conn.SetReadBuffer(4 << 10)
	_, _ = fmt.Fprintf(conn, "GET %s/long HTTP/1.1\r\nHost: x\r\n\r\n", c.origin)
	<-c.stop
}

// sayNothing is there.
func (c *crowd) sayNothing(*net.TCPConn) { <-c.stop }
