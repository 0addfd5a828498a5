package proxy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// holders is a configuration of one token cache for each host, in that order.
// Nothing makes their values: the tests put them.
func holders(t *testing.T, hosts ...string) *configs.Config {
	t.Helper()
	var list, made strings.Builder
	for i, host := range hosts {
		fmt.Fprintf(&list, "  - {name: c%d, ttl: 1m, hosts: [%s]}\n", i, host)
		fmt.Fprintf(&made, "  - {name: t%d, cache: c%d, value: never-made-value}\n", i, i)
	}
	cfg, err := Parse("egret.yaml", []byte("caches:\n"+list.String()+"tokens:\n"+made.String()), configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

func (s *Server) hasValue(id configs.ID, text string, life time.Duration) {
	now := time.Now()
	s.values.Put(id, "", caches.Entry{Data: []byte(text), Created: now, Expires: now.Add(life)})
}

// answerOf begins the scrubbing of an answer of a host.
func answerOf(rt *runtime, host string, found []occurrence, hidden []functions.Hidden) *scrubbing {
	s := &scrubbing{}
	s.begin(rt, rt.newDestination(&target{host: host, port: 80, authority: host}), found, &functions.Request{Hide: hidden})
	return s
}

func wantScrubbed(t *testing.T, s *scrubbing, text, want string) {
	t.Helper()
	if got := string(s.current().Bytes(nil, []byte(text))); got != want {
		t.Errorf("%q became %q, want %q", text, got, want)
	}
}

// Only values of caches that name the host are replaced; of several caches with
// the same value the first one counts, whichever had it first.
func TestScrubbingByHost(t *testing.T) {
	cfg := holders(t, "a.test", "a.test", "b.test", "'*.test'")
	s := newServer(t, cfg)
	ids := []string{}
	for i := range cfg.Caches {
		ids = append(ids, cfg.Caches[i].ID.String())
	}
	for i := range slices.Backward(ids) {
		s.hasValue(cfg.Caches[i].ID, fmt.Sprintf("value-of-%d", i), time.Minute)
		s.hasValue(cfg.Caches[i].ID, "value-of-all", time.Minute)
	}
	const text = "value-of-0 value-of-1 value-of-2 value-of-3 value-of-all"
	for host, want := range map[string]string{
		"a.test":     ids[0] + " " + ids[1] + " value-of-2 " + ids[3] + " " + ids[0],
		"b.test":     "value-of-0 value-of-1 " + ids[2] + " " + ids[3] + " " + ids[2],
		"c.test":     "value-of-0 value-of-1 value-of-2 " + ids[3] + " " + ids[3],
		"other.home": text,
	} {
		wantScrubbed(t, answerOf(s.current.Load(), host, nil, nil), text, want)
	}
}

// What was put into a request is replaced to the end of its answer, even when it
// dies and is forgotten while the answer is still coming.
func TestScrubbingOutlivesValue(t *testing.T) {
	cfg := holders(t, "a.test", "b.test")
	s := newServer(t, cfg)
	sent, other := &cfg.Caches[0], &cfg.Caches[1]
	s.hasValue(sent.ID, "short-lived", time.Minute)
	s.hasValue(other.ID, "part-of-another", time.Minute)
	rt := s.current.Load()
	forwarded := answerOf(rt, "a.test", []occurrence{{cache: sent, value: "short-lived"}}, nil)
	called := answerOf(rt, "a.test", nil, []functions.Hidden{
		{Value: configs.NewSecret("short-lived"), With: "(hidden)"}, {Value: configs.NewSecret("part-of-another"), With: "(part)"},
	})
	unrelated := answerOf(rt, "a.test", nil, nil)
	const text = "short-lived part-of-another"
	id := sent.ID.String()
	wantScrubbed(t, forwarded, text, id+" part-of-another")
	wantScrubbed(t, called, text, id+" (part)")
	wantScrubbed(t, unrelated, text, id+" part-of-another")
	s.values.Sweep(time.Now().Add(time.Hour))
	wantScrubbed(t, forwarded, text, id+" part-of-another")
	wantScrubbed(t, called, text, "(hidden) (part)")
	wantScrubbed(t, unrelated, text, text)
}

// An answer that was begun with one configuration knows the caches of the next.
func TestScrubbingAfterReload(t *testing.T) {
	cfg := holders(t, "a.test", "b.test")
	s := newServer(t, cfg)
	s.hasValue(cfg.Caches[0].ID, "old-value", time.Minute)
	old := s.hold()
	defer old.release()
	begun := answerOf(old, "a.test", nil, nil)
	next := holders(t, "elsewhere.test", "b.test", "a.test")
	if err := s.Apply(next); err != nil {
		t.Fatal(err)
	}
	s.hasValue(next.Caches[2].ID, "new-value", time.Minute)
	want := cfg.Caches[0].ID.String() + " " + next.Caches[2].ID.String()
	wantScrubbed(t, begun, "old-value new-value", want)
	wantScrubbed(t, answerOf(s.current.Load(), "a.test", nil, nil), "old-value new-value", want)
	s.values.Sweep(time.Now().Add(time.Hour))
	s.forgetRetired()
	if n := len(s.retiredCaches()); n != 0 {
		t.Errorf("%d caches are remembered without a value, want none", n)
	}
	s.hasValue(cfg.Caches[0].ID, "of-elsewhere", time.Minute)
	wantScrubbed(t, answerOf(s.current.Load(), "a.test", nil, nil), "of-elsewhere", "of-elsewhere")
}

// A cache that loses its host again and again is remembered once, and not any
// more when it has come back.
func TestRetiredOnce(t *testing.T) {
	cfg, other := holders(t, "a.test"), holders(t, "b.test")
	s := newServer(t, cfg)
	s.hasValue(cfg.Caches[0].ID, "some-value", time.Minute)
	for range 3 {
		for _, next := range []*configs.Config{other, cfg} {
			if err := s.Apply(next); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(s.retiredCaches()); n != 2 {
		t.Errorf("%d caches are remembered, want one for each host", n)
	}
	s.forgetRetired()
	if list := s.retiredCaches(); len(list) != 1 || list[0].Hosts[0] != other.Caches[0].Hosts[0] {
		t.Errorf("remembered are %v, want the one of b.test alone", list)
	}
}

// BenchmarkScrubbing is what an answer pays for the values of so many caches
// while they change: it is begun, and its head and its body are searched.
func BenchmarkScrubbing(b *testing.B) {
	text := []byte(`{"order":{"id":"A-1001","state":"sent","total":12.50}}`)
	for _, n := range []int{1, 100_000} {
		b.Run(fmt.Sprintf("caches=%d", n), func(b *testing.B) {
			list := make([]configs.Cache, n+1)
			pattern, err := configs.ParseHostPattern("a.test")
			if err != nil {
				b.Fatal(err)
			}
			for i := range list {
				name := fmt.Sprintf("c%d", i)
				list[i] = configs.Cache{Name: name, ID: configs.DefaultID(name), Kind: configs.TokenCache, Hosts: []configs.HostPattern{pattern}}
			}
			s, err := New(&configs.Config{Caches: list}, Options{})
			if err != nil {
				b.Fatal(err)
			}
			defer s.Close()
			for i := range list {
				s.hasValue(list[i].ID, fmt.Sprintf("value-%d-of-%d", i, i*7919), time.Hour)
			}
			rt := s.current.Load()
			to := rt.newDestination(&target{host: "a.test", port: 80, authority: "a.test"})
			found := []occurrence{{cache: &list[0], value: "value-0-of-0"}}
			scrubbing := &scrubbing{}
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if i%16 == 0 { // dead at the next one
					s.hasValue(list[n].ID, fmt.Sprintf("value-that-changes-%d", i), time.Nanosecond)
				}
				scrubbing.begin(rt, to, found, nil)
				for range 2 {
					if scrubbing.current().Found(text) {
						b.Fatal("a value is found where there is none")
					}
				}
			}
		})
	}
}
