package main

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestCheckSeen(t *testing.T) {
	cases, err := chooseCases(benchCases(&settings{}), []string{"forward", "forward-swap", "cache-hit"})
	if err != nil {
		t.Fatal(err)
	}
	egret, floor, nginx := &system{name: egretName, forward: true}, &system{name: floorName, forward: true}, &system{name: "nginx", sets: true}
	before := seen{ownCredential: 5, cacheID: 5, liveToken: 5, staticCredential: 5}
	tests := []struct {
		what   *benchCase
		one    *system
		during credential
		want   string
	}{
		{&cases[0], egret, ownCredential, ""},
		{&cases[0], egret, liveToken, `the upstream saw 10 requests with credential "token"`},
		{&cases[0], nginx, staticCredential, ""},
		{&cases[0], nginx, ownCredential, `the upstream saw 10 requests with credential "own"`},
		{&cases[1], egret, liveToken, ""},
		{&cases[1], egret, cacheID, `the upstream saw 10 requests with credential "id"`},
		{&cases[1], egret, "", "10 answers, but the upstream saw 0 requests"},
		{&cases[1], floor, cacheID, ""},
		{&cases[2], egret, "", ""},
		{&cases[2], egret, liveToken, `the upstream saw 10 requests with credential "token"`},
		{&cases[2], floor, cacheID, ""},
	}
	for _, tt := range tests {
		after := maps.Clone(before)
		if tt.during != "" {
			after[tt.during] += 10
		}
		got := ""
		if err := (&stage{what: tt.what}).checkSeen(tt.one, before, after, 10); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%s, %s, the upstream sees %q: got %q, want %q", tt.what.name, tt.one.name, tt.during, got, tt.want)
		}
	}
}

func TestCredentialOf(t *testing.T) {
	for authorization, want := range map[string]credential{
		ownAuthorization:                 ownCredential,
		"Bearer " + tokenID:              cacheID,
		"Bearer eyJhbGciOiJIUzI1NiJ9.x.": liveToken,
		staticAuthorization:              staticCredential,
		"":                               noCredential,
		"Basic eyJ":                      noCredential,
	} {
		if got := credentialOf(authorization); got != want {
			t.Errorf("credentialOf(%q) = %q, want %q", authorization, got, want)
		}
	}
	if len(ownAuthorization) != len(idAuthorization) {
		t.Errorf("the caller's Authorization has %d bytes, that with a cache ID %d", len(ownAuthorization), len(idAuthorization))
	}
	if len(smallAnswer) != 63 {
		t.Errorf("the small answer has %d bytes, not 63", len(smallAnswer))
	}
}

func TestParseMallocs(t *testing.T) {
	const metrics = "# TYPE go_memstats_mallocs_total counter\ngo_memstats_mallocs_total 1.234567e+06\ngo_threads 7\n"
	if got, err := parseMallocs(metrics); err != nil || got != 1234567 {
		t.Errorf("got %d, %v, want 1234567", got, err)
	}
	_, err := parseMallocs("go_threads 7\n")
	if got, want := fmt.Sprint(err), "/metrics does not have go_memstats_mallocs_total"; got != want {
		t.Errorf("error %q, want %q", got, want)
	}
}

func TestVersionIn(t *testing.T) {
	for text, want := range map[string]string{
		"nginx version: nginx/1.22.1\n":                                     "x 1.22.1",
		"HAProxy version 2.6.12-1+deb12u4 2026/10/17 - https://x\nStatus\n": "x 2.6.12-1+deb12u4",
		"what?": "x",
	} {
		if got := versionIn("x", text); got != want {
			t.Errorf("versionIn(%q) = %q, want %q", text, got, want)
		}
	}
}

// A request is what its system expects, with a body of the length it names.
func TestRequest(t *testing.T) {
	cases, err := chooseCases(benchCases(&settings{}), []string{"forward", "call", "https-forward"})
	if err != nil {
		t.Fatal(err)
	}
	up := upstreamHello{Plain: "127.0.0.1:1", Named: "127.0.0.1:2", Secure: "127.0.0.1:4"}
	tests := []struct {
		what *benchCase
		one  *system
		want string // how it begins
	}{
		{&cases[0], &system{name: floorName, forward: true}, "GET http://127.0.0.1:1/v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"},
		{&cases[0], &system{name: egretName, forward: true}, "GET http://127.0.0.1:1/v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"},
		{&cases[0], &system{name: "nginx"}, "GET /v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n"},
		{&cases[1], &system{name: floorName, forward: true}, "POST http://127.0.0.1:2" + callPath + " HTTP/1.1\r\nHost: 127.0.0.1:2\r\n"},
		{&cases[1], &system{name: egretName, forward: true, address: "127.0.0.1:3"}, "POST /v1/functions/order HTTP/1.1\r\nHost: 127.0.0.1:3\r\n"},
		{&cases[2], &system{name: floorName, forward: true, plainly: true}, "GET http://127.0.0.1:2/v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:2\r\n"},
		{&cases[2], &system{name: secureFloorName, forward: true}, "GET https://127.0.0.1:4/v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:4\r\n"},
		{&cases[2], &system{name: egretName, forward: true}, "GET https://127.0.0.1:4/v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:4\r\n"},
		{&cases[2], &system{name: "nginx"}, "GET /v1/orders/A-1001 HTTP/1.1\r\nHost: 127.0.0.1:4\r\n"},
	}
	for _, tt := range tests {
		got := string(tt.what.request(tt.one, up))
		if !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s, %s: got\n%s\nwant it to begin with\n%s", tt.what.name, tt.one.name, got, tt.want)
		}
		head, body, _ := strings.Cut(got, "\r\n\r\n")
		if length := fmt.Sprintf("Content-Length: %d", len(body)); body != "" && !strings.Contains(head, length) {
			t.Errorf("%s, %s: no %s in\n%s", tt.what.name, tt.one.name, length, head)
		}
	}
}
