package journal_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

// A followed stream is one that is being read.
type followed struct {
	memory
	end  context.CancelFunc
	done chan error
}

func follow(t *testing.T, j *journal.Journal, q journal.Query) *followed {
	t.Helper()
	q.Follow = true
	s, err := j.Open(q)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	f := &followed{end: cancel, done: make(chan error, 1)}
	go func() {
		defer s.Close()
		f.done <- s.Copy(ctx, f, flushed)
	}()
	t.Cleanup(cancel)
	return f
}

func (f *followed) want(t *testing.T, want string) {
	t.Helper()
	synctest.Wait()
	if got := clients(f.String()); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(t, configs.Journal{Entries: 100}, journal.Options{})
		add(j, "abA")
		all, some := follow(t, j, journal.Query{Tail: -1}), follow(t, j, journal.Query{Tail: 1, Client: "a"})
		all.want(t, "abA")
		some.want(t, "A")
		add(j, "c")
		all.want(t, "abAc")
		add(j, strings.Repeat("x", 90)+"aB")
		all.want(t, "abAc"+strings.Repeat("x", 90)+"aB")
		some.want(t, "Aa")
		pass(35 * time.Second)
		some.want(t, "Aa..")
		add(j, "a")
		pass(14 * time.Second)
		some.want(t, "Aa..a")
		pass(2 * time.Second)
		some.want(t, "Aa..a.")
		// What came before the end is sent.
		add(j, "d")
		all.end()
		some.end()
		for _, f := range []*followed{all, some} {
			if err := <-f.done; err != nil {
				t.Errorf("the stream ended with %v", err)
			}
		}
		if got := clients(all.String()); !strings.HasSuffix(strings.ReplaceAll(got, ".", ""), "aBad") {
			t.Errorf("got %s, want the last record too", got)
		}
	})
}

// The journal is turned off while a stream is read: it ends.
func TestFollowUntilOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(t, configs.Journal{Entries: 10}, journal.Options{})
		f := follow(t, j, journal.Query{})
		synctest.Wait()
		if err := j.Apply(configs.Journal{}); err != nil {
			t.Fatal(err)
		}
		if err := <-f.done; err != nil {
			t.Errorf("the stream ended with %v", err)
		}
	})
}

var ids = regexp.MustCompile(`(?m)^id: (\d+)$`)

// eventIDs are the IDs in a stream.
func eventIDs(t *testing.T, stream string) []uint64 {
	t.Helper()
	var list []uint64
	for _, match := range ids.FindAllStringSubmatch(stream, -1) {
		id, err := strconv.ParseUint(match[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, id)
	}
	return list
}

// Who comes back gets what came meanwhile, and is told what is lost.
func TestResume(t *testing.T) {
	j := newJournal(t, configs.Journal{Entries: 5}, journal.Options{})
	add(j, "abc")
	first := eventIDs(t, read(t, j, journal.Query{Tail: -1}))
	if len(first) != 3 || first[1] != first[0]+1 || first[2] != first[1]+1 {
		t.Fatalf("got IDs %d, want three in a row", first)
	}
	for _, step := range []struct {
		add   string
		after uint64
		want  string
	}{
		{"", first[0], "bc"},
		{"", first[2], ""},
		{"d", first[2], "d"},
		{"efgh", first[2], "defgh"},
		{"i", first[2], "<1>efghi"},
		{"jklm", first[0], "<7>ijklm"},
		{"", first[0] - 1000, "ijklm"}, // of a process before this one
		{"", first[0] + 1000, "ijklm"}, // of one whose clock was ahead
	} {
		add(j, step.add)
		// The number of records does not count then.
		if got := clients(read(t, j, journal.Query{Tail: 1, After: step.after})); got != step.want {
			t.Errorf("%s added, after %d: got %s, want %s", step.add, step.after-first[0], got, step.want)
		}
	}
	// The ID of the notice is that of the last one lost.
	got := eventIDs(t, read(t, j, journal.Query{After: first[0]}))
	if want := first[0] + 7; len(got) != 6 || got[0] != want || got[1] != want+1 {
		t.Errorf("got IDs %d, want %d and those behind it", got, want)
	}
}

// A later process has larger sequence numbers, so that IDs of an earlier one do
// not hide its records.
func TestSequenceGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := newJournal(t, configs.Journal{Entries: 5}, journal.Options{})
		add(before, strings.Repeat("a", 1000))
		last := eventIDs(t, read(t, before, journal.Query{Tail: 1}))[0]
		pass(time.Second)
		after := newJournal(t, configs.Journal{Entries: 5}, journal.Options{})
		add(after, "b")
		if got := clients(read(t, after, journal.Query{After: last})); got != "b" {
			t.Errorf("got %s, want b", got)
		}
	})
}

