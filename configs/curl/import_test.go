package curl_test

import (
	"strings"
	"testing"

	"github.com/egret-proxy/egret/configs/curl"
)

// canary stands in each credential of a command.
const canary = "canary-0123456789"

// What comes of a command: lines that the result has, in which C stands for the
// credential in the command and must stand nowhere.
var importTests = []struct {
	what    string
	command string
	want    []string
}{
	// Credentials, at every place.
	{"bearer", `curl -H 'Authorization: Bearer C' https://a.test`, []string{`Authorization: "Bearer </a_test_token>"`, "surfaces: [header]", "hosts: [a.test]"}},
	{"own scheme", `curl -H 'authorization: SSWS C' https://a.test`, []string{`authorization: "SSWS </a_test_token>"`}},
	{"no scheme", `curl -H 'Authorization: C' https://a.test`, []string{`Authorization: "</a_test_authorization>"`}},
	{"not a scheme", `curl -H 'Authorization: C0=1 C' https://a.test`, []string{`Authorization: "</a_test_authorization>"`}},
	{"basic header", `curl -H 'Authorization: Basic YWxpY2U6Y2FuYXJ5LTAxMjM0NTY3ODk=' https://a.test`, []string{`basic: {user: alice, password: "</a_test_password>"}`}},
	{"basic without a colon", `curl -H 'Authorization: Basic C' https://a.test`, []string{`Authorization: "Basic </a_test_token>"`}},
	{"user", `curl -u alice:C https://a.test`, []string{`basic: {user: alice, password: "</a_test_password>"}`}},
	{"user is the key", `curl -uC:x-oauth-basic https://a.test`, []string{`basic: {user: "</a_test_user>", password: x-oauth-basic}`}},
	{"bearer option", `curl --oauth2-bearer C https://a.test`, []string{`Authorization: "Bearer </a_test_token>"`}},
	{"userinfo", `curl https://alice:C@a.test`, []string{`basic: {user: alice, password: "</a_test_password>"}`, `url: "https://a.test/"`}},
	{"header by name", `curl -H 'X-Api-Key:C' -H 'X-Vault-Token: C' https://a.test`, []string{`X-Api-Key: "</a_test_x_api_key>"`, `X-Vault-Token: "</a_test_x_api_key>"`}},
	{"subscription key", `curl -H 'Ocp-Apim-Subscription-Key: C' https://a.test`, []string{`Ocp-Apim-Subscription-Key: "</a_test_ocp_apim_subscription_key>"`}},
	{"csrf", `curl -H 'X-CSRFToken: C' https://a.test`, []string{`X-CSRFToken: "</a_test_x_csrftoken>"`}},
	{"cookie", `curl -b 'a=C' https://a.test`, []string{`Cookie: "</a_test_cookie>"`}},
	{"cookie header", `curl -H 'Cookie: a=C' https://a.test`, []string{`Cookie: "</a_test_cookie>"`}},
	{"value in a header", `curl -H 'X-Up: a https://b.test/?sig=C&x=1' https://a.test`, []string{`X-Up: "a https://b.test/?sig=</a_test_sig>&x=1"`}},
	{"referer", `curl -e 'https://b.test/?token=C' https://a.test`, []string{`Referer: "https://b.test/?token=</a_test_token>"`}},
	{"query", `curl 'https://a.test/?api_key=C&x=1#C'`, []string{`url: "https://a.test/?api_key=</a_test_api_key>&x=1"`, "surfaces: [query]"}},
	{"query with an odd name", `curl 'https://a.test/?X-Amz-Signature=C'`, []string{`url: "https://a.test/?X-Amz-Signature=</a_test_x_amz_signature>"`}},
	{"query that is a credential", `curl 'https://a.test/?sk-C&x=1'`, []string{`url: "https://a.test/?${env:A_TEST_TOKEN}&x=1"`}},
	{"member that is a credential", `curl --json '{"sk-C":1}' https://a.test`, []string{`body: "{\"${env:A_TEST_TOKEN}\":1}"`}},
	{"data to query", `curl -G -d key=C https://a.test`, []string{`url: "https://a.test/?key=</a_test_key>"`}},
	{"url-query", `curl --url-query password=C https://a.test`, []string{`url: "https://a.test/?password=</a_test_password>"`}},
	{"form", `curl -d 'user=al&password=C' https://a.test`, []string{`password: "</a_test_password>"`, "surfaces: [body]"}},
	{"encoded form", `curl --data-urlencode 'client_secret=C' https://a.test`, []string{`client_secret: "</a_test_client_secret>"`}},
	{"json", `curl --json '{"auth":{"clientSecret":"C","n":[{"jwt":"C"}]}}' https://a.test`, []string{`auth: {clientSecret: "</a_test_clientsecret>", "n": [{jwt: "</a_test_clientsecret>"}]}`}},
	{"json below a secret name", `curl --json '{"credentials":["C"]}' https://a.test`, []string{`json: {credentials: ["</a_test_credentials>"]}`}},
	{"multipart", `curl -F token=C https://a.test`, []string{`token: "</a_test_token>"`}},
	{"text body", `curl -H 'Content-Type: text/plain' -d 'password = C' https://a.test`, []string{`body: "password = ${env:A_TEST_PASSWORD}"`}},
	{"broken JSON", `curl -H 'Content-Type: text/json5' -d '{"secret": "C",}' https://a.test`, []string{`body: "{\"secret\": \"${env:A_TEST_SECRET}\",}"`}},
	{"seen again", `curl -H 'X-Api-Key: C' -H 'X-B: pre-C' https://a.test/C/x`, []string{`url: "https://a.test/${env:A_TEST_X_API_KEY}/x"`, `X-B: "pre-${env:A_TEST_X_API_KEY}"`}},
	{"seen in what names are made of", `curl -H 'X-Api-Key: C' https://C.a.test/C`, []string{"name: get_a_test"}},
	{"seen before", `curl -H 'X-A: C' -H 'X-Api-Key: C' https://a.test`, []string{`X-A: "${env:A_TEST_X_API_KEY}"`}},
	{"pipe", `curl https://a.test -H "X-Api-Key: C" | jq .secret=C`, []string{"# - what stands beside the curl command"}},
	{"assignment", `T=C curl https://a.test -H "X-Api-Key: $T"`, []string{`value: "${env:T}"`}},

	// What looks like a credential, and is none.
	{"no credentials", `curl -d 'max_tokens=5&token_type=bearer&keyword=a&author=b' https://a.test`, []string{`max_tokens: "5"`, "token_type: bearer", "keyword: a", "author: b"}},

	// Text that egret would take for something else.
	{"reference", `curl --json '{"a":"${env:HOME}","b":"$${file:x}"}' https://a.test`, []string{`json: {a: "$${env:HOME}", b: "$$${file:x}"}`}},
	{"placeholder", `curl --json '{"a":"{/x} </y>","b":"\\{/x}","c":"{/x"}' https://a.test`, []string{`json: {a: "\\{/x} \\</y>", b: "\\\\{/x}", c: "\\{/x"}`}},
	{"no placeholder", `curl --json '{"a":"{/x y} </ y> {x} <y>"}' https://a.test`, []string{`json: {a: "{/x y} </ y> {x} <y>"}`}},
	{"placeholder in a header", `curl -H 'X-A: {/x} ${env:A}' https://a.test`, []string{`X-A: "\\{/x} $${env:A}"`}},
	{"placeholder in text", `curl -H 'Content-Type: text/plain' -d '{/x} </x>' https://a.test`, []string{`body: "\\{/x} </x>"`}},
	{"braces in a URL", `curl -g 'https://a.test/{/x}?a={b}'`, []string{`url: "https://a.test/%7B/x%7D?a=%7Bb%7D"`}},

	// The shell.
	{"variables", `curl "https://a.test/$A/${B}" -d "x=$C"`, []string{`url: "https://a.test/${env:A}/${env:B}"`, `x: "${env:C}"`}},
	{"single quotes", `curl https://a.test -d 'x=$C'`, []string{`x: "$C"`}},
	{"escapes", `curl https://a.test -d "x=\$C \"q\" \\ \n"`, []string{`x: "$C \"q\" \\ \\n"`}},
	{"ANSI-C", `curl https://a.test -d $'x=\u00fc\x41\tb\'%25s'`, []string{`x: "üA\tb'%s"`}},
	{"line ends", "curl \\\r\n  https://a.test \\\r\n  -d x=1", []string{`x: "1"`}},
	{"prompt", "$ curl https://a.test", []string{"name: get_a_test"}},
	{"path of curl", "/usr/bin/curl https://a.test", []string{"name: get_a_test"}},
	{"pipe", `echo '{"a":1}' | curl --json @- https://a.test`, []string{`data: {description: "what curl reads from a file"}`, `json: "</data>"`}},

	// Options.
	{"joined letters", `curl -sSkXPUT -du=1 https://a.test`, []string{"method: PUT", `u: "1"`, "# - --insecure: egret always verifies the certificate of the upstream"}},
	{"location", `curl -L https://a.test`, []string{"# - --location: egret follows no redirect, it is the answer"}},
	{"proxy", `curl -x http://u:C@p.test:1 -U u:C https://a.test`, []string{"# - --proxy: egret connects to the upstream itself", "# - --proxy-user: egret connects to the upstream itself"}},
	{"certificate", `curl -E c.pem:C --key k.pem https://a.test`, []string{"# - --cert: egret shows no certificate of its own to upstreams"}},
	{"no option", `curl --no-location --no-keepalive https://a.test`, []string{"method: GET"}},
	{"times", `curl -m 2.5 --connect-timeout 1 --retry 30 https://a.test`, []string{"timeout: 2.5s", "limits: {connect_timeout: 1s}", "retry: 10"}},
	{"range", `curl -r 0-9 https://a.test`, []string{`Range: "bytes=0-9"`}},
	{"empty header", `curl -H 'X-A;' -H 'Accept:' -H 'junk' https://a.test`, []string{`X-A: ""`}},
	{"idempotency key", `curl -H 'Idempotency-Key: 1' -d a=1 https://a.test`, []string{"idempotency_key: true"}},
	{"no scheme", `curl a.test/x`, []string{`url: "https://a.test/x"`, "# - the URL has no scheme: curl takes http, here it is https"}},
	{"loopback", `curl localhost:8086/x -u a:C`, []string{`url: "http://localhost:8086/x"`, `hosts: ["localhost:8086"]`}},
	{"cleartext", `curl http://a.test -u a:C`, []string{"cleartext: true # The URL has no TLS: whoever is on the way can read the credential."}},
	{"JSON as a form", `curl -d '{"a":1}' https://a.test`, []string{"Content-Type: application/x-www-form-urlencoded", "json: {a: 1}"}},
	{"JSON with a name twice", `curl --json '{"a":1,"a":2}' https://a.test`, nil},
	{"no form", `curl -d 'a=1&b' https://a.test`, []string{`body: "a=1&b"`, "Content-Type: application/x-www-form-urlencoded"}},
}

