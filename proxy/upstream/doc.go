// Package upstream performs HTTP requests: one request, one answer, and every
// failure with the code that a caller sees. [Transport] is what does so, on
// connections of its own, because a client for programs does too much for a
// proxy: it sends again, it takes late bytes for the next answer, and it passes
// on as whole what was cut off.
//
// A request is sent once. The exception is the race that HTTP has built in: a
// kept connection that the upstream closes in the moment in which it is used.
// Where no byte was written, another connection is taken; where some were, and
// nothing came back, only GET, HEAD and OPTIONS without a body go out again,
// once, on a new connection. Redirects are answers. What is sent and what is
// answered is never part of an error.
//
// A connection that was kept is looked at before it is used: one that has ended,
// or said something unasked, is closed. For a request that is written all at
// once, the look, the write and the wait for the answer are one visit to the
// socket; where there is none to look into, a goroutine watches the connection
// while it is idle.
//
// The package knows nothing of caches, cache IDs or clients. It imports
// functions for the codes, proxy/egress and proxy/wire, and no other package of
// egret.
package upstream
