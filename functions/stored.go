package functions

import (
	"encoding/binary"
	"errors"
	"math"
	"time"
)

// storedFormat is the first byte of a stored answer. A store may outlive the
// process, so that another layout needs another byte.
const storedFormat = 3

var errStored = errors.New("cannot read stored answer")

// encodeAnswer writes an answer for a store: the format, for how many nanoseconds
// before the end of the entry it is stale, the status, the length of the header,
// its lines, and the body. Numbers are varints. Fields are kept byte for byte,
// because not all are UTF-8. Cookies are not among them: they are credentials.
// Values of caches were scrubbed before.
func encodeAnswer(answer *Answer, stale time.Duration) []byte {
	header := answer.appendRaw(nil)
	data := make([]byte, 0, 1+3*binary.MaxVarintLen64+len(header)+len(answer.Body))
	data = append(data, storedFormat)
	data = binary.AppendUvarint(data, uint64(max(stale, 0)))
	data = binary.AppendUvarint(data, uint64(answer.Status))
	data = binary.AppendUvarint(data, uint64(len(header)))
	return append(append(data, header...), answer.Body...)
}

func appendSized(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// decodeAnswer reads what encodeAnswer wrote. Header and body are parts of data,
// which nobody changes, and neither grows over its end.
func decodeAnswer(data []byte, answer *Answer) (stale time.Duration, err error) {
	if len(data) == 0 || data[0] != storedFormat {
		return 0, errStored
	}
	last, rest, ok := cutNumber(data[1:], math.MaxInt64)
	if !ok {
		return 0, errStored
	}
	status, rest, ok := cutNumber(rest, 999)
	if !ok {
		return 0, errStored
	}
	length, rest, ok := cutNumber(rest, uint64(len(rest)))
	if !ok || length > uint64(len(rest)) {
		return 0, errStored
	}
	*answer = Answer{Status: int(status), Header: rest[:length:length], Body: rest[length:len(rest):len(rest)]}
	return time.Duration(last), nil
}

// cutNumber takes a number that is at most limit off data.
func cutNumber(data []byte, limit uint64) (number uint64, rest []byte, ok bool) {
	n, size := binary.Uvarint(data)
	if size <= 0 || n > limit {
		return 0, nil, false
	}
	return n, data[size:], true
}
