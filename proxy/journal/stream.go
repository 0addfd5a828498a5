package journal

import (
	"context"
	"errors"
	"io"
	"strconv"
	"time"
)

// The errors of [Journal.Open].
var (
	ErrOff  = errors.New("the journal keeps no records in memory")
	ErrBusy = errors.New("too many streams of the journal are open")
)

const (
	// maxStreams is how many streams may be open at once.
	maxStreams = 32
	// heartbeat is how long a stream is silent at most, so that who reads it
	// knows that it is alive, and who sends it whether it is read.
	heartbeat = 15 * time.Second
)

// A Query says which records are wanted.
type Query struct {
	Client   string // only those of this client, "" for all
	Function string // only those of this Function, "" for all
	Refused  bool   // only those that were refused
	Tail     int    // at most so many of those that there are, the last; negative for all
	After    uint64 // only those behind this sequence number, and all of them: Tail does not count then
	Follow   bool   // and those that are still to come
}

func (q *Query) matches(r *Record) bool {
	return (q.Client == "" || q.Client == r.Client) && (q.Function == "" || q.Function == r.Function) && (!q.Refused || r.Refused)
}

// A Stream sends records as server-sent events, each with its sequence number
// as ID.
type Stream struct {
	reader *reader
	query  Query
	skip   int // records that match, and are not among the last
	room   [16]Record
	out    []byte
}

// Open begins a stream. Its error is ErrOff or ErrBusy.
func (j *Journal) Open(q Query) (*Stream, error) {
	j.mu.Lock()
	err := error(nil)
	switch {
	case j.entries == 0:
		err = ErrOff
	case j.streams == maxStreams:
		err = ErrBusy
	default:
		j.streams++
	}
	j.mu.Unlock()
	if err != nil {
		return nil, err
	}
	s := &Stream{reader: j.newReader(), query: q}
	s.begin()
	return s, nil
}

// Close ends a stream.
func (s *Stream) Close() {
	s.reader.close()
	j := s.reader.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	j.streams--
}

// begin finds the first record.
func (s *Stream) begin() {
	r, j := s.reader, s.reader.journal
	j.mu.Lock()
	oldest, next := j.oldestLocked(false), j.next
	j.mu.Unlock()
	if !s.query.Follow {
		r.until = next
	}
	if s.query.After > 0 {
		if r.at = s.query.After + 1; r.at > next { // an ID of an egret whose clock was ahead
			r.at = oldest
		}
		return
	}
	r.at = oldest
	if s.query.Tail < 0 {
		return
	}
	matching := 0
	for r.at < next {
		n, _ := r.read(s.room[:])
		for i := range n {
			if s.query.matches(&s.room[i]) {
				matching++
			}
		}
		if n == 0 {
			break
		}
	}
	r.at, s.skip = oldest, max(0, matching-s.query.Tail)
}

// Copy sends the stream to w until it is at its end, or ctx is; after each piece
// it calls flush. A stream that follows ends as well when w is too slow: an
// event "missed" then says how many records were lost to it. The error is that
// of w or flush.
func (s *Stream) Copy(ctx context.Context, w io.Writer, flush func() error) error {
	s.out = append(s.out[:0], ": the journal of egret\n\n"...) // so that the head goes out at once
	for first := true; ; first = false {
		more, missed := s.fill()
		// To who comes back it is news, and no fault of theirs.
		ended := missed && !(first && s.query.After > 0)
		if err := s.send(w, flush); err != nil || ended {
			return err
		}
		switch {
		case more:
		case !s.query.Follow || ctx.Err() != nil || s.reader.journal.off():
			return nil
		default:
			s.wait(ctx)
		}
	}
}

// fill makes events of the next records. more is false when there are none.
func (s *Stream) fill() (more, missed bool) {
	before := s.reader.at
	n, lost := s.reader.read(s.room[:])
	if lost > 0 && s.reader.journal.knows(before) {
		// Its ID is that of the last one lost, so that who comes back is not told
		// of them once more.
		s.out = append(append(strconv.AppendUint(append(s.out, "id: "...), before+lost-1, 10), "\nevent: missed\ndata: {\"missed\":"...), strconv.FormatUint(lost, 10)...)
		s.out = append(s.out, "}\n\n"...)
		missed = true
	}
	for i := range n {
		r := &s.room[i]
		if !s.query.matches(r) {
			continue
		}
		if s.skip > 0 {
			s.skip--
			continue
		}
		s.out = append(strconv.AppendUint(append(s.out, "id: "...), r.Sequence, 10), "\ndata: "...)
		s.out = append(r.AppendJSON(s.out), "\n\n"...)
	}
	return n > 0, missed
}

// send writes what there is.
func (s *Stream) send(w io.Writer, flush func() error) error {
	if len(s.out) == 0 {
		return nil
	}
	if _, err := w.Write(s.out); err != nil {
		return err
	}
	s.out = s.out[:0]
	return flush()
}

// wait waits for the next record, and makes a comment when none comes.
func (s *Stream) wait(ctx context.Context) {
	timer := time.NewTimer(heartbeat)
	defer timer.Stop()
	s.reader.expect(1)
	defer s.reader.forgo()
	select {
	case <-ctx.Done():
	case <-s.reader.wake:
	case <-timer.C:
		s.out = append(s.out, ":\n\n"...)
	}
}

// off reports whether streams may see nothing any more.
func (j *Journal) off() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.entries == 0
}

// knows reports whether a sequence number is one of this process.
func (j *Journal) knows(sequence uint64) bool { return sequence >= j.origin }
