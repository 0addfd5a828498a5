package main_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestImportProblem(t *testing.T) {
	tests := []struct {
		dir, imported string
		test          bool
		want          string // a part of the problem, "" is none
	}{
		{dir: "configs", imported: "templates"},
		{dir: "templates", imported: "configs", want: "does not stand before templates"},
		{dir: "caches", imported: "tokens", want: "does not stand before caches"},
		{dir: "proxy", imported: "tokens"},
		{dir: "functions", imported: "tokens", want: "only as the value of a cache"},
		{dir: "functions", imported: "tokens", test: true, want: "only as the value of a cache"},
		{dir: "proxy/upstream", imported: "proxy/egress"},
		{dir: "proxy/egress", imported: "proxy/upstream", want: "does not stand before"},
		{dir: "proxy/egress", imported: "proxy", want: "does not stand before"},
		{dir: "proxy", imported: "proxy/egress"},
		{dir: "proxy/proxytest", imported: "proxy"},
		{dir: "proxy", imported: "proxy/proxytest", want: "does not stand before"},
		{dir: "proxy", imported: "proxy/proxytest", test: true},
		{dir: "templates", imported: "proxy/proxytest", test: true},
		{dir: "cmd/egret", imported: "proxy/proxytest"},
		{dir: "cmd/egret", imported: "templates"},
		{dir: "proxy", imported: "cmd/egret", want: "does not stand before"},
		{dir: "templates", imported: "templates", test: true},
		{dir: "templates", imported: "templates", want: "does not stand before"},
		{dir: "caches/cachestest", imported: "caches"},
		{dir: "caches/cachestest", imported: "tokens", want: "does not stand before"},
		{dir: "caches", imported: "caches/cachestest", want: "does not stand before"},
		{dir: "caches", imported: "caches/cachestest", test: true},
		{dir: "tokens", imported: "caches/cachestest", want: "is for tests"},
		{dir: "tokens", imported: "caches/cachestest", test: true},
		{dir: "proxy/util", imported: "templates", want: "has no place"},
		{dir: "proxy", imported: "proxy/util", want: "has no place"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s imports %s, test %t", tt.dir, tt.imported, tt.test), func(t *testing.T) {
			checkProblem(t, importProblem(tt.dir, tt.imported, tt.test), tt.want)
		})
	}
}

func TestUseProblem(t *testing.T) {
	tests := []struct {
		file, use string
		test      bool
		want      string
	}{
		{file: "proxy/x.go", use: "github.com/valyala/fasthttp"},
		{file: "proxy/upstream/x.go", use: "github.com/valyala/fasthttp/fasthttputil"},
		{file: "functions/x.go", use: "github.com/valyala/fasthttp", want: "belongs in proxy"},
		{file: "cmd/egretbench/x.go", use: "github.com/valyala/fasthttp"},
		{file: "cmd/egret/x.go", use: "github.com/valyala/fasthttp", want: "belongs in proxy"},
		{file: "functions/x.go", use: "github.com/valyala/fasthttp/fasthttputil", test: true, want: "belongs in proxy"},
		{file: "tokens/x.go", use: "github.com/golang-jwt/jwt/v5"},
		{file: "proxy/x.go", use: "github.com/golang-jwt/jwt/v5", want: "belongs in tokens"},
		{file: "proxy/x.go", use: "github.com/golang-jwt/jwt/v5", test: true},
		{file: "tokensigner/x.go", use: "github.com/golang-jwt/jwt/v5", want: "belongs in tokens"},
		{file: "cmd/egret/orderapi.go", use: "github.com/golang-jwt/jwt/v5"},
		{file: "cmd/egret/orderapi.go", use: "net/http.ListenAndServe", want: "belongs in proxy"},
		{file: "proxy/x.go", use: "net/http.Server"},
		{file: "cmd/egret/x.go", use: "net/http.Server", want: "belongs in proxy"},
		{file: "cmd/egret/x.go", use: "net/http.Client"},
		{file: "functions/x.go", use: "net/http/httptest", test: true},
		{file: "cmd/egret/x.go", use: "os.Exit"},
		{file: "cmd/egretbench/main.go", use: "os.Exit"},
		{file: "cmd/egretbench/x.go", use: "os.Exit", want: "belongs in cmd/egret"},
		{file: "proxy/x.go", use: "os.Exit", want: "belongs in cmd/egret"},
		{file: "proxy/x.go", use: "log.Fatalf", want: "belongs in cmd/egret"},
		{file: "proxy/x.go", use: "os"},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s uses %s, test %t", tt.file, tt.use, tt.test), func(t *testing.T) {
			checkProblem(t, useProblem(tt.file, tt.use, tt.test), tt.want)
		})
	}
}

func checkProblem(t *testing.T, err error, want string) {
	t.Helper()
	got := fmt.Sprint(err)
	if (err == nil) != (want == "") || !strings.Contains(got, want) && want != "" {
		t.Errorf("got problem %q, want one with %q", got, want)
	}
}

// TestLayoutProblems reads made-up modules, each with all that is wrong in it.
func TestLayoutProblems(t *testing.T) {
	tests := []struct {
		name  string
		files map[string]string
		want  []string
	}{
		{
			name: "a file imports to its right",
			files: map[string]string{
				"tokens/token.go": `package tokens; import _ "` + modulePath + `proxy"`,
			},
			want: []string{"tokens/token.go uses proxy, which does not stand before tokens in the import order"},
		},
		{
			name: "a file that this platform does not build counts",
			files: map[string]string{
				"functions/key_plan9.go": "//go:build plan9\n\npackage functions; import _ \"" + modulePath + `tokens"`,
			},
			want: []string{"functions/key_plan9.go uses tokens: a Function meets a token only as the value of a cache"},
		},
		{
			name: "a renamed import is seen through",
			files: map[string]string{
				"caches/store.go": `package caches; import leave "os"; func end() { leave.Exit(1) }`,
			},
			want: []string{"caches/store.go uses os.Exit, which belongs in cmd/egret: main alone ends the process"},
		},
		{
			name: "another package's name is not confused",
			files: map[string]string{
				"caches/store.go": `package caches; import os "path"; func end() string { return os.Exit() }`,
			},
		},
		{
			name:  "a package without words about itself",
			files: map[string]string{"configs/doc.go": "package configs"},
			want:  []string{"configs has no package comment"},
		},
		{
			name: "the comment of a test does not count",
			files: map[string]string{
				"configs/doc.go":      "package configs",
				"configs/doc_test.go": "// Package configs_test tests.\npackage configs_test",
			},
			want: []string{"configs has no package comment"},
		},
		{
			name: "a package nobody placed, in a directory nobody knows",
			files: map[string]string{
				"util/util.go":         "// Package util has everything.\npackage util",
				"docs/example/main.md": "no Go",
				".ci/tool/testdata":    "not looked into",
			},
			want: []string{"util has no place in the import order", "util is no top-level directory of egret"},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			module := fstest.MapFS{}
			for _, dir := range topLevel {
				pkg := dir
				if dir == "cmd" {
					dir, pkg = "cmd/egret", "main"
				}
				module[dir+"/doc.go"] = &fstest.MapFile{Data: fmt.Appendf(nil, "// Package %s is there.\npackage %s", pkg, pkg)}
			}
			for name, text := range tt.files {
				module[name] = &fstest.MapFile{Data: []byte(text)}
			}
			got, err := layoutProblems(module)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("problems (-want +got):\n%s", diff)
			}
		})
	}
}
