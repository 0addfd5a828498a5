package functions

import (
	"crypto/rand"
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
	FromStale    Source = "stale" // the output cache, past the end of the answer
)

// An Outcome is what there is to say of a call beside the answer.
type Outcome struct {
	CallID      configs.ID // a random UUID
	Function    string
	Status      int  // of the upstream
	OK          bool // Status is in 2xx, or in the Function's ok_statuses
	Source      Source
	OutputCache configs.ID // zero unless the answer is stored
	Expires     time.Time  // of the stored answer; past when it is stale
	Duration    time.Duration
	Truncated   bool   // the output is cut
	Prompt      string // the Function's, for who reads the answer
}

// A Result is the answer of a call.
type Result struct {
	Outcome
	// Header are the upstream's end-to-end fields without cookies, and Body is as
	// the upstream sent it, scrubbed. A Function with rules for its output, or
	// sentences for its errors, gives neither.
	Header []templates.Field
	Body   []byte
	output []byte // as JSON, nil when there is none to show
}

// conclude notes the outcome of a call, whose answer is stored until expires
// unless that is zero.
func (p *prepared) conclude(expires time.Time, source Source) {
	o := &p.outcome
	o.CallID = randomID()
	o.Function, o.Source, o.Prompt = p.function.Name(), source, p.function.config.Prompt
	o.Status, o.OK = p.current.Status, p.function.config.IsOK(p.current.Status)
	if !expires.IsZero() {
		o.OutputCache, o.Expires = p.function.output.ID, expires
	}
}

// Output is the answer's body as JSON, nil when there is none to show.
func (r *Result) Output() []byte { return r.output }

// AppendJSON appends the envelope that callers get.
func (r *Result) AppendJSON(dst []byte) []byte {
	dst = r.appendHead(dst)
	if r.output != nil {
		dst = append(append(dst, outputMember...), r.output...)
	}
	return r.appendTail(dst)
}

// outputMember stands between the head of an envelope and the output.
const outputMember = `,"output":`

// appendHead appends the envelope up to the output.
func (o *Outcome) appendHead(dst []byte) []byte {
	dst = append(dst, `{"call_id":"`...)
	dst = appendID(dst, o.CallID)
	dst = append(dst, `","function":`...)
	dst = appendQuoted(dst, o.Function)
	dst = append(dst, `,"ok":`...)
	dst = strconv.AppendBool(dst, o.OK)
	dst = append(dst, `,"status":`...)
	dst = strconv.AppendInt(dst, int64(o.Status), 10)
	dst = append(dst, `,"source":"`...)
	dst = append(dst, o.Source...)
	return append(dst, '"')
}

// appendTail appends the envelope from behind the output.
func (o *Outcome) appendTail(dst []byte) []byte {
	if o.Truncated {
		dst = append(dst, `,"truncated":true`...)
	}
	if o.Prompt != "" {
		dst = append(dst, `,"prompt":`...)
		dst = appendQuoted(dst, o.Prompt)
	}
	if !o.Expires.IsZero() {
		dst = append(dst, `,"output_cache":{"id":"`...)
		dst = appendID(dst, o.OutputCache)
		dst = append(dst, `","expires_at":"`...)
		dst = o.Expires.UTC().AppendFormat(dst, time.RFC3339)
		dst = append(dst, `"}`...)
	}
	dst = append(dst, `,"duration_ms":`...)
	dst = strconv.AppendFloat(dst, float64(o.Duration.Microseconds())/1000, 'f', 1, 64)
	return append(dst, '}')
}

// randomID makes a UUID of version 4, RFC 9562 section 5.4.
func randomID() (id configs.ID) {
	_, _ = rand.Read(id[:]) // It never fails: Go ends the process instead.
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// appendID appends a UUID as text.
func appendID(dst []byte, id configs.ID) []byte {
	const digits = "0123456789abcdef"
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = append(dst, digits[b>>4], digits[b&0xf])
	}
	return dst
}
