package functions

import (
	"bytes"
	"context"
	"encoding/json"
)

// An Explanation is the request that a call would send, with a stand-in for
// everything that the caller may not see.
type Explanation struct {
	Function    string           `json:"function"`
	Request     ExplainedRequest `json:"request"`
	Placed      []Placed         `json:"placed"`
	OutputCache *ExplainedCache  `json:"output_cache,omitempty"`
	Policy      []Permission     `json:"policy"`  // what decided that it is allowed
	Verdict     string           `json:"verdict"` // always "allowed"
}

// An ExplainedRequest is a request that is shown and not sent.
type ExplainedRequest struct {
	Method  string      `json:"method"`
	URL     string      `json:"url"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body,omitempty"`
}

// Placed says where an argument of the caller stands.
type Placed struct {
	Pointer  string `json:"pointer"`
	Surface  string `json:"surface"`
	Escaping string `json:"escaping"`
	Cache    string `json:"cache,omitempty"`   // the cache whose ID the argument is
	Rule     string `json:"rule,omitempty"`    // the line by which the cache may be sent there
	Default  bool   `json:"default,omitempty"` // the caller left the argument out
}

// ExplainedCache says whether the output cache would answer.
type ExplainedCache struct {
	ID  string `json:"id"`
	Key string `json:"key"` // the slot of the call, a digest in hex
	Hit bool   `json:"hit"`
}

// Explain gives the request that a call would send, or the [*Refusal] that it
// would get. Nothing is dialled, no cache is filled and no value is read.
func (s *Set) Explain(ctx context.Context, call Call) (*Explanation, error) {
	p := newPrepared(call)
	explanation, err := s.explain(ctx, p)
	p.release()
	return explanation, err
}

func (s *Set) explain(ctx context.Context, p *prepared) (*Explanation, error) {
	if err := s.prepare(p); err != nil {
		return nil, err
	}
	if err := s.checkAllowed(ctx, p, true); err != nil {
		return nil, err
	}
	_, source := s.stored(ctx, p)
	hit := source != ""
	if p.call.OnlyIfCached && !hit {
		return nil, notCached()
	}
	explanation := &Explanation{Function: p.function.Name(), Placed: p.placed(), Policy: p.policy(), Verdict: "allowed"}
	var err error
	if explanation.Request, err = p.explain(); err != nil {
		return nil, err
	}
	if p.key != "" {
		explanation.OutputCache = &ExplainedCache{ID: p.function.output.ID.String(), Key: p.slot(), Hit: hit}
	}
	return explanation, nil
}

// explain gives the request with what people may read.
func (p *prepared) explain() (ExplainedRequest, error) {
	arguments := (*shown)(p)
	if err := p.renderTarget(arguments); err != nil {
		return ExplainedRequest{}, err
	}
	if err := p.renderHeader(arguments); err != nil {
		return ExplainedRequest{}, err
	}
	headers := [][2]string{}
	for _, field := range p.request.Fields() {
		headers = append(headers, [2]string{field.Name, field.Value})
	}
	if err := p.renderBody(arguments); err != nil {
		return ExplainedRequest{}, err
	}
	p.distinguish()
	p.carry()
	if err := p.set.options.Sender.Judge(&p.request); err != nil {
		return ExplainedRequest{}, err
	}
	url, err := p.function.config.URL.AppendURL(nil, arguments)
	if err != nil {
		return ExplainedRequest{}, renderRefusal(err)
	}
	return ExplainedRequest{Method: p.request.Method, URL: string(url), Headers: headers, Body: string(p.request.Body)}, nil
}

// placed lists where the caller's arguments stand, once for each cache in an
// argument that has several. What the configuration fixes is not among them:
// callers do not know of it.
func (p *prepared) placed() []Placed {
	list := []Placed{}
	sent := p.sent()
	for i := range p.function.places {
		place := &p.function.places[i]
		if p.function.isFixed(place.pointer.Parameter()) {
			continue
		}
		entry := Placed{Pointer: place.pointer.String(), Surface: place.surface.String(), Escaping: place.escaping.String()}
		entry.Default = p.isDefault(sent, place)
		before := len(list)
		for _, r := range p.references {
			if r.place == place {
				entry.Cache, entry.Rule = r.cache.Name, p.set.shown(reachRule(r.cache))
				list = append(list, entry)
			}
		}
		if len(list) == before {
			list = append(list, entry)
		}
	}
	return list
}

// sent gives the arguments as the caller sent them, nil when nothing was filled in.
func (p *prepared) sent() *document {
	if p.function.filling == nil {
		return nil
	}
	sent := &document{}
	if len(p.call.Arguments) == 0 || !sent.index(string(p.call.Arguments)) {
		sent.index("{}")
	}
	return sent
}

// isDefault reports whether what stands at a place was filled in.
func (p *prepared) isDefault(sent *document, place *place) bool {
	if sent == nil {
		return false
	}
	tokens := place.pointer.Tokens()
	at, rest := p.arguments.descend(tokens)
	before, _ := sent.descend(tokens[:len(tokens)-len(rest)])
	return at >= 0 && before < 0
}

// JSON is the explanation as callers get it, without HTML escaping, so that
// every byte is as it would be sent.
func (e *Explanation) JSON() ([]byte, error) {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(e); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), nil
}
