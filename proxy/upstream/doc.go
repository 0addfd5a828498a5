// Package upstream performs HTTP requests: one request, one answer, and every
// failure with the code that a caller sees. A [Transport] is what does so;
// [Stock] is the one built on fasthttp's client.
//
// A request is sent once. Whoever wants it repeated repeats it. Redirects are
// answers. What is sent and what is answered is never part of an error.
//
// Stock does not do everything yet. It drops interim answers (1xx) and
// trailers, and refuses 101. It reads no answer before the request is sent
// whole, so that an upstream that refuses a large body early, and closes, is
// upstream_protocol. Of the names of fields, fasthttp writes Content-Type,
// Content-Length, Content-Encoding, Server, Set-Cookie and Connection of an
// answer in that spelling, and gives them first. Bytes that follow an answer
// are dropped, not taken as a reason to close the connection, unless they come
// after it was put aside. Each connection costs a goroutine of fasthttp, which
// ends at most Options.IdleTimeout after the connection.
//
// The package knows nothing of caches, cache IDs or clients. It imports
// templates, functions and proxy/egress, and no other package of egret.
package upstream
