// Package scrub replaces live values that come back in an answer by the cache
// IDs that stand for them. A whole value becomes its ID, and so does the
// signature part of a JWT alone, without which the rest is of no use.
//
// The live values of all caches stand in one [Index], which is changed value by
// value; whose they are decides which of them an answer is searched for. A text
// is searched by a filter that passes by nearly all of its places ([filter]), and
// where that says nothing, by a tree of the values ([node]).
//
// A scrub is a belt against upstreams that echo what they were sent. It is no
// wall against one that colludes: a value that is encoded, escaped or cut up
// passes. The package searches plain text; it knows nothing of HTTP messages,
// content codings or caches, and imports no other package of egret.
package scrub
