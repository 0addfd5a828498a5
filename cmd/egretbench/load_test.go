package main

import (
	"strings"
	"testing"
	"time"
)

// An answer that is not as wanted is an error, whatever the kind of load.
func TestLoad(t *testing.T) {
	load, upstream, hello, trusted := startLoadAndUpstream(t)
	address := hello.Plain
	other, err := newAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	blindly, decrypting := startFloorHere(t), startFloorHere(t, "--roots", trusted.cert, "--pair", trusted.pair)
	tests := []struct {
		name string
		job  job
		want result // without times
		err  string // how it begins
	}{
		{name: "steady", job: job{Kind: steady, Count: 10, Want: want{Length: 63}}, want: result{Requests: 10, Bytes: 630}},
		{name: "short", job: job{Kind: short, Count: 10, Want: want{Text: `"state":"shipped"`}}, want: result{Requests: 10, Bytes: 630}},
		{name: "idle", job: job{Kind: idle, Count: 10}, want: result{Requests: 10, Bytes: 630}},
		{name: "steady, another length", job: job{Kind: steady, Count: 10, Want: want{Length: 62}}, err: "3 errors, the first: the answer has 63 bytes, not 62"},
		{name: "short, another text", job: job{Kind: short, Count: 10, Want: want{Text: "lost"}}, err: `3 errors, the first: the answer lacks "lost": {"id"`},
		{name: "idle, another length", job: job{Kind: idle, Count: 10, Want: want{Length: 1}}, err: "1 errors, the first: the answer has 63 bytes, not 1"},
		{name: "flow", job: job{Kind: short, Flow: true, Address: hello.Bytes, Want: want{Length: 2_000_000}, Count: 3}, want: result{Requests: 3, Bytes: 6_000_000}},
		{name: "flow in a tunnel", job: job{Kind: steady, Flow: true, Address: blindly, Connect: hello.Bytes, Want: want{Length: 2_000_000}, Count: 5}, want: result{Requests: 5, Bytes: 10_000_000}},
		{name: "TLS", job: job{Kind: short, Address: hello.Secure, Roots: trusted.pem, Name: "127.0.0.1", Count: 10}, want: result{Requests: 10, Bytes: 630}},
		{name: "TLS resumed", job: job{Kind: short, Address: hello.Secure, Roots: trusted.pem, Resumed: true, Count: 20}, want: result{Requests: 20, Bytes: 1260}},
		{name: "TLS in a blind tunnel", job: job{Kind: steady, Address: blindly, Connect: hello.Secure, Roots: trusted.pem, Count: 10}, want: result{Requests: 10, Bytes: 630}},
		{name: "TLS in a decrypted tunnel", job: job{Kind: short, Address: decrypting, Connect: hello.Secure, Roots: trusted.pem, Count: 10, Request: requestText("", "/", hello.Secure, "", "")}, want: result{Requests: 10, Bytes: 630}},
		{name: "another authority", job: job{Kind: steady, Address: hello.Secure, Roots: other.pem, Count: 10}, err: "1 errors, the first: x509: certificate signed by unknown authority"},
		{name: "another name", job: job{Kind: steady, Address: hello.Secure, Roots: trusted.pem, Name: "127.0.0.2", Count: 10}, err: "1 errors, the first: x509: certificate is valid for 127.0.0.1, not 127.0.0.2"},
		{name: "no authority", job: job{Kind: steady, Address: hello.Secure, Roots: []byte("none"), Count: 10}, err: "1 errors, the first: the roots of a job have no certificate"},
		{name: "no tunnel", job: job{Kind: steady, Address: blindly, Connect: "127.0.0.1:1", Count: 10}, err: "1 errors, the first: the answer to CONNECT has status 502: "},
		{name: "no proxy", job: job{Kind: steady, Address: hello.Bytes, Connect: hello.Bytes}, err: "1 errors, the first: the answer to CONNECT does not end"},
		{name: "never resumed", job: job{Kind: steady, Resumed: true, Count: 10}, err: "of 10 sessions 0 were resumed"},
		{name: "no request", job: job{Kind: steady, Count: 10, Request: []byte("x\r\n\r\n")}, err: "3 errors, the first: the answer has status 400: "},
		{name: "nobody listens", job: job{Kind: steady, Count: 10, Address: "127.0.0.1:1"}, err: "1 errors, the first: dial tcp 127.0.0.1:1: "},
		{name: "no such kind", job: job{Kind: "wild"}, err: "there was no answer"},
		{name: "no patience", job: job{Kind: idle, Count: 1, Patience: 1}, err: "1 errors, the first: dial tcp "},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.job.Connections = 3
			if tt.job.Address == "" {
				tt.job.Address = address
			}
			if tt.job.Request == nil {
				tt.job.Request = requestText("", "/", address, "", "")
			}
			if tt.job.Patience == 0 {
				tt.job.Patience = time.Minute
			}
			got, err := drive(load, &tt.job, nil, nil)
			if tt.err != "" {
				if err == nil || !strings.HasPrefix(err.Error(), tt.err) {
					t.Fatalf("error %v, want one that begins with %s", err, tt.err)
				}
				return
			}
			if err != nil || got.P50 <= 0 || got.P99 < got.P50 || got.Took < got.P50 {
				t.Errorf("%+v, %v", got, err)
			}
			if tt.job.Resumed && got.Resumed < tt.job.Count/2 {
				t.Errorf("%+v", got)
			}
			got.Resumed, got.Took, got.P50, got.P99 = 0, 0, 0, 0
			if got != tt.want {
				t.Errorf("got %+v, want %+v", got, tt.want)
			}
		})
	}
	var s seen
	if err := upstream.ask(done{}, &s); err != nil || s[noCredential] < 30 {
		t.Errorf("the upstream has seen %v, %v, want 30 or more without a credential", s, err)
	}
}

// A load that is broken off ends, and so do its processes.
func TestInterrupt(t *testing.T) {
	load, upstream, hello, _ := startLoadAndUpstream(t)
	j := job{
		Kind: steady, Address: hello.Plain, Request: requestText("", "/", hello.Plain, "", ""),
		Connections: 1, Duration: time.Hour, Patience: time.Hour,
	}
	_, err := drive(load, &j, func() error { return killGroup(load.cmd.Process) }, nil)
	if err == nil {
		t.Error("a load that was killed gives no error")
	}
	for _, c := range []*child{load, upstream} {
		c.stop()
		select {
		case <-c.exited:
		default:
			t.Errorf("%s goes on", c.name)
		}
	}
}

func startLoadAndUpstream(t *testing.T) (load, upstream *child, hello upstreamHello, trusted *authority) {
	t.Helper()
	trusted, err := newAuthority(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	load, err = startChild(t.Context(), 0, "load")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(load.stop)
	upstream, err = startChild(t.Context(), 0, "upstream", "--pair", trusted.pair)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(upstream.stop)
	if err := upstream.hear(&hello); err != nil {
		t.Fatal(err)
	}
	return load, upstream, hello, trusted
}

// startFloorHere starts a floor, and gives its address.
func startFloorHere(t *testing.T, words ...string) string {
	t.Helper()
	c, err := startChild(t.Context(), 0, append([]string{floorName}, words...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	var hello floorHello
	if err := c.hear(&hello); err != nil {
		t.Fatal(err)
	}
	return hello.Address
}
