package proxytest_test

import (
	"encoding/json"
	"io"
	"mime"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/egret-proxy/egret/configs/configstest"
	"github.com/egret-proxy/egret/configs/curl"
	"github.com/egret-proxy/egret/proxy/proxytest"
)

// The lines at the top of a command of testdata: what variables hold, the files
// that curl reads, and the arguments that stand for those files.
var (
	importVariable  = regexp.MustCompile(`(?m)^# ([A-Z][A-Z0-9_]*)=(.+)$`)
	importFile      = regexp.MustCompile(`(?m)^# file (\S+) (.+)$`)
	importArguments = regexp.MustCompile(`(?m)^# arguments (.+)$`)
	importFunction  = regexp.MustCompile(`(?m)^functions:\n  - name: (\S+)$`)
)

// What curl sends and what the Function sends that is imported of the same command
// is the same request, credentials and all.
func TestImportedCurlSendsTheSame(t *testing.T) {
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			configstest.Missing(t, "%s is not installed", program)
		}
	}
	commands, err := filepath.Glob("../../configs/curl/testdata/*.sh")
	if err != nil || len(commands) < 30 {
		t.Fatalf("got %d commands and error %v, want 30 or more", len(commands), err)
	}
	r := startRecorder(t)
	for _, file := range commands {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".sh"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			variables := map[string]string{}
			for _, m := range importVariable.FindAllStringSubmatch(string(text), -1) {
				variables[m[1]] = m[2]
			}
			want := r.curl(t, string(text), variables)
			got := importAndCall(t, string(text), variables)
			compareRequests(t, want, got)
		})
	}
}

// importAndCall gives what the upstream receives of the Function.
func importAndCall(t *testing.T, command string, variables map[string]string) sentRequest {
	t.Helper()
	result, err := curl.Import(command, curl.Options{})
	if err != nil {
		t.Fatal(err)
	}
	egret := proxytest.Start(t, string(result.YAML), proxytest.Environment(variables))
	arguments := "{}"
	if m := importArguments.FindStringSubmatch(command); m != nil {
		arguments = m[1]
	}
	name := importFunction.FindStringSubmatch(string(result.YAML))[1]
	if answer := egret.Call(strings.Trim(name, `"`), arguments); answer.Status != 200 || answer.Get("ok") != "true" {
		t.Fatalf("the call gave %d %s for\n%s", answer.Status, answer.Body, result.YAML)
	}
	request := egret.Upstream.Last(t)
	return sentRequest{request.Scheme, request.Method, request.Host, request.Target, request.Header, request.Body}
}

// A sentRequest is a request as a server received it.
type sentRequest struct {
	scheme, method, host, target string
	header                       http.Header
	body                         string
}

// compareRequests holds the request of a Function against that of curl. JSON,
// forms and queries may be written differently.
func compareRequests(t *testing.T, want, got sentRequest) {
	t.Helper()
	if diff := cmp.Diff([]string{want.scheme, want.method, want.host}, []string{got.scheme, got.method, got.host}); diff != "" {
		t.Errorf("scheme, method and host (-curl +egret):\n%s", diff)
	}
	wantPath, wantQuery, _ := strings.Cut(want.target, "?")
	gotPath, gotQuery, _ := strings.Cut(got.target, "?")
	if wantPath != gotPath {
		t.Errorf("got path %s, want that of curl, %s", gotPath, wantPath)
	}
	if diff := cmp.Diff(pairsOf(t, wantQuery), pairsOf(t, gotQuery)); diff != "" {
		t.Errorf("query (-curl +egret):\n%s", diff)
	}
	for name, values := range want.header {
		if slices.Contains([]string{"Content-Length", "Expect", "Accept-Encoding", "Connection"}, name) ||
			name == "Accept" && values[0] == "*/*" || name == "User-Agent" && strings.HasPrefix(values[0], "curl/") {
			continue
		}
		have := got.header.Values(name)
		switch {
		case name == "Idempotency-Key":
			values, have = values[:0], nil // Each call has one of its own.
		case strings.HasPrefix(values[0], "multipart/form-data"):
			values, have = []string{"multipart/form-data"}, []string{strings.SplitN(have[0], ";", 2)[0]}
		}
		if len(values)+len(have) > 0 && !slices.Equal(values, have) {
			t.Errorf("got header %s: %q, want that of curl, %q", name, have, values)
		}
	}
	wantBody, gotBody := meaning(t, want), meaning(t, got)
	if diff := cmp.Diff(wantBody, gotBody); diff != "" {
		t.Errorf("body (-curl +egret):\n%s", diff)
	}
}

