package journal

import (
	"time"

	"github.com/egret-proxy/egret/configs"
)

// A Record is one request. Its strings are those of the configuration, or have
// memory of their own: a Record outlives the request by far.
type Record struct {
	Sequence uint64    // given by [Journal.Add]; later ones are larger, after a restart too
	Time     time.Time // when the head of the request was there
	CallID   configs.ID
	Client   string // name, or ""
	Way      string // in, such as "forward"
	Method   string
	Host     string // "" for what egret answers itself
	Target   Target
	Function string
	Source   string // of the answer of a call, or ""
	Attempts int    // how often the request of a call was sent; 0 when that is not known
	Refused  bool
	Rule     string // the line of the configuration that decided, or a word
	Code     string // of a refusal or a failure, or ""
	Status   int    // that the client got, 0 for none
	Received int64  // bytes from the client, the head included
	Sent     int64  // bytes to the client, the head included
	Took     [Phases]time.Duration

	swaps   [maxSwaps]Swap
	swapped int // how many there were
}

// The phases of a request. Together they are all of its time.
const (
	Checks  = iota // whatever needs neither the body nor a value
	Body           // reading a body that must be there before the request is sent
	Values         // having the values that the IDs stand for
	Connect        // connecting to the upstream, 0 on a connection that was kept
	Wait           // sending the request, until the head of the answer is there
	Answer         // passing the answer on
	Phases         // how many there are
)

var phaseNames = [Phases]string{"checks", "body", "values", "connect", "wait", "answer"}

// A Swap is a cache whose ID was replaced by a value.
type Swap struct {
	Cache          configs.ID
	Surface        configs.Surfaces // one
	KeyID, TokenID string           // "kid" and "jti" of the token, or ""
}

// maxSwaps is how many swaps a record has room for. Of more it has the number.
const maxSwaps = 4

// AddSwap notes a swap, once for each cache and surface.
func (r *Record) AddSwap(s Swap) {
	for i := range min(r.swapped, maxSwaps) {
		if r.swaps[i].Cache == s.Cache && r.swaps[i].Surface == s.Surface {
			return
		}
	}
	if r.swapped < maxSwaps {
		r.swaps[r.swapped] = s
	}
	r.swapped++
}

// Total is how long the request took.
func (r *Record) Total() time.Duration {
	var sum time.Duration
	for _, took := range r.Took {
		sum += took
	}
	return sum
}
