package upstream

import (
	"io"

	"github.com/egret-proxy/egret/templates"
)

// An Answer is what an upstream answered. It owns its bytes.
type Answer struct {
	Status int // 200 to 599, or more: never 1xx
	// Header has the fields as they came, Content-Length and the hop-by-hop
	// ones too; fields of one name are in the order of the wire.
	Header []templates.Field
	// Body is the body of a streamed answer. The caller must close it. Read
	// gives a [*functions.Refusal] when the upstream ends before the body
	// does. It is nil when the answer was read whole.
	Body io.ReadCloser
	// Bytes is the body of an answer that was read whole.
	Bytes []byte
	// ContentLength is the length of the body in bytes, or -1 when it is not
	// known yet. Without a body (HEAD, 204, 304) it is 0, whatever the field
	// says.
	ContentLength int64
}
