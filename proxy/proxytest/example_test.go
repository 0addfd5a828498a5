package proxytest_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// What an agent's test looks like. In a real one t is the test's own.
func ExampleStart() {
	inTest(func(t testing.TB) {
		egret := proxytest.Start(t, `
caches:
  - {name: acme_token, id: 11111111-2222-4333-8444-555555555555, ttl: 15m, hosts: [api.acme.test]}
tokens:
  - {name: acme_jwt, cache: acme_token, algorithm: HS256, key_type: Secret, key: 0123456789abcdef0123456789abcdef}
functions:
  - name: lookup_order
    parameters: {type: object, properties: {id: {type: string}, token: {type: string}}}
    url: https://api.acme.test/orders/{/id}
    headers: {Authorization: Bearer </token>}
`)
		egret.Upstream.Handle("api.acme.test", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = fmt.Fprintf(w, `{"path":%q,"credential":%q}`, r.URL.Path, r.Header.Get("Authorization"))
		})
		answer := egret.Call("lookup_order", `{"id":"A-1001","token":"11111111-2222-4333-8444-555555555555"}`)
		fmt.Println(answer.Status, answer.Get("output.path"))
		fmt.Println("the agent sees: ", answer.Get("output.credential"))
		fmt.Println("the API received a JWT:", strings.HasPrefix(egret.Upstream.Last(t).Header.Get("Authorization"), "Bearer eyJ"))
	})
	// Output:
	// 200 /orders/A-1001
	// the agent sees:  Bearer 11111111-2222-4333-8444-555555555555
	// the API received a JWT: true
}

// inTest stands in for a test, which an example cannot have.
func inTest(check func(testing.TB)) {
	t := &exampleTest{}
	check(t)
	for _, cleanup := range slices.Backward(t.cleanups) {
		cleanup()
	}
}

type exampleTest struct {
	testing.TB
	cleanups []func()
}

func (t *exampleTest) Helper()                           {}
func (t *exampleTest) Context() context.Context          { return context.Background() }
func (t *exampleTest) Cleanup(f func())                  { t.cleanups = append(t.cleanups, f) }
func (t *exampleTest) Errorf(format string, args ...any) { fmt.Printf(format+"\n", args...) }
func (t *exampleTest) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }
func (t *exampleTest) Fatal(args ...any)                 { panic(fmt.Sprint(args...)) }

func (t *exampleTest) TempDir() string {
	dir, err := os.MkdirTemp("", "proxytest")
	if err != nil {
		panic(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
