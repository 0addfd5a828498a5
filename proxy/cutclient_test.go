package proxy_test

import (
	"bufio"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// eachCut makes the requests of all cuts, many at a time, and checks how they
// end. It tells how much later than the deadline the last one ended, and fails
// when that was long after: the margin is for a busy machine.
func eachCut(t *testing.T, list []cut, deadline time.Duration, do func(cut) (ending, error)) {
	const clients, margin = 40, 2 * time.Second
	queue := make(chan cut)
	var slowest, late atomic.Int64
	var running sync.WaitGroup
	for range clients {
		running.Go(func() {
			for c := range queue {
				start := time.Now()
				got, err := do(c)
				took := time.Since(start)
				for old := slowest.Load(); int64(took) > old && !slowest.CompareAndSwap(old, int64(took)); old = slowest.Load() {
				}
				if took > deadline+250*time.Millisecond {
					late.Add(1)
				}
				if err != nil {
					t.Errorf("%v: %v", c, err)
				} else if got&c.want() == 0 {
					t.Errorf("%v ended %s", c, endings[got])
				}
			}
		})
	}
	for _, c := range list {
		queue <- c
	}
	close(queue)
	running.Wait()
	took := time.Duration(slowest.Load())
	t.Logf("%d cuts, the slowest took %v with a deadline of %v; %d took more than 250ms longer", len(list), took.Round(time.Millisecond), deadline, late.Load())
	if took > deadline+margin {
		t.Errorf("a request took %v with a deadline of %v", took, deadline)
	}
}

// ask sends a request on a connection of its own. The status is 0 when there is
// no head, and the body is what came of it when there is an error.
func ask(address, request string) (proxytest.Answer, error) {
	c, err := dialWatched(address)
	if err != nil {
		return proxytest.Answer{}, err
	}
	defer func() { _ = c.Close() }()
	say(c, request)
	reader := bufio.NewReader(c)
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return proxytest.Answer{}, err
		}
		if response.StatusCode >= 200 {
			body, err := io.ReadAll(response.Body)
			_ = response.Body.Close()
			return proxytest.Answer{Status: response.StatusCode, Header: response.Header, Body: string(body)}, err
		}
	}
}

// wantProblem checks the code that the cut is refused with.
func (c cut) wantProblem(got proxytest.Answer) error {
	status, code := http.StatusBadGateway, "upstream_protocol"
	if c.how == "stall" {
		status, code = http.StatusGatewayTimeout, "upstream_timeout"
	}
	if got.Status != status || got.Code() != code {
		return fmt.Errorf("the answer %d %s, want %d %s", got.Status, got.Code(), status, code)
	}
	return nil
}
