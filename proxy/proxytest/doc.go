// Package proxytest is egret inside a test, as net/http/httptest is for
// net/http: [Start] runs a configuration on a free loopback port, with an
// [Upstream] in memory that answers for every host and records what it got.
//
//	egret := proxytest.Start(t, config)
//	answer := egret.Call("lookup_order", `{"order_id": "A-1001"}`)
//
// When the test ends, egret is stopped, and the [Canary] searches everything
// that it gave out (answers, logs, metrics) for the credentials that the
// upstream received. A leak fails the test.
package proxytest
