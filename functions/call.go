package functions

import (
	"context"
	"slices"
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A Call is one call of a Function.
type Call struct {
	Function  string
	Arguments []byte          // a JSON object; empty means {}
	Client    *configs.Client // nil means an anonymous caller: the command line, or anyone when no clients are configured
	// The directives of a Cache-Control field on the call, RFC 9111 section 5.2.1.
	NoCache      bool // perform the call although an answer is stored
	NoStore      bool // do not store the answer
	OnlyIfCached bool // never perform the call
	// Timeout, when it is shorter than the Function's own, takes its place; 0 is
	// none. It bounds this call only, not others that share its request.
	Timeout time.Duration
	Raw     bool // the caller wants the upstream's own answer
	// Trace, when it is not nil, is told what becomes of the call. It is read
	// when the call has returned.
	Trace *Trace

	internal     bool  // egret itself calls, to fill an output cache
	behalf       owner // whose the call is, when that is not who calls
	revalidation bool  // what is stored stays when the answer is not ok
}

func (c *Call) client() string { return nameOf(c.Client) }

// nameOf gives the name of a client, "" for none.
func nameOf(client *configs.Client) string {
	if client == nil {
		return ""
	}
	return client.Name
}

// owner is whose the call is.
func (c *Call) owner() owner {
	switch {
	case c.behalf != "":
		return c.behalf
	case c.internal:
		return egretItself
	default:
		return ownerOf(c.Client)
	}
}

// Call performs a call, or answers it from the output cache. An error is a
// [*Refusal]; an upstream that answers with an error status is a Result.
//
// A server that writes the answer at once has [Set.AppendEnvelope] and
// [Set.Raw], which do the same and make nothing that outlives them.
func (s *Set) Call(ctx context.Context, call Call) (*Result, error) {
	p := newPrepared(call)
	if err := s.answer(ctx, p); err != nil {
		p.release()
		return nil, err
	}
	answer := p.current
	result := &Result{}
	if p.function.mayBeRaw() == nil {
		result.Header, result.Body = fields(answer.appendRaw(nil)), slices.Clone(answer.Body)
	}
	if member, isCut := p.appendOutput(nil); member != nil {
		result.output, p.outcome.Truncated = member[len(outputMember):], isCut
	}
	result.Outcome = p.outcome
	p.release()
	return result, nil
}

// AppendEnvelope is [Set.Call] and appends the envelope that callers get to dst.
// When there is an error, dst is given back as it was.
func (s *Set) AppendEnvelope(ctx context.Context, dst []byte, call Call) ([]byte, Outcome, error) {
	p := newPrepared(call)
	if err := s.answer(ctx, p); err != nil {
		p.release()
		return dst, Outcome{}, err
	}
	outcome := p.outcome
	dst = outcome.appendHead(dst)
	dst, outcome.Truncated = p.appendOutput(dst)
	dst = outcome.appendTail(dst)
	p.release()
	return dst, outcome, nil
}

// Raw is [Set.Call] and gives the upstream's own answer: its status, the fields
// that may be passed on, and its body. It writes over what answer held.
func (s *Set) Raw(ctx context.Context, call Call, answer *Answer) (Outcome, error) {
	call.Raw = true
	p := newPrepared(call)
	if err := s.answer(ctx, p); err != nil {
		p.release()
		return Outcome{}, err
	}
	outcome := p.outcome
	answer.Status = p.current.Status
	answer.Header = p.current.appendRaw(answer.Header[:0])
	answer.Body = append(answer.Body[:0], p.current.Body...)
	p.release()
	return outcome, nil
}

// answer finds the answer of a call in the output cache, or gets it. It is then
// the current one of p, until p is released.
func (s *Set) answer(ctx context.Context, p *prepared) error {
	if err := s.prepare(p); err != nil {
		return err
	}
	if err := s.checkAllowed(ctx, p, false); err != nil {
		return err
	}
	expires, source, err := s.obtain(ctx, p)
	if err != nil {
		return err
	}
	p.conclude(expires, source)
	p.outcome.Duration = time.Since(p.begun)
	p.noteEnd()
	return nil
}

// obtain makes the answer of a call the current one of p, and says until when it is
// stored, the zero time when it is not.
func (s *Set) obtain(ctx context.Context, p *prepared) (expires time.Time, source Source, err error) {
	if entry, source := s.stored(ctx, p); source != "" {
		s.reuse(ctx, p, entry, source)
		return entry.Expires, source, nil
	}
	switch {
	case p.call.OnlyIfCached:
		return time.Time{}, "", notCached()
	case p.key == "" || p.call.NoStore:
		return time.Time{}, FromUpstream, s.perform(ctx, p)
	}
	entry, shared, err := s.get(ctx, p)
	if err != nil {
		return time.Time{}, "", err
	}
	if entry, err = p.show(entry); err != nil {
		return time.Time{}, "", &Refusal{Code: Internal, Detail: "the answer could not be read", Cause: err}
	}
	if shared {
		s.touch(ctx, p, entry)
	}
	return entry.Expires, FromUpstream, nil
}

func notCached() *Refusal {
	return Refuse(NotCached, "no answer is stored for these arguments")
}
