// Package journal keeps a record of each request on the data plane: who asked
// for what, by which way in, which cache IDs were swapped, which line of the
// configuration decided, how it was answered and what took how long.
//
// A [Journal] holds the last records in a ring of fixed size. Adding one copies
// it into its slot and allocates nothing. Everything else is done by who reads:
// a [Stream] sends records as server-sent events, and [Journal.Run] appends them
// to a file. A reader that is too slow misses records, and is told how many; no
// request ever waits for one.
//
// The package never sees a value, a body or a header. It knows nothing of HTTP
// messages and opens no listener. It imports configs, and no other package of
// egret.
package journal
