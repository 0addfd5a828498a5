package main

import (
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs"
	"github.com/egret-proxy/egret/functions"
)

// testEnvironment is a small world: one key, one cache, two variables.
func testEnvironment() *childEnvironment {
	return &childEnvironment{
		server: &url.URL{Scheme: "http", Host: "127.0.0.1:4321"}, client: "run", key: configs.NewSecret("KEY-_"),
		direct:  []string{"localhost", "127.0.0.1"},
		files:   runFiles{bundle: "/t/bundle.pem", authority: "/t/ca.pem", store: "/t/trust.p12", java: "/t/java.options", php: "/t/php", wget: "/t/wgetrc"},
		stands:  map[string]string{"ACME_KEY": "ID-1", "OTHER_KEY": "ID-2"},
		removed: []string{"SIGNING", "PATH"},
	}
}

// ours are the variables that are set whatever was there.
func ours(e *childEnvironment) map[string]string {
	all := map[string]string{}
	for _, entry := range e.environ(nil) {
		name, value, _ := cutVariable(entry)
		all[name] = value
	}
	return all
}

func TestChildEnvironmentSets(t *testing.T) {
	const proxy, bundle = "http://run:KEY-_@127.0.0.1:4321", "/t/bundle.pem"
	want := map[string]string{
		"HTTP_PROXY": proxy, "http_proxy": proxy, "HTTPS_PROXY": proxy, "https_proxy": proxy, "ALL_PROXY": proxy, "all_proxy": proxy,
		"NO_PROXY": "localhost,127.0.0.1", "no_proxy": "localhost,127.0.0.1", "NODE_USE_ENV_PROXY": "1",
		"YARN_HTTP_PROXY": proxy, "YARN_HTTPS_PROXY": proxy,
		"SSL_CERT_FILE": bundle, "NIX_SSL_CERT_FILE": bundle, "REQUESTS_CA_BUNDLE": bundle, "PIP_CERT": bundle, "HTTPLIB2_CA_CERTS": bundle,
		"CURL_CA_BUNDLE": bundle, "GIT_SSL_CAINFO": bundle, "CARGO_HTTP_CAINFO": bundle, "DENO_CERT": bundle, "AWS_CA_BUNDLE": bundle,
		"CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE": bundle, "PERL_LWP_SSL_CA_FILE": bundle, "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH": bundle,
		"HEX_CACERTS_PATH": bundle, "JULIA_SSL_CA_ROOTS_FILE": bundle, "NODE_EXTRA_CA_CERTS": "/t/ca.pem",
		"SYSTEM_WGETRC": "/t/wgetrc", "PHP_INI_SCAN_DIR": ":/t/php",
		"JAVA_TOOL_OPTIONS": "-Dhttp.proxyHost=127.0.0.1 -Dhttp.proxyPort=4321 -Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=4321 " +
			"-Dhttp.nonProxyHosts=localhost|127.0.0.1 -Djdk.http.auth.tunneling.disabledSchemes= -Djavax.net.ssl.trustStore=/t/trust.p12 " +
			"-Djavax.net.ssl.trustStoreType=PKCS12 -Djavax.net.ssl.trustStorePassword=changeit " +
			"-XX:+IgnoreUnrecognizedVMOptions -XX:VMOptionsFile=/t/java.options",
		"EGRET_SERVER": "http://127.0.0.1:4321", "EGRET_KEY": "KEY-_", "ACME_KEY": "ID-1", "OTHER_KEY": "ID-2",
	}
	if diff := cmp.Diff(want, ours(testEnvironment())); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}

