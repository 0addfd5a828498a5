package proxytest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A refundAPI is a shop with two orders, and a login server. It notes the refunds
// that it was asked for.
type refundAPI struct {
	mu      sync.Mutex
	logins  int
	refunds []string          // the bodies
	keys    map[string]string // idempotency keys, and the path that they were for
}

func (a *refundAPI) login(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.logins++
	if user, password, ok := r.BasicAuth(); !ok || user != "egret" || password != exampleEnvironment["ACME_SECRET"] {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"access_token":"token-of-the-shop-%d","expires_in":3600}`, a.logins)
}

func (a *refundAPI) shop(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	switch path := r.URL.Path; {
	case !strings.HasPrefix(r.Header.Get("Authorization"), "Bearer token-of-the-shop-"):
		w.WriteHeader(http.StatusUnauthorized)
	case path == "/customers/C-1/orders":
		_, _ = fmt.Fprint(w, `{"orders":[{"id":"A-1","state":"paid","email":"ann@acme.test"},{"id":"A-2","state":"refunded"}]}`)
	case a.keys[r.Header.Get("Idempotency-Key")] == "" && path == "/orders/A-1/refunds":
		// The first time is lost on the way back.
		a.keys[r.Header.Get("Idempotency-Key")] = path
		w.WriteHeader(http.StatusBadGateway)
	case path == "/orders/A-1/refunds":
		var body json.RawMessage
		_ = json.NewDecoder(r.Body).Decode(&body)
		a.refunds = append(a.refunds, string(body))
		_, _ = fmt.Fprint(w, `{"id":"R-1","state":"done","customer":{"email":"ann@acme.test"}}`)
	default:
		w.WriteHeader(http.StatusConflict)
		_, _ = fmt.Fprint(w, `{"error":"internal code 17"}`)
	}
}

func driveRefunds(t *testing.T, egret *proxytest.Egret) {
	api := &refundAPI{keys: map[string]string{}}
	egret.Upstream.Handle("login.acme.test", api.login)
	egret.Upstream.Handle("api.acme.test", api.shop)
	support := []string{"Authorization", "Bearer " + exampleEnvironment["SUPPORT_AGENT_KEY"]}
	report := []string{"Authorization", "Bearer " + exampleEnvironment["REPORT_AGENT_KEY"]}
	for _, test := range []struct {
		function, arguments string
		header              []string
		want                []string // name, value, in the answer
	}{
		{"refund_order", `{"order_id":"A-1","cents":100}`, support, []string{"code", "cache_empty"}},
		{"exchange", `{}`, support, []string{"code", "function_denied"}},
		{"list_orders", `{"customer":"C-1"}`, support, []string{"output", `[{"id":"A-1","state":"paid"},{"id":"A-2","state":"refunded"}]`}},
		{"refund_order", `{"order_id":"A-9","cents":100}`, support, []string{"code", "invalid_arguments", "errors.0.pointer", "/order_id", "errors.0.keyword", "allowed_from"}},
		{"refund_order", `{"order_id":"A-1","cents":100}`, report, []string{"code", "cache_empty"}},
		{"refund_order", `{"order_id":"A-1","cents":"100"}`, support, []string{"code", "invalid_arguments", "errors.0.keyword", "type"}},
		{"refund_order", `{"order_id":"A-1","cents":100}`, support, []string{
			"ok", "true", "output", `{"id":"R-1","state":"done"}`, "prompt", "Tell the caller the sum in euros.", "source", "upstream",
		}},
		{"refund_order", `{"order_id":"A-1","cents":100}`, support, []string{"source", "cache", "output.state", "done"}},
		{"refund_order", `{"order_id":"A-2","cents":1}`, support, []string{"ok", "false", "status", "409", "output", "This order has been refunded already."}},
	} {
		answer := egret.Call(test.function, test.arguments, test.header...)
		for i := 0; i < len(test.want); i += 2 {
			if got := answer.Get(test.want[i]); got != test.want[i+1] {
				t.Errorf("%s %s: %s is %s, want %s; the answer is %s", test.function, test.arguments, test.want[i], got, test.want[i+1], answer.Body)
			}
		}
		if strings.Contains(string(answer.Body), "token-of-the-shop") || strings.Contains(string(answer.Body), "ann@acme.test") {
			t.Errorf("%s %s: the answer has what nobody may see: %s", test.function, test.arguments, answer.Body)
		}
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	if want := `[{"cents":100,"reason":"goodwill"}]`; fmt.Sprint(api.refunds) != want || api.logins != 1 || len(api.keys) != 1 {
		t.Errorf("the shop had refunds %s, %d logins and the keys %v, want %s, one login and one key", api.refunds, api.logins, api.keys, want)
	}
}

// The Functions that the README shows are those of the example.
func TestReadmeShowsRefunds(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	example, err := os.ReadFile(filepath.Join(examples, "refunds.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "## What a Function does")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	if shown, _, found := strings.Cut(rest, "```"); !found || shown == "" || !strings.Contains(string(example), shown) {
		t.Errorf("got in the README\n%s\nwant a part of the example", shown)
	}
}
