package functions

import (
	"strconv"
	"time"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

// A Source says where an answer came from.
type Source string

// The sources.
const (
	FromUpstream Source = "upstream"
	FromCache    Source = "cache"
)

// A Result is the answer of a call.
type Result struct {
	CallID      string // a UUID
	Function    string
	Status      int  // of the upstream
	OK          bool // Status is in 2xx
	Source      Source
	OutputCache configs.ID // zero unless the answer is stored
	Expires     time.Time  // of the stored answer
	Duration    time.Duration
	// Header are the upstream's end-to-end fields without cookies.
	Header []templates.Field
	Body   []byte // as the upstream sent it, scrubbed; shared, so nobody changes it
	output []byte // as JSON, nil when there is none to show
}

// result makes the Result of an answer, which is stored until expires unless
// that is zero.
func (p *prepared) result(answer *Answer, expires time.Time, source Source) *Result {
	result := &Result{
		Function: p.function.Name(), Status: answer.Status, OK: isOK(answer.Status), Source: source,
		Header: answer.RawHeader(), Body: answer.Body, output: answer.output(p.function.config.Method),
	}
	if !expires.IsZero() {
		result.OutputCache, result.Expires = p.function.output.ID, expires
	}
	return result
}

// Output is the answer's body as JSON, nil when there is none to show.
func (r *Result) Output() []byte { return r.output }

// AppendJSON appends the envelope that callers get.
func (r *Result) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"call_id":`...)
	dst = appendQuoted(dst, r.CallID)
	dst = append(dst, `,"function":`...)
	dst = appendQuoted(dst, r.Function)
	dst = append(dst, `,"ok":`...)
	dst = strconv.AppendBool(dst, r.OK)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(r.Status), 10)
	dst = append(dst, `,"source":"`...)
	dst = append(dst, r.Source...)
	dst = append(dst, '"')
	if r.output != nil {
		dst = append(dst, `,"output":`...)
		dst = append(dst, r.output...)
	}
	if !r.Expires.IsZero() {
		dst = append(dst, `,"output_cache":{"id":"`...)
		dst = append(dst, r.OutputCache.String()...)
		dst = append(dst, `","expires_at":"`...)
		dst = r.Expires.UTC().AppendFormat(dst, time.RFC3339)
		dst = append(dst, `"}`...)
	}
	dst = append(dst, `,"duration_ms":`...)
	dst = strconv.AppendFloat(dst, float64(r.Duration.Microseconds())/1000, 'f', 1, 64)
	return append(dst, '}')
}
