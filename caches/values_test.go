package caches_test

import (
	"bytes"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
	"unsafe"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

var (
	acme  = configs.DefaultID("acme")
	other = configs.DefaultID("other")
)

func wantLive(t *testing.T, v *caches.Values, id configs.ID, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, v.Live(id, nil)); diff != "" {
		t.Errorf("Live (-want +got):\n%s", diff)
	}
}

func wantValue(t *testing.T, v *caches.Values, id configs.ID, key, want string) {
	t.Helper()
	if e, ok := v.Get(id, key); !ok || string(e.Data) != want {
		t.Errorf("Get %q = %q, %t, want %q", key, e.Data, ok, want)
	}
}

func wantNone(t *testing.T, v *caches.Values, id configs.ID, key string) {
	t.Helper()
	if e, ok := v.Get(id, key); ok {
		t.Errorf("Get %q = %q, want nothing", key, e.Data)
	}
}

func TestValues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var v caches.Values
		wantNone(t, &v, acme, "")
		wantLive(t, &v, acme)

		v.Put(acme, "", entry("one", 30*time.Second))
		v.Put(other, "", entry("stranger", 30*time.Second))
		wantValue(t, &v, acme, "", "one")
		wantNone(t, &v, acme, "no such key")

		pass(20 * time.Second)
		v.Put(acme, "", entry("two", 30*time.Second))
		wantValue(t, &v, acme, "", "two")
		wantLive(t, &v, acme, "one", "two")

		pass(10 * time.Second)
		wantLive(t, &v, acme, "two")

		pass(17*time.Second + 1) // a tenth of the life is left, less 1 ns
		wantNone(t, &v, acme, "")
		wantLive(t, &v, acme, "two")
		pass(3*time.Second - 1)
		wantLive(t, &v, acme)
	})
}

func TestValuesUnderSeveralKeys(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := caches.NewValues()
		v.Put(acme, "agent a", entry("a", time.Minute))
		v.Put(acme, "agent b", entry("b", time.Minute))
		v.Put(acme, "agent a", entry("a2", time.Minute))
		wantValue(t, v, acme, "agent a", "a2")
		wantValue(t, v, acme, "agent b", "b")
		wantLive(t, v, acme, "a", "b", "a2")
	})
}

// TestValuesThatAreEarly: a value that is not good yet is known, and the one
// before it is handed out.
func TestValuesThatAreEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		early := func(text string, wait time.Duration) caches.Entry {
			e := entry(text, time.Minute)
			e.NotBefore = time.Now().Add(wait)
			return e
		}
		wantNewest := func(v *caches.Values, want string) {
			t.Helper()
			if e, ok := v.Newest(acme, "a"); string(e.Data) != want || ok != (want != "") {
				t.Errorf("Newest = %q, %t, want %q", e.Data, ok, want)
			}
		}
		v := caches.NewValues()
		wantNewest(v, "")
		v.Put(acme, "a", early("one", 10*time.Second))
		v.Put(acme, "b", entry("stranger", time.Minute))
		wantNone(t, v, acme, "a")
		wantNewest(v, "one")
		wantLive(t, v, acme, "one", "stranger")
		pass(10 * time.Second)
		wantValue(t, v, acme, "a", "one")
		v.Put(acme, "a", early("two", 10*time.Second))
		v.Put(acme, "a", early("three", 20*time.Second))
		wantNewest(v, "three")
		wantValue(t, v, acme, "a", "one")
		pass(10*time.Second - 1)
		wantValue(t, v, acme, "a", "one")
		pass(1)
		wantValue(t, v, acme, "a", "two")
		pass(10 * time.Second)
		wantValue(t, v, acme, "a", "three")
		wantLive(t, v, acme, "one", "stranger", "two", "three")
	})
	synctest.Test(t, func(t *testing.T) {
		v := caches.NewValues() // the older one lives longer, and is the older one all the same
		v.Put(acme, "a", entry("long", time.Hour))
		v.Put(acme, "a", entry("short", 10*time.Second))
		pass(9*time.Second + 1)
		wantNone(t, v, acme, "a")
		if e, ok := v.Newest(acme, "a"); ok {
			t.Errorf("Newest = %q, want nothing: it is spent", e.Data)
		}
	})
}

func TestValuesHoldsTheSameTextOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := caches.NewValues()
		for range 5 {
			v.Put(acme, "", entry("static", time.Minute))
			pass(time.Second)
		}
		wantLive(t, v, acme, "static")
		v.Put(acme, "", entry("static", 2*time.Second)) // dies before the one it replaces
		pass(3 * time.Second)
		wantLive(t, v, acme, "static")
	})
}

func TestValuesLiveAppends(t *testing.T) {
	v := caches.NewValues()
	v.Put(acme, "", entry("x", time.Minute))
	got := v.Live(acme, []string{"before"})
	if want := []string{"before", "x"}; !slices.Equal(got, want) {
		t.Errorf("Live = %q, want %q", got, want)
	}
}

func TestValuesAreBounded(t *testing.T) {
	v := caches.NewValues()
	v.Put(acme, "current", entry("kept", time.Hour))
	for i := range 1000 {
		v.Put(acme, "busy", entry("value "+strconv.Itoa(i), time.Hour))
	}
	live := v.Live(acme, nil)
	if len(live) != 256 || live[len(live)-1] != "value 999" || live[1] != "value 745" {
		t.Errorf("%d values, from %q to %q, want 256, from 745 to 999", len(live), live[1], live[len(live)-1])
	}
	wantValue(t, v, acme, "current", "kept") // the oldest of all, but not replaced
	for i := range 300 {
		v.Put(acme, strconv.Itoa(i), entry("x", time.Hour))
	}
	wantNone(t, v, acme, "current")
	wantValue(t, v, acme, "299", "x")
	if got := len(v.Live(acme, nil)); got != 256 {
		t.Errorf("%d values, want 256", got)
	}
}

