package upstream

import (
	"io"
	"sync"
	"sync/atomic"
)

// A body is the body of an answer while it comes in.
type body struct {
	exchange *exchange
	stream   io.Reader
	chunked  bool
	done     bool // of Read
	closed   atomic.Bool
	close    sync.Once
}

// Read gives the body, and io.EOF only at the end that the upstream intended:
// fasthttp also gives it when the connection ends between two chunks.
func (b *body) Read(p []byte) (int, error) {
	if b.closed.Load() {
		return 0, errClosed
	}
	n, err := b.stream.Read(p)
	switch {
	case err == nil:
		return n, nil
	case b.closed.Load():
		return n, errClosed
	case err == io.EOF && b.complete():
		b.done = true
		return n, io.EOF
	}
	return n, incomplete(b.exchange.ctx, b.exchange.lane.conn.Load())
}

func (b *body) complete() bool {
	return b.done || !b.chunked || !b.exchange.lane.conn.Load().ended
}

// Close ends the exchange. It may be called while a Read waits, and more than
// once.
func (b *body) Close() error {
	b.close.Do(func() {
		b.closed.Store(true)
		b.exchange.finish()
	})
	return nil
}
