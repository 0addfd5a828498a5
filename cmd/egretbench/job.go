package main

import "time"

// A job is what the load generator is told to do, in one line of JSON.
type job struct {
	Kind        kind
	Address     string // of the system under load
	Request     []byte // sent as it is, again and again
	Flow        bool   // what is sent is flows, and Request is part of them
	Want        want
	Connect     string // what a tunnel is opened to first; "" for none
	Roots       []byte // of the TLS that is spoken, in PEM; nil for none
	Name        string // that its certificate must be for; "" for any
	Resumed     bool   // sessions of TLS are resumed
	Connections int
	Duration    time.Duration // of a steady load without Count
	Count       int           // how many requests, connections, or idle connections
	Patience    time.Duration // for the whole job; bounds every read and write
}

// A want is what every answer must be.
type want struct {
	Length int64  // of the body, or of a flow in both directions; 0 for any
	Text   string // that the body must hold, in its first bytes
}

// A result is what the load generator saw. Its connections stay open until the
// next job, so that memory can be looked at.
type result struct {
	Requests int           // answered as wanted
	Bytes    int64         // of their bodies
	Resumed  int           // connections on which a session of TLS was
	Errors   int           // everything else
	Error    string        // the first of them
	Took     time.Duration // from the first request to the last answer
	P50, P99 time.Duration
}

// done is the word with which the sides of a conversation hand over.
type done struct{}
