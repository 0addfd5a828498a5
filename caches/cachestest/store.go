// Package cachestest is the contract of caches.Store as tests, for every store
// to run. It may import caches and what caches may import.
package cachestest

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egret-proxy/egret/caches"
)

// TestStore tests the store that open gives. Each test opens one, and expects
// it to be empty.
func TestStore(t *testing.T, open func(t *testing.T) caches.Store) {
	for _, c := range []struct {
		name string
		test func(*testing.T, caches.Store)
	}{
		{"an absent key is no error", testAbsent},
		{"what was put is got", testRoundTrip},
		{"any bytes are data, any text is a key", testBytes},
		{"a second put replaces the first", testOverwrite},
		{"delete removes", testDelete},
		{"an expired entry is refused and empties its key", testPutExpired},
		{"an expired entry is never given", testExpiry},
		{"a mebibyte is stored", testLarge},
		{"many goroutines may use it", testParallel},
	} {
		t.Run(c.name, func(t *testing.T) { c.test(t, open(t)) })
	}
}

func testAbsent(t *testing.T, s caches.Store) {
	wantAbsent(t, s, "absent")
	if err := s.Delete(t.Context(), "absent"); err != nil {
		t.Errorf("Delete of an absent key: %v, want no error", err)
	}
}

func testRoundTrip(t *testing.T, s caches.Store) {
	put := lasting("data")
	mustPut(t, s, "key", put)
	got := wantData(t, s, "key", "data")
	// A store elsewhere keeps milliseconds, and no monotonic reading.
	if d := got.Created.Sub(put.Created).Abs(); d > time.Millisecond {
		t.Errorf("Created is %s off, want at most 1ms", d)
	}
	if d := got.Expires.Sub(put.Expires); d > 0 || d < -time.Millisecond {
		t.Errorf("Expires is %s off, want at most 1ms earlier and never later", d)
	}
	wantAbsent(t, s, "key2")
	wantAbsent(t, s, "ke")
}

func testBytes(t *testing.T, s caches.Store) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for _, text := range []string{"", "\x00", "\r\n", "ключ", "a b:c/d*?[e]\\", "\xff\xfe", string(all)} {
		mustPut(t, s, text, lasting(text))
		wantData(t, s, text, text)
	}
}

func testOverwrite(t *testing.T, s caches.Store) {
	mustPut(t, s, "key", lasting("the first and longer value"))
	mustPut(t, s, "key", lasting("second"))
	wantData(t, s, "key", "second")
}

func testDelete(t *testing.T, s caches.Store) {
	mustPut(t, s, "key", lasting("data"))
	mustPut(t, s, "other", lasting("other data"))
	if err := s.Delete(t.Context(), "key"); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	wantAbsent(t, s, "key")
	wantData(t, s, "other", "other data")
}

func testPutExpired(t *testing.T, s caches.Store) {
	now := time.Now()
	for name, expires := range map[string]time.Time{
		"the zero time":    {},
		"an hour ago":      now.Add(-time.Hour),
		"this very moment": now,
	} {
		mustPut(t, s, "key", lasting("data"))
		err := s.Put(t.Context(), "key", caches.Entry{Data: []byte("dead"), Created: now.Add(-2 * time.Hour), Expires: expires})
		if !errors.Is(err, caches.ErrExpired) {
			t.Errorf("Put of an entry that expired at %s: %v, want ErrExpired", name, err)
		}
		wantAbsent(t, s, "key")
	}
}

// testExpiry asks again and again until the entry is gone.
func testExpiry(t *testing.T, s caches.Store) {
	const life, patience = 150 * time.Millisecond, 10 * time.Second
	start := time.Now()
	mustPut(t, s, "key", caches.Entry{Data: []byte("data"), Created: start, Expires: start.Add(life)})
	for {
		asked := time.Now()
		_, ok, err := s.Get(t.Context(), "key")
		switch {
		case err != nil:
			t.Fatalf("Get: %v", err)
		case !ok && time.Since(start) < life-time.Millisecond:
			t.Fatalf("the entry was gone after %s, want %s", time.Since(start), life)
		case !ok:
			return
		case !asked.Before(start.Add(life)):
			t.Fatalf("the entry was given %s after its making, its life is %s", asked.Sub(start), life)
		case time.Since(start) > patience:
			t.Fatalf("the entry is still there after %s", patience)
		}
		time.Sleep(time.Millisecond)
	}
}

func testLarge(t *testing.T, s caches.Store) {
	data := strings.Repeat("0123456789abcdef", 1<<16)
	mustPut(t, s, "key", lasting(data))
	wantData(t, s, "key", data)
}

// testParallel has goroutines that share keys. What they get was put whole.
func testParallel(t *testing.T, s caches.Store) {
	const goroutines, rounds, keys = 8, 100, 5
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := range rounds {
				key := fmt.Sprint(i % keys)
				data := strings.Repeat(key, 1+(g+i)%50)
				if err := s.Put(t.Context(), key, lasting(data)); err != nil {
					t.Errorf("Put: %v", err)
				}
				e, ok, err := s.Get(t.Context(), key)
				if err != nil || ok && strings.Trim(string(e.Data), key) != "" {
					t.Errorf("Get %q = %q, %t, %v, want what was put there", key, e.Data, ok, err)
				}
				if i%10 == 9 {
					if err := s.Delete(t.Context(), key); err != nil {
						t.Errorf("Delete: %v", err)
					}
				}
			}
		})
	}
	all.Wait()
}

// lasting is an entry that outlives any test.
func lasting(data string) caches.Entry {
	now := time.Now()
	return caches.Entry{Data: []byte(data), Created: now, Expires: now.Add(time.Hour)}
}

func mustPut(t *testing.T, s caches.Store, key string, e caches.Entry) {
	t.Helper()
	if err := s.Put(t.Context(), key, e); err != nil {
		t.Fatalf("Put %q: %v", key, err)
	}
}

func wantData(t *testing.T, s caches.Store, key, want string) caches.Entry {
	t.Helper()
	e, ok, err := s.Get(t.Context(), key)
	if err != nil || !ok || !bytes.Equal(e.Data, []byte(want)) {
		t.Fatalf("Get %q = %d bytes, %t, %v, want the %d bytes that were put", key, len(e.Data), ok, err, len(want))
	}
	return e
}

func wantAbsent(t *testing.T, s caches.Store, key string) {
	t.Helper()
	if e, ok, err := s.Get(t.Context(), key); err != nil || ok || e.Data != nil {
		t.Errorf("Get %q = %v, %t, %v, want nothing", key, e, ok, err)
	}
}
