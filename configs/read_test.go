package configs_test

import (
	"encoding/json"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/templates"
)

func TestWholeFile(t *testing.T) {
	file := filepath.Join("testdata", "valid", "whole.yaml")
	cfg, err := configs.Load(file, options())
	if err != nil {
		t.Fatal(err)
	}
	silent(t, cfg, nil)
	directory, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"listen":       "127.0.0.1:8080",
		"admin":        "127.0.0.1:8081",
		"admin key":    "canary-admin-0123456789",
		"state":        filepath.Join(directory, ".egret"),
		"watched":      filepath.Join(directory, "whole.yaml") + " " + filepath.Join(directory, "key.pem"),
		"client key":   "canary-agent-0123456789",
		"functions":    configs.Names{List: []string{"lookup_order"}},
		"caches":       configs.Names{List: []string{"acme_token"}},
		"default":      configs.Deny,
		"rules":        "api.acme.test *.example.com",
		"rule methods": []string{"GET"},
		"rule paths":   "/v1/*",
		"private":      []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16"), netip.MustParsePrefix("192.0.2.7/32")},
	}
	got := map[string]any{
		"listen":       cfg.Listen.Address,
		"admin":        cfg.Admin.Listen.Address,
		"admin key":    cfg.Admin.Key.Reveal(),
		"state":        cfg.State,
		"watched":      cfg.Watched()[0].Path + " " + cfg.Watched()[1].Path,
		"client key":   cfg.Clients[0].Key.Reveal(),
		"functions":    cfg.Clients[0].Functions,
		"caches":       cfg.Clients[0].Caches,
		"default":      cfg.Egress.Default,
		"rules":        cfg.Egress.Allow[0].Host.String() + " " + cfg.Egress.Allow[1].Host.String(),
		"rule methods": cfg.Egress.Allow[1].Methods,
		"rule paths":   cfg.Egress.Allow[1].Paths[0].String(),
		"private":      cfg.Egress.AllowPrivate,
	}
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })); diff != "" {
		t.Errorf("the top of the file (-want +got):\n%s", diff)
	}
}

func TestWholeFileEntries(t *testing.T) {
	cfg, err := configs.Load(filepath.Join("testdata", "valid", "whole.yaml"), options())
	if err != nil {
		t.Fatal(err)
	}
	acme, stripe, results := cfg.Caches[0], cfg.Caches[1], cfg.Caches[2]
	jwt, static := cfg.Tokens[0], cfg.Tokens[1]
	lookup := cfg.Functions[0]
	for _, test := range []struct {
		what      string
		got, want any
	}{
		{"kind", acme.Kind, configs.TokenCache},
		{"kind", stripe.Kind, configs.TokenCache},
		{"kind", results.Kind, configs.OutputCache},
		{"ttl", acme.TTL, 15 * time.Minute},
		{"ttl in seconds", stripe.TTL, time.Hour},
		{"surfaces", acme.Surfaces, configs.Header},
		{"default surfaces of a token cache", stripe.Surfaces, configs.Header},
		{"default surfaces", results.Surfaces, configs.Header | configs.Query | configs.Body | configs.Path},
		{"default id", stripe.ID, configs.DefaultID("stripe")},
		{"path", results.Path, "caches[2]"},
		{"key without the last line break", jwt.Key.Reveal(), "-----BEGIN PRIVATE KEY-----\nCANARYKEYFILE\n-----END PRIVATE KEY-----"},
		{"algorithm", jwt.Algorithm, "ES256"},
		{"key type", jwt.KeyType, "EcPem"},
		{"header", string(jwt.Header), `{"kid":"2026-11"}`},
		{"claims", string(jwt.Claims), `{"iss":"egret","sub":"support-agent","aud":["acme"],"scope":"orders.read","limit":1.50,` +
			`"deep":{"on":true,"none":null},"big":12345678901234567890123,"hex":31}`},
		{"value", static.Value.Reveal(), "canary-stripe-0123456789"},
		{"fixed", string(lookup.Fixed), `{"limit":10}`},
		{"method", lookup.Method, "GET"},
		{"method with a body", cfg.Functions[1].Method, "POST"},
		{"host", lookup.URL.Host(), "api.acme.test"},
		{"timeout", lookup.Timeout, 10 * time.Second},
		{"default timeout", cfg.Functions[1].Timeout, 30 * time.Second},
		{"cache", lookup.Cache, "order_results"},
		{"configured text", lookup.Configured[0].Reveal(), "main"},
		{"header of json", cfg.Functions[1].Headers[0].Name(), "Content-Type"},
		{"placeholders of the url", len(lookup.URL.Placeholders()), 2},
	} {
		if diff := cmp.Diff(test.want, test.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.what, diff)
		}
	}
	if !json.Valid(lookup.Parameters) || !strings.HasPrefix(string(lookup.Parameters), `{"type":"object","required":["order_id","auth_token"],"properties":{"order_id"`) {
		t.Errorf("got parameters %s, want them in the order of the file", lookup.Parameters)
	}
}

