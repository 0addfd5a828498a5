package proxytest_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
	"github.com/egret-proxy/egret/tokens"
)

const examples = "../../configs/examples"

// drivers has a driver for each example: it does what the example is for.
var drivers = map[string]func(*testing.T, *proxytest.Egret){
	"quickstart.yaml":    driveQuickstart,
	"forward-proxy.yaml": driveForwardProxy,
	"gateway.yaml":       driveGateway,
	"bodies.yaml":        driveBodies,
	"caching.yaml":       driveCaching,
	"chain.yaml":         driveChain,
	"answers.yaml":       driveAnswers,
	"influxdb.yaml":      driveInfluxDBExample,
	"listeners.yaml":     driveListeners,
	"refunds.yaml":       driveRefunds,
	"requests.yaml":      driveRequests,
	"several-files.yaml": driveSeveralFiles,
	"websocket.yaml":     driveWebSocket,
}

// Every example must load and do what its comments say: people copy them.
func TestExamples(t *testing.T) {
	files, err := filepath.Glob(examples + "/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found (error: %v)", err)
	}
	for _, file := range files {
		name := filepath.Base(file)
		t.Run(name, func(t *testing.T) {
			drive, ok := drivers[name]
			if !ok {
				t.Fatalf("%s has no driver", name)
			}
			drive(t, startExample(t, name))
		})
	}
}

// exampleEnvironment is what the examples read.
var exampleEnvironment = map[string]string{
	"SUPPORT_AGENT_KEY": "support-agent-key-0123456789",
	"REPORT_AGENT_KEY":  "report-agent-key-0123456789",
	"ACME_SECRET":       "acme-secret-0123456789",
	"BILLING_API_KEY":   "billing-api-key-0123456789",
	"OPENAI_API_KEY":    "openai-api-key-0123456789",
	"ANTHROPIC_API_KEY": "anthropic-api-key-0123456789",
	"INFLUXDB_SECRET":   "influxdb-secret-0123456789-0123456789",
	"STREAM_API_KEY":    "stream-api-key-0123456789",
}

// startExample runs an example on free ports, with a key file beside it.
func startExample(t *testing.T, name string) *proxytest.Egret {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, name))
	if err != nil {
		t.Fatal(err)
	}
	yaml := strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:0", "127.0.0.1:8081", "127.0.0.1:0").Replace(string(text))
	key, err := tokens.NewKey("ES256")
	if err != nil {
		t.Fatal(err)
	}
	keyFile := filepath.Join(t.TempDir(), "acme.pem")
	if err := os.WriteFile(keyFile, []byte(key.Private.Reveal()), 0o600); err != nil {
		t.Fatal(err)
	}
	yaml = strings.ReplaceAll(yaml, "${file:acme.pem}", "${file:"+keyFile+"}")
	pair := proxytest.NewPair(t, time.Now().Add(time.Hour), "127.0.0.1")
	yaml = strings.NewReplacer("${file:server.pem}", "${file:"+pair.Cert+"}", "${file:server.key}", "${file:"+pair.Key+"}").Replace(yaml)
	included, err := filepath.Abs(examples)
	if err != nil {
		t.Fatal(err)
	}
	yaml = strings.ReplaceAll(yaml, "include: [", "include: ["+filepath.ToSlash(included)+"/")
	egret := proxytest.Start(t, yaml, proxytest.Environment(exampleEnvironment))
	for _, value := range exampleEnvironment {
		egret.Canary.Add(value)
	}
	return egret
}

func driveQuickstart(t *testing.T, egret *proxytest.Egret) {
	egret.Upstream.Handle("api.acme.test", jsonAnswer(`{"order":{"id":"A-1001"}}`))
	arguments := `{"order_id":"A-1001","auth_token":"11111111-2222-3333-4444-555555555555"}`
	for _, source := range []string{"upstream", "cache"} {
		answer := egret.Call("lookup_order", arguments)
		if answer.Status != 200 || answer.Get("source") != source || answer.Get("output.order.id") != "A-1001" {
			t.Fatalf("lookup_order gave %d %s, want the order from %s", answer.Status, answer.Body, source)
		}
	}
	request := egret.Upstream.Last(t)
	if request.Scheme != "https" || request.Target != "/orders/A-1001?limit=10" {
		t.Errorf("the upstream got %s %s, want https /orders/A-1001?limit=10", request.Scheme, request.Target)
	}
	if got := request.Header.Get("Authorization"); !strings.HasPrefix(got, "Bearer eyJ") {
		t.Errorf("Authorization does not begin with a JWT")
	}
	if list := egret.Get(egret.URL + "/v1/functions"); strings.Contains(list.Body, "limit") {
		t.Errorf("the list shows the fixed argument: %s", list.Body)
	}
}

