package proxytest_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A service is what a service documents about the tokens that it accepts, and
// how its example is made to send one.
type service struct {
	variables map[string]string // the environment
	files     map[string]string // beside the configuration
	function  string            // that is called
	arguments string
	host      string
	token     func(proxytest.Request) string

	algorithm string
	key       any               // that verifies: a public key, or a secret
	header    map[string]any    // but for alg
	claims    map[string]any    // but for the times and jti
	times     map[string]offset // all that there are
	jti       *string           // what it begins with, nil where there is none
	once      bool              // no two requests have the same token
}

// An offset is how far a time may lie from now, in seconds.
type offset struct{ least, most int64 }

// at is an offset of some seconds, for a test that takes up to a minute. The
// times are cut to whole seconds.
func at(seconds int64) offset { return offset{seconds - 60, seconds} }

var (
	bearer = func(r proxytest.Request) string {
		scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		if !strings.EqualFold(scheme, "Bearer") {
			return ""
		}
		return token
	}
	inJSON = func(name string) func(proxytest.Request) string {
		return func(r proxytest.Request) string {
			var body map[string]any
			_ = json.Unmarshal([]byte(r.Body), &body) // no JSON has no token
			token, _ := body[name].(string)
			return token
		}
	}
)

// Every example of a service must send what that service documents: people copy
// them, and a token that is refused makes all else useless.
func TestServices(t *testing.T) {
	files, err := filepath.Glob(examples + "/services/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("no examples found (error: %v)", err)
	}
	keys := newServiceKeys(t)
	known, exchanged := services(keys), exchanges(keys)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		if _, ok := exchanged[name]; !ok && len(known[name]) == 0 {
			t.Errorf("%s has no driver", file)
		}
	}
	for name, list := range known {
		for _, s := range list {
			t.Run(name+"/"+s.function, func(t *testing.T) { s.drive(t, startService(t, name, s, nil)) })
		}
	}
}

// startService runs the example of a service on a free port, with its files. Before
// that, change may change the text.
func startService(t *testing.T, name string, s service, change *strings.Replacer, options ...proxytest.Option) *proxytest.Egret {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(examples, "services", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	directory := t.TempDir()
	for file, text := range s.files {
		if err := os.WriteFile(filepath.Join(directory, file), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	yaml := string(text)
	if change != nil {
		if yaml = change.Replace(yaml); yaml == string(text) {
			t.Fatal("the change changes nothing")
		}
	}
	yaml = strings.NewReplacer("127.0.0.1:8080", "127.0.0.1:0", "${file:", "${file:"+filepath.ToSlash(directory)+"/").Replace(yaml)
	egret := proxytest.Start(t, yaml, append(options, proxytest.Environment(s.variables))...)
	for name, value := range s.variables {
		if strings.HasSuffix(name, "SECRET") || strings.HasSuffix(name, "PASSPHRASE") {
			egret.Canary.Add(value)
		}
	}
	return egret
}

func (s service) drive(t *testing.T, egret *proxytest.Egret) {
	egret.Upstream.Handle(s.host, jsonAnswer(`{"done":true}`))
	seen := map[string]bool{}
	for range 2 {
		answer := egret.Call(s.function, s.arguments)
		if answer.Status != 200 || answer.Get("ok") != "true" {
			t.Fatalf("%s gave %d %s", s.function, answer.Status, answer.Body)
		}
		request := egret.Upstream.Last(t)
		if request.Host != s.host || request.Scheme != "https" {
			t.Errorf("the request went to %s://%s, want https://%s", request.Scheme, request.Host, s.host)
		}
		token := s.token(request)
		egret.Canary.Add(token)
		s.check(t, token)
		if s.once && seen[token] {
			t.Errorf("a token was sent twice")
		}
		seen[token] = true
	}
	if !s.once && len(seen) != 1 {
		t.Errorf("two requests had different tokens")
	}
}

// check looks at a token as the service does.
func (s service) check(t *testing.T, token string) {
	t.Helper()
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.algorithm)})
	if err != nil {
		t.Fatalf("the token is no JWS with %s: %v", s.algorithm, err)
	}
	payload, err := signed.Verify(s.key)
	if err != nil {
		t.Fatalf("the signature does not verify: %v", err)
	}
	var header, claims map[string]any
	encoded, _, _ := strings.Cut(token, ".")
	text, err := base64.RawURLEncoding.Strict().DecodeString(encoded)
	if err != nil || json.Unmarshal(text, &header) != nil || json.Unmarshal(payload, &claims) != nil {
		t.Fatalf("header or claims are no JSON: %s %s", text, payload)
	}
	delete(header, "alg")
	if diff := cmp.Diff(s.header, header); diff != "" {
		t.Errorf("header (-want +got)\n%s", diff)
	}
	now := time.Now().Unix()
	for name, bounds := range s.times {
		value, ok := claims[name].(float64)
		if seconds := int64(value) - now; !ok || float64(int64(value)) != value || seconds < bounds.least || seconds > bounds.most {
			t.Errorf("%s is %v, %v s from now, want a whole number %d to %d s from now", name, claims[name], seconds, bounds.least, bounds.most)
		}
		delete(claims, name)
	}
	if s.jti != nil {
		if id, _ := claims["jti"].(string); !strings.HasPrefix(id, *s.jti) || len(id) < 20 {
			t.Errorf("jti is %q, want one that begins with %q and is long enough to be unique", id, *s.jti)
		}
		delete(claims, "jti")
	}
	if diff := cmp.Diff(s.claims, claims); diff != "" {
		t.Errorf("claims but for times and jti (-want +got)\n%s", diff)
	}
}
