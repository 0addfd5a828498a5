package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// nginxHTTP sets a static credential on the way to one upstream: what egret
// does, without the choice of whom it may go to. Nothing else is done that
// costs: no log, and no file for an answer.
const nginxHTTP = nginxGlobal + `http {
  access_log off;
  client_body_temp_path DIR/body;
  proxy_temp_path DIR/proxy;
  fastcgi_temp_path DIR/fastcgi;
  uwsgi_temp_path DIR/uwsgi;
  scgi_temp_path DIR/scgi;
  upstream up {
    server UPSTREAM;
    keepalive 256;
    keepalive_requests 1000000000;
    keepalive_time 1h;
  }
  server {
    listen LISTEN backlog=4096SSL;
    keepalive_requests 1000000000;
    location / {
      proxy_pass SCHEME://up;
      proxy_http_version 1.1;
      proxy_max_temp_file_size 0;
      proxy_set_header Connection "";
      proxy_set_header Authorization "AUTHORIZATION";
    }
  }
MORE}
`

const nginxGlobal = `daemon off;
worker_processes WORKERS;
worker_rlimit_nofile 8192;
pid DIR/nginx.pid;
error_log stderr error;
events { worker_connections 4096; }
`

// nginxUpstreamTLS is TLS towards the upstream, nginxTLS that of clients.
const (
	nginxUpstreamTLS = `  proxy_ssl_protocols TLSv1.3;
  proxy_ssl_trusted_certificate CERT;
  proxy_ssl_verify on;
  proxy_ssl_name 127.0.0.1;
`
	nginxTLS = `  ssl_certificate PAIR;
  ssl_certificate_key PAIR;
  ssl_protocols TLSv1.3;
  ssl_session_timeout 1h;
`
)

var nginxConfs = map[traffic]string{
	plain:     strings.NewReplacer("SSL", "", "SCHEME", "http", "MORE", "").Replace(nginxHTTP),
	secure:    strings.NewReplacer("SSL", "", "SCHEME", "https", "MORE", nginxUpstreamTLS).Replace(nginxHTTP),
	decrypted: strings.NewReplacer("SSL", " ssl", "SCHEME", "https", "MORE", nginxUpstreamTLS+nginxTLS).Replace(nginxHTTP),
	blind: "MODULE\n" + nginxGlobal + `stream {
  server {
    listen LISTEN backlog=4096;
    proxy_pass UPSTREAM;
  }
}
`,
}

func startNginx(ctx context.Context, s *stage) (*system, error) {
	workers := "auto"
	if s.settings.CPUs > 0 {
		workers = strconv.Itoa(s.settings.CPUs)
	}
	_, load := nginxStream()
	conf := strings.NewReplacer("WORKERS", workers, "MODULE", load).Replace(nginxConfs[s.what.traffic])
	return startPeer(ctx, s, "nginx", conf, func(file string) []string {
		return []string{"-p", s.dir, "-c", file, "-e", "stderr"}
	})
}

// missingNginx says why this nginx cannot do something.
func missingNginx(what traffic) string {
	if found, _ := nginxStream(); what == blind && !found {
		return "its module stream is not installed"
	}
	return ""
}

// nginxStream tells whether nginx can pass bytes on, and the line with which it
// loads its module for that; none if it is built in.
func nginxStream() (found bool, load string) {
	text, err := exec.Command("nginx", "-V").CombinedOutput()
	if err != nil {
		return false, ""
	}
	modules := ""
	for word := range strings.FieldsSeq(string(text)) {
		if dir, is := strings.CutPrefix(word, "--modules-path="); is {
			modules = dir
		}
		found = found || word == "--with-stream"
	}
	file := filepath.Join(modules, "ngx_stream_module.so")
	if _, err := os.Stat(file); err == nil && !found {
		return true, "load_module " + file + ";"
	}
	return found, ""
}