func driveGateway(t *testing.T, egret *proxytest.Egret) {
	const openai, anthropic = "66666666-6666-4666-8666-666666666666", "77777777-7777-4777-8777-777777777777"
	support := []string{"Egret-Key", exampleEnvironment["SUPPORT_AGENT_KEY"]}
	report := []string{"Egret-Key", exampleEnvironment["REPORT_AGENT_KEY"]}
	for _, test := range []struct {
		name, target string
		header       []string
		code         string
		sent         string // the credential that goes out
	}{
		{"OpenAI", "https/api.openai.com/v1/chat/completions", append(support, "Authorization", "Bearer "+openai), "", "Bearer " + exampleEnvironment["OPENAI_API_KEY"]},
		{"Anthropic", "https/api.anthropic.com/v1/messages", append(support, "X-Api-Key", anthropic), "", exampleEnvironment["ANTHROPIC_API_KEY"]},
		{"the key of one API to the other", "https/api.anthropic.com/v1/messages", append(support, "X-Api-Key", openai), "cache_host_denied", ""},
		{"the other client", "https/api.openai.com/v1/models", append(report, "Authorization", "Bearer "+openai), "cache_denied", ""},
		{"nobody", "https/api.openai.com/v1/models", []string{"Authorization", "Bearer " + openai}, "unauthenticated", ""},
		{"a rule for one client", "https/status.acme.test/", report, "", ""},
		{"and not for the other", "https/status.acme.test/", support, "egress_denied", ""},
		{"nor by http", "http/status.acme.test/", report, "egress_denied", ""},
	} {
		got := egret.Do("POST", egret.URL+"/to/"+test.target, `{"model":"m"}`, test.header...)
		if test.sent == "" && test.code == "" {
			got = egret.Get(egret.URL+"/to/"+test.target, test.header...)
		}
		if got.Code() != test.code {
			t.Errorf("%s: got %d %s, want code %q", test.name, got.Status, got.Body, test.code)
			continue
		}
		if test.sent == "" {
			continue
		}
		last := egret.Upstream.Last(t)
		if last.Header.Get("Authorization")+last.Header.Get("X-Api-Key") != test.sent || last.Scheme != "https" || last.Body != `{"model":"m"}` {
			t.Errorf("%s: the upstream did not get the credential, with the body, by https", test.name)
		}
	}
}

func driveForwardProxy(t *testing.T, egret *proxytest.Egret) {
	support := []string{"Proxy-Authorization", "Bearer " + exampleEnvironment["SUPPORT_AGENT_KEY"]}
	report := []string{"Proxy-Authorization", "Bearer " + exampleEnvironment["REPORT_AGENT_KEY"]}
	key := []string{"X-Api-Key", "55555555-5555-4555-8555-555555555555"}
	for _, test := range []struct {
		name, url string
		header    []string
		status    int
		code      string
	}{
		{"the key is swapped", "http://billing.acme.test/v1/invoices", append(support, key...), 200, ""},
		{"the other client may not name it", "http://billing.acme.test/v1/invoices", append(report, key...), 403, "cache_denied"},
		{"nor reach its host", "http://billing.acme.test/v1/invoices", report, 403, "egress_denied"},
		{"a rule opens a host", "http://news.acme.test/", report, 200, ""},
		{"a path below /public", "http://shop.partner.test/public/list", report, 200, ""},
		{"a path elsewhere", "http://shop.partner.test/private", report, 403, "egress_denied"},
		{"a host that nothing names", "http://evil.test/", support, 403, "egress_denied"},
		{"the key to another host", "http://news.acme.test/", append(support, key...), 403, "cache_host_denied"},
		{"no key of a client", "http://news.acme.test/", nil, 407, "unauthenticated"},
	} {
		if answer := egret.Get(test.url, test.header...); answer.Status != test.status || answer.Code() != test.code {
			t.Errorf("%s: got %d %s, want %d %s", test.name, answer.Status, answer.Code(), test.status, test.code)
		}
	}
	if got := egret.Upstream.Requests()[0].Header.Get("X-Api-Key"); got != exampleEnvironment["BILLING_API_KEY"] {
		t.Errorf("the billing API got another key than its own")
	}
}

