package proxy_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

const manyClients = 200

// crowd is a configuration with many clients, a Function whose answer is each
// client's own, one whose answer is shared, and one that sends what the ID of the
// first one's cache stands for.
func crowd() string {
	var b strings.Builder
	b.WriteString("clients:\n")
	for i := range manyClients {
		fmt.Fprintf(&b, "  - {name: client-%d, key: %s}\n", i, keyOf(i))
	}
	b.WriteString(`
caches:
  - {name: own, id: 11111111-2222-3333-4444-555555555555, ttl: 10m}
  - {name: shared, id: 22222222-2222-3333-4444-555555555555, ttl: 10m}
functions:
  - {name: own, url: https://nonce.test/, cache: own, caching: {per_client: true}}
  - {name: shared, url: https://nonce.test/, cache: shared}
  - {name: use, fixed: {it: 11111111-2222-3333-4444-555555555555}, url: https://echo.test/, headers: {X-Nonce: </it/nonce>}}
`)
	return b.String()
}

func keyOf(client int) string { return fmt.Sprintf("0123456789abcdef0123456789-%03d", client) }

// startCrowd runs egret with an upstream that answers each request with another
// number.
func startCrowd(t *testing.T) *proxytest.Egret {
	egret := proxytest.Start(t, crowd())
	var nonces atomic.Int64
	egret.Upstream.Handle("nonce.test", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"nonce":"n-%d"}`, nonces.Add(1))
	})
	egret.Upstream.Handle("echo.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"nonce":%q}`, r.Header.Get("X-Nonce"))
	})
	return egret
}

// everyone makes one call of each client at the same time, and gives their nonces
// and where those came from.
func everyone(t *testing.T, egret *proxytest.Egret, function string) (nonces, sources [manyClients]string) {
	t.Helper()
	client := egret.Client()
	defer client.CloseIdleConnections()
	var all sync.WaitGroup
	for i := range manyClients {
		all.Go(func() {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, egret.URL+"/v1/functions/"+function, http.NoBody)
			if err != nil {
				t.Error(err)
				return
			}
			request.Header.Set("Authorization", "Bearer "+keyOf(i))
			response, err := client.Do(request)
			if err != nil {
				t.Error(err)
				return
			}
			defer func() { _ = response.Body.Close() }()
			body, err := io.ReadAll(response.Body)
			if err != nil || response.StatusCode != http.StatusOK {
				t.Errorf("%s: got %d %s, %v", function, response.StatusCode, body, err)
			}
			nonces[i], sources[i] = gjson.GetBytes(body, "output.nonce").String(), gjson.GetBytes(body, "source").String()
		})
	}
	all.Wait()
	return nonces, sources
}

// No client ever gets the answer of another, neither from the upstream nor out of
// the cache, nor as what the cache's ID stands for.
func TestPerClient(t *testing.T) {
	egret := startCrowd(t)
	first, _ := everyone(t, egret, "own")
	seen := map[string]bool{}
	for i, nonce := range first {
		if nonce == "" || seen[nonce] {
			t.Errorf("client %d got %q, which is not its own", i, nonce)
		}
		seen[nonce] = true
	}
	again, sources := everyone(t, egret, "own")
	if again != first {
		t.Errorf("the clients got other answers than before")
	}
	for i, source := range sources {
		if source != "cache" {
			t.Errorf("client %d got its answer from %q the second time, want the cache", i, source)
		}
	}
	if used, _ := everyone(t, egret, "use"); used != first {
		t.Errorf("the ID stands for other answers than those of each client")
	}
	if n := len(egret.Upstream.Requests()); n != 2*manyClients {
		t.Errorf("the upstream got %d requests, want %d", n, 2*manyClients)
	}
}

// What the ID stands for is fetched for each client by itself.
func TestPerClientOnDemand(t *testing.T) {
	egret := startCrowd(t)
	used, _ := everyone(t, egret, "use")
	seen := map[string]bool{}
	for i, nonce := range used {
		if nonce == "" || seen[nonce] {
			t.Errorf("client %d sent %q, which is not its own", i, nonce)
		}
		seen[nonce] = true
	}
	if own, _ := everyone(t, egret, "own"); own != used {
		t.Errorf("the clients get other answers than those that were fetched for them")
	}
}

func TestCoalescing(t *testing.T) {
	egret := startCrowd(t)
	nonces, _ := everyone(t, egret, "shared")
	for i, nonce := range nonces {
		if nonce != "n-1" {
			t.Errorf("client %d got %q, want n-1", i, nonce)
		}
	}
	if n := len(egret.Upstream.Requests()); n != 1 {
		t.Errorf("the upstream got %d requests, want 1", n)
	}
}

// A reload keeps the answers of the Functions that have not changed.
func TestReloadKeepsAnswers(t *testing.T) {
	egret := startCrowd(t)
	first, _ := everyone(t, egret, "own")
	egret.WriteConfig(strings.Replace(crowd(), "{name: shared, url: https://nonce.test/,", "{name: shared, url: https://nonce.test/changed,", 1) +
		"  - {name: more, url: https://nonce.test/}\n")
	if err := egret.Server.Reload(); err != nil {
		t.Fatal(err)
	}
	again, sources := everyone(t, egret, "own")
	if again != first || sources[0] != "cache" {
		t.Errorf("the answers changed with the reload; that of the first client is from %q", sources[0])
	}
}
