package proxy_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// An upstream knows the credentials of every attempt. What it says of an earlier one
// is replaced too, also in the form that only egret made: base64.
func TestEchoOfEarlierAttempts(t *testing.T) {
	for name, sign := range map[string]string{"on use": ", sign: on_use", "ahead": ""} {
		t.Run(name, func(t *testing.T) {
			e := proxytest.Start(t, `
admin: 127.0.0.1:0
caches: [{name: token, id: `+tokenID+`, ttl: 15m, hosts: [api.acme.test], cleartext: true}]
tokens:
  - {name: token, cache: token, jti: true, algorithm: HS256, key_type: Secret, key: 0123456789abcdef0123456789abcdef-hmac`+sign+`}
functions:
  - name: get
    url: http://api.acme.test/
    retry: {attempts: 3, wait: 1ms}
    fixed: {password: `+tokenID+`}
    basic: {user: egret, password: "</password>"}
`)
			var seen []string
			e.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
				_, password, _ := r.BasicAuth()
				_, encoded, _ := strings.Cut(r.Header.Get("Authorization"), " ")
				e.Canary.Add(password, encoded)
				seen = append(seen, password, encoded)
				statuses := map[int]int{1: 503, 2: 503, 3: 200}
				if sign == "" {
					statuses = map[int]int{1: 401, 2: 503, 3: 503, 4: 200}
				}
				w.Header().Set("X-Seen", strings.Join(seen, " "))
				w.WriteHeader(statuses[len(seen)/2])
				_ = json.NewEncoder(w).Encode(seen)
			})
			got := e.Call("get?raw", "{}")
			if want := len(seen); got.Status != 200 || strings.Count(got.Body, tokenID) != want || want < 6 {
				t.Errorf("got %d %s, want 200 and %d times the ID of the cache", got.Status, got.Body, want)
			}
			for _, one := range seen {
				if strings.Contains(got.Body+got.Header.Get("X-Seen"), one) {
					t.Errorf("the answer has %.20s… of an attempt", one)
				}
			}
		})
	}
}
