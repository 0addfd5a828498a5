package main

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A benchCase is one thing that is measured. What each system is asked for
// follows from it; the floor forwards what egret would send upstream.
type benchCase struct {
	name      string
	about     string
	kind      kind
	method    string // GET if empty
	path      string // at the upstream
	body      string // that the upstream gets
	length    int64  // of the upstream's answer
	named     bool   // a cache names the upstream: swapped on the way out, scrubbed on the way in
	function  string // what is called at egret; "" for forwarding
	arguments string // of the call, callArguments if empty
	cached    bool   // egret answers out of its output cache
	traffic   traffic
	peers     bool // those take part that others have written, and that can do it
	resumed   bool // sessions of TLS are resumed
	stream    bool // the one answer of a round is too big to hold
	fresh     bool // each round has new processes
	count     int  // of the requests or connections of a round; 0 for as many as fit into its time
	rounds    int  // at most so many; 0 for no bound
}

// benchCases are all cases, in the order in which they run.
func benchCases(s *settings) []benchCase {
	call := benchCase{
		kind: steady, traffic: plain, method: http.MethodPost, path: callPath, body: callBody, length: int64(len(smallAnswer)), named: true,
	}
	of := func(c benchCase, name, about, function string) benchCase {
		c.name, c.about, c.function, c.cached = name, about, function, strings.HasPrefix(name, "cache-hit")
		return c
	}
	secureCall := of(call, "call-https", "call with an upstream that speaks TLS; the floor's does not", secureFunction)
	secureCall.traffic = secure
	small := int64(len(smallAnswer))
	return []benchCase{
		{name: "forward", about: "GET of 63 bytes, forwarded without a swap", kind: steady, traffic: plain, path: "/v1/orders/A-1001", length: small, peers: true},
		{name: "forward-swap", about: "the same with one header swapped, and the answer scrubbed", kind: steady, traffic: plain, path: "/v1/orders/A-1001", length: small, named: true, peers: true},
		of(call, "call", "Function call: templated URL, header and JSON body, simple schema", callFunction),
		of(call, "call-library", "the same with a schema that needs the schema library", callLibraryFunction),
		{
			name: "call-4k", about: "Function call: ten long arguments become a JSON body of 4 KiB", kind: steady, traffic: plain, method: http.MethodPost, path: reportPath,
			body: reportBody, length: small, named: true, function: bodyFunction, arguments: reportArguments,
		},
		{
			name: "call-select", about: "Function call: an answer of 64 KiB, of which a list is selected", kind: steady, traffic: plain, path: orderListPath,
			length: int64(len(orderList)), named: true, function: selectFunction, arguments: selectArguments,
		},
		of(call, "cache-hit", "Function call answered out of the output cache, simple schema", cachedFunction),
		of(call, "cache-hit-library", "the same with a schema that needs the schema library", cachedLibraryFunction),
		{name: "64k", about: "GET of 64 KiB, forwarded without a swap", kind: steady, traffic: plain, path: bytesPath + "65536", length: 64 << 10, peers: true},
		{name: "short", about: fmt.Sprintf("%d connections with one small GET each", s.Short), kind: short, traffic: plain, path: "/v1/orders/A-1001", length: small, peers: true, count: s.Short, rounds: 3},
		{name: "stream", about: fmt.Sprintf("one GET of %d MB", s.Stream/1_000_000), kind: steady, traffic: plain, path: streamPath + strconv.Itoa(s.Stream), length: int64(s.Stream), peers: true, stream: true, count: 1, rounds: 3},
		{name: "idle", about: fmt.Sprintf("%d idle connections, after one small GET each", s.Idle), kind: idle, traffic: plain, path: "/v1/orders/A-1001", length: small, peers: true, fresh: true, count: s.Idle, rounds: 3},
		{name: "https-forward", about: "forward-swap to an upstream that speaks TLS; the floor's does not", kind: steady, traffic: secure, path: "/v1/orders/A-1001", length: small, named: true, peers: true},
		secureCall,
		{name: "intercept", about: "forward-swap by https, in a tunnel that is decrypted and kept alive", kind: steady, traffic: decrypted, path: "/v1/orders/A-1001", length: small, named: true, peers: true},
		{name: "tunnel", about: fmt.Sprintf("a blind tunnel that carries %d MB each way at once", s.Stream/2_000_000), kind: steady, traffic: blind, length: int64(s.Stream), peers: true, stream: true, count: 1, rounds: 3},
		{name: "tunnel-short", about: fmt.Sprintf("%d blind tunnels with 64 KiB each way", s.Tunnels), kind: short, traffic: blind, length: 128 << 10, peers: true, count: s.Tunnels, rounds: 3},
		{name: "handshakes", about: fmt.Sprintf("%d tunnels that are decrypted, with a handshake and one small GET each", s.Handshakes), kind: short, traffic: decrypted, path: "/v1/orders/A-1001", length: small, named: true, peers: true, count: s.Handshakes, rounds: 3},
		{name: "handshakes-resumed", about: "the same with sessions that are resumed", kind: short, traffic: decrypted, path: "/v1/orders/A-1001", length: small, named: true, peers: true, resumed: true, count: s.Handshakes, rounds: 3},
	}
}

