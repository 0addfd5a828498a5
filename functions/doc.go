// Package functions is what may be called: the configured Functions, the
// arguments they take, how a call is performed, and what is shown of it.
//
// A [Set] performs calls in one order, which no option changes: is the Function
// allowed, are the arguments valid, may each cache ID stand where it would be
// put, are the arguments among the values that a cache allows, is there a stored
// answer, and only then are values read and the request rendered and sent. All of
// it has one deadline, and so have the attempts of a request that is sent again.
//
// Arguments are checked by a checker of our own where the schema is simple. The
// schema library has the words for what is wrong with them, and checks the rest.
//
// An answer is stored whole; what callers see of it is a view. Functions whose
// answers keep a cache filled, with a credential or without, are called by egret
// itself: [Set.Kept] lists them, and [Set.Make] calls one.
//
// A call works in memory that the next one uses again, wiped in between. What a
// [Sender] is given is valid until it returns; what [Set.Call] gives is the
// caller's own.
//
// The package meets a token only as the value of a cache: it does not import
// the package that makes them. It has no server and dials nothing; a [Sender]
// does that. It may import templates, configs and caches.
package functions
