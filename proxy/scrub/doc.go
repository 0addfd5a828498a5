// Package scrub replaces live values that come back in an answer by the cache
// IDs that stand for them. A whole value becomes its ID, and so does the
// signature part of a JWT alone, without which the rest is of no use.
//
// A scrub is a belt against upstreams that echo what they were sent. It is no
// wall against one that colludes: a value that is encoded, escaped or cut up
// passes. The package searches plain text; it knows nothing of HTTP messages,
// content codings or caches, and imports no other package of egret.
package scrub
