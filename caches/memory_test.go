package caches_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/caches/cachestest"
)

func TestMemory(t *testing.T) {
	cachestest.TestStore(t, func(*testing.T) caches.Store { return caches.NewMemory(caches.Limits{}) })
}

// entry is one that lives for life from now on.
func entry(data string, life time.Duration) caches.Entry {
	now := time.Now()
	return caches.Entry{Data: []byte(data), Created: now, Expires: now.Add(life)}
}

func put(t testing.TB, m *caches.Memory, key, data string) {
	t.Helper()
	if err := m.Put(t.Context(), key, entry(data, time.Hour)); err != nil {
		t.Fatalf("Put %q: %v", key, err)
	}
}

func has(t testing.TB, m *caches.Memory, key string) bool {
	t.Helper()
	_, ok, err := m.Get(t.Context(), key)
	if err != nil {
		t.Fatalf("Get %q: %v", key, err)
	}
	return ok
}

func TestMemoryForgetsWhatWasUsedLongestAgo(t *testing.T) {
	m := caches.NewMemory(caches.Limits{Entries: 3})
	for _, key := range []string{"a", "b", "c"} {
		put(t, m, key, "x")
	}
	has(t, m, "a")        // b is the oldest use now
	put(t, m, "b", "xx")  // and now c
	put(t, m, "d", "xxx") // which goes
	for key, want := range map[string]bool{"a": true, "b": true, "c": false, "d": true} {
		if got := has(t, m, key); got != want {
			t.Errorf("%q is there: %t, want %t", key, got, want)
		}
	}
	if m.Len() != 3 || m.Bytes() != 3+1+2+3 {
		t.Errorf("Len, Bytes = %d, %d, want 3, 9", m.Len(), m.Bytes())
	}
}

func TestMemoryCountsBytes(t *testing.T) {
	m := caches.NewMemory(caches.Limits{Bytes: 10})
	put(t, m, "a", "1234")
	put(t, m, "b", "1234")
	if m.Len() != 2 || m.Bytes() != 10 {
		t.Errorf("Len, Bytes = %d, %d, want 2, 10: exactly full", m.Len(), m.Bytes())
	}
	put(t, m, "c", "12345")
	if m.Len() != 1 || m.Bytes() != 6 || !has(t, m, "c") {
		t.Errorf("Len, Bytes = %d, %d, want 1, 6: c pushes both others out", m.Len(), m.Bytes())
	}
	if err := m.Put(t.Context(), "c", entry("1234567890", time.Hour)); !errors.Is(err, caches.ErrTooLarge) {
		t.Errorf("Put of 11 bytes: %v, want ErrTooLarge", err)
	}
	if has(t, m, "c") || m.Bytes() != 0 {
		t.Errorf("after a failed Put, c is there: %t, Bytes = %d, want nothing", has(t, m, "c"), m.Bytes())
	}
}

// TestMemoryKeepsCount compares with a model that has no bounds.
func TestMemoryKeepsCount(t *testing.T) {
	m := caches.NewMemory(caches.Limits{})
	model := map[string]string{}
	var bytes int64
	for range 5000 {
		key, data := strconv.Itoa(rand.IntN(50)), fmt.Sprint(rand.Uint64()>>rand.IntN(64))
		if old, ok := model[key]; ok {
			bytes -= int64(len(key) + len(old))
			delete(model, key)
		}
		if rand.IntN(3) == 0 {
			if err := m.Delete(t.Context(), key); err != nil {
				t.Fatal(err)
			}
		} else {
			put(t, m, key, data)
			model[key] = data
			bytes += int64(len(key) + len(data))
		}
		if m.Len() != len(model) || m.Bytes() != bytes {
			t.Fatalf("Len, Bytes = %d, %d, want %d, %d", m.Len(), m.Bytes(), len(model), bytes)
		}
	}
}

func TestMemoryExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := caches.NewMemory(caches.Limits{})
		if err := m.Put(t.Context(), "key", entry("x", 10*time.Second)); err != nil {
			t.Fatal(err)
		}
		pass(10*time.Second - 1)
		if !has(t, m, "key") {
			t.Error("1ns before its end the entry is gone, want it there")
		}
		pass(1)
		if has(t, m, "key") {
			t.Error("at its end the entry is there, want it gone")
		}
		if m.Len() != 0 || m.Bytes() != 0 {
			t.Errorf("Len, Bytes = %d, %d, want 0, 0: Get drops what it finds expired", m.Len(), m.Bytes())
		}
	})
}

