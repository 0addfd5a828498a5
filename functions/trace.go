package functions

import (
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A Trace is what became of a call, for who keeps a record of it: names, IDs and
// times, and no value. Its memory can be used again for another call.
type Trace struct {
	CallID configs.ID // zero unless the call was answered
	Source Source     // of the answer, "" without one
	// Swaps are the values that the request was built with. An answer out of
	// the output cache has none.
	Swaps []Swap
	// Attempts is how often the request was sent; 0 when somebody else's was
	// shared, or none was sent.
	Attempts int
	// Began is when all checks were passed and the values were asked for; zero
	// when it did not come to that. Values, Connect and Wait is how long it took
	// from there to have them, to connect to the upstream, and until the head of
	// the answer was there, all attempts together. A Sender adds to the last two.
	Began                 time.Time
	Values, Connect, Wait time.Duration

	since time.Time // the values of the attempt are asked for
}

// A Swap is a place in which a cache ID was replaced by a value.
type Swap struct {
	Cache          *configs.Cache
	Surface        configs.Surfaces // one
	KeyID, TokenID string           // of the value, as in [caches.Entry]
}

// Reset empties a Trace for another call.
func (t *Trace) Reset() {
	clear(t.Swaps)
	*t = Trace{Swaps: t.Swaps[:0]}
}

// noteBegin notes that the checks are passed.
func (p *prepared) noteBegin(now time.Time) {
	if t := p.call.Trace; t != nil {
		t.Began, t.since = now, now
	}
}

// noteValues notes that all values have been read, and what the request is built
// with.
func (p *prepared) noteValues() {
	t := p.call.Trace
	if t == nil {
		return
	}
	if len(p.carried) > 0 {
		t.Values += time.Since(t.since)
	}
	clear(t.Swaps) // of the attempt before
	t.Swaps = t.Swaps[:0]
	for _, r := range p.references {
		swap := Swap{Cache: r.cache, Surface: r.place.surface}
		for i := range p.carried {
			if c := &p.carried[i]; c.cache == r.cache {
				swap.KeyID, swap.TokenID = c.keyID, c.tokenID
			}
		}
		t.add(swap)
	}
}

// noteAttempt notes that the request is sent.
func (p *prepared) noteAttempt() {
	if t := p.call.Trace; t != nil {
		t.Attempts++
	}
}

// noteAnswered notes that an attempt has ended, so that another one may begin.
func (p *prepared) noteAnswered() {
	if t := p.call.Trace; t != nil {
		t.since = time.Now()
	}
}

// noteWait notes the wait before another attempt.
func (p *prepared) noteWait(wait time.Duration) {
	if t := p.call.Trace; t != nil {
		t.Wait += wait
		t.since = time.Now()
	}
}

// noteShared notes a request that a call of somebody else sent: which token was
// in it is not known here.
func (p *prepared) noteShared() {
	t := p.call.Trace
	if t == nil {
		return
	}
	t.Wait = time.Since(t.Began)
	for _, r := range p.references {
		t.add(Swap{Cache: r.cache, Surface: r.place.surface})
	}
}

// takeTrace takes over what the one who performed the call for all has noted,
// when that was for this call.
func (p *prepared) takeTrace(made *Trace, own bool) {
	t := p.call.Trace
	switch {
	case t == nil:
	case own:
		t.Swaps = append(t.Swaps, made.Swaps...)
		t.Attempts, t.Began, t.Values, t.Connect, t.Wait = made.Attempts, made.Began, made.Values, made.Connect, made.Wait
	default:
		p.noteShared()
	}
}

// add adds a swap, once for each cache and surface.
func (t *Trace) add(swap Swap) {
	for i := range t.Swaps {
		if t.Swaps[i].Cache == swap.Cache && t.Swaps[i].Surface == swap.Surface {
			return
		}
	}
	t.Swaps = append(t.Swaps, swap)
}

// noteEnd notes how a call was answered.
func (p *prepared) noteEnd() {
	if t := p.call.Trace; t != nil {
		t.CallID, t.Source = p.outcome.CallID, p.outcome.Source
	}
}
