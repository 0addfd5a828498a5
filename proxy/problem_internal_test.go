package proxy

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"testing"

	"github.com/egret-proxy/egret/functions"
)

// proxyErrors are the error types of RFC 9209 section 2.3.
var proxyErrors = map[string]bool{
	"dns_timeout": true, "dns_error": true, "destination_not_found": true, "destination_unavailable": true,
	"destination_ip_prohibited": true, "destination_ip_unroutable": true, "connection_refused": true,
	"connection_terminated": true, "connection_timeout": true, "connection_read_timeout": true,
	"connection_write_timeout": true, "connection_limit_reached": true, "tls_protocol_error": true,
	"tls_certificate_error": true, "tls_alert_received": true, "http_request_error": true,
	"http_request_denied": true, "http_response_incomplete": true, "http_response_header_section_size": true,
	"http_response_header_size": true, "http_response_body_size": true, "http_response_trailer_section_size": true,
	"http_response_trailer_size": true, "http_response_transfer_coding": true, "http_response_content_coding": true,
	"http_response_timeout": true, "http_upgrade_failed": true, "http_protocol_error": true,
	"proxy_internal_response": true, "proxy_internal_error": true, "proxy_configuration_error": true,
	"proxy_loop_detected": true,
}

// Every code that there is has a meaning. The list of codes is read out of the
// source, because a list kept beside it would be forgotten as well.
func TestMeanings(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../functions/refusal.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	known := 0
	ast.Inspect(file, func(node ast.Node) bool {
		spec, ok := node.(*ast.ValueSpec)
		if !ok {
			return true
		}
		if kind, ok := spec.Type.(*ast.Ident); !ok || kind.Name != "Code" {
			return true
		}
		for _, value := range spec.Values {
			code, err := strconv.Unquote(value.(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			m, ok := meanings[functions.Code(code)]
			if !ok || m.status < 400 || m.status > 599 || m.title == "" || !proxyErrors[m.proxyError] {
				t.Errorf("code %s has the meaning %+v, want a status, a title and an error type of RFC 9209", code, m)
			}
			known++
		}
		return true
	})
	if known != len(meanings) || known == 0 {
		t.Errorf("there are %d codes and %d meanings, want as many", known, len(meanings))
	}
}
