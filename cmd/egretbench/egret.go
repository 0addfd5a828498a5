package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// egretPackage is what `go build` builds.
const egretPackage = "github.com/egret-proxy/egret/cmd/egret"

// buildEgret builds egret into dir, without cgo as `make build` does.
func buildEgret(ctx context.Context, dir string) (file string, err error) {
	file = filepath.Join(dir, "egret")
	build := exec.CommandContext(ctx, "go", "build", "-o", file, egretPackage) //nolint:gosec // a directory of our own making
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build egret: %w: %s", err, output)
	}
	return file, nil
}

// The Functions of the configuration. Of each pair, one has a schema that needs
// the schema library, for a keyword that a direct check does not know.
const (
	callFunction          = "order"
	callLibraryFunction   = "order_library"
	cachedFunction        = "order_cached"
	cachedLibraryFunction = "order_cached_library"
)

// The arguments of every call, and the request that egret makes of them.
const (
	callArguments = `{"customer":"C-1001","sku":"A-1001","quantity":3,"note":"leave it at the door","auth_token":"` + tokenID + `"}`
	callPath      = "/v1/customers/C-1001/orders?expand=items"
	callBody      = `{"sku":"A-1001","quantity":3,"note":"leave it at the door","source":{"name":"bench","version":1}}`
)

const egretYAML = `listen: LISTEN
admin: ADMIN
state: STATE

egress:
  allow: ["PLAIN"]

caches:
  - name: bench_token
    id: TOKENID
    ttl: 1h
    hosts: ["NAMED"]
  - name: results
    ttl: 1h

tokens:
  - name: bench_jwt
    cache: bench_token
    algorithm: HS256
    key_type: Secret
    key: a-key-of-the-benchmark-0123456789abcdef
    claims: {iss: egret, sub: bench}

functions:
`

const functionYAML = `  - name: NAME
    parameters:
      type: object
      required: [customer, sku, quantity, auth_token]
      additionalProperties: false
      properties:
        customer: {type: string, pattern: "^C-[0-9]+$"}
        sku: {type: string, maxLength: 40}
        quantity: {type: integer, minimum: 1, maximum: 100}
        note: {type: string, maxLength: 200}
        auth_token: {type: string}
EXTRA    url: http://NAMED/v1/customers/{/customer}/orders?expand=items
    headers: {Authorization: "Bearer {/auth_token}"}
    json: {sku: </sku>, quantity: </quantity>, note: </note>, source: {name: bench, version: 1}}
`

// libraryKeyword is what makes a schema need the library.
const libraryKeyword = `      dependentRequired: {note: [sku]}
`

// egretConfig is the configuration of the egret that is measured.
func egretConfig(listen, admin, state string, up upstreamHello) string {
	var b strings.Builder
	b.WriteString(egretYAML)
	for _, f := range []struct{ name, extra string }{
		{callFunction, ""},
		{callLibraryFunction, libraryKeyword},
		{cachedFunction, "    cache: results\n"},
		{cachedLibraryFunction, libraryKeyword + "    cache: results\n"},
	} {
		b.WriteString(strings.NewReplacer("NAME\n", f.name+"\n", "EXTRA", f.extra).Replace(functionYAML))
	}
	return strings.NewReplacer("LISTEN", listen, "ADMIN", admin, "STATE", strconv.Quote(state), "TOKENID", tokenID,
		"PLAIN", up.Plain, "NAMED", up.Named).Replace(b.String())
}

func startEgret(ctx context.Context, s *stage) (*system, error) {
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	admin, err := freePort()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(s.dir, "egret.yaml")
	if err := os.WriteFile(file, []byte(egretConfig(listen, admin, filepath.Join(s.dir, "state"), s.hello)), 0o600); err != nil {
		return nil, err
	}
	p, err := start(ctx, command{name: egretName, path: s.egret, args: []string{"serve", "-c", file}, env: goEnv(s.settings.CPUs)})
	if err != nil {
		return nil, err
	}
	// Ready, all of it: egret answers no before every token has been made.
	ready := func(ctx context.Context) error {
		_, err := control(ctx, admin, "/readyz?strict")
		return err
	}
	if err := p.await(ctx, startUp, ready); err != nil {
		p.stop()
		return nil, err
	}
	return &system{
		process: p, stop: p.stop, address: listen, forward: true,
		mallocs: func(ctx context.Context) (uint64, error) { return scrapeMallocs(ctx, admin) },
	}, nil
}

// control asks egret's control plane.
func control(ctx context.Context, admin, path string) (text string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+admin+path, nil)
	if err != nil {
		return "", err
	}
	response, err := direct.Do(request)
	if err != nil {
		return "", err
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return "", err
	}
	if response.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s answers %s", path, response.Status)
	}
	return string(body), nil
}

// direct uses no proxy, whatever the environment says, and a new connection
// each time: no scrape finds the connection of the last one closed.
var direct = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// scrapeMallocs reads the number of allocated objects from /metrics.
func scrapeMallocs(ctx context.Context, admin string) (uint64, error) {
	text, err := control(ctx, admin, "/metrics")
	if err != nil {
		return 0, err
	}
	return parseMallocs(text)
}

// parseMallocs finds the counter of the Go collector in the text format of
// Prometheus.
func parseMallocs(text string) (uint64, error) {
	const name = "go_memstats_mallocs_total "
	lines := bufio.NewScanner(strings.NewReader(text))
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name); found {
			n, err := strconv.ParseFloat(value, 64)
			return uint64(n), err
		}
	}
	return 0, errors.New("/metrics does not have " + strings.TrimSpace(name))
}