func TestContentType(t *testing.T) {
	for _, test := range []struct{ body, want string }{
		{"json: {a: b}", "application/json"},
		{"form: {a: b}", "application/x-www-form-urlencoded"},
		{"json: {a: b}, headers: {content-type: application/vnd.acme+json}", "application/vnd.acme+json"},
		{"body: x, headers: {Content-Type: text/xml}", "text/xml"},
	} {
		cfg := good(t, "functions:\n  - {name: f, url: https://a.test, "+test.body+"}\n")
		fields, err := cfg.Functions[0].Headers[0].AppendFields(nil, noArguments{})
		if err != nil {
			t.Fatal(err)
		}
		if len(fields) != 1 || fields[0].Value != test.want {
			t.Errorf("%s: got %v, want %s", test.body, fields, test.want)
		}
	}
}

func TestDefaults(t *testing.T) {
	cfg := good(t, "functions: []\n")
	if cfg.Listen.Address != "127.0.0.1:8080" || cfg.Admin.Listen.Address != "" || cfg.Egress.Default != configs.Deny {
		t.Errorf("got listen %q, admin %q, egress %q, want 127.0.0.1:8080, none, deny", cfg.Listen, cfg.Admin.Listen, cfg.Egress.Default)
	}
	if !filepath.IsAbs(cfg.State) || filepath.Base(cfg.State) != ".egret" {
		t.Errorf("got state %q, want an absolute path that ends in .egret", cfg.State)
	}
}

func TestClientNames(t *testing.T) {
	all, none := configs.Names{All: true}, configs.Names{}
	for _, test := range []struct {
		keys              string
		functions, caches configs.Names
	}{
		{"", all, all},
		{"functions: [f]", configs.Names{List: []string{"f"}}, none},
		{"functions: []", configs.Names{List: []string{}}, none},
		{"caches: [c]", all, configs.Names{List: []string{"c"}}},
		{"caches: []", all, configs.Names{List: []string{}}},
		{"functions: [f], caches: [c]", configs.Names{List: []string{"f"}}, configs.Names{List: []string{"c"}}},
	} {
		cfg := good(t, "listen: 0.0.0.0:0\nclients: [{name: a, key: 0123456789abcdef"+"x, "+test.keys+"}]\n"+
			"caches: [{name: c, ttl: 2s}]\nfunctions: [{name: f, url: https://a.test}]\n")
		c := cfg.Clients[0]
		if diff := cmp.Diff([]configs.Names{test.functions, test.caches}, []configs.Names{c.Functions, c.Caches}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.keys, diff)
		}
		if got, want := c.Functions.Has("other"), test.functions.All; got != want {
			t.Errorf("%q: got another function allowed %t, want %t", test.keys, got, want)
		}
	}
}

