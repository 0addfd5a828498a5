package functions

import (
	"sync"
	"time"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A prepared is a call that passed every check, and the memory that it needs on
// its way. It is used again for another call: nothing that outlives the call may
// refer to it, but for strings and errors, which are never written over.
type prepared struct {
	call       Call
	begun      time.Time // when its time began to pass
	set        *Set
	function   *Function
	arguments  document // what the caller sent
	canonical  []byte   // of the arguments when it had to be made, else nil
	references []reference
	key        string // of the output cache, "" without one

	carried []carried // the values that stand in the request
	parts   []Hidden  // what was made of the values of caches, and could be echoed
	earlier []Hidden  // what was in the request of the attempts before this one
	request Request
	target  []byte // the memory of the request's parts
	header  []byte
	body    []byte
	scratch []byte

	idempotencyKey configs.ID // zero before a request needs one

	answered Answer  // what a Sender writes to; its memory is kept
	shown    Answer  // a stored answer, which belongs to the cache
	current  *Answer // one of the two, nil before there is an answer
	outcome  Outcome
}

// A carried is a cache and the value that its ID stands for in one request.
type carried struct {
	cache  *configs.Cache
	value  gjson.Result
	whole  gjson.Result   // what is pointed into, mostly the value
	secret configs.Secret // of a cache that holds a credential
	entry  caches.Entry   // what was read there, without a copy

	keyID, tokenID string // of the secret
}

var preparations = sync.Pool{New: func() any { return new(prepared) }}

// newPrepared gives memory for a call, to be released.
func newPrepared(call Call) *prepared {
	p := preparations.Get().(*prepared)
	p.call, p.begun = call, time.Now()
	return p
}

// The bounds of what is kept for the next call.
const (
	maxKeptBytes = 32 << 10
	maxKeptNodes = 128
)

// release gives the memory of a call back, with nothing of the call in it: it
// held live values. After a panic it is not called: nobody knows who still holds
// on to what.
func (p *prepared) release() {
	next := prepared{
		arguments:  document{nodes: wiped(p.arguments.nodes, maxKeptNodes)},
		references: wiped(p.references, maxKeptNodes),
		carried:    wiped(p.carried, maxKeptNodes),
		parts:      wiped(p.parts, maxKeptNodes),
		target:     wiped(p.target, maxKeptBytes),
		header:     wiped(p.header, maxKeptBytes),
		body:       wiped(p.body, maxKeptBytes),
		scratch:    wiped(p.scratch, maxKeptBytes),
		request:    Request{Carried: wiped(p.request.Carried, maxKeptNodes), Hide: wiped(p.request.Hide, maxKeptNodes)},
		answered:   Answer{Header: wiped(p.answered.Header, maxKeptBytes), Body: wiped(p.answered.Body, maxKeptBytes)},
	}
	*p = next
	preparations.Put(p)
}

// wiped gives the memory of a slice without what is in it, not even behind its
// end, and nil instead of one too large to be kept.
func wiped[T any](s []T, most int) []T {
	clear(s[:cap(s)])
	if cap(s) > most {
		return nil
	}
	return s[:0]
}

// prepare makes every check that can be made before a value is read.
func (s *Set) prepare(p *prepared) (err error) {
	p.set = s
	if p.function, err = s.called(&p.call); err != nil {
		return err
	}
	if p.call.Raw {
		if err := p.function.mayBeRaw(); err != nil {
			return err
		}
	}
	if p.canonical, err = parseArguments(&p.arguments, p.call.Arguments, s.limits.CallDepth); err != nil {
		return err
	}
	if list := p.function.validate(&p.arguments); list != nil {
		refusal := Refuse(InvalidArguments, summary(list)).By(p.function.config.Path + ".parameters")
		refusal.Errors = list
		return refusal
	}
	if err := p.complete(); err != nil {
		return err
	}
	if err := p.checkNamed(); err != nil {
		return err
	}
	if err := p.refer(); err != nil {
		return err
	}
	if p.function.output != nil {
		p.setKey()
	}
	return nil
}

// setKey notes the slot of the call in the output cache.
func (p *prepared) setKey() {
	p.scratch = appendResultText(p.scratch[:0], p.function, p.scope())
	p.scratch = p.appendCounting(p.scratch)
	p.key = resultKey(p.function, p.scratch)
}

// scope is who may share the answer: the owner's calls where the request holds a
// value that is each owner's own, or the Function says so, and "" elsewhere,
// because equal calls of two clients are equal.
func (p *prepared) scope() string {
	if p.function.config.Caching.PerClient || isPersonal(p.references) {
		return string(p.call.owner())
	}
	return ""
}

// show makes a stored answer the current one. It gives the entry with the end of
// the time in which it is fresh.
func (p *prepared) show(entry caches.Entry) (caches.Entry, error) {
	stale, err := decodeAnswer(entry.Data, &p.shown)
	if err != nil {
		return caches.Entry{}, err
	}
	p.current = &p.shown
	if stale > 0 && !entry.Expires.IsZero() {
		entry.Expires = entry.Expires.Add(-stale)
	}
	return entry, nil
}
