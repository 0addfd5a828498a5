// Package proxy is egret with a listening socket: the data plane, on which
// agents call Functions and use egret as a forward proxy, the control plane for
// operators, and the wiring of everything else. [New] is the one way to build
// egret.
//
// What a running egret works with is one immutable runtime behind one atomic
// pointer. A new configuration builds and starts the next runtime, swaps the
// pointer and lets the old one finish what it began.
//
// On the data plane fasthttp runs the connections and parses requests. It is
// handed one request at a time, whose head was read strictly before, and what
// it writes is dropped: answers are written here, because it knows no interim
// answers and no trailers, and would change the order of fields. No other
// package sees its request context, whose bytes die with the handler. Requests
// to upstreams are those of proxy/upstream.
//
// It may import every package of egret but proxy/proxytest and the commands.
package proxy