func TestChildEnvironment(t *testing.T) {
	tests := []struct {
		name   string
		change func(*childEnvironment)
		parent []string
		want   []string // of parent, what is left of it and what it becomes
		differ map[string]string
	}{
		{name: "what is nobody's business stays", parent: []string{"A=1", "EMPTY=", "a=2", "PATH=/bin"}, want: []string{"A=1", "EMPTY=", "a=2", "PATH=/bin"}},
		{name: "twins", parent: []string{"http_proxy=x", "HTTP_PROXY=x", "Http_Proxy=x", "no_Proxy=*", "NO_PROXY=*"}},
		{name: "duplicates", parent: []string{"SSL_CERT_FILE=x", "A=1", "SSL_CERT_FILE=y", "A=2"}, want: []string{"A=1", "A=2"}},
		{name: "other ways past egret", parent: []string{"npm_config_https_proxy=x", "grpc_proxy=x", "SSL_CERT_DIR=/x", "CARGO_HTTP_PROXY=x"}},
		{name: "the admin key", parent: []string{"EGRET_ADMIN_KEY=x", "EGRET_KEY=x", "EGRET_SERVER=x"}},
		{name: "a credential", parent: []string{"ACME_KEY=secret-1", "ACME_KEY=secret-2", "acme_key=mine"}, want: []string{"acme_key=mine"}},
		{name: "a credential under another name", parent: []string{"ALIAS=secret-1", "ACME_KEY=secret-1", "TEXT=a secret-1"}, want: []string{"ALIAS=ID-1", "TEXT=a secret-1"}},
		{name: "a short one is no credential", parent: []string{"ACME_KEY=true", "DEBUG=true"}, want: []string{"DEBUG=true"}},
		{name: "what else is read", parent: []string{"SIGNING=x", "SIGNING=y", "signing=z", "PATH=/bin"}, want: []string{"signing=z", "PATH=/bin"}},
		{name: "no variables", parent: []string{"=C:=C:\\", "nothing"}, want: []string{"=C:=C:\\", "nothing"}},
		{
			name: "Windows", change: func(e *childEnvironment) { e.windows = true },
			parent: []string{"acme_key=secret-1", "Signing=x", "Path=C:\\", "=C:=C:\\"}, want: []string{"Path=C:\\", "=C:=C:\\"},
			differ: map[string]string{"http_proxy": "", "https_proxy": "", "all_proxy": "", "no_proxy": ""},
		},
		{
			name: "options of Java and directories of PHP stay", parent: []string{"JAVA_TOOL_OPTIONS=-Xmx1g", "PHP_INI_SCAN_DIR=/p"},
			differ: map[string]string{"JAVA_TOOL_OPTIONS": "-Xmx1g " + ours(testEnvironment())["JAVA_TOOL_OPTIONS"], "PHP_INI_SCAN_DIR": "/p:/t/php"},
		},
		{name: "PHP without other directories", parent: []string{"PHP_INI_SCAN_DIR="}, differ: map[string]string{"PHP_INI_SCAN_DIR": "/t/php"}},
		{
			name: "no key is needed", change: func(e *childEnvironment) { e.key = configs.Secret{} },
			differ: map[string]string{
				"EGRET_KEY": "", "HTTP_PROXY": "http://127.0.0.1:4321", "http_proxy": "http://127.0.0.1:4321", "HTTPS_PROXY": "http://127.0.0.1:4321",
				"https_proxy": "http://127.0.0.1:4321", "ALL_PROXY": "http://127.0.0.1:4321", "all_proxy": "http://127.0.0.1:4321",
				"YARN_HTTP_PROXY": "http://127.0.0.1:4321", "YARN_HTTPS_PROXY": "http://127.0.0.1:4321",
			},
		},
		{
			name: "no host is exempt", change: func(e *childEnvironment) { e.direct = nil }, parent: []string{"NO_PROXY=*"},
			differ: map[string]string{"NO_PROXY": "", "no_proxy": "", "JAVA_TOOL_OPTIONS": strings.Replace(ours(testEnvironment())["JAVA_TOOL_OPTIONS"], "localhost|127.0.0.1", "", 1)},
		},
		{
			name: "a Java of one's own options", parent: []string{"JAVA_TOOL_OPTIONS=-XX:VMOptionsFile=/mine"},
			differ: map[string]string{"JAVA_TOOL_OPTIONS": "-XX:VMOptionsFile=/mine " + strings.Replace(ours(testEnvironment())["JAVA_TOOL_OPTIONS"],
				" -XX:+IgnoreUnrecognizedVMOptions -XX:VMOptionsFile=/t/java.options", "", 1)},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := testEnvironment()
			if tt.change != nil {
				tt.change(e)
			}
			set := ours(testEnvironment())
			maps.Copy(set, tt.differ)
			want := slices.Clone(tt.want)
			for name, value := range set {
				if value != "" {
					want = append(want, name+"="+value)
				}
			}
			got := e.environ(tt.parent)
			if n := len(tt.want); n <= len(got) {
				if diff := cmp.Diff(tt.want, got[:n:n]); diff != "" && n > 0 {
					t.Errorf("what was there (-want +got):\n%s", diff)
				}
			}
			slices.Sort(want)
			slices.Sort(got)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("environment (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJavaOptionsAreQuoted(t *testing.T) {
	e := testEnvironment()
	e.files.store = "/a b/trust.p12"
	if got, want := javaOptions(e, "", false), ` "-Djavax.net.ssl.trustStore=/a b/trust.p12" `; !strings.Contains(got, want) {
		t.Errorf("options are %s, want %s in them", got, want)
	}
}

func TestDirectHosts(t *testing.T) {
	tests := []struct {
		hosts []string
		want  []string
	}{
		{[]string{"api.acme.test", "*.example.com"}, []string{"localhost", "127.0.0.1"}},
		{[]string{"localhost"}, []string{"127.0.0.1"}},
		{[]string{"LOCALHOST.:3000"}, []string{"127.0.0.1"}},
		{[]string{"127.0.0.1:*"}, []string{"localhost"}},
		{[]string{"127.0.0.1:8080", "localhost:*"}, []string{}},
		{[]string{"*.localhost"}, []string{"127.0.0.1"}},
		{[]string{"api.localhost"}, []string{"127.0.0.1"}},
		{[]string{"notlocalhost", "127.0.0.11"}, []string{"localhost", "127.0.0.1"}},
	}
	for _, tt := range tests {
		var patterns []configs.HostPattern
		rules := configs.Config{}
		for _, host := range tt.hosts {
			p, err := configs.ParseHostPattern(host)
			if err != nil {
				t.Fatal(err)
			}
			patterns = append(patterns, p)
			rules.Egress.Allow = append(rules.Egress.Allow, configs.Rule{Host: p})
		}
		if diff := cmp.Diff(tt.want, directHosts(&rules)); diff != "" {
			t.Errorf("rules %v (-want +got):\n%s", tt.hosts, diff)
		}
		if diff := cmp.Diff(tt.want, directHosts(&configs.Config{Caches: []configs.Cache{{Hosts: patterns}}})); diff != "" {
			t.Errorf("a cache of %v (-want +got):\n%s", tt.hosts, diff)
		}
	}
}

func FuzzChildEnvironment(f *testing.F) {
	f.Add("A=1\x00http_proxy=x\x00ACME_KEY=secret-canary\x00B=secret-canary", false)
	f.Add("=C:=x\x00\x00=\x00acme_key=secret-canary\x00Path=", true)
	f.Add("JAVA_TOOL_OPTIONS=\"\x00PHP_INI_SCAN_DIR=\x00SIGNING=secret-canary", false)
	f.Fuzz(func(t *testing.T, joined string, windows bool) {
		e := testEnvironment()
		e.windows = windows
		parent := strings.Split(joined, "\x00")
		got := e.environ(parent)
		set, count, credential := ours(e), map[string]int{}, lastOf(parent, e, "ACME_KEY")
		for _, entry := range got {
			name, value, ok := cutVariable(entry)
			if !ok {
				continue
			}
			count[name]++
			switch {
			case name == "ACME_KEY" && value != "ID-1", name == "SIGNING":
				t.Errorf("the command has %q", entry)
			case len(value) >= shortestSecret && value == credential && set[name] != value:
				t.Errorf("the command has the credential: %q", entry)
			}
		}
		for name := range set {
			if count[name] != 1 {
				t.Errorf("%s is there %d times", name, count[name])
			}
		}
		if again := e.environ(got); len(again) != len(got) {
			t.Errorf("a second time makes %d variables of %d", len(again), len(got))
		}
	})
}

// lastOf is the value of a variable as a program finds it.
func lastOf(environ []string, e *childEnvironment, want string) string {
	last := ""
	for _, entry := range environ {
		if name, value, ok := cutVariable(entry); ok && e.name(name) == want {
			last = value
		}
	}
	return last
}

func TestRefusedHosts(t *testing.T) {
	denied, private := functions.Refuse(functions.EgressDenied, ""), functions.Refuse(functions.PrivateAddress, "")
	type request struct {
		host string
		port uint16
		r    *functions.Refusal
	}
	tests := []struct {
		name     string
		requests []request
		want     string
	}{
		{"none", nil, ""},
		{"others", []request{{"a.test", 443, functions.Refuse(functions.CacheHostDenied, "")}}, ""},
		{
			"sorted, once each",
			[]request{{"b.test", 443, denied}, {"a.test", 8443, denied}, {"b.test", 80, denied}, {"::1", 3000, denied}, {"::1", 80, denied}},
			"egret: hint: 4 hosts refused. What you mean to permit, add to the configuration:\n" +
				"egress:\n  allow:\n    - \"[::1]\"\n    - \"[::1]:3000\"\n    - a.test:8443\n    - b.test\n",
		},
		{
			"addresses",
			[]request{{"10.1.2.3", 8080, private}, {"a.test", 443, denied}},
			"egret: hint: 2 hosts refused. What you mean to permit, add to the configuration:\n" +
				"egress:\n  allow:\n    - a.test\n  allow_private:\n    - 10.1.2.3\n",
		},
		{
			"a name of a private address",
			[]request{{"intranet.test", 80, private}},
			"egret: hint: intranet.test was refused, because its address is not public: add that to egress.allow_private\n",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var h refusedHosts
			for _, r := range tt.requests {
				h.add(r.host, r.port, r.r)
			}
			var got strings.Builder
			h.print(&got)
			if diff := cmp.Diff(tt.want, got.String()); diff != "" {
				t.Errorf("printed (-want +got):\n%s", diff)
			}
			if _, yaml, found := strings.Cut(got.String(), "configuration:\n"); found {
				if _, problems := configs.Parse("egret.yaml", []byte(yaml), configs.ReadOptions{}); len(problems) > 0 {
					t.Errorf("what is to be added cannot be read: %v", problems)
				}
			}
		})
	}
}

func TestRefusedHostsAreBounded(t *testing.T) {
	var h refusedHosts
	for port := range uint16(1000) {
		h.add("a.test", 1000+port, functions.Refuse(functions.EgressDenied, ""))
	}
	var got strings.Builder
	h.print(&got)
	if lines := strings.Count(got.String(), "    - "); lines != maxRefused {
		t.Errorf("%d hosts are listed, want %d", lines, maxRefused)
	}
	if want := "100 hosts, and more refused."; !strings.Contains(got.String(), want) {
		t.Errorf("got %q, want %q in it", got.String(), want)
	}
}

// What egret run says where there is no configuration is one.
func TestAdviceIsAConfiguration(t *testing.T) {
	_, yaml, _ := strings.Cut(errNoConfiguration.Error(), "\n")
	cfg, problems := configs.Parse("egret.yaml", []byte(yaml), configs.ReadOptions{Getenv: func(string) (string, bool) { return "0123456789", true }})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff([]configs.Variable{{Name: "ACME_KEY", Cache: "acme"}}, cfg.Variables()); diff != "" {
		t.Errorf("variables (-want +got):\n%s", diff)
	}
}
