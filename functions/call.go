package functions

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/caches"
	"github.com/egret-proxy/egret/configs"
)

// A Call is one call of a Function.
type Call struct {
	Function  string
	Arguments []byte          // a JSON object; empty means {}
	Client    *configs.Client // nil means egret itself, or that no clients are configured
	// The directives of a Cache-Control field on the call, RFC 9111 section 5.2.1.
	NoCache      bool // perform the call although an answer is stored
	NoStore      bool // do not store the answer
	OnlyIfCached bool // never perform the call
}

func (c *Call) client() string {
	if c.Client == nil {
		return ""
	}
	return c.Client.Name
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
	arguments, err := parseArguments(call.Arguments)
	if err != nil {
		return nil, err
	}
	if list := validateArguments(function.schema, arguments, function.fixed); list != nil {
		refusal := Refuse(InvalidArguments, summary(list))
		refusal.Errors = list
		return nil, refusal
	}
	merged, err := mergeFixed(arguments, function.fixed)
	if err != nil {
		return nil, &Refusal{Code: Internal, Detail: "the fixed arguments could not be merged", Cause: err}
	}
	if err := function.checkNamed(s.index, arguments, call.Client); err != nil {
		return nil, err
	}
	p := &prepared{call: call, function: function, document: gjson.ParseBytes(merged)}
	if p.references, err = function.references(s.index, p.document); err != nil {
		return nil, err
	}
	if function.output != nil {
		if p.key, err = resultKey(function, arguments, s.scope(arguments, call)); err != nil {
			return nil, &Refusal{Code: Internal, Detail: "the key of the call could not be made", Cause: err}
		}
	}
	return p, nil
}

// scope is the client where an argument names an output cache, whose value is
// each client's own, and "" elsewhere: equal calls of two clients are equal.
func (s *Set) scope(arguments []byte, call *Call) string {
	own := false
	idsIn(s.index, gjson.ParseBytes(arguments), func(cache *configs.Cache) {
		own = own || cache.Kind == configs.OutputCache
	})
	if !own {
		return ""
	}
	return "client " + call.client()
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
	if p.key != "" && !p.call.NoCache {
		if entry, ok := s.options.Results.get(ctx, p.key); ok {
			// A failed touch leaves an older answer as the latest; this one is
			// still good.
			_ = s.options.Results.touch(ctx, p.function.output, p.call.client(), entry)
			return p.result(entry, FromCache)
		}
	}
	if p.call.OnlyIfCached {
		return nil, Refuse(NotCached, "no answer is stored for these arguments")
	}
	entry, err := s.get(ctx, p)
	if err != nil {
		return nil, err
	}
	return p.result(entry, FromUpstream)
}

// get asks the upstream. Equal calls that may share an answer share the request.
func (s *Set) get(ctx context.Context, p *prepared) (caches.Entry, error) {
	if p.key == "" || p.call.NoCache || p.call.NoStore {
		return s.perform(ctx, p)
	}
	entry, shared, err := s.options.Results.filler.Fill(ctx, p.key, func(ctx context.Context) (caches.Entry, error) {
		return s.perform(ctx, p)
	})
	if err == nil && shared && !entry.Expires.IsZero() {
		_ = s.options.Results.touch(ctx, p.function.output, p.call.client(), entry)
	}
	return entry, asRefusal(ctx, err)
}

// perform sends the request and stores an answer that is ok. The entry of one
// that is not stored has no time of expiry.
func (s *Set) perform(ctx context.Context, p *prepared) (caches.Entry, error) {
	ctx, cancel := context.WithTimeout(ctx, p.function.config.Timeout)
	defer cancel()
	answer, err := s.send(ctx, p)
	if err != nil {
		return caches.Entry{}, asRefusal(ctx, err)
	}
	data, err := encodeAnswer(answer)
	if err != nil {
		return caches.Entry{}, &Refusal{Code: Internal, Detail: "the answer could not be stored", Cause: err}
	}
	entry := caches.Entry{Data: data, Created: time.Now()}
	if p.key == "" || p.call.NoStore || !isOK(answer.Status) {
		return entry, nil
	}
	stored := entry
	stored.Expires = entry.Created.Add(p.function.output.TTL)
	if err := s.options.Results.put(ctx, p.key, p.function.output, p.call.client(), stored); err != nil {
		// The caller gets the answer all the same, and sees that it is not
		// stored because it carries no time of expiry.
		return entry, nil
	}
	return stored, nil
}

// send reads the values, renders the request and sends it.
func (s *Set) send(ctx context.Context, p *prepared) (*Answer, error) {
	carried := distinct(p.references)
	values, err := s.values(ctx, carried, p.call)
	if err != nil {
		return nil, err
	}
	request, err := p.function.render(&live{document: p.document, index: s.index, values: values})
	if err != nil {
		return nil, err
	}
	request.Client = p.call.client()
	request.Hide = append(request.Hide, p.function.hidden...)
	request.carry(carried, values)
	return s.options.Sender.Send(ctx, request)
}

func isOK(status int) bool { return status >= 200 && status <= 299 }
