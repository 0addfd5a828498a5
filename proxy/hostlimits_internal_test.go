package proxy

import (
	"fmt"
	"testing"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

func limitedHostOf(t *testing.T, host string, q configs.Quota) limitedHost {
	t.Helper()
	entry, err := configs.ParseHostPattern("*.acme.test")
	if err != nil {
		t.Fatal(err)
	}
	return limitedHost{host, entry, q}
}

// Each host of a wildcard has its own count, of any number of hosts no more than
// maxHosts are remembered, and none is forgotten to which a request is under way.
func TestHostLimitsBounded(t *testing.T) {
	var h hostLimits
	who := functions.Limited{Scope: functions.OfHost, Name: "x", Path: "upstreams[0]"}
	one := configs.Quota{Concurrency: 1}
	enter := func(host string) (*functions.Limiter, *functions.Refusal) {
		return h.enter(limitedHostOf(t, host, one), time.Now(), who)
	}
	held, refusal := enter("held.acme.test")
	if refusal != nil {
		t.Fatal(refusal)
	}
	for i := range 2 * maxHosts {
		limiter, refusal := enter(fmt.Sprintf("h%d.acme.test", i))
		if refusal != nil {
			t.Fatalf("host %d: %v", i, refusal)
		}
		limiter.Leave()
	}
	if n := h.known.Len(); n > maxHosts {
		t.Errorf("%d hosts are known, want at most %d", n, maxHosts)
	}
	if _, refusal := enter("held.acme.test"); refusal == nil || refusal.Rule != "upstreams[0].limits.concurrency" {
		t.Errorf("got %v, want a refusal: a request is under way", refusal)
	}
	held.Leave()
	if _, refusal := enter("held.acme.test"); refusal != nil {
		t.Errorf("after the end: %v", refusal)
	}
	other, refusal := h.enter(limitedHostOf(t, "held.acme.test", configs.Quota{Concurrency: 2}), time.Now(), who)
	if refusal != nil {
		t.Errorf("with other limits: %v", refusal)
	}
	other.Leave()
}

// Where all are in use, all are remembered: requests under way have a bound of
// their own.
func TestHostLimitsInUse(t *testing.T) {
	var h hostLimits
	for i := range maxHosts + 10 {
		if _, refusal := h.enter(limitedHostOf(t, fmt.Sprintf("h%d.acme.test", i), configs.Quota{Concurrency: 1}), time.Now(), functions.Limited{}); refusal != nil {
			t.Fatal(refusal)
		}
	}
	if n := h.known.Len(); n != maxHosts+10 {
		t.Errorf("%d hosts are known, want %d", n, maxHosts+10)
	}
}

func TestRetryAfterSeconds(t *testing.T) {
	for d, want := range map[time.Duration]int64{
		-time.Hour: 1, 0: 1, 1: 1, time.Second: 1, time.Second + 1: 2, 90 * time.Second: 90, time.Hour: 3600,
	} {
		if got := seconds(d); got != want {
			t.Errorf("%v: got %d, want %d", d, got, want)
		}
	}
}
