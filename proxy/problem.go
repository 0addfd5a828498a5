package proxy

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/dunglas/httpsfv"

	"github.com/egret-proxy/egret/functions"
)

// A meaning is what a code becomes on the wire: the status, the title of RFC
// 9457 section 3.1.3, and the error type of RFC 9209 section 2.3.
type meaning struct {
	status     int
	title      string
	proxyError string
}

// meanings has one line for each code. A test holds it against the list of
// codes.
var meanings = map[functions.Code]meaning{
	functions.MalformedRequest:     {400, "Malformed request", "http_request_error"},
	functions.Unauthenticated:      {401, "Unauthenticated", "http_request_denied"},
	functions.FunctionDenied:       {403, "Function denied", "http_request_denied"},
	functions.CacheDenied:          {403, "Cache denied", "http_request_denied"},
	functions.CacheHostDenied:      {403, "Cache not permitted for this host", "http_request_denied"},
	functions.SurfaceDenied:        {403, "Cache not permitted in this place", "http_request_denied"},
	functions.CleartextDenied:      {403, "Value not permitted over plain HTTP", "http_request_denied"},
	functions.EgressDenied:         {403, "Destination not permitted", "http_request_denied"},
	functions.PrivateAddress:       {403, "Address not public", "destination_ip_prohibited"},
	functions.HostRejected:         {403, "Host rejected", "http_request_denied"},
	functions.UnknownFunction:      {404, "Unknown Function", "http_request_error"},
	functions.NotFound:             {404, "Not found", "http_request_error"},
	functions.MethodNotAllowed:     {405, "Method not allowed", "http_request_error"},
	functions.RequestTimeout:       {408, "Request timed out", "http_request_error"},
	functions.BodyTooLarge:         {413, "Body too large", "http_request_error"},
	functions.UnsupportedMediaType: {415, "Unsupported media type", "http_request_error"},
	functions.HeadersTooLarge:      {431, "Header fields too large", "http_request_error"},
	functions.InvalidArguments:     {422, "Invalid arguments", "http_request_error"},
	functions.MissingArgument:      {422, "Missing argument", "http_request_error"},
	functions.UnsafeValue:          {422, "Unsafe value", "http_request_error"},
	functions.TooManyRequests:      {429, "Too many requests", "http_request_denied"},
	functions.Internal:             {500, "Internal error", "proxy_internal_error"},
	functions.NotImplemented:       {501, "Not implemented", "http_request_error"},
	functions.VersionNotSupported:  {505, "HTTP version not supported", "http_request_error"},
	functions.UpstreamUnreachable:  {502, "Upstream unreachable", "destination_unavailable"},
	functions.UpstreamTLS:          {502, "Upstream TLS failed", "tls_protocol_error"},
	functions.UpstreamProtocol:     {502, "Upstream did not answer in HTTP", "http_protocol_error"},
	functions.UpstreamTooLarge:     {502, "Upstream answer too large", "http_response_body_size"},
	functions.TokenUnavailable:     {503, "Token unavailable", "proxy_internal_error"},
	functions.CacheEmpty:           {503, "Cache empty", "proxy_internal_error"},
	functions.CircuitOpen:          {503, "Circuit open", "destination_unavailable"},
	functions.Draining:             {503, "Draining", "proxy_internal_response"},
	functions.UpstreamTimeout:      {504, "Upstream timed out", "http_response_timeout"},
	functions.NotCached:            {504, "Not cached", "proxy_internal_response"},
	functions.Loop:                 {508, "Loop detected", "proxy_loop_detected"},
}

// proxyName is how egret names itself in Proxy-Status.
const proxyName = "egret"

// A problem is the body of a refusal, RFC 9457.
type problem struct {
	Type   string                    `json:"type"`
	Title  string                    `json:"title"`
	Status int                       `json:"status"`
	Code   functions.Code            `json:"code"`
	Detail string                    `json:"detail"`
	Errors []functions.ArgumentError `json:"errors,omitempty"`
	Remedy string                    `json:"remedy,omitempty"` // YAML that would permit the request
}

// asRefusal is the one place that decides which code an error becomes. What is
// no refusal is an internal error, whose words stay with the operator.
func asRefusal(err error) *functions.Refusal {
	if refusal, ok := errors.AsType[*functions.Refusal](err); ok {
		return refusal
	}
	return &functions.Refusal{Code: functions.Internal, Detail: "egret could not handle the request", Cause: err}
}

// statusOf is the HTTP status of a refusal on the way in that it came by: a
// forward proxy asks for credentials with 407, RFC 9110 section 15.5.8.
func statusOf(r *functions.Refusal, way way) int {
	if r.Code == functions.Unauthenticated && way.isProxy() {
		return 407
	}
	return meanings[r.Code].status
}

// problemBody is the body of a refusal.
func problemBody(r *functions.Refusal, status int) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	// Encoding a struct of strings cannot fail.
	_ = encoder.Encode(problem{
		Type: "about:blank", Title: meanings[r.Code].title, Status: status,
		Code: r.Code, Detail: r.Detail, Errors: r.Errors, Remedy: r.Remedy,
	})
	return buffer.Bytes()
}

// proxyStatus is the Proxy-Status field of a refusal, RFC 9209.
func proxyStatus(r *functions.Refusal) string {
	kind := r.ProxyError
	if kind == "" {
		kind = meanings[r.Code].proxyError
	}
	item := httpsfv.NewItem(httpsfv.Token(proxyName))
	item.Params.Add("error", httpsfv.Token(kind))
	item.Params.Add("details", string(r.Code))
	field, err := httpsfv.Marshal(httpsfv.List{item})
	if err != nil {
		return proxyName
	}
	return field
}
