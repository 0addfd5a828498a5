package journal_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

// The ring holds the last records, whatever becomes of its size.
func TestRing(t *testing.T) {
	j := newJournal(t, configs.Journal{Entries: 4}, journal.Options{})
	for _, step := range []struct {
		entries int
		add     string
		want    string
	}{
		{4, "", ""},
		{4, "abc", "abc"},
		{4, "d", "abcd"},
		{4, "e", "bcde"},
		{6, "", "bcde"},
		{6, "fgh", "cdefgh"},
		{3, "", "fgh"},
		{3, "i", "ghi"},
		{1, "", "i"},
		{1, "jk", "k"},
		{5, "l", "kl"},
		{5, strings.Repeat("x", 103) + "yz", "xxxyz"},
	} {
		if err := j.Apply(configs.Journal{Entries: step.entries}); err != nil {
			t.Fatal(err)
		}
		add(j, step.add)
		if got := clients(read(t, j, journal.Query{Tail: -1})); got != step.want {
			t.Errorf("%d entries, %s added: got %s, want %s", step.entries, step.add, got, step.want)
		}
	}
}

func TestOff(t *testing.T) {
	j := journal.New(journal.Options{})
	for _, on := range []bool{false, true, false} {
		if on {
			if err := j.Apply(configs.Journal{Entries: 1}); err != nil {
				t.Fatal(err)
			}
		}
		if j.Wanted() != on {
			t.Errorf("records are wanted: %t, want %t", j.Wanted(), on)
		}
		j.Add(&journal.Record{})
		s, err := j.Open(journal.Query{})
		if on != (err == nil) || !on && !errors.Is(err, journal.ErrOff) {
			t.Errorf("got error %v, with the journal on: %t", err, on)
		}
		if on {
			s.Close()
			if err := j.Apply(configs.Journal{}); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestQuery(t *testing.T) {
	j := newJournal(t, configs.Journal{Entries: 100}, journal.Options{})
	add(j, "abAcBbaAbcB")
	for _, c := range []struct {
		query journal.Query
		want  string
	}{
		{journal.Query{Tail: -1}, "abAcBbaAbcB"},
		{journal.Query{}, ""},
		{journal.Query{Tail: 3}, "bcB"},
		{journal.Query{Tail: 1000}, "abAcBbaAbcB"},
		{journal.Query{Tail: -1, Client: "a"}, "aAaA"},
		{journal.Query{Tail: -1, Client: "nobody"}, ""},
		{journal.Query{Tail: -1, Refused: true}, "ABAB"},
		{journal.Query{Tail: 3, Refused: true}, "BAB"},
		{journal.Query{Tail: 1, Refused: true, Client: "a"}, "A"},
		{journal.Query{Tail: 2, Function: "fc"}, "cc"},
		{journal.Query{Tail: -1, Function: "fc", Client: "a"}, ""},
	} {
		if got := clients(read(t, j, c.query)); got != c.want {
			t.Errorf("%+v: got %s, want %s", c.query, got, c.want)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	j := newJournal(b, configs.Journal{Entries: 1024}, journal.Options{})
	r := whole()
	b.ReportAllocs()
	for b.Loop() {
		j.Add(r)
	}
}

// BenchmarkRecord fills a record as well, as a forwarded request does.
func BenchmarkRecord(b *testing.B) {
	j := newJournal(b, configs.Journal{Entries: 1024}, journal.Options{})
	target := []byte("/v1/customers/C-1001/orders?expand=items&page=2")
	var r journal.Record
	b.ReportAllocs()
	for b.Loop() {
		r = journal.Record{Client: "agent", Way: "forward", Method: "GET", Host: "api.acme.test", Rule: "caches[0].hosts", Status: 200}
		r.Target.Set(target)
		r.AddSwap(journal.Swap{Cache: acme, Surface: configs.Header, KeyID: "2026-11"})
		j.Add(&r)
	}
}

func BenchmarkAppendJSON(b *testing.B) {
	r, line := whole(), []byte(nil)
	b.ReportAllocs()
	for b.Loop() {
		line = r.AppendJSON(line[:0])
	}
}