func TestImport(t *testing.T) {
	for _, test := range importTests {
		t.Run(test.what, func(t *testing.T) {
			command := strings.ReplaceAll(test.command, "C", canary)
			command = strings.NewReplacer(canary+"ontent", "Content", canary+"SRF", "CSRF", canary+"ookie", "Cookie", "$"+canary, "$C").Replace(command)
			got, err := curl.Import(command, curl.Options{})
			if test.want == nil {
				if err == nil {
					t.Errorf("%s gave no error, but:\n%s", command, got.YAML)
				}
				return
			}
			if err != nil {
				t.Fatalf("%s gave %v", command, err)
			}
			text := string(got.YAML)
			for _, want := range test.want {
				if !strings.Contains(text, want) {
					t.Errorf("%s has no %s in\n%s", command, want, text)
				}
			}
			if strings.Contains(text+strings.Join(got.Todo, ""), canary) {
				t.Errorf("got the credential of %s in\n%s", command, text)
			}
		})
	}
}

// refusals are commands that are no Function, and a part of the sentence.
var refusals = []struct{ command, want string }{
	{`curl`, "the command has no URL"},
	{`echo C`, "there is no curl command"},
	{`curl 'https://a.test/C`, "ends inside of a quote"},
	{`curl https://a.test/C ; )`, "a shell cannot read the command, line 1, column"},
	{`curl https://a.test https://b.test/C`, "several URLs"},
	{`curl --next https://a.test`, "two requests"},
	{`curl --nothing=C https://a.test`, "not behind a ="},
	{`curl --nothing https://a.test/C`, "curl's option --nothing is not known"},
	{`curl --Canary-0123456789 https://a.test/C`, "one of the options is not known"},
	{`curl -5C https://a.test`, "curl's option -5 is not known"},
	{`curl https://a.test -H`, "curl's option --header needs a value"},
	{`curl --digest -u a:C https://a.test`, "egret does not have the Digest authentication"},
	{`curl --aws-sigv4 aws:amz -u a:C https://a.test`, "egret does not make the signature"},
	{`curl -H 'Authorization: OAuth oauth_signature="C"' https://a.test`, "signs one request by oauth"},
	{`curl -K C https://a.test`, "what the file of --config says is not known here"},
	{`curl ftp://u:C@a.test`, "another scheme than http and https"},
	{`curl 'https://a.test/C/[1-3]'`, "curl makes several requests"},
	{`curl "$BASE://C"`, "the URL begins with a variable"},
	{`curl -F 'a=@C,d' https://a.test`, "names several files"},
	{`curl -d @C https://a.test`, "the body is read from a file"},
	{`curl -d @C -d a=1 https://a.test`, "a file is a part of the data"},
	{`curl -F a=C -d a=1 https://a.test`, "several bodies"},
	{`curl -X CONNECT https://a.test`, "egret cannot send this request: functions[0].method"},
	{`curl -X C -H 'X-Api-Key: C' https://a.test`, "egret cannot send this request: functions[0].method"},
	{`curl -X sk-C https://a.test`, "egret cannot send this request: functions[0].method"},
	{`curl -X "$C" https://a.test`, "the method is a variable"},
	{`curl -H @C https://a.test`, "a file of headers is not read"},
	{`curl -m C https://a.test`, "a time limit needs a number"},
	{`curl --retry C https://a.test`, "--retry needs a number"},
	{`curl https://a.test -d "x=\$$C"`, "right before a variable"},
	{"curl https://a.test/\ufdd0", "Unicode keeps"},
	{`curl https:///C`, "the URL has no host"},
	{"curl -d '" + strings.Repeat("C", 300_000) + "' https://a.test", "longer than 256 KiB"},
	{"curl " + strings.Repeat("$(", 5_000), "before its end"},
}

func TestImportRefuses(t *testing.T) {
	for _, test := range refusals {
		command := strings.NewReplacer(`"$C"`, `"$C"`, `$$C"`, `$$C"`, "CONNECT", "CONNECT", "--Canary", "--Canary", "C", canary).Replace(test.command)
		if len(test.command) > 5_000 {
			command = test.command
		}
		got, err := curl.Import(command, curl.Options{})
		switch {
		case err == nil:
			t.Errorf("%.80s gave no error, but:\n%s", command, got.YAML)
		case !strings.Contains(err.Error(), test.want):
			t.Errorf("%.80s gave %q, want it to say %q", command, err, test.want)
		case strings.Contains(err.Error(), canary):
			t.Errorf("%.80s gave an error with the credential: %v", command, err)
		}
	}
}

// The words of an argument list are taken as they are.
func TestImportArguments(t *testing.T) {
	got, err := curl.ImportArguments([]string{"https://a.test", "-d", `x="$A" 'b'`}, curl.Options{Name: "f"})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"name: f", `x: "\"$A\" 'b'"`} {
		if !strings.Contains(string(got.YAML), want) {
			t.Errorf("got no %s in\n%s", want, got.YAML)
		}
	}
}
