package journal_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy/journal"
)

// A running journal is one whose file is written.
type running struct {
	*journal.Journal
	log  memory
	end  context.CancelFunc
	done chan error
}

func run(t *testing.T, cfg configs.Journal, o journal.Options) *running {
	t.Helper()
	r := &running{done: make(chan error, 1)}
	o.Log = slog.New(slog.NewTextHandler(&r.log, nil))
	r.Journal = newJournal(t, cfg, o)
	ctx, cancel := context.WithCancel(t.Context())
	r.end = cancel
	go func() { r.done <- r.Run(ctx) }()
	t.Cleanup(r.stop)
	return r
}

func (r *running) stop() {
	r.end()
	if r.done != nil {
		<-r.done
		r.done = nil
	}
}

func contents(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// lines are the clients of the records in a file, every line of which must be
// one.
func lines(t *testing.T, text string) string {
	t.Helper()
	for line := range strings.Lines(text) {
		if !json.Valid([]byte(line)) || !strings.HasSuffix(line, "\n") {
			t.Errorf("this line is no whole record: %q", line)
		}
	}
	return clients(text)
}

// Records are in the file within a second, and all of them at the end.
func TestFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.jsonl")
	synctest.Test(t, func(t *testing.T) {
		r := run(t, configs.Journal{Entries: 2, File: file}, journal.Options{})
		add(r.Journal, "abA")
		pass(time.Second)
		if got := lines(t, contents(t, file)); got != "abA" {
			t.Errorf("got %s after a second, want abA", got)
		}
		add(r.Journal, strings.Repeat("x", 1000)+"y")
		r.stop()
		if got, want := lines(t, contents(t, file)), "abA"+strings.Repeat("x", 1000)+"y"; got != want {
			t.Errorf("got %s at the end, want %s", got, want)
		}
		if r.Dropped() != 0 || r.log.String() != "" {
			t.Errorf("%d records were dropped, log: %s", r.Dropped(), r.log.String())
		}
	})
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("got mode %v (error: %v), want 600", info.Mode(), err)
	}
	// A journal that has only a file shows no records.
	j := newJournal(t, configs.Journal{Entries: 0, File: "-"}, journal.Options{Stdout: &memory{}})
	if _, err := j.Open(journal.Query{}); !errors.Is(err, journal.ErrOff) || !j.Wanted() {
		t.Errorf("got error %v, want ErrOff, and records wanted", err)
	}
}

// A file is written to from where it ends, and a line that was cut off there
// spoils no other.
func TestFileAppends(t *testing.T) {
	for before, want := range map[string]string{"": "", "{}\n": "{}\n", "{}\n{\"cut": "{}\n{\"cut\n"} {
		file := filepath.Join(t.TempDir(), "egret.jsonl")
		if err := os.WriteFile(file, []byte(before), 0o600); err != nil {
			t.Fatal(err)
		}
		r := run(t, configs.Journal{File: file}, journal.Options{})
		add(r.Journal, "a")
		r.stop()
		rest, ok := strings.CutPrefix(contents(t, file), want)
		if !ok || lines(t, rest) != "a" {
			t.Errorf("got %q, want one record behind %q", contents(t, file), want)
		}
	}
}

// A rotation loses no record, and none is in two files.
func TestReopen(t *testing.T) {
	file := filepath.Join(t.TempDir(), "egret.jsonl")
	synctest.Test(t, func(t *testing.T) {
		r := run(t, configs.Journal{Entries: 10, File: file}, journal.Options{})
		for i, clients := range []string{"abc", "def", "ghi"} {
			add(r.Journal, clients)
			if i == 1 {
				pass(time.Second) // one rotation finds all written, the other does not
			}
			if err := os.Rename(file, fmt.Sprint(file, i)); err != nil {
				t.Fatal(err)
			}
			add(r.Journal, "x")
			if err := r.Reopen(); err != nil {
				t.Fatal(err)
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("the new file is not there: %v", err)
			}
			pass(time.Second)
		}
		add(r.Journal, "j")
		r.stop()
		all := ""
		for i := range 3 {
			all += lines(t, contents(t, fmt.Sprint(file, i)))
		}
		if all += lines(t, contents(t, file)); all != "abcxdefxghixj" {
			t.Errorf("got %s in all files, want abcxdefxghixj", all)
		}
	})
}

// Where the directory is gone, the journal goes on with the file that it has.
func TestReopenFails(t *testing.T) {
	directory := filepath.Join(t.TempDir(), "logs")
	if err := os.Mkdir(directory, 0o700); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(directory, "egret.jsonl")
	r := run(t, configs.Journal{File: file}, journal.Options{})
	held, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	if err := os.RemoveAll(directory); err != nil {
		t.Fatal(err)
	}
	if err := r.Reopen(); !errors.Is(err, os.ErrNotExist) || !strings.HasPrefix(err.Error(), "cannot open journal: open "+file) {
		t.Errorf("got error %v, want that it cannot be opened", err)
	}
	add(r.Journal, "a")
	r.stop()
	var text bytes.Buffer
	if _, err := text.ReadFrom(held); err != nil || lines(t, text.String()) != "a" {
		t.Errorf("got %q (error: %v), want the record", text.String(), err)
	}
	if got := r.log.String(); strings.Count(got, `level=ERROR msg="journal not reopened"`) != 1 {
		t.Errorf("got log %s, want one error", got)
	}
}