// A reader that takes nothing is dropped once it has lost records, and does not
// hold up anybody.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal(t, configs.Journal{Entries: 4}, journal.Options{})
		s, err := j.Open(journal.Query{Follow: true, Tail: -1})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		var m memory
		stuck, done := make(chan bool), make(chan error, 1)
		go func() {
			done <- s.Copy(t.Context(), &m, func() error { <-stuck; return nil })
		}()
		synctest.Wait() // it has the head
		add(j, "ab")
		stuck <- true
		synctest.Wait()     // it has what is above
		add(j, "cdefghijk") // while it takes nothing
		close(stuck)
		if err := <-done; err != nil {
			t.Errorf("the stream ended with %v", err)
		}
		if got := clients(m.String()); got != "ab<5>hijk" {
			t.Errorf("got %s, want ab<5>hijk", got)
		}
		if !strings.Contains(m.String(), "\nevent: missed\ndata: {\"missed\":") {
			t.Errorf("got %s, want an event", m.String())
		}
	})
}

func TestStreamErrors(t *testing.T) {
	broken := errors.New("broken")
	j := newJournal(t, configs.Journal{Entries: 4}, journal.Options{})
	for name, w := range map[string]struct{ write, flush error }{"write": {write: broken}, "flush": {flush: broken}} {
		s, err := j.Open(journal.Query{Follow: true})
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Copy(t.Context(), failing{w.write}, func() error { return w.flush }); !errors.Is(err, broken) {
			t.Errorf("%s: got error %v, want that of the writer", name, err)
		}
		s.Close()
	}
}

// failing is a writer whose every write fails.
type failing struct{ err error }

func (f failing) Write(p []byte) (int, error) { return len(p), f.err }

func TestBusy(t *testing.T) {
	j := newJournal(t, configs.Journal{Entries: 4}, journal.Options{})
	var open []*journal.Stream
	for {
		s, err := j.Open(journal.Query{})
		if err != nil {
			if !errors.Is(err, journal.ErrBusy) || len(open) != 32 {
				t.Errorf("got error %v after %d streams, want ErrBusy after 32", err, len(open))
			}
			break
		}
		open = append(open, s)
	}
	for _, s := range open {
		s.Close()
	}
	add(j, "a")
	if got := clients(read(t, j, journal.Query{Tail: -1})); got != "a" {
		t.Errorf("got %s, want a", got)
	}
}

func ExampleJournal_Open() {
	j := journal.New(journal.Options{})
	if err := j.Apply(configs.Journal{Entries: 10}); err != nil {
		fmt.Println(err)
		return
	}
	j.Add(&journal.Record{Client: "support-agent", Rule: "caches[0].hosts"})
	j.Add(&journal.Record{Client: "report-agent", Refused: true, Rule: "clients[1].caches"})
	stream, err := j.Open(journal.Query{Refused: true, Tail: 10})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer stream.Close()
	var text strings.Builder
	if err := stream.Copy(context.Background(), &text, func() error { return nil }); err != nil {
		fmt.Println(err)
	}
	fmt.Println(strings.Count(text.String(), "\ndata: "), strings.Contains(text.String(), `"rule":"clients[1].caches"`))
	// Output: 1 true
}
