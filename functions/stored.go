package functions

import (
	"encoding/binary"
	"errors"

	"github.com/egret-proxy/egret/templates"
)

// storedFormat is the first byte of a stored answer. A store may outlive the
// process, so that another layout needs another byte.
const storedFormat = 1

var errStored = errors.New("cannot read stored answer")

// encodeAnswer writes an answer for a store: the format, the status, the number
// of fields, name and value of each after its length, and the body. Numbers are
// varints. Fields are kept byte for byte, because not all are UTF-8. Cookies are
// not among them: they are credentials. Values of caches were scrubbed before.
func encodeAnswer(answer *Answer) []byte {
	header := answer.RawHeader()
	size := 2*binary.MaxVarintLen64 + 1 + len(answer.Body)
	for _, f := range header {
		size += 2*binary.MaxVarintLen32 + len(f.Name) + len(f.Value)
	}
	data := append(make([]byte, 0, size), storedFormat)
	data = binary.AppendUvarint(data, uint64(answer.Status))
	data = binary.AppendUvarint(data, uint64(len(header)))
	for _, f := range header {
		data = appendSized(data, f.Name)
		data = appendSized(data, f.Value)
	}
	return append(data, answer.Body...)
}

func appendSized(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// decodeAnswer reads what encodeAnswer wrote. The body is a part of data.
func decodeAnswer(data []byte) (*Answer, error) {
	if len(data) == 0 || data[0] != storedFormat {
		return nil, errStored
	}
	r := storedReader{rest: data[1:]}
	answer := &Answer{Status: int(r.number(999))}
	count := r.number(uint64(len(r.rest)))
	for ; count > 0 && !r.broken; count-- {
		answer.Header = append(answer.Header, templates.Field{Name: r.text(), Value: r.text()})
	}
	if r.broken {
		return nil, errStored
	}
	answer.Body = r.rest
	return answer, nil
}

// A storedReader reads the parts of a stored answer one after the other.
type storedReader struct {
	rest   []byte
	broken bool
}

// number reads one that is at most limit.
func (r *storedReader) number(limit uint64) uint64 {
	n, size := binary.Uvarint(r.rest)
	if size <= 0 || n > limit {
		r.broken = true
		return 0
	}
	r.rest = r.rest[size:]
	return n
}

func (r *storedReader) text() string {
	n := r.number(uint64(len(r.rest)))
	if n > uint64(len(r.rest)) {
		r.broken = true
		return ""
	}
	s := string(r.rest[:n])
	r.rest = r.rest[n:]
	return s
}
