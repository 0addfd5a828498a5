package functions

import (
	"context"
	"errors"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// MaxAnswer is how many bytes of an answer a call reads.
const MaxAnswer = 10 << 20

// A Request is what a Function sends, rendered. It holds live values: it is
// written to the upstream and nowhere else.
type Request struct {
	Method    string
	Scheme    string // http or https
	Host      string // canonical, without brackets
	Port      uint16
	Authority string // for the Host field
	Target    string // path and query
	Header    []templates.Field
	Body      []byte // nil without a body
	Client    string // name of the client, "" for egret itself
	Literal   bool   // Host is an address or localhost written in the file
	Cleartext bool   // every carried value may travel over plain http
	// Carried are the caches whose values stand in the request.
	Carried []*configs.Cache
	// Hide are the values that must not come back, beside the live values of
	// every cache that names the host.
	Hide []Hidden
	// MaxAnswer is how many bytes of the answer's body are read; a longer one
	// is upstream_too_large.
	MaxAnswer int64
}

// Hidden is a value that is replaced when it comes back in an answer.
type Hidden struct {
	Value configs.Secret
	With  string
}

// A Sender sends a request and gives the whole answer, in which every live
// value is replaced. Its errors are [*Refusal].
type Sender interface {
	Send(ctx context.Context, request *Request) (*Answer, error)
	// Judge says what Send would refuse, as far as that can be known without
	// dialling: of a name nothing, of an address written in the URL all.
	Judge(request *Request) error
}

// An Answer is what an upstream answered, read to its end and scrubbed.
type Answer struct {
	Status int
	Header []templates.Field // end-to-end fields
	Body   []byte
}

// render makes the request of f with the given arguments.
func (f *Function) render(arguments templates.Arguments) (*Request, error) {
	c := f.config
	target, err := c.URL.AppendTarget(nil, arguments)
	if err != nil {
		return nil, renderRefusal(err)
	}
	request := &Request{
		Method: c.Method, Scheme: c.URL.Scheme(), Host: f.host, Port: f.port, Authority: c.URL.Authority(),
		Target: string(target), Literal: f.literal, Cleartext: true, MaxAnswer: MaxAnswer,
	}
	for _, header := range c.Headers {
		if request.Header, err = header.AppendFields(request.Header, arguments); err != nil {
			return nil, renderRefusal(err)
		}
	}
	if c.Body != nil {
		if request.Body, err = c.Body.Append([]byte{}, arguments); err != nil {
			return nil, renderRefusal(err)
		}
	}
	return request, nil
}

// renderRefusal gives a template's error its code.
func renderRefusal(err error) error {
	var e *templates.RenderError
	if !errors.As(err, &e) {
		return &Refusal{Code: Internal, Detail: "the request could not be rendered", Cause: err}
	}
	code, keyword := UnsafeValue, "unsafe"
	if e.Reason == templates.MissingArgument {
		code, keyword = MissingArgument, "required"
	}
	refusal := Refuse(code, "argument "+e.Pointer+": "+e.Detail)
	refusal.Errors = []ArgumentError{{Pointer: e.Pointer, Keyword: keyword, Detail: e.Detail}}
	return refusal
}

// carry notes what the request holds: which caches, and which of their values
// must not come back. Without values the request is only explained.
func (r *Request) carry(list []*configs.Cache, values map[configs.ID]gjson.Result) {
	r.Carried = list
	for _, cache := range list {
		isSecret := cache.Kind == configs.TokenCache || len(cache.Hosts) > 0
		if isSecret && !cache.Cleartext {
			r.Cleartext = false
		}
		if cache.Kind == configs.TokenCache && values != nil {
			r.Hide = append(r.Hide, Hidden{Value: configs.NewSecret(values[cache.ID].Str), With: cache.ID.String()})
		}
	}
}