func TestApplyAnotherFile(t *testing.T) {
	directory := t.TempDir()
	a, b := filepath.Join(directory, "a"), filepath.Join(directory, "b")
	synctest.Test(t, func(t *testing.T) {
		r := run(t, configs.Journal{File: a}, journal.Options{})
		apply := func(file string) error { return r.Apply(configs.Journal{Entries: 3, File: file}) }
		for _, step := range []struct{ add, file string }{{"a", b}, {"b", ""}, {"c", a}, {"d", a}} {
			add(r.Journal, step.add)
			pass(time.Second)
			if err := apply(step.file); err != nil {
				t.Fatal(err)
			}
			pass(time.Second)
		}
		add(r.Journal, "e")
		if err := apply(filepath.Join(directory, "no", "such")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got error %v, want that there is no such directory", err)
		}
		if err := apply(directory); err == nil || err.Error() != fmt.Sprintf("cannot open journal file=%q: it is no regular file", directory) {
			t.Errorf("got error %v, want that it is no regular file", err)
		}
		pass(time.Second)
		r.stop()
		if gotA, gotB := lines(t, contents(t, a)), lines(t, contents(t, b)); gotA != "ade" || gotB != "b" {
			t.Errorf("got %s and %s, want ade and b", gotA, gotB)
		}
		if r.Dropped() != 0 {
			t.Errorf("%d records were dropped, want none", r.Dropped())
		}
	})
}

// A full disk takes a part of what is written, and then nothing for a while.
type disk struct {
	memory
	room atomic.Int64
}

var errFull = errors.New("no space left on device")

func (d *disk) Write(p []byte) (int, error) {
	n := min(int64(len(p)), d.room.Load())
	d.room.Add(-n)
	_, _ = d.memory.Write(p[:n])
	if n < int64(len(p)) {
		return int(n), errFull
	}
	return int(n), nil
}

// While the disk is full, records wait as long as there is room for them. The
// log tells of it once a minute, and at its end.
func TestFullDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &disk{}
		d.room.Store(200) // for a part of a line
		r := run(t, configs.Journal{Entries: 10, File: "-"}, journal.Options{Stdout: d})
		add(r.Journal, "ab")
		pass(10 * time.Second)
		add(r.Journal, "c")
		pass(65 * time.Second)
		if got := strings.Count(r.log.String(), `level=ERROR msg="journal not written" file=- error="no space left on device"`); got != 2 {
			t.Errorf("got %d errors in the log, want one in each minute:\n%s", got, r.log.String())
		}
		d.room.Store(1 << 30)
		pass(2 * time.Second)
		if got := lines(t, d.String()); got != "abc" {
			t.Errorf("got %s, want every line once and whole", got)
		}
		if !strings.Contains(r.log.String(), `level=INFO msg="journal written again" file=- dropped=0`) {
			t.Errorf("the log does not tell that it is over:\n%s", r.log.String())
		}
		// More than there is room for.
		d.room.Store(0)
		pass(time.Second)
		add(r.Journal, "d")
		pass(2 * time.Second)
		add(r.Journal, strings.Repeat("e", 5000)+"f")
		d.room.Store(1 << 30)
		pass(2 * time.Second)
		got := lines(t, d.String())
		if dropped := r.Dropped(); dropped != 5001-4096 || got != "abcd"+strings.Repeat("e", 4095)+"f" {
			t.Errorf("%d records were dropped, and %d are there, want 905 and 4100", dropped, len(got))
		}
		// What does not get in at the end is lost, and counted.
		d.room.Store(0)
		add(r.Journal, "gh")
		r.stop()
		if dropped := r.Dropped(); dropped != 5001-4096+2 {
			t.Errorf("%d records were dropped, want 907", dropped)
		}
	})
}

// A pipe that nobody reads holds up nobody, not even the end.
func TestStuckFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{release: make(chan struct{})}
		r := run(t, configs.Journal{Entries: 10, File: "-"}, journal.Options{Stdout: s})
		add(r.Journal, "a")
		pass(time.Second)
		add(r.Journal, strings.Repeat("b", 10_000))
		if err := r.Reopen(); err != nil {
			t.Errorf("got error %v, want none", err)
		}
		start := time.Now()
		r.stop()
		if took := time.Since(start); took != 2*time.Second || !strings.Contains(r.log.String(), "the journal's file takes nothing, its last records are lost") {
			t.Errorf("it ended after %v, want 2s; log: %s", took, r.log.String())
		}
		close(s.release)
	})
}

type stuck struct{ release chan struct{} }

func (s *stuck) Write(p []byte) (int, error) {
	<-s.release
	return len(p), nil
}

// A pipe whose reader has gone is an error like any other.
func TestClosedPipe(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer writer.Close()
	if err := reader.Close(); err != nil {
		t.Fatal(err)
	}
	r := run(t, configs.Journal{File: "-"}, journal.Options{Stdout: writer})
	add(r.Journal, "abc")
	r.stop()
	if r.Dropped() != 3 || !strings.Contains(r.log.String(), "broken pipe") {
		t.Errorf("%d records were dropped, want 3; log: %s", r.Dropped(), r.log.String())
	}
}
