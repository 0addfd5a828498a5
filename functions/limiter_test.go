package functions_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

var somebody = functions.Limited{Scope: functions.OfClient, Name: "alice", Path: "clients[3]"}

// A rate permits as many at once as it names, and then each in its time. Who is
// refused learns how long to wait, and gets room when that has passed, not before.
func TestLimiterRate(t *testing.T) {
	for _, tt := range []struct {
		rate configs.Rate
		wait time.Duration
		rule string
	}{
		{configs.Rate{Count: 10, Per: time.Second}, 100 * time.Millisecond, "client alice has used up its rate of 10/s"},
		{configs.Rate{Count: 10, Per: time.Minute}, 6 * time.Second, "client alice has used up its rate of 10/m"},
		{configs.Rate{Count: 1, Per: time.Hour}, time.Hour, "client alice has used up its rate of 1/h"},
		{configs.Rate{Count: 1, Per: time.Second}, time.Second, "client alice has used up its rate of 1/s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			l := functions.NewLimiter(configs.Quota{Rate: tt.rate})
			for n := range tt.rate.Count {
				if refusal := l.Enter(time.Now(), somebody); refusal != nil {
					t.Fatalf("%v: request %d: %v", tt.rate, n, refusal)
				}
				l.Leave()
			}
			refusal := l.Enter(time.Now(), somebody)
			if refusal == nil {
				t.Fatalf("%v: one more was let in", tt.rate)
			}
			if refusal.Code != functions.TooManyRequests || refusal.Detail != tt.rule || refusal.Rule != "clients[3].limits.rate" || refusal.Scope != functions.OfClient {
				t.Errorf("%v: got %+v", tt.rate, refusal)
			}
			if got := refusal.RetryAfter.Round(time.Microsecond); got != tt.wait {
				t.Errorf("%v: got Retry-After %v, want %v", tt.rate, got, tt.wait)
			}
			pass(tt.wait - time.Millisecond)
			if l.Enter(time.Now(), somebody) == nil {
				t.Errorf("%v: one was let in too early", tt.rate)
			}
			pass(time.Millisecond)
			if refusal := l.Enter(time.Now(), somebody); refusal != nil {
				t.Errorf("%v: after the wait: %v", tt.rate, refusal)
			}
		})
	}
}

func TestLimiterConcurrency(t *testing.T) {
	l := functions.NewLimiter(configs.Quota{Concurrency: 2, Rate: configs.Rate{Count: 3, Per: time.Hour}})
	now := time.Now()
	for n := range 2 {
		if refusal := l.Enter(now, somebody); refusal != nil {
			t.Fatalf("request %d: %v", n, refusal)
		}
	}
	refusal := l.Enter(now, somebody)
	if refusal == nil || refusal.Detail != "client alice has as many requests under way as it may have: 2" || refusal.Rule != "clients[3].limits.concurrency" || refusal.RetryAfter != 0 {
		t.Fatalf("the third: got %+v", refusal)
	}
	l.Leave()
	if refusal := l.Enter(now, somebody); refusal != nil { // who was refused has not used up the rate
		t.Fatalf("behind one that left: %v", refusal)
	}
	l.Leave()
	if refusal := l.Enter(now, somebody); refusal == nil || refusal.Rule != "clients[3].limits.rate" {
		t.Fatalf("beyond the rate: got %+v", refusal)
	}
	if n := l.Inside(); n != 1 {
		t.Errorf("%d are inside, want 1: who was refused takes no room", n)
	}
}

// No more are ever inside than may be, and each that leaves makes room.
func TestLimiterRace(t *testing.T) {
	const most = 3
	l := functions.NewLimiter(configs.Quota{Concurrency: most})
	var inside, entered atomic.Int64
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() {
			for range 500 {
				if l.Enter(time.Now(), somebody) != nil {
					continue
				}
				if n := inside.Add(1); n > most {
					t.Errorf("%d are inside, want at most %d", n, most)
				}
				entered.Add(1)
				inside.Add(-1)
				l.Leave()
			}
		})
	}
	all.Wait()
	if entered.Load() == 0 || l.Inside() != 0 {
		t.Errorf("%d were let in, and %d are inside, want some and none", entered.Load(), l.Inside())
	}
}

func TestLimiterAllocates(t *testing.T) {
	for name, l := range map[string]*functions.Limiter{
		"none":    functions.NewLimiter(configs.Quota{}),
		"limited": functions.NewLimiter(configs.Quota{Concurrency: 1, Rate: configs.Rate{Count: 1_000_000, Per: time.Second}}),
	} {
		if n := testing.AllocsPerRun(1000, func() {
			if l.Enter(time.Now(), somebody) == nil {
				l.Leave()
			}
		}); n != 0 {
			t.Errorf("%s: got %v allocations, want none", name, n)
		}
	}
	if functions.NewLimiter(configs.Quota{}) != nil {
		t.Error("a quota that bounds nothing has a Limiter")
	}
}

func BenchmarkLimiter(b *testing.B) {
	l := functions.NewLimiter(configs.Quota{Concurrency: 1, Rate: configs.Rate{Count: 1_000_000, Per: time.Second}})
	now := time.Now()
	for b.Loop() {
		if now = now.Add(time.Microsecond); l.Enter(now, somebody) == nil {
			l.Leave()
		}
	}
}
