package proxytest_test

import (
	"crypto/rand"
	"crypto/rsa"
	"maps"
	"slices"
	"testing"
	"time"
)

// newOtherKeys are keys that the services do not know.
func newOtherKeys(k serviceKeys) serviceKeys {
	var err error
	if k.rsa, err = rsa.GenerateKey(rand.Reader, 2048); err == nil {
		err = k.encode()
	}
	if err != nil {
		panic(err)
	}
	return k
}

// The examples with an exchange get a token of the service, keep it, and the API
// takes it.
func TestExchanges(t *testing.T) {
	for name, e := range exchanges(newServiceKeys(t)) {
		t.Run(name, func(t *testing.T) {
			s := e.server()
			egret := s.start(t, name, nil)
			for range 2 {
				if answer := egret.Call(s.function, s.arguments); answer.Status != 200 || answer.Get("status") != "200" {
					t.Fatalf("%s gave %d %s", s.function, answer.Status, answer.Body)
				}
			}
			refusals, sent, issued := s.drawn()
			egret.Canary.Add(append(sent, issued...)...)
			if len(refusals) > 0 || len(issued) != 1 {
				t.Errorf("the service refused %q and issued %d tokens, want one", refusals, len(issued))
			}
			for _, assertion := range sent {
				s.check(t, assertion)
			}
		})
	}
}

// A mistake in any part of an example is refused by the service, for that part:
// what TestExchanges sees accepted was looked at.
func TestBrokenExchanges(t *testing.T) {
	for name, e := range exchanges(newServiceKeys(t)) {
		for _, b := range e.breaks {
			t.Run(name+"/"+b.what, func(t *testing.T) {
				s := e.server()
				s.variables, s.files = maps.Clone(s.variables), maps.Clone(s.files)
				for key, value := range b.set {
					if _, ok := s.files[key]; ok {
						s.files[key] = value
						continue
					}
					s.variables[key] = value
				}
				egret := s.start(t, name, b.change())
				answer := egret.Call(s.function, s.arguments)
				if answer.Status != 503 || answer.Get("code") != "token_unavailable" {
					t.Errorf("%s gave %d %s, want token_unavailable", s.function, answer.Status, answer.Body)
				}
				refusals, sent, issued := s.drawn()
				egret.Canary.Add(sent...)
				if len(issued) > 0 || len(slices.Compact(refusals)) != 1 || refusals[0] != b.reason {
					t.Errorf("the service issued %d tokens and refused %q, want it to refuse %s", len(issued), refusals, b.reason)
				}
			})
		}
	}
}

// Where the service takes each assertion once, the second exchange has another
// one; an assertion that is kept and sent again is refused.
func TestOneTimeAssertions(t *testing.T) {
	for name, e := range exchanges(newServiceKeys(t)) {
		if !e.server().once {
			continue
		}
		for _, kept := range []bool{false, true} {
			s := e.server()
			s.answer = `{"access_token":"TOKEN","token_type":"Bearer","expires_in":3}`
			b := breakage{}
			if kept {
				b = breakage{old: "    sign: on_use\n"}
			}
			egret := s.start(t, name, b.change())
			var refusals, sent, issued []string
			for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline) && len(refusals) == 0 && len(issued) < 2; {
				<-time.After(20 * time.Millisecond)
				egret.Call(s.function, s.arguments)
				refusals, sent, issued = s.drawn()
			}
			egret.Canary.Add(append(sent, issued...)...)
			switch {
			case kept && !slices.Contains(refusals, "jti"):
				t.Errorf("%s: an assertion was sent again, and the service issued %d tokens and refused %q", name, len(issued), refusals)
			case !kept && (len(refusals) > 0 || len(issued) < 2):
				t.Errorf("%s: the service issued %d tokens and refused %q, want two and none", name, len(issued), refusals)
			}
		}
	}
}