// chooseCases gives the cases with these names; all, if there are no names.
func chooseCases(all []benchCase, names []string) ([]benchCase, error) {
	if len(names) == 0 {
		return all, nil
	}
	var chosen []benchCase
	for _, name := range names {
		at := slices.IndexFunc(all, func(c benchCase) bool { return c.name == name })
		if at < 0 {
			return nil, fmt.Errorf("there is no case %q; the cases are %s", name, strings.Join(caseNames(all), ", "))
		}
		chosen = append(chosen, all[at])
	}
	return chosen, nil
}

func caseNames(all []benchCase) []string {
	var names []string
	for _, c := range all {
		names = append(names, c.name)
	}
	return names
}

// takesPart tells whether a contender is measured in this case.
func (c *benchCase) takesPart(one *contender, s *settings) bool {
	switch one.name {
	case floorName, egretName:
		return true
	case secureFloorName:
		return c.traffic == secure
	case controlName:
		return s.Control
	case noJournalName, fileName:
		return s.Journal
	default:
		return c.peers && one.confs[c.traffic] != ""
	}
}

// job is what the load generator does with a system for one round.
func (c *benchCase) job(s *system, set *settings, up upstreamHello) job {
	j := job{
		Kind: c.kind, Address: s.address, Request: c.request(s, up), Want: want{Length: c.length},
		Connections: set.Connections, Duration: set.Duration, Count: c.count, Patience: set.Duration + patience,
	}
	if c.stream {
		j.Connections = 1
	}
	if c.traffic == blind {
		j.Flow, j.Request = true, bytes.Repeat([]byte("0123456789abcdef"), 4<<10)
	}
	if c.connects(s) {
		j.Connect = c.upstreamOf(s, up)
	}
	if c.traffic == decrypted {
		j.Roots, j.Name, j.Resumed = s.roots, upstreamName, c.resumed
		if s.nameless {
			j.Name = ""
		}
	}
	if isEgret(s.name) && c.function != "" {
		j.Want = want{Text: `"ok":true`} // the envelope tells times, whose length varies
	}
	return j
}

// warmUp is the load before the first round: the case's own for a while, or
// once, where that is a lot.
func (c *benchCase) warmUp(s *system, set *settings, up upstreamHello) job {
	j := c.job(s, set, up)
	if c.kind != steady {
		j.Kind, j.Count, j.Resumed = steady, 0, false
	}
	j.Duration /= 2
	return j
}

// credential is what the upstream must see from a system, and nothing else.
// Where it must not be asked at all, there is none.
func (c *benchCase) credential(s *system) (kind credential, asked bool) {
	switch {
	case c.traffic == blind:
		return noCredential, true
	case s.sets:
		return staticCredential, true
	case !isEgret(s.name) && c.named:
		return cacheID, true
	case !c.named:
		return ownCredential, true
	default:
		return liveToken, !c.cached
	}
}
