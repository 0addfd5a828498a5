package proxy_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
)

// An errand is a request of a storm, and what its origin does with it. Its
// number and the seed decide everything, so that client and origin agree
// without a word, and a run can be repeated.
type errand struct {
	number  int
	method  string
	upload  int  // bytes of the request's body, -1 for none
	chunked bool // the request's body has no length
	swapped bool // the request carries a cache ID
	size    int  // bytes of the answer's body
	fault   *fault
	dice    *rand.Rand // for what only one side needs to know
}

// String names the errand in a failure.
func (e errand) String() string {
	return fmt.Sprintf("request %d (%s, upload %d, chunked %t, swapped %t, answer %d, origin %s)",
		e.number, e.method, e.upload, e.chunked, e.swapped, e.size, e.fault.name)
}

// storms is what bodies are cut from.
var storms = noise(1 << 20)

// errand makes the request of this number.
func (s *storm) errand(number int) errand {
	dice := rand.New(rand.NewPCG(s.seed, uint64(number)))
	e := errand{
		number: number, dice: dice, upload: -1,
		method:  []string{"GET", "GET", "POST", "POST", "PUT", "DELETE", "HEAD"}[dice.IntN(7)],
		swapped: dice.IntN(3) == 0,
		size:    bodySize(dice),
	}
	if e.method == "POST" || e.method == "PUT" || e.method == "DELETE" && dice.IntN(2) == 0 {
		e.upload, e.chunked = bodySize(dice), dice.IntN(3) == 0
	}
	for e.fault == nil || e.fault.onlyHead && e.method != "HEAD" || e.fault.needsBody && e.method == "HEAD" {
		e.fault = pickFault(dice)
	}
	if e.fault.small {
		e.size %= 64
	}
	return e
}

// bodySize is often nothing, mostly little, and seldom more than egret or the
// kernel holds at once.
func bodySize(dice *rand.Rand) int {
	switch n := dice.IntN(100); {
	case n < 15:
		return 0
	case n < 85:
		return dice.IntN(2 << 10)
	case n < 98:
		return dice.IntN(40 << 10)
	default:
		return dice.IntN(300 << 10)
	}
}

// nonce is what only this answer has.
func (e errand) nonce() string { return fmt.Sprintf("nonce-%d", e.number) }

func (e errand) host() string {
	if e.swapped {
		return "api.acme.test"
	}
	return "other.test"
}

// uploaded is the body of the request.
func (e errand) uploaded() []byte {
	if e.upload <= 0 {
		return nil
	}
	return cutNoise(e.number*31, e.upload)
}

// body is the body of the answer. Where the request carried a credential the
// answer repeats it: the origin sends the value, the client wants the ID.
func (e errand) body(credential string) []byte {
	if e.fault.empty {
		return nil
	}
	head := e.nonce() + "\n"
	if e.swapped {
		head += credential + "\n"
	}
	return append([]byte(head), cutNoise(e.number*17, e.size)...)
}

func cutNoise(from, n int) []byte {
	from %= len(storms) - n
	return storms[from : from+n]
}

func sum(text []byte) string {
	digest := sha256.Sum256(text)
	return hex.EncodeToString(digest[:])
}
