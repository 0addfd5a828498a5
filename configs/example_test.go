package configs_test

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/egret-proxy/egret/configs"
)

func ExampleLoad() {
	cfg, err := configs.Load(filepath.Join("testdata", "valid", "whole.yaml"), configs.ReadOptions{
		Getenv: func(name string) (string, bool) { return "the-value-of-" + name, true },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(cfg.Listen)
	fmt.Println(cfg.Caches[0].Name, cfg.Caches[0].Kind, cfg.Caches[0].TTL)
	fmt.Println(cfg.Tokens[0].Name, cfg.Tokens[0].Key)
	// Output:
	// 127.0.0.1:8080
	// acme_token token 15m0s
	// acme_api_jwt [secret]
}

func ExampleParse() {
	_, problems := configs.Parse("egret.yaml", []byte(`caches:
  - name: acme_token
    tll: 15m
    key: not to be shown
tokens:
  - {name: stripe_key, cache: acme_tokn, value: not to be shown}
`), configs.ReadOptions{})
	fmt.Println(problems.Detailed())
	// Output:
	// egret.yaml:3:5: caches[0].tll: unknown key, a cache has no tll
	//         tll: 15m
	//         ^ did you mean ttl?
	// egret.yaml:4:5: caches[0].key: unknown key, a cache has no key
	//         key: [secret]
	//         ^
	// egret.yaml:6:31: tokens[0].cache: there is no cache acme_tokn
	//       - {name: stripe_key, cache: acme_tokn, value: [secret]}
	//                                   ^ did you mean acme_token?
}

func ExampleProblems() {
	_, err := configs.Load("no-such-file.yaml", configs.ReadOptions{})
	if problems, ok := errors.AsType[configs.Problems](err); ok {
		fmt.Println(problems)
	}
	// Output:
	// no-such-file.yaml: cannot read the file: no such file or directory
}

func ExampleHostPattern() {
	p, err := configs.ParseHostPattern("*.Acme.test:8443")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p, p.Match("api.acme.test", 8443), p.Match("acme.test", 8443), p.Match("api.acme.test", 443))
	// Output:
	// *.acme.test:8443 true false false
}

func ExamplePathPattern() {
	p, err := configs.ParsePathPattern("/v1/*")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(p.Match("/v1/orders/1"), p.Match("/v1/../admin"), p.Match("/v1/%2e%2e/admin"))
	// Output:
	// true false false
}
