package functions

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"

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

	internal bool // egret itself calls, to fill an output cache
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
	if c.internal {
		return egretItself
	}
	return ownerOf(c.Client)
}

// prepared is a call that passed every check.
type prepared struct {
	call       *Call
	function   *Function
	document   gjson.Result // the arguments with the fixed ones
	references []reference
	key        string // of the output cache, "" without one
}

// prepare makes every check that can be made before a value is read.
func (s *Set) prepare(call *Call) (*prepared, error) {
	function, err := s.find(call.Function, call.Client)
	if err != nil {
		return nil, err
	}
	sent, err := parseArguments(call.Arguments)
	if err != nil {
		return nil, err
	}
	if list := function.validate(sent); list != nil {
		refusal := Refuse(InvalidArguments, summary(list))
		refusal.Errors = list
		return nil, refusal
	}
	p := &prepared{call: call, function: function}
	if p.document, err = mergeFixed(sent, function.fixed); err != nil {
		return nil, &Refusal{Code: Internal, Detail: "the fixed arguments could not be merged", Cause: err}
	}
	if err := function.checkNamed(s.index, sent, call.Client); err != nil {
		return nil, err
	}
	if p.references, err = function.references(s.index, p.document); err != nil {
		return nil, err
	}
	if function.output != nil {
		p.key = resultKey(function, sent.canonical, p.scope())
	}
	return p, nil
}

// scope is who may share the answer: the owner's calls where the request holds a
// value that is each owner's own, and "" elsewhere, because equal calls of two
// clients are equal.
func (p *prepared) scope() string {
	if isPersonal(p.references) {
		return string(p.call.owner())
	}
	return ""
}

// Call performs a call, or answers it from the output cache. An error is a
// [*Refusal]; an upstream that answers with an error status is a Result.
func (s *Set) Call(ctx context.Context, call Call) (*Result, error) {
	start := time.Now()
	p, err := s.prepare(&call)
	if err != nil {
		return nil, err
	}
	result, err := s.answer(ctx, p)
	if err != nil {
		return nil, err
	}
	result.CallID = uuid.NewString()
	result.Duration = time.Since(start)
	return result, nil
}

// answer finds the answer of a call in the output cache, or gets it.
func (s *Set) answer(ctx context.Context, p *prepared) (*Result, error) {
	if entry, answer, ok := s.stored(ctx, p); ok {
		if !p.call.NoStore {
			s.touch(ctx, p, entry)
		}
		return p.result(answer, entry.Expires, FromCache), nil
	}
	if p.call.OnlyIfCached {
		return nil, notCached()
	}
	if p.key == "" || p.call.NoStore {
		answer, err := s.perform(ctx, p)
		if err != nil {
			return nil, err
		}
		return p.result(answer, time.Time{}, FromUpstream), nil
	}
	entry, err := s.get(ctx, p)
	if err != nil {
		return nil, err
	}
	answer, err := decodeAnswer(entry.Data)
	if err != nil {
		return nil, &Refusal{Code: Internal, Detail: "the answer could not be read", Cause: err}
	}
	return p.result(answer, entry.Expires, FromUpstream), nil
}

func notCached() *Refusal {
	return Refuse(NotCached, "no answer is stored for these arguments")
}