func driveBodies(t *testing.T, egret *proxytest.Egret) {
	for _, test := range []struct{ function, arguments, target, contentType, body string }{
		{
			"create_ticket", `{"title":"A \"quote\"","customer":{"name":"Ann","vip":true},"priority":3}`, "/api/tickets", "application/json",
			`{"title":"A \"quote\"","summary":"Ticket for Ann","vip":true,"priority":3,"source":{"name":"egret","version":1}}`,
		},
		{"exchange_code", `{"code":"a&b=c"}`, "/session", "application/x-www-form-urlencoded", "grant_type=authorization_code&code=a%26b%3Dc"},
		{
			"book_shipment", `{"reference":"R\"1","note":"<b> & more"}`, "/soap", "text/xml; charset=utf-8",
			"<shipment reference=\"R&#34;1\"><note>&lt;b&gt; &amp; more</note></shipment>\n",
		},
		{"search", `{"words":"a/b c","topic":["x","y z"]}`, "/find/a%2Fb%20c?topic=x&topic=y%20z", "", ""},
	} {
		if answer := egret.Call(test.function, test.arguments); answer.Status != 200 {
			t.Errorf("%s: got %d %s, want 200", test.function, answer.Status, answer.Body)
			continue
		}
		request := egret.Upstream.Last(t)
		got := []string{request.Target, request.Header.Get("Content-Type"), request.Body}
		if diff := cmp.Diff([]string{test.target, test.contentType, test.body}, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.function, diff)
		}
	}
}

