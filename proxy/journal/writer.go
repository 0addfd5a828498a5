package journal

import (
	"bytes"
	"context"
	"errors"
	"time"
)

const (
	// gather is how long records may wait for others to be written with them.
	gather = 200 * time.Millisecond
	// writeAgain is how long to wait after a write that failed.
	writeAgain = time.Second
	// complainAgain is how often to log that writing fails, while it does.
	complainAgain = time.Minute
	// lastWrite is how long the writing of the last records may take.
	lastWrite = 2 * time.Second
	// batch is how many records are encoded at once.
	batch = 64
)

// errSlow is the error of a journal whose file takes nothing when egret ends.
var errSlow = errors.New("the journal's file takes nothing, its last records are lost")

// Run appends records to the file until ctx ends, and then those that are still
// left. When it returns, the file is closed.
func (j *Journal) Run(ctx context.Context) error {
	done := make(chan struct{})
	go func() {
		defer close(done)
		(&writing{journal: j, out: &turn{}}).run(ctx)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	late := time.NewTimer(lastWrite)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C: // a pipe that nobody reads can hold the write for ever
		j.log.Error("journal not written", "error", errSlow.Error())
	}
	return nil
}

// A writing is what the writer of a journal works with.
type writing struct {
	journal    *Journal
	out        *turn
	room       [batch]Record
	lines      []byte // that are to be written
	written    int    // bytes of them that are
	complained time.Time
	failing    bool
}

func (w *writing) run(ctx context.Context) {
	defer func() { w.out.close() }()
	for ctx.Err() == nil {
		w.take()
		switch {
		case w.out.file == nil:
			w.pause(ctx, never, nil)
		case !w.write():
			w.pauseFor(ctx, writeAgain)
		default:
			// The first record begins a wait for more of them, which ends early
			// when there are many.
			w.pause(ctx, 1, nil)
			w.pauseFor(ctx, gather)
		}
	}
	w.take()
	if w.out.file != nil {
		w.write()
		w.loseLines()
	}
}

// pauseFor waits for a time, for many records, or for another file.
func (w *writing) pauseFor(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	many := uint64(fileQueue / 2)
	if w.failing {
		many = never
	}
	w.pause(ctx, many, timer.C)
}

// pause waits for so many records, for another file, or until over.
func (w *writing) pause(ctx context.Context, records uint64, over <-chan time.Time) {
	r := w.journal.writer
	if records != never {
		r.expect(records)
		defer r.forgo()
	}
	select {
	case <-ctx.Done():
	case <-over:
	case <-r.wake:
	}
}

// take goes over to another file, if there is one.
func (w *writing) take() {
	next := w.journal.takeTurn()
	if next == nil {
		return
	}
	switch {
	case w.out.file == nil:
		w.journal.writer.skipTo(next.from)
		w.lines, w.written = w.lines[:0], 0
	case w.out.same(next):
		next.torn = false // by a line whose rest is going to follow
	case next.file == nil:
		w.write() // the last that the old file gets
		w.loseLines()
	default:
		// A line that was begun is written whole.
		w.written = bytes.LastIndexByte(w.lines[:w.written], '\n') + 1
	}
	w.out.close()
	w.out = next
	if next.torn {
		w.lines, w.written = append([]byte("\n"), w.lines[w.written:]...), 0
	}
}

// write writes all records that there are, and reports whether it could.
func (w *writing) write() bool {
	for {
		if !w.flush() {
			return false
		}
		n, missed := w.journal.writer.read(w.room[:])
		w.lose(missed)
		if n == 0 {
			return true
		}
		for i := range n {
			w.lines = append(w.room[i].AppendJSON(w.lines), '\n')
		}
	}
}

// flush writes the lines that are left. What a write took of them, though it
// failed, is not written again.
func (w *writing) flush() bool {
	if w.written == len(w.lines) {
		w.lines, w.written = w.lines[:0], 0
		return true
	}
	n, err := w.out.file.Write(w.lines[w.written:])
	w.written += n
	if err != nil {
		w.complain(err)
		return false
	}
	w.lines, w.written = w.lines[:0], 0
	if w.failing {
		w.failing, w.complained = false, time.Time{}
		w.journal.log.Info("journal written again", "file", w.out.path, "dropped", w.journal.Dropped())
	}
	return true
}

// complain logs that writing fails, from time to time.
func (w *writing) complain(err error) {
	w.failing = true
	if now := time.Now(); now.Sub(w.complained) >= complainAgain {
		w.complained = now
		w.journal.log.Error("journal not written", "file", w.out.path, "error", err.Error(), "dropped", w.journal.Dropped())
	}
}

// lose counts records that are not going to be in the file.
func (w *writing) lose(n uint64) { w.journal.dropped.Add(n) }

// loseLines gives up the lines that are left.
func (w *writing) loseLines() {
	w.lose(uint64(bytes.Count(w.lines[w.written:], []byte("\n"))))
	w.lines, w.written = w.lines[:0], 0
}