// pairsOf takes a form apart, in its order.
func pairsOf(t *testing.T, text string) [][2]string {
	t.Helper()
	var pairs [][2]string
	for pair := range strings.SplitSeq(text, "&") {
		rawName, rawValue, _ := strings.Cut(pair, "=")
		name, err := url.QueryUnescape(rawName)
		value, valueErr := url.QueryUnescape(rawValue)
		if err != nil || valueErr != nil {
			t.Fatalf("got a form that cannot be read: %s", text)
		}
		pairs = append(pairs, [2]string{name, value})
	}
	return pairs
}

// meaning is what a body says, in a form that can be compared.
func meaning(t *testing.T, r sentRequest) any {
	t.Helper()
	decoder := json.NewDecoder(strings.NewReader(r.body))
	decoder.UseNumber()
	var document any
	if (strings.HasPrefix(r.body, "{") || strings.HasPrefix(r.body, "[")) && decoder.Decode(&document) == nil && !decoder.More() {
		return document
	}
	kind, parameters, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	switch kind {
	case "application/x-www-form-urlencoded":
		return pairsOf(t, r.body)
	case "multipart/form-data":
		return partsOf(t, multipart.NewReader(strings.NewReader(r.body), parameters["boundary"]))
	}
	return r.body
}

// partsOf takes a multipart body apart.
func partsOf(t *testing.T, reader *multipart.Reader) [][]string {
	t.Helper()
	var parts [][]string
	for {
		part, err := reader.NextRawPart()
		if err == io.EOF {
			return parts
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, []string{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), string(content)})
	}
}

// A recorder is a server on loopback for the real curl.
type recorder struct {
	plain, tls *httptest.Server
	requests   chan sentRequest
}

func startRecorder(t *testing.T) *recorder {
	r := &recorder{requests: make(chan sentRequest, 1)}
	handler := func(scheme string) http.Handler {
		return http.HandlerFunc(func(_ http.ResponseWriter, request *http.Request) {
			body, err := io.ReadAll(request.Body)
			if err == nil {
				r.requests <- sentRequest{scheme, request.Method, request.Host, request.RequestURI, request.Header, string(body)}
			}
		})
	}
	r.plain, r.tls = httptest.NewServer(handler("http")), httptest.NewTLSServer(handler("https"))
	t.Cleanup(r.plain.Close)
	t.Cleanup(r.tls.Close)
	return r
}

// curl runs a command with the real curl, which connects to the recorder whatever
// the host is.
func (r *recorder) curl(t *testing.T, command string, variables map[string]string) sentRequest {
	t.Helper()
	directory := t.TempDir()
	for _, m := range importFile.FindAllStringSubmatch(command, -1) {
		file := filepath.Join(directory, m[1])
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(m[2]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	port := func(s *httptest.Server) string {
		_, port, err := net.SplitHostPort(s.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		return port
	}
	var connect strings.Builder
	for from, to := range map[string]string{"443": port(r.tls), "80": port(r.plain), "8086": port(r.plain), "9200": port(r.plain)} {
		connect.WriteString(" --connect-to :" + from + ":127.0.0.1:" + to)
	}
	script := "curl() { command curl -q -k --no-progress-meter --http1.1 --noproxy '*'" + connect.String() + " \"$@\"; }\n" +
		"gcloud() { printf %s \"$STORAGE_GOOGLEAPIS_COM_TOKEN\"; }\n" + command
	c := exec.CommandContext(t.Context(), "bash", "-c", script)
	c.Dir, c.Env = directory, []string{"PATH=" + os.Getenv("PATH"), "HOME=" + directory}
	for name, value := range variables {
		c.Env = append(c.Env, name+"="+value)
	}
	if output, err := c.CombinedOutput(); err != nil {
		t.Fatalf("curl ended with %v: %s", err, output)
	}
	select {
	case request := <-r.requests:
		return request
	default:
		t.Fatal("curl sent nothing")
	}
	return sentRequest{}
}
