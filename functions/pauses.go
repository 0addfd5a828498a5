package functions

import (
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// An upstream that does not give the new answer for a stale one is asked again
// after firstPause, then after twice that, up to lastPause.
const (
	firstPause = time.Second
	lastPause  = 30 * time.Second
)

// maxPauses bounds pauses: beyond it the slot that was not asked for the
// longest time is tried as if nothing had failed.
const maxPauses = 10_000

// pauses says when the answers that could not be fetched anew are tried again.
// It has no more than the slots whose last attempt has failed.
type pauses struct {
	mu     sync.Mutex
	failed *simplelru.LRU[string, pause]
}

// A pause is how long an attempt that failed is not repeated.
type pause struct {
	length time.Duration
	until  time.Time
}

func newPauses() *pauses {
	// Its error is that of a size below one.
	failed, _ := simplelru.NewLRU[string, pause](maxPauses, nil)
	return &pauses{failed: failed}
}

// due reports whether the answer of a slot may be fetched anew.
func (a *pauses) due(key string, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	last, ok := a.failed.Get(key)
	return !ok || !now.Before(last.until)
}

// note notes how an attempt ended.
func (a *pauses) note(key string, good bool, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if good {
		a.failed.Remove(key)
		return
	}
	length := firstPause
	if last, ok := a.failed.Peek(key); ok {
		length = min(2*last.length, lastPause)
	}
	a.failed.Add(key, pause{length: length, until: now.Add(length)})
}
