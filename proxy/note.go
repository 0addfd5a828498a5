package proxy

import (
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy/journal"
)

// A note is what an exchange keeps for its record in the journal.
type note struct {
	kept    bool // there is going to be a record
	record  journal.Record
	phase   int       // that is under way
	since   time.Time // the beginning of it
	until   time.Time // the end of the request
	sent    int64     // bytes to the client before
	gated   bool      // the head is well formed: what it says may be shown
	built   bool      // the request was built, and handed on
	explain bool
	refusal *functions.Refusal
	gone    bool // the client is
	begun   bool // the answer had begun when the request was refused
	label   *label
	trace   functions.Trace
}

// A label is what the records of a Function's calls show.
type label struct {
	functions.Label
	target journal.Target
}

func labels(cfg *configs.Config, set *functions.Set) map[string]*label {
	list := make(map[string]*label, len(cfg.Functions))
	for i := range cfg.Functions {
		name := cfg.Functions[i].Name
		l := &label{}
		l.Label, _ = set.Label(name)
		l.target.Set([]byte(l.Target))
		list[name] = l
	}
	return list
}

// beginNote begins the record of a request, if the journal or the log wants it.
func (x *exchange) beginNote() {
	n := &x.note
	if n.kept = x.server.journal.Wanted() || x.server.logsRequests.Load(); n.kept {
		n.record.Time, n.since, n.phase = x.start, x.start, journal.Checks
	}
}

// enter says that a phase of the request begins.
func (x *exchange) enter(phase int) {
	n := &x.note
	if !n.kept {
		return
	}
	now := time.Now()
	n.record.Took[n.phase] += now.Sub(n.since)
	n.phase, n.since = phase, now
}

// noteConnecting takes the time of connecting out of that of the phase, which
// was waiting.
func (x *exchange) noteConnecting() {
	connecting := x.answer.Connecting
	x.note.record.Took[journal.Wait] -= connecting
	x.note.record.Took[journal.Connect] += connecting
}

// noteCall takes over what became of a call.
func (x *exchange) noteCall() {
	n, t := &x.note, &x.note.trace
	if !n.kept || t.Began.IsZero() {
		return
	}
	now := time.Now()
	took := &n.record.Took
	took[n.phase] += t.Began.Sub(n.since)
	took[journal.Values] += t.Values
	took[journal.Connect] += t.Connect
	took[journal.Wait] += t.Wait
	n.phase, n.since = journal.Answer, now.Add(-max(0, now.Sub(t.Began)-t.Values-t.Connect-t.Wait))
}

// endNote makes the record. It is the last that is done of a request, behind
// what keeps a panic in it from ending the process; so it does that itself.
func (x *exchange) endNote() {
	defer func() {
		if p := recover(); p != nil {
			x.logPanic(p)
			x.note = note{}
		}
	}()
	n, c := &x.note, x.conn
	consumed := c.received.Load() - int64(len(c.inlet.ahead))
	received := consumed - c.consumed
	c.consumed = consumed
	if !n.kept {
		return
	}
	if n.until.IsZero() {
		n.until = time.Now()
	}
	r := &n.record
	r.Took[n.phase] += max(0, n.until.Sub(n.since))
	r.Received, r.Sent = received, c.sent.Load()+int64(len(c.pending))-n.sent
	r.Way, r.Client = string(x.way), x.clientName()
	if x.told {
		r.Status = x.status
	}
	x.noteVerdict()
	x.noteTarget()
	x.noteSwaps()
	if x.server.journal.Wanted() {
		x.server.journal.Add(r)
	}
	if x.server.logsRequests.Load() {
		x.server.logRequest(r)
	}
	n.trace.Reset()
	*n = note{trace: n.trace}
}

// noteSwaps notes which IDs were replaced.
func (x *exchange) noteSwaps() {
	n, r := &x.note, &x.note.record
	if r.Refused {
		return
	}
	for i := range n.trace.Swaps {
		s := &n.trace.Swaps[i]
		r.AddSwap(journal.Swap{Cache: s.Cache.ID, Surface: s.Surface, KeyID: s.KeyID, TokenID: s.TokenID})
	}
	for i := range x.forward.found {
		if o := &x.forward.found[i]; n.built {
			r.AddSwap(journal.Swap{Cache: o.cache.ID, Surface: configs.Header, KeyID: o.keyID, TokenID: o.tokenID})
		}
	}
	r.Attempts = n.trace.Attempts
	if r.CallID, r.Source = n.trace.CallID, string(n.trace.Source); n.explain {
		r.Source = "explain"
	}
}
