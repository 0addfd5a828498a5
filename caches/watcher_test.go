package caches_test

import (
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A ledger is what a Watcher was told: how often each text of a cache was added
// and not removed.
type ledger struct {
	t      *testing.T
	values *caches.Values

	mu   sync.Mutex
	held map[configs.ID]map[string]int
}

func watched(t *testing.T) (*caches.Values, *ledger) {
	v := caches.NewValues()
	l := &ledger{t: t, values: v, held: map[configs.ID]map[string]int{}}
	v.Watch(l)
	return v, l
}

func (l *ledger) Add(id configs.ID, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[id] == nil {
		l.held[id] = map[string]int{}
	}
	if l.held[id][text] == 0 && slices.Contains(l.values.Live(id, nil), text) {
		l.t.Errorf("%q could be read before it was told of", text)
	}
	l.held[id][text]++
}

func (l *ledger) Remove(id configs.ID, text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held[id][text]--; l.held[id][text] < 0 {
		l.t.Errorf("%q was removed more often than added", text)
	}
}

// want checks the texts of a cache, each as often as it is held.
func (l *ledger) want(id configs.ID, want ...string) {
	l.t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	var got []string
	for text, n := range l.held[id] {
		got = append(got, slices.Repeat([]string{text}, n)...)
	}
	slices.Sort(got)
	slices.Sort(want)
	if diff := cmp.Diff(want, got); diff != "" {
		l.t.Errorf("told of (-want +got):\n%s", diff)
	}
}

func TestWatcher(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, told := watched(t)
		v.Put(acme, "", entry("one", 30*time.Second))
		v.Put(other, "", entry("one", time.Hour))
		v.Put(acme, "", entry("two", time.Hour))
		told.want(acme, "one", "two")

		v.Put(acme, "", entry("two", 2*time.Hour)) // takes the place of itself
		told.want(acme, "one", "two")
		v.Put(acme, "another key", entry("two", time.Hour))
		told.want(acme, "one", "two", "two")

		pass(time.Minute)
		told.want(acme, "one", "two", "two") // dead, but nobody has looked
		v.Put(acme, "", entry("three", time.Hour))
		told.want(acme, "three", "two", "two")

		v.Sweep(time.Now().Add(90 * time.Minute))
		told.want(acme, "two")
		told.want(other)
	})
}

func TestWatcherOfBounds(t *testing.T) {
	v, told := watched(t)
	want := []string{}
	for i := range 300 {
		v.Put(acme, "", entry("value "+strconv.Itoa(i), time.Hour))
		if i >= 300-256 {
			want = append(want, "value "+strconv.Itoa(i))
		}
	}
	told.want(acme, want...)
}

// TestWatcherInParallel: whatever the order in which things are told, what is
// left of it is what is held.
func TestWatcherInParallel(t *testing.T) {
	v, told := watched(t)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 200 {
				v.Put(acme, strconv.Itoa(i%3), entry(strconv.Itoa(i%7), time.Minute))
				v.Sweep(time.Now())
			}
		})
	}
	all.Wait()
	told.want(acme, v.Live(acme, nil)...)
}

// TestValueWithoutData: it has a lifetime, and is nothing to look for.
func TestValueWithoutData(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v, l := watched(t)
		id := configs.DefaultID("warm")
		v.Put(id, "key", caches.Entry{Created: time.Now(), Expires: time.Now().Add(time.Minute)})
		if e, ok := v.Get(id, "key"); !ok || e.Life() != time.Minute {
			t.Errorf("Get = %v, %t, want an entry of a minute", e, ok)
		}
		if live := v.Live(id, nil); len(live) != 0 || len(l.held[id]) != 0 {
			t.Errorf("live are %q and the watcher knows %v, want nothing", live, l.held[id])
		}
		v.Sweep(time.Now().Add(time.Hour))
		if _, ok := v.Get(id, "key"); ok || len(l.held[id]) != 0 {
			t.Errorf("after the end there is one: %t, and the watcher knows %v", ok, l.held[id])
		}
	})
}
