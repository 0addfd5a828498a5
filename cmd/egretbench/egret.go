package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
)

// egretPackage is what `go build` builds.
const egretPackage = "github.com/egret-proxy/egret/cmd/egret"

// egretFile gives the egret that is built already, or when that is "" builds one
// into dir, without cgo as `make build` does.
func egretFile(ctx context.Context, built, dir string) (string, error) {
	if built != "" {
		return built, nil
	}
	file := filepath.Join(dir, "egret")
	build := exec.CommandContext(ctx, "go", "build", "-o", file, egretPackage) //nolint:gosec // a directory of our own making
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("cannot build egret: %w: %s", err, output)
	}
	return file, nil
}

// startEgret starts an egret with the journal of this name.
func startEgret(name string) func(context.Context, *stage) (*system, error) {
	return func(ctx context.Context, s *stage) (*system, error) { return serveEgret(ctx, s, name) }
}

func serveEgret(ctx context.Context, s *stage, name string) (*system, error) {
	dir := filepath.Join(s.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	listen, err := freePort()
	if err != nil {
		return nil, err
	}
	admin, err := freePort()
	if err != nil {
		return nil, err
	}
	file := filepath.Join(dir, "egret.yaml")
	if err := os.WriteFile(file, []byte(egretConfig(listen, admin, filepath.Join(dir, "state"), journals[name], s.authority.cert, s.hello)), 0o600); err != nil {
		return nil, err
	}
	var roots []byte
	if s.what.traffic == decrypted {
		if roots, err = egretAuthority(ctx, s.egret, file); err != nil {
			return nil, err
		}
	}
	p, err := start(ctx, command{name: name, path: s.egret, args: []string{"serve", "-c", file}, env: goEnv(s.settings.CPUs)})
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
		process: p, stop: p.stop, address: listen, forward: true, roots: roots,
		mallocs: func(ctx context.Context) (uint64, error) { return scrapeMallocs(ctx, admin) },
	}, nil
}

// egretAuthority gives the certificate of the authority that an egret has of its
// own, in PEM.
func egretAuthority(ctx context.Context, egret, config string) ([]byte, error) {
	text, err := exec.CommandContext(ctx, egret, "ca", "-c", config).Output() //nolint:gosec // the egret that is measured
	if err != nil {
		return nil, fmt.Errorf("cannot ask egret for its authority: %w", err)
	}
	return text, nil
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