// TestValuesForEachRequest: of a cache that gets very many values one after the
// other, the last ones are known, at every moment.
func TestValuesForEachRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := caches.NewValues()
		var want []string
		for i := range 700 {
			text := strconv.Itoa(i)
			v.Put(acme, "", entry(text, 300*time.Second))
			want = append(want, text)
			want = want[max(0, len(want)-256):]
			wantLive(t, v, acme, want...)
			wantValue(t, v, acme, "", text)
		}
		for range 600 { // now they end one after the other
			pass(time.Second)
			v.Put(acme, "", entry("again", 300*time.Second))
		}
		wantLive(t, v, acme, "again")
	})
}

func TestValuesAreBoundedInBytes(t *testing.T) {
	v := caches.NewValues()
	large := bytes.Repeat([]byte("x"), 70<<20)
	put := func(size int) { // values of different sizes are different values
		now := time.Now()
		v.Put(acme, "", caches.Entry{Data: large[:size], Created: now, Expires: now.Add(time.Hour)})
	}
	for i := range 5 {
		put(20<<20 + i)
	}
	if got := len(v.Live(acme, nil)); got != 3 {
		t.Errorf("%d values of 20 MiB, want 3", got)
	}
	put(70 << 20)
	if got := len(v.Live(acme, nil)); got != 1 {
		t.Errorf("%d values, want the one that is larger than the bound", got)
	}
	v.Put(acme, "", entry("small", time.Hour))
	wantLive(t, v, acme, "small")
}

func TestValuesSweep(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := caches.NewValues()
		v.Put(acme, "", entry("short", time.Second))
		v.Put(acme, "", entry("long", time.Hour))
		v.Put(other, "", entry("short", time.Second))
		v.Sweep(time.Now().Add(time.Minute)) // nobody's clock but the caller's
		wantLive(t, v, acme, "long")
		wantLive(t, v, other)
	})
}

// TestValuesInParallel is for the race detector.
func TestValuesInParallel(t *testing.T) {
	v := caches.NewValues()
	var all sync.WaitGroup
	for g := range 4 {
		all.Go(func() {
			var live []string
			for i := range 300 {
				v.Put(acme, "", entry(strconv.Itoa(g*1000+i), time.Minute))
				if _, ok := v.Get(acme, ""); !ok {
					t.Error("Get gives nothing, want a value: there is always one")
				}
				live = v.Live(acme, live[:0])
				v.Sweep(time.Now())
			}
		})
	}
	all.Wait()
}

func BenchmarkValuesGet(b *testing.B) {
	v := caches.NewValues()
	v.Put(acme, "key", entry("data", time.Hour))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, ok := v.Get(acme, "key"); !ok {
				b.Error("the value is gone")
			}
		}
	})
}

// BenchmarkValuesPut is for a cache that gets a value for each request.
func BenchmarkValuesPut(b *testing.B) {
	v := caches.NewValues()
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v.Put(acme, "key", entry(strconv.Itoa(i), time.Hour))
	}
}

func BenchmarkValuesLive(b *testing.B) {
	v := caches.NewValues()
	v.Put(acme, "", entry("old", time.Hour))
	v.Put(acme, "", entry("new", time.Hour))
	var live []string
	b.ReportAllocs()
	for b.Loop() {
		if live = v.Live(acme, live[:0]); len(live) != 2 {
			b.Fatal(live)
		}
	}
}

// What every request with a cache ID pays costs no memory.
func TestValuesAllocateNothing(t *testing.T) {
	v, id := caches.NewValues(), configs.DefaultID("a")
	v.Put(id, "k", caches.Entry{Data: []byte("secret"), Created: time.Now(), Expires: time.Now().Add(time.Hour)})
	live := make([]string, 0, 4)
	if n := testing.AllocsPerRun(100, func() {
		e, ok := v.Get(id, "k")
		if live = v.Live(id, live[:0]); !ok || e.Secret().Reveal() != "secret" || len(live) != 1 {
			t.Errorf("Get = %s, %t, Live = %d values", e, ok, len(live))
		}
	}); n != 0 {
		t.Errorf("Get, Secret and Live make %v allocations, want none", n)
	}
}

// A credential is held once, whoever brings it.
func TestValuesShareTheData(t *testing.T) {
	v, id := caches.NewValues(), configs.DefaultID("a")
	now := time.Now()
	secret := configs.NewSecret("secret")
	v.Put(id, "made", caches.NewEntry(secret, now, now.Add(time.Hour)))
	v.Put(id, "stored", caches.Entry{Data: []byte("secret"), Created: now, Expires: now.Add(time.Hour)})
	for key, want := range map[string]string{"made": secret.Reveal(), "stored": ""} {
		e, ok := v.Get(id, key)
		text := e.Secret().Reveal()
		if !ok || string(e.Data) != "secret" || unsafe.SliceData(e.Data) != unsafe.StringData(text) {
			t.Errorf("%s: the data %q and the Secret %q are not one", key, e.Data, text)
		}
		if want != "" && unsafe.StringData(text) != unsafe.StringData(want) {
			t.Errorf("%s: the Secret was copied", key)
		}
	}
}

func TestEntrySecret(t *testing.T) {
	if got := (caches.Entry{Data: []byte("x")}).Secret().Reveal(); got != "x" {
		t.Errorf("the Secret is %q, want x", got)
	}
}
