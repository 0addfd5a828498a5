package proxytest_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

func driveRequests(t *testing.T, egret *proxytest.Egret) {
	key := exampleEnvironment["BILLING_API_KEY"]
	credentials := base64.StdEncoding.EncodeToString([]byte("egret:" + key))
	egret.Canary.Add(credentials, strings.TrimRight(credentials, "="))
	egret.Upstream.Handle("archive.acme.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "sent: "+r.Header.Get("Authorization"))
	})
	answer := egret.Call("attach_receipt", `{"order_id":"A-1","picture":"iVBORw0KGgo=","tags":["a","b"],"comment":"\"late\""}`)
	if got := answer.Get("output"); answer.Status != 200 || got != "sent: Basic (configured)" {
		t.Errorf("attach_receipt gave %d %q, want the credentials hidden", answer.Status, got)
	}
	request := egret.Upstream.Last(t)
	sent := &http.Request{Header: request.Header}
	if user, password, _ := sent.BasicAuth(); user != "egret" || password != key {
		t.Errorf("the user is %q, want egret with its key", user)
	}
	parts, err := namedParts(&arrival{sent, []byte(request.Body)}, partText)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"tag=a", "tag=b", "source=egret", `about={"order": "A-1", "comment": "\"late\""}`, "receipt=\x89PNG\r\n\x1a\n"}
	if diff := cmp.Diff(want, parts); diff != "" {
		t.Errorf("the parts are (-want +got):\n%s", diff)
	}
	drivePayments(t, egret)
	egret.Call("find_articles", `{"words":["a"]}`)
	if r := egret.Upstream.Last(t); r.Method != "QUERY" || r.Body != `{"words":["a"]}` || r.Header.Get("Accept") != "application/json, */*;q=0.9" {
		t.Errorf("find_articles sent %s %s with %v", r.Method, r.Body, r.Header)
	}
}

// drivePayments pays two invoices: each payment has a key of its own.
func drivePayments(t *testing.T, egret *proxytest.Egret) {
	keys := map[string]bool{}
	for _, invoice := range []string{"1", "2"} {
		egret.Call("pay_invoice", `{"invoice":"`+invoice+`","amount":12.50}`)
		request := egret.Upstream.Last(t)
		keys[request.Header.Get("Idempotency-Key")] = true
		if want := `{"invoice":"` + invoice + `","amount":12.50}`; request.Body != want || request.Header.Get("Accept") != "application/vnd.acme+json" {
			t.Errorf("the upstream got %s with %v, want %s", request.Body, request.Header, want)
		}
	}
	if len(keys) != 2 || keys[""] {
		t.Errorf("the keys are %v, want two", keys)
	}
}
