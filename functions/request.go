package functions

import (
	"context"
	"errors"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A Request is what a Function sends, rendered. It holds live values: it is
// written to the upstream and nowhere else. Its memory is used again as soon as
// Send returns.
type Request struct {
	Method    string
	Scheme    string // http or https
	Host      string // canonical, without brackets
	Port      uint16
	Authority string // for the Host field
	Target    []byte // path and query
	// Header are the fields as lines, NAME: VALUE CRLF, in order: all but those
	// that belong to the connection, and none that an argument could have added.
	Header   []byte
	Body     []byte    // nil without a body
	Deadline time.Time // when Send gives up, with an error that is context.DeadlineExceeded
	// Hurried says that whoever is too late has not had the time that the Function
	// gives: the caller has less, or most of it was over before.
	Hurried   bool
	Client    string // name of the client, "" for egret itself
	Trace     *Trace // that the Sender tells how long it took, or nil
	Literal   bool   // Host is an address or localhost written in the file
	Cleartext bool   // every carried value may travel over plain http
	// Fills is the cache that keeps secrets of the answer, or nil. What it holds
	// may come again, and is no echo then. Of an answer with a credential, which
	// nobody sees, that holds for all that was got in this way.
	Fills *configs.Cache
	// Carried are the caches whose values stand in the request.
	Carried []*configs.Cache
	// Hide are the values that must not come back, beside the live values of
	// every cache that names the host.
	Hide []Hidden
	// MaxAnswer is how many bytes of the answer's body are read; a longer one
	// is upstream_too_large.
	MaxAnswer int64
	// The Function's own limits of time, 0 for those of all requests.
	ConnectTimeout   time.Duration // DNS and connecting
	FirstByteTimeout time.Duration // from the end of the request to the end of the answer's head
	// Again says why the request is sent once more, "" when it is sent first.
	Again Again
}

// Fields gives the header lines as pairs, which have memory of their own.
func (r *Request) Fields() []templates.Field { return fields(r.Header) }

// Hidden is a value that is replaced when it comes back in an answer.
type Hidden struct {
	Value configs.Secret
	With  string
}

// A Sender sends requests. Its errors are [*Refusal].
type Sender interface {
	// Send sends a request and fills answer with the whole answer, in which
	// every live value is replaced. It keeps neither of them. It ends with ctx,
	// and at the request's Deadline.
	Send(ctx context.Context, request *Request, answer *Answer) error
	// Judge says what Send would refuse, as far as that can be known without
	// dialling: of a name nothing, of an address written in the URL all. The
	// request is one to be shown.
	Judge(request *Request) error
}

// renderTarget begins the request of p with the given arguments. What was written
// is noted also when it is no whole: it is wiped out later.
func (p *prepared) renderTarget(arguments templates.Arguments) (err error) {
	f := p.function
	c := f.config
	r := &p.request
	r.Method, r.Scheme, r.Host, r.Port, r.Authority = c.Method, c.URL.Scheme(), f.host, f.port, c.URL.Authority()
	r.Literal, r.Cleartext, r.MaxAnswer = f.literal, true, f.maxAnswer
	r.ConnectTimeout, r.FirstByteTimeout = c.Limits.ConnectTimeout, c.Limits.FirstByteTimeout
	if p.target, err = c.URL.AppendTarget(p.target[:0], arguments); err != nil {
		return renderRefusal(err)
	}
	r.Target = p.target
	return nil
}

func (p *prepared) renderBody(arguments templates.Arguments) (err error) {
	template := p.function.config.Body
	if template == nil {
		return nil
	}
	if p.body == nil {
		p.body = []byte{} // A body without a byte is one, too.
	}
	if p.body, err = template.Append(p.body[:0], arguments); err != nil {
		return renderRefusal(err)
	}
	p.request.Body = p.body
	return nil
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
// must not come back. Where no value was read the request is only explained.
func (p *prepared) carry() {
	r := &p.request
	for i := range p.carried {
		c := &p.carried[i]
		r.Carried = append(r.Carried, c.cache)
		if c.cache.IsBound() && !c.cache.Cleartext {
			r.Cleartext = false
		}
		if !c.secret.IsZero() {
			r.Hide = append(r.Hide, Hidden{Value: c.secret, With: p.set.index.Text(c.cache.ID)})
		}
	}
}
