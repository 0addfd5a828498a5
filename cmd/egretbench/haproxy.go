package main

import (
	"context"
	"runtime"
	"strconv"
	"strings"
)

// haproxyHTTP does what nginxHTTP does.
const haproxyHTTP = haproxyGlobal + `defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 5m
  timeout server 5m
listen bench
  bind LISTENBIND
  http-request set-header Authorization "AUTHORIZATION"
  server up UPSTREAMSERVER
`

const haproxyGlobal = `global
  maxconn 4096
  nbthread WORKERS
  ssl-default-bind-options ssl-min-ver TLSv1.3
  ssl-default-server-options ssl-min-ver TLSv1.3
`

const (
	haproxyBind   = " ssl crt PAIR"
	haproxyServer = " ssl verify required ca-file CERT verifyhost 127.0.0.1"
)

var haproxyConfs = map[traffic]string{
	plain:     strings.NewReplacer("LISTENBIND", "LISTEN", "UPSTREAMSERVER", "UPSTREAM").Replace(haproxyHTTP),
	secure:    strings.NewReplacer("LISTENBIND", "LISTEN", "UPSTREAMSERVER", "UPSTREAM"+haproxyServer).Replace(haproxyHTTP),
	decrypted: strings.NewReplacer("LISTENBIND", "LISTEN"+haproxyBind, "UPSTREAMSERVER", "UPSTREAM"+haproxyServer).Replace(haproxyHTTP),
	blind: haproxyGlobal + `defaults
  mode tcp
  option splice-auto
  timeout connect 5s
  timeout client 5m
  timeout server 5m
listen bench
  bind LISTEN
  server up UPSTREAM
`,
}

func startHAProxy(ctx context.Context, s *stage) (*system, error) {
	threads := s.settings.CPUs
	if threads == 0 {
		threads = runtime.NumCPU()
	}
	conf := strings.ReplaceAll(haproxyConfs[s.what.traffic], "WORKERS", strconv.Itoa(threads))
	return startPeer(ctx, s, "haproxy", conf, func(file string) []string {
		return []string{"-db", "-f", file}
	})
}
