package scrub

import "io"

// Reader gives what source gives, with values replaced. It never waits for more
// than source has given, except to decide about the beginning of a value. When
// source fails, such a beginning is dropped: the text is broken in any case.
func (s *Scrubber) Reader(source io.Reader) io.Reader {
	if s == nil {
		return source
	}
	return Reader(source, func() *Scrubber { return s })
}

// Reader is [Scrubber.Reader] for a stream that lasts: current is asked after
// each read from source, so that a value that did not exist when the stream
// began is replaced too. What is held back was not decided about, and is
// searched for the new values as well.
func Reader(source io.Reader, current func() *Scrubber) io.Reader {
	return &reader{current: current, source: source}
}

// chunk is how many bytes a reader asks its source for at least.
const chunk = 8 << 10

type reader struct {
	current func() *Scrubber
	source  io.Reader
	tail    []byte // read, not decided about
	ready   []byte // decided about, not returned; a part of out
	out     []byte
	err     error // of source, once there is one
}

func (r *reader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	for len(r.ready) == 0 {
		if r.err != nil {
			return 0, r.err
		}
		r.fill()
	}
	n := copy(p, r.ready)
	r.ready = r.ready[n:]
	return n, nil
}

// fill reads once from the source and decides about what it can.
func (r *reader) fill() {
	held := len(r.tail)
	if cap(r.tail)-held < chunk {
		grown := make([]byte, held, 2*held+2*chunk)
		copy(grown, r.tail)
		r.tail = grown
	}
	n, err := r.source.Read(r.tail[held : held+chunk])
	r.err = err
	src := r.tail[:held+n]
	scanned, tail := r.current().scan(r.out[:0], src, err == io.EOF)
	r.out, r.ready = scanned, scanned
	r.tail = append(src[:0], tail...)
}