// TestMemoryOutlivesClockSteps steps the wall clock after the entry was made:
// to set it on by d is to have read it d earlier.
func TestMemoryOutlivesClockSteps(t *testing.T) {
	now := time.Now()
	for name, c := range map[string]struct {
		step, left time.Duration
		want       bool
	}{
		"set back within its life":        {-time.Hour, time.Minute, true},
		"set back after its life":         {-time.Hour, -time.Second, false},
		"set forward, not past its end":   {time.Minute, time.Hour, true},
		"set forward past its end":        {time.Hour, time.Minute, false},
		"set forward a day, a year ahead": {24 * time.Hour, 365 * 24 * time.Hour, true},
	} {
		t.Run(name, func(t *testing.T) {
			m := caches.NewMemory(caches.Limits{})
			expires := stepped(now.Add(c.left), -c.step)
			err := m.Put(t.Context(), "key", caches.Entry{Data: []byte("x"), Created: expires.Add(-2 * time.Hour), Expires: expires})
			if got := err == nil; got != c.want || has(t, m, "key") != c.want {
				t.Errorf("Put gives %v and the entry is there: %t, want %t", err, has(t, m, "key"), c.want)
			}
		})
	}
}

// TestMemoryExpiresWithTheClockSetBack polls for an entry whose end is near on
// the monotonic clock and an hour away on the wall clock.
func TestMemoryExpiresWithTheClockSetBack(t *testing.T) {
	m := caches.NewMemory(caches.Limits{})
	now := time.Now()
	expires := stepped(now.Add(100*time.Millisecond), time.Hour)
	if err := m.Put(t.Context(), "key", caches.Entry{Created: now, Expires: expires}); err != nil {
		t.Fatal(err)
	}
	for has(t, m, "key") {
		if time.Since(now) > 10*time.Second {
			t.Fatal("the entry is still there after 10s, want it gone after 100ms")
		}
		pass(time.Millisecond)
	}
}

func TestMemorySweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := caches.NewMemory(caches.Limits{})
		for i := range 10 {
			if err := m.Put(t.Context(), strconv.Itoa(i), entry("x", time.Duration(i+1)*time.Second)); err != nil {
				t.Fatal(err)
			}
		}
		pass(4 * time.Second)
		if m.Len() != 10 {
			t.Errorf("before Sweep: Len = %d, want 10: nothing runs by itself", m.Len())
		}
		if got := m.Sweep(time.Now()); got != 4 || m.Len() != 6 || m.Bytes() != 12 {
			t.Errorf("Sweep = %d, then Len, Bytes = %d, %d, want 4, 6, 12", got, m.Len(), m.Bytes())
		}
	})
}

func BenchmarkMemoryGet(b *testing.B) {
	m := caches.NewMemory(caches.Limits{})
	put(b, m, "key", "data")
	ctx := context.Background()
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok, _ := m.Get(ctx, "key"); !ok {
				b.Error("the entry is gone")
			}
		}
	})
}

func BenchmarkMemoryPutFull(b *testing.B) {
	m := caches.NewMemory(caches.Limits{Entries: 1000})
	ctx := context.Background()
	keys := make([]string, 2000)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	e := entry("data", time.Hour)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		if err := m.Put(ctx, keys[i%len(keys)], e); err != nil {
			b.Fatal(err)
		}
	}
}

// What every call pays for a stored answer costs no memory.
func TestMemoryAllocatesNothing(t *testing.T) {
	m := caches.NewMemory(caches.Limits{})
	e := caches.Entry{Data: []byte("x"), Created: time.Now(), Expires: time.Now().Add(time.Hour)}
	if err := m.Put(t.Context(), "a", e); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() {
		if _, ok, err := m.Get(t.Context(), "a"); !ok || err != nil {
			t.Errorf("Get = %t, %v", ok, err)
		}
		if err := m.Put(t.Context(), "a", e); err != nil {
			t.Errorf("Put: %v", err)
		}
	}); n != 0 {
		t.Errorf("Get and Put of what is there make %v allocations, want none", n)
	}
}
