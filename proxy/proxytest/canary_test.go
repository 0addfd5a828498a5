package proxytest_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

const (
	secret  = `se"cret/of+the=test&0123456789`
	token   = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"
	acmePEM = "-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg\n-----END PRIVATE KEY-----\n"
)

// A canary that finds nothing is worth nothing: it must find each form of a
// credential.
func TestCanaryFinds(t *testing.T) {
	tests := []struct {
		name, text string
		leaks      bool
	}{
		{"as it is", "x" + secret + "y", true},
		{"percent-encoded in a query", "?q=" + url.QueryEscape(secret), true},
		{"percent-encoded in a path", "/" + url.PathEscape(secret) + "/", true},
		{"in JSON", `{"a":"` + strings.ReplaceAll(secret, `"`, `\"`) + `"}`, true},
		{"in base64", base64.StdEncoding.EncodeToString([]byte(secret)), true},
		{"a token", "Bearer " + token, true},
		{"a signature", "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg", true},
		{"a key", acmePEM, true},
		{"a key in JSON", `{"key":"` + strings.ReplaceAll(acmePEM, "\n", `\n`) + `"}`, true},
		{"a line of a key", "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg", true},
		{"the claims of a token", "eyJzdWIiOiJhIn0", false},
		{"what every key has", "-----BEGIN PRIVATE KEY-----", false},
		{"something else", "nothing of that", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var canary proxytest.Canary
			canary.Add(secret, token, acmePEM, "")
			canary.Keep("the output", tt.text)
			leaks := canary.Leaks()
			if (len(leaks) > 0) != tt.leaks {
				t.Errorf("got leaks %v, want some: %t", leaks, tt.leaks)
			}
			for _, leak := range leaks {
				if !strings.Contains(leak, "the output") || strings.Contains(leak, secret) {
					t.Errorf("got %q, want the name of the output and nothing of it", leak)
				}
			}
		})
	}
}

// A watched test is one whose failures and cleanups are looked at.
type watchedTest struct {
	testing.TB
	errors   []string
	cleanups []func()
}

func (w *watchedTest) Helper()                           {}
func (w *watchedTest) Cleanup(f func())                  { w.cleanups = append(w.cleanups, f) }
func (w *watchedTest) Errorf(format string, args ...any) { w.errors = append(w.errors, format) }

func (w *watchedTest) end() {
	for _, v := range slices.Backward(w.cleanups) {
		v()
	}
}

// What egret gives out reaches the canary, and a leak fails the test.
func TestLeakFailsTest(t *testing.T) {
	const config = "egress: {default: allow}\nadmin: 127.0.0.1:0\n"
	tests := []struct {
		name string
		do   func(*proxytest.Egret)
	}{
		{"in a body", func(e *proxytest.Egret) { e.Get("http://body.test/") }},
		{"in a field", func(e *proxytest.Egret) { e.Get("http://field.test/") }},
		{"in a raw answer", func(e *proxytest.Egret) {
			c := e.Connect()
			c.Send("GET http://body.test/ HTTP/1.1\r\nHost: x\r\n\r\n")
			c.Answer("GET")
		}},
		{"a token that the upstream has seen", func(e *proxytest.Egret) { e.Get("http://echo.test/", "Authorization", token) }},
		{"nothing", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			watched := &watchedTest{TB: t}
			e := proxytest.Start(watched, config)
			e.Canary.Add(acmePEM)
			answer := func(host string, handle http.HandlerFunc) { e.Upstream.Handle(host, handle) }
			answer("body.test", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, acmePEM) })
			answer("field.test", func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X", strings.TrimSpace(strings.Split(acmePEM, "\n")[1]))
			})
			answer("echo.test", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Header.Get("Authorization")) })
			if tt.do != nil {
				tt.do(e)
			}
			watched.end()
			if got, want := len(watched.errors) > 0, tt.do != nil; got != want {
				t.Errorf("the test failed: %t, want %t; errors: %v", got, want, watched.errors)
			}
		})
	}
	t.Run("in the log", func(t *testing.T) {
		watched := &watchedTest{TB: t}
		e := proxytest.Start(watched, config, func(o *proxy.Options) { o.Log.Debug("made", "key", acmePEM) })
		e.Canary.Add(acmePEM)
		watched.end()
		if len(watched.errors) == 0 {
			t.Error("a leak into the log went unseen")
		}
	})
}
