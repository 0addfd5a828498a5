package proxy_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/proxy"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// A running egret says what a reload would change, without being sent more than
// sums, and without telling its own.
func TestCompare(t *testing.T) {
	e := start(t, acme)
	e.Canary.Add(e.AdminKey())
	tests := []struct {
		what, old, new string
		want           []string
	}{
		{what: "nothing", want: []string{}},
		{what: "instructions", old: "Looks up", new: "Finds", want: []string{"changed functions order"}},
		{what: "Function that stores", old: "acme.test/stored", new: "acme.test/else", want: []string{"changed functions stored: the answers that it has stored are not used any more"}},
		{what: "token", old: "sub: agent", new: "sub: other", want: []string{"changed tokens acme_jwt: its cache is filled anew"}},
		{what: "listen", old: "admin:", new: "listen: 127.0.0.1:1\nadmin:", want: []string{"changed listen: needs a restart"}},
		{what: "rules", old: "admin:", new: "egress: {default: allow}\nadmin:", want: []string{"changed egress"}},
		{what: "client", old: "admin:", new: "clients: [{name: a, key: 0123456789abcdef-key}]\nadmin:", want: []string{"added clients a"}},
	}
	for _, tt := range tests {
		if !strings.Contains(acme, tt.old) {
			t.Fatalf("%s: the file has no %q", tt.what, tt.old)
		}
		if diff := cmp.Diff(tt.want, changesBy(t, e, strings.Replace(acme, tt.old, tt.new, 1))); diff != "" {
			t.Errorf("%s: differences (-want +got):\n%s", tt.what, diff)
		}
	}
	if err := e.Reload(strings.Replace(acme, "admin:", "state: elsewhere\nadmin:", 1)); err == nil {
		t.Fatal("got no error for a change of state, want one")
	}
	if got := changesBy(t, e, acme); len(got) != 0 {
		t.Errorf("got %q for the file that egret was started with, want no difference", got)
	}
	for _, body := range []string{"", "null", "[]", "{}", `{"entries":1}`} {
		wantRefusal(t, e.Do("POST", e.AdminURL+"/api/check", body, "Authorization", "Bearer "+e.AdminKey()), 400, "malformed_request")
	}
	wantRefusal(t, e.Do("POST", e.AdminURL+"/api/check", `{"entries":[]}`), 401, "unauthenticated")
}

// changesBy asks egret what a configuration would change.
func changesBy(t *testing.T, e *proxytest.Egret, yaml string) []string {
	t.Helper()
	file := filepath.Join(filepath.Dir(e.File), "next.yaml")
	if !strings.Contains(yaml, "\nlisten:") && !strings.HasPrefix(yaml, "listen:") {
		yaml = "listen: 127.0.0.1:0\n" + yaml
	}
	if err := os.WriteFile(file, []byte(yaml), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg, err := proxy.Load(file, configs.ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(map[string]any{"entries": cfg.Summary()})
	if err != nil {
		t.Fatal(err)
	}
	answer := e.Do("POST", e.AdminURL+"/api/check", string(body), "Authorization", "Bearer "+e.AdminKey())
	wantOK(t, answer)
	var got struct{ Changes []proxy.Difference }
	if err := json.Unmarshal([]byte(answer.Body), &got); err != nil {
		t.Fatal(err)
	}
	lines := []string{}
	for _, d := range got.Changes {
		line := strings.TrimSpace(d.Kind + " " + d.Section + " " + d.Name)
		if d.Effect != "" {
			line += ": " + d.Effect
		}
		lines = append(lines, line)
	}
	return lines
}
