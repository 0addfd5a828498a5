package functions

import (
	"strconv"
	"time"

	"github.com/egret-proxy/egret/caches"
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
	Body   []byte // as the upstream sent it, scrubbed
	output []byte // as JSON, nil when there is none to show
}

// result makes the Result of an answer.
func (p *prepared) result(entry caches.Entry, source Source) (*Result, error) {
	answer, err := decodeAnswer(entry.Data)
	if err != nil {
		return nil, &Refusal{Code: Internal, Detail: "the stored answer could not be read", Cause: err}
	}
	result := &Result{
		Function: p.function.Name(), Status: answer.Status, OK: isOK(answer.Status), Source: source,
		Header: answer.RawHeader(), Body: answer.Body, output: answer.output(p.function.config.Method),
	}
	if !entry.Expires.IsZero() {
		result.OutputCache, result.Expires = p.function.output.ID, entry.Expires
	}
	return result, nil
}

// Output is the answer's body as JSON, nil when there is none to show.
func (r *Result) Output() []byte { return r.output }

// AppendJSON appends the envelope that callers get.
func (r *Result) AppendJSON(dst []byte) []byte {
	dst = append(dst, `{"call_id":`...)
	dst = append(dst, quote(r.CallID)...)
	dst = append(dst, `,"function":`...)
	dst = append(dst, quote(r.Function)...)
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
