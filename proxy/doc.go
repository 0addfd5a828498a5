// Package proxy is egret with a listening socket: the data plane, on which
// agents call Functions and use egret as a forward proxy, the control plane for
// operators, and the wiring of everything else. [New] is the one way to build
// egret.
//
// What a running egret works with is one immutable runtime behind one atomic
// pointer. A new configuration builds and starts the next runtime, swaps the
// pointer and lets the old one finish what it began.
//
// No other package sees a fasthttp request context: its bytes are copied once,
// here, because they die with the handler.
package proxy
