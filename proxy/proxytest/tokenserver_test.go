package proxytest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A tokenServer is the token endpoint of a service, and the API behind it: it
// issues a token for what the service documents, and for nothing else.
type tokenServer struct {
	service // what is documented of the assertion; no key when there is none
	target  string
	inForm  string            // the field that the assertion is in, "" for the header Authorization
	form    map[string]string // the other fields
	basic   [2]string         // the client's credentials, if there are any
	issuer  string
	aud     string // "" for none
	longest int64  // seconds that an assertion may live
	once    bool   // each jti is accepted once
	answer  string // with TOKEN and, as RFC 3339, EXPIRES in it
	api     string // the host of the API
	apiPath string

	mu       sync.Mutex
	seen     map[string]bool // jti
	issued   []string
	refusals []string
	sent     []string // assertions
}

// ServeHTTP is the token endpoint and the API.
func (s *tokenServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Host == s.api && r.URL.Path == s.apiPath {
		if !slices.Contains(s.issued, strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) {
			w.WriteHeader(http.StatusUnauthorized)
		}
		_, _ = fmt.Fprint(w, `{"done":true}`)
		return
	}
	if reason := s.refuses(r); reason != "" {
		s.refusals = append(s.refusals, reason)
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, `{"error":"invalid_grant"}`)
		return
	}
	token := fmt.Sprintf("opaque-%s-0123456789-%d", strings.ReplaceAll(s.host, ".", "-"), len(s.issued))
	s.issued = append(s.issued, token)
	w.WriteHeader(http.StatusCreated)
	_, _ = fmt.Fprint(w, strings.NewReplacer("TOKEN", token, "EXPIRES", time.Now().Add(time.Hour).UTC().Format(time.RFC3339)).Replace(s.answer))
}

// refuses says why a request gets no token, or is "".
func (s *tokenServer) refuses(r *http.Request) string {
	if r.Host != s.host || r.Method != http.MethodPost || r.RequestURI != s.target {
		return "target"
	}
	if err := r.ParseForm(); err != nil {
		return "form"
	}
	assertion := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if s.inForm != "" {
		assertion = r.PostForm.Get(s.inForm)
		r.PostForm.Del(s.inForm)
	}
	for name, value := range s.form {
		if !slices.Equal(r.PostForm[name], []string{value}) {
			return name
		}
	}
	if len(r.PostForm) != len(s.form) {
		return "other fields"
	}
	if s.basic[0] != "" {
		user, password, ok := r.BasicAuth()
		id, idErr := url.QueryUnescape(user)
		secret, secretErr := url.QueryUnescape(password)
		if !ok || idErr != nil || secretErr != nil || [2]string{id, secret} != s.basic {
			return "client"
		}
	}
	if s.key == nil {
		return ""
	}
	s.sent = append(s.sent, assertion)
	return s.refusesAssertion(assertion)
}

// refusesAssertion does as RFC 7523 section 3 says.
func (s *tokenServer) refusesAssertion(assertion string) string {
	signed, err := jose.ParseSignedCompact(assertion, []jose.SignatureAlgorithm{jose.SignatureAlgorithm(s.algorithm)})
	if err != nil {
		return "algorithm"
	}
	payload, err := signed.Verify(s.key)
	if err != nil {
		return "signature"
	}
	var claims struct {
		Issuer   string `json:"iss"`
		Audience string `json:"aud"`
		Expires  int64  `json:"exp"`
		IssuedAt int64  `json:"iat"`
		ID       string `json:"jti"`
	}
	now := time.Now().Unix()
	switch err := json.Unmarshal(payload, &claims); {
	case err != nil:
		return "claims"
	case claims.Issuer != s.issuer:
		return "iss"
	case claims.Audience != s.aud:
		return "aud"
	case claims.IssuedAt > now:
		return "iat"
	case claims.Expires <= now || claims.Expires > now+s.longest:
		return "exp"
	case s.once && (claims.ID == "" || s.seen[claims.ID]):
		return "jti"
	}
	s.seen[claims.ID] = true
	return ""
}

// drawn is what was refused, and the assertions and tokens so far.
func (s *tokenServer) drawn() (refusals, sent, issued []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.refusals), slices.Clone(s.sent), slices.Clone(s.issued)
}

// start runs the example of the service. What is kept warm is asked for at once, so
// nothing is dialled before the service answers.
func (s *tokenServer) start(t *testing.T, name string, change *strings.Replacer) *proxytest.Egret {
	t.Helper()
	s.seen = map[string]bool{}
	ready := make(chan struct{})
	egret := startService(t, name, s.service, change, func(o *proxy.Options) {
		dial := o.Dial
		o.Dial = func(ctx context.Context, network, address string) (net.Conn, error) {
			select {
			case <-ready:
				return dial(ctx, network, address)
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
	})
	egret.Upstream.Handle(s.host, s.ServeHTTP)
	egret.Upstream.Handle(s.api, s.ServeHTTP)
	close(ready)
	return egret
}