func driveChain(t *testing.T, egret *proxytest.Egret) {
	egret.Upstream.Handle("directory.acme.test", jsonAnswer(`{"id":"hamburg/2"}`))
	for _, article := range []string{"1", "2"} {
		if answer := egret.Call("stock_level", `{"article":"`+article+`"}`); answer.Status != 200 {
			t.Fatalf("got %d %s, want 200", answer.Status, answer.Body)
		}
	}
	var got []string
	for _, request := range egret.Upstream.Requests() {
		got = append(got, request.Host+request.Target)
	}
	want := []string{
		"directory.acme.test/sites/current",
		"warehouse.acme.test/sites/hamburg%2F2/articles/1",
		"warehouse.acme.test/sites/hamburg%2F2/articles/2",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func driveAnswers(t *testing.T, egret *proxytest.Egret) {
	status := http.StatusOK
	egret.Canary.Add("ann@home.test")
	egret.Upstream.Handle("register.acme.test", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		if r.URL.Path != "/people" {
			_, _ = w.Write([]byte(`{"number":"C-2026-0815"}`))
			return
		}
		_, _ = w.Write([]byte(`{"page":1,"results":[{"id":"P-7","name":"Ann","email":"ann@home.test","address":{"city":"Hamburg","street":"Elbchaussee"},"notes":"x"}]}`))
	})
	egret.Upstream.Handle("mail.acme.test", jsonAnswer(`{"sent":"to ann@home.test"}`))
	driveOpenCase(t, egret)
	for _, source := range []string{"upstream", "cache"} {
		answer := egret.Call("find_person", `{"name":"Ann"}`)
		want := `"source":"` + source + `","output":[{"id":"P-7","name":"Ann","email":"(masked)","address":{"city":"Hamburg"}}],"prompt":"Never guess the mail address of a customer.","output_cache":`
		if answer.Status != 200 || !strings.Contains(answer.Body, want) {
			t.Errorf("find_person gave %d %s, want %s", answer.Status, answer.Body, want)
		}
	}
	letter := egret.Call("send_letter", `{"text":"Dear Ann"}`)
	if got, want := egret.Upstream.Last(t).Body, `{"to":"ann@home.test","text":"Dear Ann"}`; got != want {
		t.Errorf("the letter is %s, want %s", got, want)
	}
	if got, want := letter.Get("output.sent"), "to 88888888-8888-4888-8888-888888888888"; got != want {
		t.Errorf("the answer to the letter is %q, want %q", got, want)
	}
	if got := egret.Call("find_person?raw", `{"name":"Ann"}`); got.Status != 403 || got.Code() != "function_denied" {
		t.Errorf("the raw answer is %d %s, want it refused", got.Status, got.Body)
	}
	for _, c := range []struct {
		status     int
		ok, output string
	}{
		{429, "false", "Too many questions were asked. Wait a minute."},
		{503, "false", "The register does not answer now. Offer to call back."},
		{404, "true", `[{"id":"P-7","name":"Ann","email":"(masked)","address":{"city":"Hamburg"}}]`},
	} {
		status = c.status
		if got := egret.Call("find_person", `{"name":"Bob"}`); got.Get("ok") != c.ok || got.Get("output") != c.output {
			t.Errorf("status %d: got %s, want %s", status, got.Body, c.output)
		}
	}
}

func driveOpenCase(t *testing.T, egret *proxytest.Egret) {
	egret.Canary.Add("C-2026-0815")
	if got := egret.Call("open_case", `{}`); got.Get("ok") != "true" || strings.Contains(got.Body, `"output":`) {
		t.Errorf("open_case gave %d %s, want no output", got.Status, got.Body)
	}
	egret.Call("add_note", `{"text":"called"}`)
	if got, want := egret.Upstream.Last(t).Body, `{"case":"C-2026-0815","text":"called"}`; got != want {
		t.Errorf("the note is %s, want %s", got, want)
	}
}

func driveInfluxDBExample(t *testing.T, egret *proxytest.Egret) {
	point := `{"database":"home","room":"attic","celsius":21.50,"seconds":1700000000}`
	if answer := egret.Call("write_point", point); answer.Status != 200 || answer.Get("ok") != "true" {
		t.Fatalf("got %d %s, want 200", answer.Status, answer.Body)
	}
	request := egret.Upstream.Last(t)
	if want := "temperature,room=attic celsius=21.50 1700000000"; request.Body != want {
		t.Errorf("body is %q, want %q", request.Body, want)
	}
	if want := "/write?db=home&precision=s"; request.Target != want {
		t.Errorf("target is %q, want %q", request.Target, want)
	}
}

// jsonAnswer answers with JSON.
func jsonAnswer(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(body))
	}
}

func driveListeners(t *testing.T, egret *proxytest.Egret) {
	if !strings.HasPrefix(egret.URL, "https://") || !strings.HasPrefix(egret.Server.AdminAddr(), "unix:") {
		t.Errorf("got %s and %s, want TLS and a unix socket", egret.URL, egret.Server.AdminAddr())
	}
	if got := egret.Call("status", "{}"); got.Code() != "unauthenticated" {
		t.Errorf("got %d %s without a key, want unauthenticated", got.Status, got.Body)
	}
	if got := egret.Call("status", "{}", "Authorization", "Bearer "+exampleEnvironment["SUPPORT_AGENT_KEY"]); got.Get("ok") != "true" {
		t.Errorf("got %d %s, want ok", got.Status, got.Body)
	}
	if got := egret.Get(egret.AdminURL + "/metrics"); got.Status != http.StatusOK {
		t.Errorf("got %d for the metrics, want 200", got.Status)
	}
}

func driveSeveralFiles(t *testing.T, egret *proxytest.Egret) {
	if answer := egret.Call("list_invoices", `{"customer":"C-7"}`); answer.Status != 200 {
		t.Fatalf("list_invoices gave %d %s, want 200", answer.Status, answer.Body)
	}
	request := egret.Upstream.Last(t)
	if request.Target != "/v1/customers/C-7/invoices" || request.Header.Get("X-Api-Key") != exampleEnvironment["BILLING_API_KEY"] {
		t.Errorf("the billing API got %s, want the invoices of C-7 to be asked for with its key", request.Target)
	}
	if answer := egret.Get("http://news.acme.test/"); answer.Status != 200 {
		t.Errorf("the rule of another file gave %d %s, want 200", answer.Status, answer.Code())
	}
}