func TestListenWithoutClients(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "127.9.9.9:80", "localhost:80", `"[::1]:80"`} {
		good(t, "listen: "+address+"\n")
	}
}

func TestBrokenEntriesAreLeftOut(t *testing.T) {
	cfg, problems := parse(t, `caches:
  - {name: a, ttl: 60s, hosts: [a.test]}
  - {name: b, ttl: 60s, hosts: [b.test]}
tokens:
  - {name: first, cache: a, value: x, tipo: 1}
  - {name: second, cache: b, value: x}
functions:
  - {name: first, url: nowhere}
  - {name: second, url: https://a.test}
  - {name: third, url: https://a.test, cache: b}
`)
	if len(problems) != 3 {
		t.Errorf("got %d problems, want 3:\n%s", len(problems), problems)
	}
	if len(cfg.Tokens) != 1 || cfg.Tokens[0].Path != "tokens[1]" {
		t.Errorf("got tokens %v, want tokens[1] alone", cfg.Tokens)
	}
	if len(cfg.Functions) != 1 || cfg.Functions[0].Path != "functions[1]" {
		t.Errorf("got functions %v, want functions[1] alone", cfg.Functions)
	}
	if len(cfg.Caches) != 2 || cfg.Caches[0].Kind != configs.TokenCache {
		t.Errorf("got caches %+v, want both, the first a token cache", cfg.Caches)
	}
}

func TestFixedThatMayGo(t *testing.T) {
	const head = `caches:
  - {name: acme, ttl: 60s, hosts: ["*.acme.test:*", localhost:8080], surfaces: [header, query, body], id: 11111111-2222-3333-4444-555555555555}
  - {name: results, ttl: 60s, id: 22222222-2222-3333-4444-555555555555}
tokens: [{name: t, cache: acme, value: x}]
functions:
  - name: f
`
	for _, body := range []string{
		"    url: https://api.acme.test:8443/\n    fixed: {a: 11111111-2222-3333-4444-555555555555}\n    query: {a: </a>}\n    headers: {A: </a>}\n    json: {a: </a/b>}\n",
		"    url: http://localhost:8080/\n    fixed: {a: 11111111-2222-3333-4444-555555555555}\n",
		"    url: https://anywhere.test/{/a}\n    fixed: {a: 22222222-2222-3333-4444-555555555555}\n",
		"    url: https://anywhere.test/{/b}\n    fixed: {a: 99999999-2222-3333-4444-555555555555, b: x}\n",
	} {
		good(t, head+body)
	}
}

func TestReadMissingFile(t *testing.T) {
	cfg, problems := configs.Read(filepath.Join(t.TempDir(), "egret.yaml"), options())
	if len(problems) != 1 || problems[0].Message != "cannot read the file: no such file or directory" {
		t.Errorf("got %v, want that the file is missing", problems)
	}
	if len(cfg.Watched()) != 1 {
		t.Errorf("got %v to watch, want the file itself", cfg.Watched())
	}
	if cfg, err := configs.Load(filepath.Join(t.TempDir(), "egret.yaml"), options()); cfg != nil || err == nil {
		t.Errorf("got %v and error %v, want no configuration and an error", cfg, err)
	}
}

func TestReadLargeFile(t *testing.T) {
	_, problems := parse(t, strings.Repeat("#", 1<<20)+"\n")
	if len(problems) != 1 || problems[0].String() != "testdata/valid/egret.yaml: the file is larger than 1 MiB" {
		t.Errorf("got %v, want that the file is too large", problems)
	}
}

