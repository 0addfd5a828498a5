package proxy_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/egret-proxy/egret/functions"
	"github.com/egret-proxy/egret/proxy"
)

// TestCanaryOfExchanges drives a chain of exchanges, one of them kept warm, with an
// API and a login that give back all that they are sent: no credential that was
// got, and nothing else of those answers, is anywhere to be seen.
func TestCanaryOfExchanges(t *testing.T) {
	l := &login{}
	client := []string{"Authorization", "Bearer canary-client-b2c3d4e5f6a7b8c9"}
	config := strings.Replace(exchangeConfig, "CACHING", "caching: {warm: true}", 1) +
		"clients: [{name: agent, key: canary-client-b2c3d4e5f6a7b8c9}]\njournal: {file: journal.jsonl}\n"
	e := startServed(t, config, l.serve)
	e.Upstream.Handle("api.acme.test", echoAll)
	for round := range 2 {
		for _, how := range []string{"orders", "orders?raw", "orders?explain", "get_first", "get_access?raw", "get_access?explain", "by_caller"} {
			e.Call(how, `{}`, client...)
			e.Call(how, `{"tenant":"`+accessID+`","token":"`+accessID+`"}`, client...)
		}
		for _, id := range []string{firstID, accessID} {
			for _, url := range []string{"http://api.acme.test/", "http://login.test/first"} {
				e.Get(url, "Authorization", "Bearer "+id, "Proxy-Authorization", "Bearer canary-client-b2c3d4e5f6a7b8c9")
			}
		}
		for _, path := range []string{"/v1/functions", "/v1/functions/orders", "/v1/functions/get_access"} {
			e.Get(e.URL+path, client...)
		}
		result, err := e.Server.Call(t.Context(), functions.Call{Function: "orders"})
		e.Canary.Keep("a result", fmt.Sprintf("%+v %v", result, err))
		if round == 0 {
			l.status.Store(http.StatusBadRequest)
			// Another definition has no value yet, and gets none.
			if err := e.Reload(strings.Replace(config, "url: http://login.test/access", "url: http://login.test/access?again", 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := e.Reload(config + "nonsense: true\n"); err == nil {
		t.Error("a bad file was applied")
	}
	cfg, err := proxy.Load(e.File+"", noEnvironment)
	e.Canary.Keep("the problems", fmt.Sprintf("%+v %v", cfg, err))
	for _, thing := range []any{cfg} {
		encoded, _ := json.Marshal(thing)
		e.Canary.Keep("something printed", fmt.Sprintf("%+v %s", thing, encoded))
	}
	journal := strings.Join(e.Journal(""), "\n")
	e.Canary.Keep("the journal", journal)
	if strings.Contains(journal, "get_access\",\"source") || !strings.Contains(journal, `"access"`) && !strings.Contains(journal, accessID) {
		t.Errorf("the journal has egret's own calls, or no swap of the cache: %s", journal)
	}
	file, err := os.ReadFile(filepath.Join(filepath.Dir(e.File), "journal.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	e.Canary.Keep("the journal's file", string(file))
	if leaks := e.Canary.Leaks(); len(leaks) != 0 {
		t.Errorf("credentials leaked: %v", leaks)
	}
	received := ""
	for _, request := range e.Upstream.Requests() {
		received += request.RawHead()
	}
	for _, token := range []string{firstToken(1), accessToken(1)} {
		if !strings.Contains(received, token) {
			t.Errorf("the upstream did not receive %s: the canary has seen nothing", token)
		}
	}
}