func TestFilesInJSON(t *testing.T) {
	directory := t.TempDir()
	write(t, filepath.Join(directory, "vendor.json"), `{"private_key": "line\n", "n": 36e2, "deep": {"a/b": ["x", "y"]}}`)
	write(t, filepath.Join(directory, "large"), strings.Repeat("x", 1<<20+1))
	cfg, problems := configs.Parse(filepath.Join(directory, "egret.yaml"), []byte(`caches: [{name: c, ttl: 60s, hosts: [a.test]}]
tokens:
  - name: t
    cache: c
    algorithm: RS256
    key_type: RsaPem
    key: ${file:vendor.json#/private_key}
    claims: {n: "${file:vendor.json#/n}", d: "${file:vendor.json#/deep/a~1b/1}"}
functions: [{name: f, url: https://a.test, headers: {A: "${file:large}"}}]
`), options())
	if len(problems) != 1 || !strings.HasSuffix(problems[0].Message, "large: it is larger than 1 MiB") {
		t.Errorf("got %v, want that one file is too large", problems)
	}
	token := cfg.Tokens[0]
	if got, want := token.Key.Reveal(), "line"; got != want {
		t.Errorf("got key %q, want %q", got, want)
	}
	if got, want := string(token.Claims), `{"n":"36e2","d":"y"}`; got != want {
		t.Errorf("got claims %s, want %s", got, want)
	}
}

func TestEnvironment(t *testing.T) {
	cfg := good(t, `functions:
  - name: f
    url: https://${env:NONE:-a.test}/${env:EMPTY:-x}${env:EMPTY}
    headers: {A: "a ${env:CANARY} {/x}"}
    fixed: {x: 1}
`)
	url, err := cfg.Functions[0].URL.AppendURL(nil, noArguments{})
	if err != nil || string(url) != "https://a.test/x" {
		t.Errorf("got url %q and error %v, want https://a.test/x", url, err)
	}
	var configured []string
	for _, s := range cfg.Functions[0].Configured {
		configured = append(configured, s.Reveal())
	}
	if diff := cmp.Diff([]string{"a.test", "x", "canary-0123456789"}, configured); diff != "" {
		t.Errorf("configured text (-want +got):\n%s", diff)
	}
	if got := cfg.Functions[0].Headers[0].Placeholders(); len(got) != 1 || got[0].Escaping != templates.HeaderValue {
		t.Errorf("got placeholders %v, want one of a header", got)
	}
}

// A reference with one more $ is text, which is no secret, and in which
// placeholders are still read.
func TestLiteralReference(t *testing.T) {
	for written, want := range map[string]string{
		`$${env:CANARY}`:          `${env:CANARY}`,
		`$$${env:CANARY}`:         `$${env:CANARY}`,
		`a$${file:none}b`:         `a${file:none}b`,
		`$${env:`:                 `${env:`,
		`$${env:1}-${env:HOST}`:   `${env:1}-canary.test`,
		`${env:HOST}$${env:HOST}`: `canary.test${env:HOST}`,
		`$${env:$${env:X}}`:       `${env:${env:X}}`,
		`$$ ${other:X} $`:         `$$ ${other:X} $`,
		`$${env:NONE:-</x>}`:      `${env:NONE:-1}`,
	} {
		cfg := good(t, "functions:\n  - {name: f, url: https://a.test, fixed: {x: 1}, body: '"+written+"', headers: {Content-Type: text/plain}}\n")
		f := cfg.Functions[0]
		got, err := f.Body.Append(nil, always{})
		if err != nil || string(got) != want {
			t.Errorf("%s gave %q and error %v, want %q", written, got, err, want)
		}
		if secret := strings.Contains(want, "canary.test"); len(f.Configured) > 0 != secret {
			t.Errorf("%s has configured text: %t, want %t", written, len(f.Configured) > 0, secret)
		}
	}
}

// always has the same argument for every placeholder.
type always struct{ noArguments }

func (always) Lookup(templates.Pointer) templates.Value {
	return templates.Value{JSON: gjson.Parse("1")}
}

// noArguments are the arguments of a call without any.
type noArguments struct{}

func (noArguments) Lookup(templates.Pointer) templates.Value { return templates.Value{} }
func (noArguments) Shown() bool                              { return false }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
